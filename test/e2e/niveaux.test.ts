import { Connection, Client as Temporal } from '@temporalio/client';
import type { Client } from '../support/client';
import { makeEquipement, makePiece, makeTechnicien } from '../support/factories';
import { anotherRound } from '../support/rounds';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** Contracts and levels of service through the whole system: what is promised, and what a change of it does. */

let system: TestSystem;
let admin: Client;
beforeAll(async () => {
  system = await startTestSystem();
  admin = (await system.newPerson('admin')).client;
});
afterAll(() => system.close());

const MINUTE = 60_000;

const niveau = (resolution: string) => ({
  nom: 'Continu',
  calendrier: 'continu',
  delais: Object.fromEntries(
    ['basse', 'normale', 'haute', 'critique'].map((priorite) => [
      priorite,
      { affectation: 'PT1H', demarrage: 'PT1H', resolution },
    ]),
  ),
  niveaux: [
    { a: '-25%', destinataires: ['technicien'] },
    { a: '+0', destinataires: ['admin'] },
  ],
  attente_motifs: [{ motif: 'accès refusé', arrete_horloge: true }],
});

/** Has the reconciler carry out now what has been asked for. */
async function reconcile(): Promise<void> {
  const { address, namespace, taskQueue } = system.config.temporal;
  await system.db.query(`UPDATE recalculs SET date_demande = date_demande - interval '2 minutes'`);
  const connection = await Connection.connect({ address });
  const schedule = new Temporal({ connection, namespace }).schedule.getHandle(`reconciliation-${taskQueue}`);
  await anotherRound(schedule);
  await connection.close();
}

it('a contract and a change of its level move what is open through its workflow, and tell nobody twice', async () => {
  const { user: client, client: customer } = await system.newPerson('client');
  const equipement = await makeEquipement(system.db, { client_id: client.id });
  const reported = await admin.post('/interventions', {
    titre: 'Fuite',
    description: 'La presse fuit depuis ce matin',
    type_intervention: 'corrective',
    equipement_id: equipement.id,
  });
  const { id } = reported.body;
  const created = new Date(reported.body.date_creation).getTime();
  const minutes = async () =>
    (new Date((await admin.get(`/interventions/${id}`)).body.date_limite).getTime() - created) / MINUTE;
  await eventually(
    () => system.db.query('SELECT workflow_demarre FROM interventions WHERE id = $1', [id]),
    ([row]: { workflow_demarre: boolean }[]) => row!.workflow_demarre,
  );
  // Long enough ago not to be left to whoever has just reported it; on the same day, whenever this is run.
  await system.database.owner.query(
    `UPDATE interventions SET date_creation = date_creation - interval '10 seconds' WHERE id = $1`,
    [id],
  );

  const level = await admin.post('/niveaux-service', niveau('PT100H'));
  const contrat = await admin.post('/contrats', {
    reference: 'E2E-1',
    client_id: client.id,
    niveau_service_id: level.body.id,
    date_debut: '2020-01-01',
  });
  expect([level.status, contrat.status]).toEqual([201, 201]);
  await reconcile();
  expect(await eventually(minutes, (n) => n === 6_000)).toBe(6_000);
  const promised = (await customer.get(`/interventions/${id}/engagements`)).body;
  expect(
    promised.map(({ etape, niveau_service }: { etape: string; niveau_service: { nom: string } }) => [
      etape,
      niveau_service.nom,
    ]),
  ).toEqual([
    ['affectation', 'Continu'],
    ['resolution', 'Continu'],
  ]);

  const changed = await admin.patch(`/niveaux-service/${level.body.id}`, { delais: niveau('PT50H').delais });
  expect(changed.status).toBe(200);
  await reconcile();
  expect(await eventually(minutes, (n) => n === 3_000)).toBe(3_000);
  const events = await system.db.query(
    `SELECT action, apres->'niveau_service'->>'version' AS version FROM historique
     WHERE entite = 'intervention' AND entite_id = $1 ORDER BY id`,
    [id],
  );
  expect(events).toEqual([
    { action: 'creation', version: null },
    { action: 'recalcul', version: '1' },
    { action: 'recalcul', version: '2' },
  ]);
  expect(
    await system.db.query(`SELECT FROM messages WHERE modele IN ('escalade', 'echeance_proche')`),
  ).toEqual([]);
});

it('a wait names one of its reasons, through the API and the workflow', async () => {
  const { user: client } = await system.newPerson('client');
  const equipement = await makeEquipement(system.db, { client_id: client.id });
  const level = await admin.post('/niveaux-service', { ...niveau('PT8H'), nom: 'Avec motifs' });
  await admin.post('/contrats', {
    reference: 'E2E-2',
    client_id: client.id,
    niveau_service_id: level.body.id,
    date_debut: '2020-01-01',
  });
  const { body } = await admin.post('/interventions', {
    titre: 'Fuite',
    description: 'La presse fuit depuis ce matin',
    type_intervention: 'corrective',
    equipement_id: equipement.id,
  });
  const path = `/interventions/${body.id}`;
  const technicien = await makeTechnicien(system.db);
  const date_planifiee = new Date(Date.now() + MINUTE).toISOString();
  await admin.put(`${path}/assign`, { technicien_id: technicien.id, date_planifiee, force: true });
  await admin.put(`${path}/statut`, { statut: 'en_cours' });
  const wait = (given: object) => admin.put(`${path}/statut`, { statut: 'attente_pieces', ...given });

  const unknown = await wait({ motif_attente: 'pause café' });
  expect([unknown.status, unknown.body.erreurs[0].champ]).toEqual([422, 'motif_attente']);
  expect((await wait({})).body.erreurs[0].champ).toBe('pieces');
  expect((await wait({ motif_attente: 'accès refusé' })).status).toBe(200);
  const resolution = async () =>
    (await admin.get(`${path}/engagements`)).body.find(
      ({ etape }: { etape: string }) => etape === 'resolution',
    );
  expect(await resolution()).toMatchObject({ etat: 'en_pause', delai_minutes: 480 });
  // What comes meanwhile ends no wait for something else.
  const piece = await makePiece(system.db, { stock: 0 });
  expect((await admin.put(`${path}/statut`, { statut: 'en_cours' })).status).toBe(200);
  expect((await resolution()).etat).toBe('en_cours');
  expect((await wait({ pieces: [{ piece_id: piece.id, quantite: 1 }] })).status).toBe(200);
  const pauses = (await resolution()).chronologie.filter(
    ({ nature }: { nature: string }) => nature === 'pause',
  );
  expect(pauses.map(({ motif }: { motif: string }) => motif)).toEqual(['accès refusé', 'pieces']);
});
