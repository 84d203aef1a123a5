import { YEARS_AHEAD } from '../../src/domain/planification/feries';
import { shipFeries } from '../../src/services/planification/feries';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

const actionsOf = async (id: number): Promise<string[]> => {
  const rows = await api.db.query(
    `SELECT action FROM historique WHERE entite = 'jour_ferie' AND entite_id = $1 ORDER BY id`,
    [id],
  );
  return rows.map(({ action }: { action: string }) => action);
};
const ship = (now: string) => api.db.transaction((tx) => shipFeries(tx, new Date(now)));
const named = async (query: string): Promise<{ id: number; pays: string; date: string; libelle: string }[]> =>
  (await admin.get(`/jours-feries?limit=200&${query}`)).body;

describe('public holidays', () => {
  it('are added, read, moved and deleted by administrators, with a version that grows', async () => {
    const created = await admin.post('/jours-feries/', {
      pays: 'BE',
      date: '2027-07-21',
      libelle: 'Fête nationale',
    });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      date: '2027-07-21',
      statut: 'confirme',
      demi_journee: null,
      version: 1,
    });
    const path = `/jours-feries/${created.body.id}`;
    const moved = await admin.patch(
      path,
      { date: '2027-07-22', demi_journee: 'matin' },
      { 'If-Match': '"1"' },
    );
    expect(moved.body).toMatchObject({ date: '2027-07-22', demi_journee: 'matin', version: 2 });
    expect((await admin.patch(path, { date: '2027-07-23' }, { 'If-Match': '"1"' })).status).toBe(412);
    expect((await admin.get(path)).body).toEqual(moved.body);

    const again = { pays: 'BE', date: '2027-07-22', libelle: 'Fête nationale' };
    const refused = await admin.post('/jours-feries', again);
    expect([refused.status, refused.body.code]).toEqual([409, 'DEJA_EXISTANT']);
    expect((await admin.delete(path)).status).toBe(204);
    expect((await admin.get(path)).status).toBe(404);
    expect(await actionsOf(created.body.id)).toEqual(['creation', 'modification', 'suppression']);
  });

  it('are added once under one key, however often it is asked', async () => {
    const body = { pays: 'BE', date: '2028-07-21', libelle: 'Fête nationale' };
    const key = { 'Idempotency-Key': 'ferie-2028' };
    const first = await admin.post('/jours-feries', body, key);
    expect(first.status).toBe(201);
    expect((await admin.post('/jours-feries', body, key)).body).toEqual(first.body);
    expect(await named('pays=BE&date_debut=2028-01-01')).toHaveLength(1);
  });

  it('refuse every fault of a body at once', async () => {
    const { status, body } = await admin.post('/jours-feries', {
      pays: 'Maroc',
      date: '2027-02-30',
      libelle: '',
      demi_journee: 'nuit',
    });
    expect(status).toBe(422);
    expect(body.erreurs.map(({ champ }: { champ: string }) => champ).sort()).toEqual([
      'date',
      'demi_journee',
      'libelle',
      'pays',
    ]);
  });

  it('are read by everybody and changed by no one else', async () => {
    for (const role of ['responsable', 'technicien', 'client'] as const) {
      const { client } = await api.newPerson(role);
      expect((await client.get('/jours-feries')).status).toBe(200);
      const { status } = await client.post('/jours-feries', { pays: 'MA', date: '2027-01-01', libelle: 'X' });
      expect(status).toBe(403);
    }
  });
});

describe('shipped holidays', () => {
  it('are there three years ahead, once, however often and by however many they are shipped', async () => {
    await Promise.all([1, 2, 3].map(() => ship('2026-11-28T00:00:00Z')));
    const all = [...(await named('pays=MA')), ...(await named('pays=FR'))];
    expect(new Set(all.map(({ date }) => date.slice(0, 4))).size).toBe(1 + YEARS_AHEAD);
    expect(new Set(all.map(({ pays, date, libelle }) => `${pays} ${date} ${libelle}`)).size).toBe(all.length);
    expect(await named('pays=FR&date_debut=2029-12-25&date_fin=2029-12-25')).toMatchObject([
      { libelle: 'Noël' },
    ]);
    const estimated = await named('pays=MA&statut=estime&date_debut=2027-01-01&date_fin=2027-12-31');
    expect(estimated).toHaveLength(7);
    expect(await actionsOf(estimated[0]!.id)).toEqual(['creation']);
  });

  it('stay as administrators leave them, and are missed in no later year', async () => {
    await ship('2026-11-28T00:00:00Z');
    const [fitr, second] = await named('pays=MA&statut=estime&date_debut=2027-03-01&date_fin=2027-03-31');
    await admin.patch(`/jours-feries/${fitr!.id}`, { date: '2027-03-11', statut: 'confirme' });
    await admin.delete(`/jours-feries/${second!.id}`);
    await ship('2027-06-01T00:00:00Z');
    expect(await named('pays=MA&date_debut=2027-03-01&date_fin=2027-03-31')).toMatchObject([
      { id: fitr!.id, date: '2027-03-11', statut: 'confirme' },
    ]);
    expect((await named('pays=FR&date_debut=2030-01-01')).length).toBe(11);
  });
});
