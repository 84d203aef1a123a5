import { CHEMIN, covers } from '../../../src/domain/identite/cles-api';

describe('the paths of a key', () => {
  it.each([
    [['/interventions'], 'GET', '/interventions', true],
    [['/interventions'], 'PUT', '/interventions/{id}/statut', true],
    [['/interventions'], 'GET', '/interventions-archives', false],
    [['/interventions'], 'GET', '/equipements', false],
    [['/interventions/{id}/commentaires'], 'POST', '/interventions/{id}/commentaires', true],
    [['/interventions/{id}/commentaires'], 'GET', '/interventions/{id}', false],
    [['GET /equipements'], 'GET', '/equipements/{id}', true],
    [['GET /equipements'], 'POST', '/equipements', false],
    [['GET /equipements', '/pieces'], 'DELETE', '/pieces/{id}', true],
    [[], 'GET', '/pieces', false],
  ])('%j: %s %s is covered: %s', (chemins, method, path, covered) => {
    expect(covers(chemins, method, path)).toBe(covered);
  });

  it('are written as the API’s page writes them, and in no other way', () => {
    const written = [
      '/pieces',
      'DELETE /pieces/{id}',
      '/planning/technicien/{id}/calendrier.ics',
      '/cles-api',
    ];
    for (const chemin of written) expect([chemin, CHEMIN.test(chemin)]).toEqual([chemin, true]);
    const others = [
      '',
      '/',
      'pieces',
      '/pieces/',
      '//pieces',
      '/pieces/..',
      '/../pieces',
      '/Pieces',
      '/pieces%2f1',
      '/pieces/:id',
      '/pieces?q=1',
      '/pieces/*',
      'get /pieces',
      'HEAD /pieces',
      'GET  /pieces',
      'GET/pieces',
      '/pieces /users',
      '/pieces\n/users',
    ];
    for (const chemin of others) expect([chemin, CHEMIN.test(chemin)]).toEqual([chemin, false]);
  });
});
