import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeEquipement, makeIntervention, makeSite } from '../support/factories';
import { statementsDuring } from '../support/queries';

/** What meters of machines show. */

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

const HEURES = { nom: 'Heures', unite: 'h' };
/** Read long ago, so that there are moments between. */
async function machine(valeur = 100): Promise<number> {
  const { id } = await makeEquipement(api.db, { compteurs: [{ ...HEURES, valeur }] });
  await api.db.query(
    `INSERT INTO releves (equipement_id, compteur, valeur, date) VALUES ($1, 'Heures', $2, '2020-01-01')`,
    [id, valeur],
  );
  return id;
}
const read = (id: number, valeur: number, given: object = {}) =>
  admin.post(`/equipements/${id}/releves`, { compteur: 'Heures', valeur, ...given });
const shown = async (id: number) => (await admin.get(`/equipements/${id}`)).body.compteurs[0].valeur;
const valeurs = async (id: number, query = '') =>
  (await admin.get(`/equipements/${id}/releves?sort=date&${query}`)).body.map(
    ({ valeur }: { valeur: number }) => valeur,
  );

it('the meter of the equipment follows, and its history keeps each reading', async () => {
  const id = await machine();
  const reply = await read(id, 130.5);
  expect([reply.status, reply.body]).toEqual([
    201,
    {
      id: expect.any(Number),
      equipement_id: id,
      compteur: 'Heures',
      valeur: 130.5,
      date: expect.any(String),
      remplacement: false,
      rotation: false,
      corrige_id: null,
      corrige_par_id: null,
      auteur_id: expect.any(Number),
      date_creation: expect.any(String),
    },
  ]);
  const equipement = await admin.get(`/equipements/${id}`);
  expect(equipement.body).toMatchObject({ compteurs: [{ ...HEURES, valeur: 130.5 }], version: 2 });
  const [line] = await api.db.query(
    `SELECT avant, apres FROM historique WHERE entite = 'equipement' AND entite_id = $1 AND action = 'releve'`,
    [id],
  );
  expect(line).toMatchObject({ avant: { valeur: 100 }, apres: { compteur: 'Heures', valeur: 130.5 } });
});

it('shows less only when the meter was replaced or began again', async () => {
  const id = await machine();
  const refused = await read(id, 99);
  expect([refused.status, refused.body.erreurs[0].champ]).toEqual([422, 'valeur']);
  expect(refused.body.erreurs[0].message).toContain('100');
  expect((await read(id, 5, { remplacement: true })).status).toBe(201);
  expect(await shown(id)).toBe(5);
  expect((await read(id, 99_990)).status).toBe(201);
  expect((await read(id, 12, { rotation: true })).status).toBe(201);
  expect(await shown(id)).toBe(12);
  expect((await read(id, 50, { rotation: true })).body.erreurs[0].champ).toBe('rotation');
  expect((await read(id, 1, { rotation: true, remplacement: true })).status).toBe(422);
});

it('one that comes late takes its place, if it agrees with those around it', async () => {
  const id = await machine();
  expect((await read(id, 300, { date: '2024-06-01' })).status).toBe(201);
  expect((await read(id, 200, { date: '2022-06-01T10:00:00+02:00' })).status).toBe(201);
  expect(await shown(id)).toBe(300);
  const above = await read(id, 301, { date: '2022-07-01' });
  expect([above.status, above.body.erreurs[0].message]).toEqual([422, expect.stringContaining('300')]);
  expect((await read(id, 199, { date: '2022-07-01' })).status).toBe(422);
  expect(await valeurs(id)).toEqual([100, 200, 300]);
  // Before a meter was replaced, anything goes that came after what was before.
  expect((await read(id, 3, { date: '2025-01-01', remplacement: true })).status).toBe(201);
  expect((await read(id, 900, { date: '2024-12-31' })).status).toBe(201);
  expect(await shown(id)).toBe(3);
});

it('is of no moment that is yet to come, and of a meter that there is', async () => {
  const id = await machine();
  const ahead = await read(id, 200, { date: new Date(Date.now() + 3_600_000).toISOString() });
  expect([ahead.status, ahead.body.erreurs[0].champ]).toEqual([422, 'date']);
  const unknown = await read(id, 200, { compteur: 'Cycles' });
  expect([unknown.status, unknown.body.erreurs[0].champ]).toEqual([422, 'compteur']);
  for (const given of [{ valeur: '1' }, { valeur: null }, { compteur: '' }, { date: 'hier' }, { autre: 1 }]) {
    expect([given, (await read(id, 1, given)).status]).toEqual([given, 422]);
  }
});

it('a correction counts in the place of what was wrong, which stays', async () => {
  const id = await machine();
  const wrong = (await read(id, 9_000)).body;
  expect((await read(id, 150)).status).toBe(422);
  const right = await read(id, 120, { corrige_id: wrong.id });
  expect([right.status, right.body]).toMatchObject([201, { corrige_id: wrong.id, date: wrong.date }]);
  expect(await shown(id)).toBe(120);
  expect((await read(id, 150)).status).toBe(201);
  expect(await valeurs(id, 'corrige=false')).toEqual([100, 120, 150]);
  expect(await valeurs(id, 'corrige=true')).toEqual([9_000]);
  const [former] = (await admin.get(`/equipements/${id}/releves?corrige=true`)).body;
  expect(former).toMatchObject({ id: wrong.id, valeur: 9_000, corrige_par_id: right.body.id });

  const again = await read(id, 121, { corrige_id: wrong.id });
  expect([again.status, again.body.erreurs[0].champ]).toEqual([422, 'corrige_id']);
  expect((await read(id, 99, { corrige_id: right.body.id })).status).toBe(422);
  expect((await read(id, 151, { corrige_id: right.body.id })).status).toBe(422);
  expect((await read(id, 121, { corrige_id: right.body.id })).status).toBe(201);
  const dated = await read(id, 122, { corrige_id: right.body.id, date: '2024-01-01' });
  expect(dated.body.erreurs[0].champ).toBe('date');
  const other = await machine();
  expect((await read(other, 130, { corrige_id: wrong.id })).body.erreurs[0].champ).toBe('corrige_id');
});

it('the application can neither change nor remove one', async () => {
  const id = await machine();
  for (const statement of ['UPDATE releves SET valeur = 0', 'DELETE FROM releves']) {
    await expect(api.db.query(`${statement} WHERE equipement_id = $1`, [id])).rejects.toThrow(
      /permission denied/,
    );
  }
});

it('goes with its machine, as long as nothing has been done on that', async () => {
  const id = await machine();
  await read(id, 110);
  const wrong = (await read(id, 120)).body;
  await read(id, 115, { corrige_id: wrong.id });
  const intervention = await makeIntervention(api.db, { equipement_id: id });
  const refused = await admin.delete(`/equipements/${id}`);
  expect([refused.status, refused.body.code]).toEqual([409, 'DEPENDANCES']);
  expect(refused.body.detail).toBe('Il en reste : interventions 1 ; le mettre hors service');
  expect((await admin.get(`/equipements/${id}/releves`)).body).toHaveLength(4);
  await api.db.query('DELETE FROM interventions WHERE id = $1', [intervention.id]);
  expect((await admin.delete(`/equipements/${id}`)).status).toBe(204);
  const left = await api.db.query('SELECT id FROM releves WHERE equipement_id = $1', [id]);
  expect(left).toEqual([]);
  const [{ avant }] = await api.db.query(
    `SELECT avant FROM historique WHERE entite = 'equipement' AND entite_id = $1 AND action = 'suppression'`,
    [id],
  );
  expect(avant).toMatchObject({ releves: 4, compteurs: [{ valeur: 115 }] });
});

it('what a meter shows when the equipment is made is its first reading', async () => {
  const compteurs = [
    { ...HEURES, valeur: 12 },
    { nom: 'Cycles', unite: '', valeur: 0 },
  ];
  const body = { nom: 'Presse', type: 'Presse', numero_serie: 'R-1', compteurs };
  const { id } = (await admin.post('/equipements', body)).body;
  expect(await valeurs(id)).toEqual([12, 0]);
});

it('what somebody says of a meter as they change the equipment is a reading of now', async () => {
  const id = await machine();
  const say = (valeur: number) => admin.patch(`/equipements/${id}`, { compteurs: [{ ...HEURES, valeur }] });
  expect((await say(110)).status).toBe(200);
  expect((await say(110)).status).toBe(200);
  expect((await say(7)).status).toBe(200);
  const { body } = await admin.get(`/equipements/${id}/releves?sort=id`);
  expect(
    body.map(({ valeur, remplacement }: { valeur: number; remplacement: boolean }) => [valeur, remplacement]),
  ).toEqual([
    [100, false],
    [110, false],
    [7, true],
  ]);
  expect((await read(id, 8)).status).toBe(201);
});

it('a meter is added once, with what it shows', async () => {
  const id = await machine();
  const add = (given: object) => admin.post(`/equipements/${id}/compteurs`, given);
  const added = await add({ nom: 'Cycles' });
  expect([added.status, added.body.compteurs]).toEqual([
    201,
    [
      { ...HEURES, valeur: 100 },
      { nom: 'Cycles', unite: '', valeur: 0 },
    ],
  ]);
  const again = await add({ nom: 'Cycles' });
  expect([again.status, again.body.code]).toEqual([409, 'DEJA_EXISTANT']);
  for (let n = 2; n < 50; n++) expect((await add({ nom: `Compteur ${n}` })).status).toBe(201);
  expect((await add({ nom: 'De trop' })).body.code).toBe('LIMITE_ATTEINTE');
  expect(await valeurs(id, 'compteur=Cycles')).toEqual([0]);
});

it('of two at once that cannot both be, one is refused', async () => {
  const id = await machine();
  const replies = await Promise.all([
    read(id, 150, { date: '2024-01-01' }),
    read(id, 140, { date: '2024-01-02' }),
  ]);
  expect(replies.map(({ status }) => status).toSorted()).toEqual([201, 422]);
});

it('are recorded by whoever works there, and read by whoever sees the machine', async () => {
  const site = await makeSite(api.db);
  const here = await makeEquipement(api.db, { site_id: site.id, compteurs: [{ ...HEURES, valeur: 1 }] });
  const elsewhere = await makeEquipement(api.db, { site_id: (await makeSite(api.db)).id });
  const technicien = (await api.newPerson('technicien', { sites: [site.id] })).client;
  const client = (await api.newPerson('client', { sites: [site.id] })).client;
  const body = { compteur: 'Heures', valeur: 2 };
  expect((await technicien.post(`/equipements/${here.id}/releves`, body)).status).toBe(201);
  expect((await technicien.post(`/equipements/${elsewhere.id}/releves`, body)).status).toBe(404);
  expect((await technicien.post(`/equipements/${here.id}/compteurs`, { nom: 'X' })).status).toBe(403);
  expect((await client.post(`/equipements/${here.id}/releves`, body)).status).toBe(403);
  expect((await client.get(`/equipements/${here.id}/releves`)).body).toHaveLength(1);
  expect((await client.get(`/equipements/${elsewhere.id}/releves`)).status).toBe(404);
});

it('cost as many statements however many there are', async () => {
  const id = await machine();
  const costs = async () => [
    (await statementsDuring(() => read(id, 1_000))).length,
    (await statementsDuring(() => admin.get(`/equipements/${id}/releves`))).length,
  ];
  // The meter is not written where it shows the same.
  await read(id, 1_000);
  const few = await costs();
  for (let n = 0; n < 10; n++) await read(id, 1_000);
  expect(await costs()).toEqual(few);
});
