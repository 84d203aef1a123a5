import { rulesFor } from '../../src/auth/permissions';
import { makeEquipement, makeIntervention, makeSite, makeTechnicien } from '../support/factories';
import { eventually, startTestSystem, type TestSystem } from '../support/system';
import type { DeepRequest } from './deep-request';
import { type DeepRequests, prepareDeepRequests, send as sendOnce } from './deep-requests';
import { GENERAL_ROUTES, nameOf } from './routes';

/**
 * What was answered under an Idempotency-Key is told again for a day. Whoever may not see any more what it is about is
 * told what they would be told if they asked for it.
 */

let system: TestSystem;
let requests: DeepRequests;
beforeAll(async () => {
  system = await startTestSystem();
  requests = await prepareDeepRequests(system);
});
afterAll(() => system.close());
afterEach(() => {
  system.app.rulesFor = rulesFor;
});

/** Who is busy says so before anything is done, and is asked again. */
const send = (request: DeepRequest, headers = {}) =>
  eventually(
    () => sendOnce(request, headers),
    ({ status }) => status !== 503,
  );

const KEY = { 'Idempotency-Key': 'rejouee' };
const REPLAYED = 'idempotency-replayed';

/** Routes whose answer is about no row that one might not see any more: one's own account, ids alone, rules or figures of the house. */
const ABOUT_NOTHING = [
  'POST /users/import',
  'PUT /notifications/lues',
  'PUT /notifications/regles/:evenement',
  'POST /preventif/previsions',
  'POST /documents/cles/rotation',
  // A hold is nobody's appointment yet.
  'POST /retenues',
];
const kept = GENERAL_ROUTES.filter(
  ({ method, access }) => ['post', 'put'].includes(method) && access !== 'public',
);
const about = kept.filter((route) => Array.isArray(route.access) && !ABOUT_NOTHING.includes(nameOf(route)));

describe('an answer that was given before', () => {
  it('is told again, by every route, to whoever still sees what it is about, and to nobody else', async () => {
    expect(about.length).toBeGreaterThan(15);
    const found: string[] = [];
    for (const route of about) {
      const request = await requests.of(route);
      const first = await send(request, KEY);
      system.app.rulesFor = (principal) =>
        rulesFor(principal).flatMap((rule) => {
          const action = [rule.action].flat().filter((one) => one !== 'read') as typeof rule.action;
          // Of an intervention the right to read is what its state is asked for with.
          return action.length === 0 ? [] : [{ ...rule, action }];
        });
      const unseen = await send(request, KEY);
      system.app.rulesFor = rulesFor;
      const again = await send(request, KEY);
      const hidden = unseen.status === 404 || (unseen.status === 403 && route.access[0] === 'read');
      const same = again.status === first.status && again.headers.get(REPLAYED) === 'true';
      if (first.status >= 300 || !hidden || !same || again.bytes.compare(first.bytes) !== 0) {
        found.push(`${nameOf(route)}: ${first.status}, then ${unseen.status}, then ${again.status}`);
      }
    }
    expect(found).toEqual([]);
  });

  it('is told again by every other route as it was', async () => {
    const found: string[] = [];
    for (const route of kept.filter((route) => !about.includes(route))) {
      const request = await requests.of(route);
      const first = await send(request, KEY);
      const again = await send(request, KEY);
      // The session that asks has ended with the first answer.
      const expected = nameOf(route) === 'POST /auth/logout' ? 401 : first.status;
      if (first.status >= 300 || again.status !== expected || again.bytes.compare(first.bytes) !== 0) {
        if (expected !== 401) found.push(`${nameOf(route)}: ${first.status}, then ${again.status}`);
      }
    }
    expect(found).toEqual([]);
  });

  it.each<[string, object]>([
    ['for a technicien who is named', { date_planifiee: '2035-05-02T09:00:00Z' }],
    ['for whoever is free', {}],
  ])('of an assignment is not told to a responsable whose site it has left: %s', async (_, body) => {
    const [site, elsewhere] = [await makeSite(system.db), await makeSite(system.db)];
    const { client } = await system.newPerson('responsable', { sites: [site.id] });
    const equipement = await makeEquipement(system.db, { site_id: site.id });
    const { id } = await makeIntervention(system.db, { equipement_id: equipement.id });
    const technicien_id = (await makeTechnicien(system.db)).id;
    const assign = () =>
      client.put(
        `/interventions/${id}/assign`,
        'date_planifiee' in body ? { ...body, technicien_id } : body,
        KEY,
      );
    expect((await assign()).status).toBe(200);
    await system.db.query('UPDATE equipements SET site_id = $1 WHERE id = $2', [elsewhere.id, equipement.id]);
    const reply = await assign();
    expect([reply.status, reply.body.code]).toEqual([404, 'INTROUVABLE']);
    expect(JSON.stringify(reply.body)).not.toMatch(equipement.nom);
  });

  it('of a start is not told to a technicien who has been replaced', async () => {
    const technicien = await makeTechnicien(system.db);
    const client = await system.as(technicien.user);
    const { id } = await makeIntervention(system.db, { technicien_id: technicien.id, statut: 'planifiee' });
    const start = () => client.put(`/interventions/${id}/statut`, { statut: 'en_cours' }, KEY);
    expect((await start()).status).toBe(200);
    expect((await start()).headers.get(REPLAYED)).toBe('true');
    await system.db.query('UPDATE interventions SET technicien_id = $1 WHERE id = $2', [
      (await makeTechnicien(system.db)).id,
      id,
    ]);
    expect((await start()).status).toBe(404);
  });
});
