import { tellOfContrats } from '../../src/services/parc/avis-contrats';
import { recountVisites } from '../../src/services/parc/visites';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import {
  makeContrat,
  makeEquipement,
  makeIntervention,
  makeSite,
  makeTechnicien,
  makeUser,
} from '../support/factories';
import { statementsDuring } from '../support/queries';

/** The visits that contracts include, and the end of contracts. How a visit is counted as it ends: `test/services/interventions/`. */

const ZONE = 'Africa/Casablanca';

let api: TestApi;
let admin: Client;
let technicienId: number;
beforeAll(async () => {
  api = await startTestApi();
  technicienId = (await makeTechnicien(api.db)).id;
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

async function recount(): Promise<void> {
  await api.db.query(`UPDATE contrats SET recompte_demande = recompte_demande - interval '2 minutes'`);
  await recountVisites(api.db, ZONE);
}
/** A preventive visit that ended at a moment. */
const visit = (equipement_id: number, date_fin: string, given: object = {}) =>
  makeIntervention(api.db, {
    equipement_id,
    technicien_id: technicienId,
    rapport: 'Fait.',
    motif_annulation: 'Plus utile.',
    type_intervention: 'preventive',
    statut: 'terminee',
    date_fin: new Date(date_fin),
    ...given,
  });
const madeOf = async (id: number) => (await admin.get(`/contrats/${id}`)).body.visites_faites;

async function contratFor(given: object = {}) {
  const client = await makeUser(api.db, { role: 'client' });
  const body = { reference: `V-${client.id}`, client_id: client.id, date_debut: '2026-01-01', ...given };
  const { status, body: contrat } = await admin.post('/contrats', body);
  expect(status).toBe(201);
  return { contrat, client };
}

/** What was told of a contract, to whom. */
const toldOf = (id: number): Promise<{ modele: string; destinataire_id: number }[]> =>
  api.db.query(
    `SELECT metadata->>'modele' AS modele, destinataire_id FROM notifications
     WHERE (metadata->>'contrat_id')::integer = $1 ORDER BY id`,
    [id],
  );
const modelesOf = async (id: number) => [...new Set((await toldOf(id)).map(({ modele }) => modele))];

describe('visits of a contract', () => {
  it('are those that ended on its days, also before it was written, and none once it holds for others', async () => {
    const { contrat, client } = await contratFor({
      date_debut: '2026-02-01',
      date_fin: '2026-02-28',
      visites_incluses: 4,
    });
    expect(contrat).toMatchObject({ visites_incluses: 4, visites_faites: 0, preavis_jours: 30, alertes: [] });
    const machine = await makeEquipement(api.db, { client_id: client.id });
    const other = await makeEquipement(api.db);
    // The first and the last day are those of the calendar of the site.
    await visit(machine.id, '2026-01-31T22:59:59Z');
    await visit(machine.id, '2026-02-01T00:00:00Z');
    await visit(machine.id, '2026-02-28T22:59:59Z');
    await visit(machine.id, '2026-03-01T00:00:00Z');
    await visit(other.id, '2026-02-10T00:00:00Z');
    await visit(machine.id, '2026-02-10T00:00:00Z', { type_intervention: 'corrective' });
    await visit(machine.id, '2026-02-10T00:00:00Z', { statut: 'annulee' });
    await recount();
    expect(await madeOf(contrat.id)).toBe(2);
    await recount();
    expect(await madeOf(contrat.id)).toBe(2);

    await admin.patch(`/contrats/${contrat.id}`, { date_fin: '2026-03-31' });
    await recount();
    expect(await madeOf(contrat.id)).toBe(3);
    await admin.patch(`/contrats/${contrat.id}`, { date_debut: '2026-02-02' });
    await recount();
    expect(await madeOf(contrat.id)).toBe(2);

    // A narrower one takes what was done of its machine, and gives it back when it goes.
    const narrower = await admin.post('/contrats', {
      reference: `N-${contrat.id}`,
      client_id: client.id,
      equipements: [machine.id],
      date_debut: '2026-02-20',
    });
    await recount();
    expect([await madeOf(contrat.id), await madeOf(narrower.body.id)]).toEqual([0, 2]);
    expect((await admin.delete(`/contrats/${narrower.body.id}`)).status).toBe(204);
    await recount();
    expect(await madeOf(contrat.id)).toBe(2);
  });

  it('stay with it when the machine goes elsewhere afterwards', async () => {
    const site = await makeSite(api.db);
    const { contrat } = await contratFor({ site_id: site.id, visites_incluses: 2 });
    const machine = await makeEquipement(api.db, { site_id: site.id });
    await visit(machine.id, '2026-02-10T00:00:00Z');
    await recount();
    await api.db.query('UPDATE equipements SET site_id = NULL WHERE id = $1', [machine.id]);
    await admin.patch(`/contrats/${contrat.id}`, { date_fin: '2036-12-31' });
    await recount();
    expect(await madeOf(contrat.id)).toBe(1);
  });

  it('are counted for a list in as many statements as for one', async () => {
    const site = await makeSite(api.db);
    const listed = () => admin.get(`/contrats?site_id=${site.id}`);
    await contratFor({ site_id: site.id });
    const one = await statementsDuring(listed);
    for (let n = 0; n < 5; n++) await contratFor({ site_id: site.id, visites_incluses: 3 });
    expect(await statementsDuring(listed)).toEqual(one);
    expect((await listed()).body).toHaveLength(6);
  });
});

describe('the end of a contract', () => {
  it('is told once to those responsible, from the first day of its notice on', async () => {
    const site = await makeSite(api.db);
    const there = await api.newPerson('responsable', { sites: [site.id] });
    const elsewhere = await api.newPerson('responsable', { sites: [(await makeSite(api.db)).id] });
    const { contrat, client } = await contratFor({
      site_id: site.id,
      date_fin: inDays(40),
      preavis_jours: 10,
    });
    const tellIn = (days: number) => tellOfContrats(api.db, new Date(Date.now() + days * 86_400_000), ZONE);
    await tellIn(0);
    await tellIn(29);
    expect(await toldOf(contrat.id)).toEqual([]);
    await tellIn(30);
    await tellIn(31);
    await Promise.all([tellIn(35), tellIn(36)]);
    const told = await toldOf(contrat.id);
    expect(told.filter(({ destinataire_id }) => destinataire_id === there.user.id)).toEqual([
      { modele: 'contrat_fin', destinataire_id: there.user.id },
    ]);
    const people = told.map(({ destinataire_id }) => destinataire_id);
    expect(people).not.toContain(elsewhere.user.id);
    expect(people).not.toContain(client.id);
    expect(new Set(people).size).toBe(people.length);
    const [mail] = await api.db.query(
      `SELECT donnees FROM messages WHERE modele = 'contrat_fin' AND destinataire_id = $1`,
      [there.user.id],
    );
    expect(mail.donnees).toMatchObject({
      reference: contrat.reference,
      date_fin: inDays(40),
      site: site.nom,
    });

    // Extended, it is told of again when that is near.
    await admin.patch(`/contrats/${contrat.id}`, { date_fin: inDays(100) });
    await tellIn(36);
    expect(await toldOf(contrat.id)).toHaveLength(told.length);
    await tellIn(95);
    expect(await toldOf(contrat.id)).toHaveLength(2 * told.length);
  });

  it('is told late rather than never, and is no news of what had ended when it was written', async () => {
    const { contrat } = await contratFor({ date_fin: inDays(20), preavis_jours: 5 });
    const { contrat: old } = await contratFor({ date_fin: inDays(-3) });
    await tellOfContrats(api.db, new Date(Date.now() + 60 * 86_400_000), ZONE);
    expect(await modelesOf(contrat.id)).toEqual(['contrat_fin']);
    expect(await modelesOf(old.id)).toEqual([]);
  });

  it('is seen in the list, as far as one sees the contract', async () => {
    const site = await makeSite(api.db);
    const { contrat, client } = await contratFor({ site_id: site.id, date_fin: inDays(20) });
    await contratFor({ site_id: site.id, date_fin: inDays(40) });
    await contratFor({ site_id: site.id, date_fin: inDays(-1) });
    await contratFor({ site_id: site.id });
    const near = await admin.get(`/contrats?site_id=${site.id}&alerte=fin_proche`);
    expect(near.body.map(({ id, alertes }: { id: number; alertes: string[] }) => [id, alertes])).toEqual([
      [contrat.id, ['fin_proche']],
    ]);
    const own = await (await api.as(client)).get('/contrats?alerte=fin_proche,visites_epuisees');
    expect(own.body.map(({ id }: { id: number }) => id)).toEqual([contrat.id]);
    expect((await admin.get('/contrats?alerte=autre')).status).toBe(422);
  });
});

it('visits that are used up are told once, and again when some were undone and done again', async () => {
  const site = await makeSite(api.db);
  const { contrat } = await contratFor({ site_id: site.id, visites_incluses: 2 });
  const machine = await makeEquipement(api.db, { site_id: site.id });
  const tell = () => tellOfContrats(api.db, new Date(), ZONE);
  await visit(machine.id, '2026-02-10T00:00:00Z');
  const second = await visit(machine.id, '2026-02-11T00:00:00Z');
  await api.db.query(`UPDATE interventions SET statut = 'en_cours', date_fin = NULL WHERE id = $1`, [
    second.id,
  ]);
  await recount();
  await tell();
  expect(await modelesOf(contrat.id)).toEqual([]);

  const finish = (fin: string | null) =>
    api.db.query(`UPDATE interventions SET statut = $2, date_fin = $3 WHERE id = $1`, [
      second.id,
      fin === null ? 'en_cours' : 'terminee',
      fin,
    ]);
  await finish('2026-02-11T00:00:00Z');
  await api.db.query('UPDATE contrats SET recompte_demande = now() WHERE id = $1', [contrat.id]);
  await recount();
  await tell();
  await tell();
  const once = await toldOf(contrat.id);
  expect(await modelesOf(contrat.id)).toEqual(['contrat_visites']);
  expect((await admin.get(`/contrats?site_id=${site.id}&alerte=visites_epuisees`)).body).toMatchObject([
    { id: contrat.id, visites_faites: 2, alertes: ['visites_epuisees'] },
  ]);

  await finish(null);
  expect(await madeOf(contrat.id)).toBe(1);
  await tell();
  await finish('2026-02-12T00:00:00Z');
  await tell();
  expect(await toldOf(contrat.id)).toHaveLength(2 * once.length);

  // More of them are included by now.
  await admin.patch(`/contrats/${contrat.id}`, { visites_incluses: 3 });
  await tell();
  expect((await admin.get(`/contrats?site_id=${site.id}&alerte=visites_epuisees`)).body).toEqual([]);
  expect(await toldOf(contrat.id)).toHaveLength(2 * once.length);
});

it('a round in which nothing is to be told of contracts asks two questions, however many there are', async () => {
  for (let n = 0; n < 3; n++) await makeContrat(api.db, { date_fin: '2036-01-01', visites_incluses: 5 });
  await tellOfContrats(api.db, new Date(), ZONE);
  expect(await statementsDuring(() => tellOfContrats(api.db, new Date(), ZONE))).toHaveLength(2);
});
