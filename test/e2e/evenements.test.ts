import { EVENEMENTS } from '../../src/domain/evenements';
import { bornesOf, evenementsAfter } from '../../src/services/messages/evenements';
import { toldOtherwise, VERSIONED } from '../support/evenements';
import { makeEquipement, makePiece, makeTechnicien } from '../support/factories';
import { startTestSystem, type TestSystem } from '../support/system';

/** What the life of an intervention is told as. */

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system.close());

it('each step of a life is an event, and the last event of each row has the version that the row has', async () => {
  const { client: admin } = await system.newPerson('admin');
  const technicien = await makeTechnicien(system.db);
  const equipement = await makeEquipement(system.db);
  const piece = await makePiece(system.db, { stock: 3, seuil_alerte: 2, alerte_dite: false });
  const from = (await bornesOf(system.db)).dernier;
  const done = async (reply: Promise<{ status: number; body: unknown }>) => {
    const { status, body } = await reply;
    expect({ refused: status >= 300, body }).toEqual({ refused: false, body });
    return body as { id: number };
  };

  const { id } = await done(
    admin.post('/interventions/', {
      titre: 'Presse arrêtée',
      description: 'La presse ne démarre plus depuis ce matin',
      type_intervention: 'corrective',
      equipement_id: equipement.id,
    }),
  );
  await done(admin.post(`/interventions/${id}/commentaires`, { texte: 'Bruit au démarrage' }));
  const visit = { date_planifiee: new Date(Date.now() + 3_600_000).toISOString(), duree_estimee: 60 };
  await done(admin.put(`/interventions/${id}/assign`, { technicien_id: technicien.id, ...visit }));
  await done(admin.post(`/interventions/${id}/pieces`, [{ piece_id: piece.id, quantite: 2 }]));
  await done(admin.put(`/interventions/${id}/statut`, { statut: 'en_cours' }));
  await done(
    admin.put(`/interventions/${id}/statut`, { statut: 'terminee', rapport: 'Courroie changée, essai fait' }),
  );

  const events = await evenementsAfter(system.db, from, 1_000);
  expect(events.filter(({ evenement }) => !(evenement in EVENEMENTS))).toEqual([]);
  const named = (ressource: string, which: number) =>
    events
      .filter((one) => one.ressource === ressource && one.id_ressource === which)
      .map(({ evenement }) => evenement);
  expect(named('intervention', id)).toEqual(
    expect.arrayContaining([
      'intervention.creee',
      'commentaire.cree',
      'intervention.assignee',
      'intervention.commencee',
      'intervention.terminee',
    ]),
  );
  expect(named('piece', piece.id)).toEqual(expect.arrayContaining(['piece.stock_bas']));
  expect(events.some(({ evenement }) => evenement === 'planning.cree')).toBe(true);
  expect(events.some(({ evenement }) => evenement === 'planning.modifie')).toBe(true);
  expect(events.some(({ evenement }) => evenement === 'notification.creee')).toBe(true);

  expect(await toldOtherwise(system.db, VERSIONED)).toEqual([]);
});
