import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeEquipement, makeIntervention, makeSite, makeTechnicien } from '../support/factories';
import { statementsDuring } from '../support/queries';

/** Machines that somebody should look at. */

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

const LONG_AGO = new Date('2010-01-01T00:00:00Z');
const day = (from: number) => new Date(Date.now() + from * 86_400_000).toISOString().slice(0, 10);
const shown = async (query: string, client = admin) =>
  (await client.get(`/equipements/alertes?sort=id&${query}`)).body.map(
    ({ id, alertes }: { id: number; alertes: string[] }) => [id, alertes],
  );

it('are the broken, the overdue, those repaired under warranty and those past their life, each once', async () => {
  const site = await makeSite(api.db);
  const make = (given: object) => makeEquipement(api.db, { site_id: site.id, ...given });
  const broken = await make({});
  await admin.patch(`/equipements/${broken.id}`, { statut: 'en_panne' });
  const overdue = await make({ date_installation: LONG_AGO, frequence_entretien: 30 });
  const warranted = await make({ garantie_fin: day(30) });
  const repair = await makeIntervention(api.db, { equipement_id: warranted.id });
  const old = await make({ date_installation: LONG_AGO, duree_vie_annees: 10 });
  const everything = await make({
    statut: 'en_panne',
    garantie_fin: day(1),
    date_installation: LONG_AGO,
    frequence_entretien: 30,
    duree_vie_annees: 10,
  });
  await makeIntervention(api.db, { equipement_id: everything.id });
  // Nothing is the matter with these.
  await make({ date_installation: LONG_AGO, duree_vie_annees: 90, frequence_entretien: 3_650 * 10 });
  await make({ garantie_fin: day(30) });
  const expired = await make({ garantie_fin: day(-2) });
  await makeIntervention(api.db, { equipement_id: expired.id });
  await make({
    statut: 'hors_service',
    date_installation: LONG_AGO,
    frequence_entretien: 1,
    duree_vie_annees: 1,
  });

  const all = ['en_panne', 'maintenance_due', 'reparation_sous_garantie', 'obsolete'];
  expect(await shown(`site_id=${site.id}`)).toEqual([
    [broken.id, ['en_panne']],
    [overdue.id, ['maintenance_due']],
    [warranted.id, ['reparation_sous_garantie']],
    [old.id, ['obsolete']],
    [everything.id, all],
  ]);
  expect(await shown(`site_id=${site.id}&alerte=obsolete,en_panne`)).toEqual([
    [broken.id, ['en_panne']],
    [old.id, ['obsolete']],
    [everything.id, all],
  ]);
  const { body } = await admin.get(`/equipements/alertes?site_id=${site.id}&sort=id`);
  expect(body[0].en_panne_depuis).toEqual(expect.any(String));
  expect(body[2]).toMatchObject({ garantie_fin: day(30), interventions_sous_garantie: [repair.id] });
  expect((await admin.get('/equipements/alertes?alerte=autre')).status).toBe(422);
});

it('are those that one may see, with the repairs that one may read', async () => {
  const site = await makeSite(api.db);
  const given = { site_id: site.id, garantie_fin: day(30) };
  const here = await makeEquipement(api.db, given);
  const { id } = await makeIntervention(api.db, { equipement_id: here.id });
  const technicien = (await api.newPerson('technicien', { sites: [site.id] })).client;
  const elsewhere = (await api.newPerson('responsable', { sites: [(await makeSite(api.db)).id] })).client;
  expect(await shown('', elsewhere)).toEqual([]);
  expect(await shown('', technicien)).toEqual([[here.id, ['reparation_sous_garantie']]]);
  await api.db.query('UPDATE interventions SET statut = $2, technicien_id = $3 WHERE id = $1', [
    id,
    'planifiee',
    (await makeTechnicien(api.db)).id,
  ]);
  expect(await shown('', technicien)).toEqual([]);
});

it('cost as many statements for one as for many', async () => {
  const cost = async (limit: number) =>
    (await statementsDuring(() => admin.get(`/equipements/alertes?limit=${limit}`))).length;
  expect(await cost(1)).toBe(await cost(200));
});
