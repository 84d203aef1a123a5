import { openCabinets } from '../../../src/db/medical';
import { avisPour, canauxConsentis } from '../../../src/services/cabinet/canaux';
import { startTestApi, type TestApi } from '../../support/api';
import { addMembre, makeCabinet, makePatient, type Personne, type TestCabinet } from '../../support/cabinets';

/** What patients agreed to counts: whether their record is shared, and by which ways they are reached. */

let api: TestApi;
let cabinet: TestCabinet;
let colleague: Personne;
beforeAll(async () => {
  api = await startTestApi();
  cabinet = await makeCabinet(api, (await api.newPerson('admin')).client);
  colleague = await addMembre(api, cabinet.people.gerant.client, cabinet.id, 'medecin');
});
afterAll(() => api.close());

const DAY = 86_400_000;
const say = async (id: number, objet: string, decision: string, ago = 0) => {
  const body = {
    objet,
    decision,
    recueil: 'oral',
    date_effet: new Date(Date.now() - ago * DAY).toISOString(),
  };
  const { status } = await cabinet.people.secretaire.client.post(`/patients/${id}/consentements`, body);
  expect(status).toBe(201);
};
const canaux = (id: number) =>
  api.app.medical.transaction(async (tx) => {
    await openCabinets(tx, { userId: 0, cabinets: [cabinet.id], administre: false });
    return canauxConsentis({ tx, secrets: api.app.secrets }, { id, cabinet_id: cabinet.id });
  });

describe('the ways by which a patient is reached', () => {
  it('are those of which they last said so, whenever it was entered; who has said nothing has none', async () => {
    const { id } = await makePatient(cabinet.people.medecin.client);
    expect(await canaux(id)).toEqual([]);
    await say(id, 'rappels_email', 'donne');
    await say(id, 'partage_cabinet', 'donne');
    expect(await canaux(id)).toEqual(['email']);
    await say(id, 'rappels_sms', 'donne');
    expect(await canaux(id)).toEqual(['email', 'sms']);
    await say(id, 'rappels_email', 'refuse', 30);
    expect(await canaux(id)).toEqual(['email', 'sms']);
    await say(id, 'rappels_email', 'retire');
    expect(await canaux(id)).toEqual(['sms']);
  });

  it('are none of who has died, nor is their account, until that is corrected', async () => {
    const { id } = await makePatient(cabinet.people.medecin.client);
    const { user } = await api.newPerson('client');
    await api.database.owner.query('UPDATE medical.patients SET user_id = $2 WHERE id = $1', [id, user.id]);
    await say(id, 'rappels_email', 'donne');
    const avis = () =>
      api.app.medical.transaction(async (tx) => {
        await openCabinets(tx, { userId: 0, cabinets: [cabinet.id], administre: false });
        return avisPour({ tx, secrets: api.app.secrets }, { id, cabinet_id: cabinet.id });
      });
    const somebody = { id, cabinet_id: cabinet.id };
    expect(await avis()).toEqual({ ...somebody, compte: user.id, canaux: ['email'] });
    const desk = cabinet.people.secretaire.client;
    await desk.patch(`/patients/${id}`, { date_deces: '2026-01-02' });
    expect(await avis()).toEqual({ ...somebody, compte: null, canaux: [] });
    expect(await canaux(id)).toEqual([]);
    await desk.patch(`/patients/${id}`, { date_deces: null });
    expect(await avis()).toEqual({ ...somebody, compte: user.id, canaux: ['email'] });
  });
});

describe('sharing inside the practice', () => {
  const open = async (id: number) => (await colleague.client.get(`/patients/${id}/allergies`)).status;
  const shared = async (id: number) =>
    (await cabinet.people.secretaire.client.get(`/patients/${id}`)).body.partage_cabinet;

  it('ends by the act that withdraws it, and a refused attempt is on record from then on', async () => {
    const { id } = await makePatient(cabinet.people.medecin.client);
    expect(await open(id)).toBe(200);
    await say(id, 'partage_cabinet', 'retire');
    expect([await shared(id), await open(id)]).toEqual([false, 403]);
    const log = await cabinet.people.gerant.client.get(`/patients/${id}/acces?action=refus`);
    expect(log.body).toEqual([
      expect.objectContaining({
        requete: 'GET /patients/:id/allergies',
        auteur: { nom: colleague.user.nom, prenom: colleague.user.prenom },
      }),
    ]);
    await say(id, 'partage_cabinet', 'donne');
    expect([await shared(id), await open(id)]).toEqual([true, 200]);
  });

  it('is what was said last, not what was entered last', async () => {
    const { id } = await makePatient(cabinet.people.medecin.client);
    await say(id, 'partage_cabinet', 'retire', 1);
    await say(id, 'partage_cabinet', 'donne', 20);
    expect([await shared(id), await open(id)]).toEqual([false, 403]);
  });

  it('is opened for an hour by a reason, reads of entries included, all of them marked', async () => {
    const { id } = await makePatient(cabinet.people.medecin.client);
    await say(id, 'partage_cabinet', 'refuse');
    expect(await open(id)).toBe(403);
    const made = await colleague.client.post(`/patients/${id}/bris-de-glace`, {
      motif: 'Malaise au cabinet',
    });
    expect([made.status, await open(id)]).toEqual([201, 200]);
    const [last] = (await cabinet.people.gerant.client.get(`/patients/${id}/acces`)).body;
    expect(last).toMatchObject({ finalite: 'ETREAT', bris_de_glace_id: made.body.id, action: 'lecture' });
    await colleague.client.post(`/bris-de-glace/${made.body.id}/fermeture`);
    expect(await open(id)).toBe(403);
  });
});
