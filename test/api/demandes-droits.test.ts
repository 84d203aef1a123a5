import { startTestApi, type TestApi } from '../support/api';
import { makeCabinet, makePatient, type TestCabinet } from '../support/cabinets';
import type { Client } from '../support/client';

/** What patients ask by right of a practice, and until when it is answered. */

const HOUR = 3_600_000;

let api: TestApi;
let cabinet: TestCabinet;
let desk: Client;
let doctor: Client;
beforeAll(async () => {
  api = await startTestApi();
  const admin = (await api.newPerson('admin')).client;
  cabinet = await makeCabinet(api, admin, { pays: 'FR', fuseau_horaire: 'Europe/Paris' });
  desk = cabinet.people.secretaire.client;
  doctor = cabinet.people.medecin.client;
});
afterAll(() => api.close());

const ago = (hours: number) => new Date(Date.now() - hours * HOUR).toISOString();
const take = async (given: object = {}) => {
  const { id } = await makePatient(desk);
  const body = { patient_id: id, nature: 'acces', demande: 'Copie du dossier Kanarienvogel', ...given };
  return desk.post('/demandes-droits', body);
};
const answer = (id: number, statut = 'honoree') =>
  doctor.post(`/demandes-droits/${id}/reponse`, { statut, reponse: 'Remise en main propre' });

it('is taken at the desk, sealed, and read by who answers', async () => {
  const taken = await take({ recue_le: '2026-03-10T18:30:00Z' });
  expect([taken.status, taken.body]).toEqual([
    201,
    {
      id: expect.any(Number),
      cabinet_id: cabinet.id,
      patient_id: expect.any(Number),
      nature: 'acces',
      statut: 'ouverte',
      ancienne: false,
      recue_le: '2026-03-10T18:30:00.000Z',
      pas_avant: '2026-03-12T18:30:00.000Z',
      echeance: '2026-03-18T23:00:00.000Z',
      delai: 'en_retard',
      repondue_le: null,
      demande: null,
      reponse: null,
    },
  ]);
  const { id } = taken.body;
  expect((await doctor.get(`/demandes-droits/${id}`)).body.demande).toBe('Copie du dossier Kanarienvogel');
  const [{ rows }] = await api.database.owner.query(
    `SELECT json_agg(d)::text AS rows FROM medical.demandes_droits d`,
  );
  expect(rows).not.toContain('Kanarienvogel');
  expect(rows).not.toContain(Buffer.from('Kanarienvogel').toString('hex'));
});

it('is no copy before two days of reflection, and is answered once', async () => {
  const { id } = (await take({ recue_le: ago(47) })).body;
  const early = await answer(id);
  expect([early.status, early.body.code, early.body.pas_avant]).toEqual([
    409,
    'TRANSITION_INVALIDE',
    expect.stringMatching(/Z$/),
  ]);
  // That it is not given, or not wanted any more, may be said at any time.
  expect((await answer(id, 'retiree')).body).toMatchObject({ statut: 'retiree', delai: null });
  const { id: other } = (await take({ recue_le: ago(49) })).body;
  expect((await answer(other)).body).toMatchObject({ statut: 'honoree', reponse: 'Remise en main propre' });
  expect((await answer(other)).body.code).toBe('TRANSITION_INVALIDE');
  // Whatever is no copy may be done at once.
  expect((await answer((await take({ nature: 'rectification' })).body.id)).status).toBe(200);
});

it('is listed with those that are late first, and refused for what is still to come', async () => {
  const { body } = await desk.get('/demandes-droits?statut=ouverte');
  expect(body.map((row: { delai: string }) => row.delai)).toEqual(['en_retard']);
  expect(body[0].demande).toBeUndefined();
  expect((await desk.get('/demandes-droits?statut=retiree')).body).toHaveLength(1);
  const toCome = await take({ recue_le: new Date(Date.now() + HOUR).toISOString() });
  expect([toCome.status, toCome.body.erreurs[0].champ]).toEqual([422, 'recue_le']);
});

it('goes with a patient who is merged, and comes back', async () => {
  const { id, patient_id } = (await take()).body;
  const kept = await makePatient(desk);
  const gerant = cabinet.people.gerant.client;
  const fusion = (await gerant.post(`/patients/${kept.id}/fusion`, { avec: patient_id })).body;
  expect(fusion.deplacees).toEqual({ demandes_droits: 1 });
  expect((await doctor.get(`/demandes-droits/${id}`)).body).toMatchObject({
    patient_id: kept.id,
    demande: 'Copie du dossier Kanarienvogel',
  });
  // Answered meanwhile, by whoever it is of then, it is read afterwards by whoever it is of.
  expect((await answer(id, 'refusee')).status).toBe(200);
  expect((await gerant.post(`/fusions/${fusion.id}/annuler`, undefined)).status).toBe(200);
  await api.database.owner.query('DELETE FROM medical.cles_patient WHERE patient_id = $1', [kept.id]);
  expect((await doctor.get(`/demandes-droits/${id}`)).body).toMatchObject({
    patient_id,
    demande: 'Copie du dossier Kanarienvogel',
    reponse: 'Remise en main propre',
  });
  const late = { patient_id, nature: 'acces', demande: 'Encore' };
  expect((await desk.post('/demandes-droits', late)).status).toBe(201);
});
