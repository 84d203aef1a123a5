import { addWorkingTime, DEFAULT_HOURS, WORKING_DAY } from '../../src/domain/working-time';
import { deriveAfterChanges } from '../../src/services/interventions/cycle/derivation';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeContrat, makeEquipement, makeFerie, makeSite } from '../support/factories';

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

const HOURS = {
  1: [
    ['08:00', '12:00'],
    [840, '24:00'],
  ],
  2: [['00:00', 360]],
};
const refusal = ({ status, body }: { status: number; body: { erreurs?: { champ: string }[] } }) => [
  status,
  ...(body.erreurs ?? []).map(({ champ }) => champ).sort(),
];

describe('sites', () => {
  it('are opened, read and changed, with hours as people write them', async () => {
    const created = await admin.post('/sites/', {
      nom: 'Usine',
      fuseau_horaire: 'Europe/Paris',
      horaires: HOURS,
    });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      nom: 'Usine',
      pays: null,
      horaires: {
        1: [
          [480, 720],
          [840, 1_440],
        ],
        2: [[0, 360]],
      },
      fermetures: [],
      version: 1,
    });
    const path = `/sites/${created.body.id}`;
    const fermetures = [{ date_debut: '2027-08-02', date_fin: '2027-08-20', motif: 'Congés' }];
    const changed = await admin.patch(path, { pays: 'FR', fermetures }, { 'If-Match': '"1"' });
    expect(changed.body).toMatchObject({ pays: 'FR', fermetures, version: 2 });
    expect((await admin.patch(path, { pays: null }, { 'If-Match': '"1"' })).status).toBe(412);
    expect((await admin.get(path)).body).toEqual(changed.body);
    expect((await admin.get('/sites?pays=FR')).body).toEqual([changed.body]);
    const history = await api.db.query(
      `SELECT action FROM historique WHERE entite = 'site' AND entite_id = $1 ORDER BY id`,
      [created.body.id],
    );
    expect(history).toEqual([{ action: 'creation' }, { action: 'modification' }]);
  });

  it('refuse what is no zone, no country, no hours and no closing', async () => {
    const site = { nom: 'Usine' };
    const wrong: [object, string][] = [
      [{ fuseau_horaire: 'Mars/Olympus' }, 'fuseau_horaire'],
      [{ pays: 'maroc' }, 'pays'],
      [{ horaires: {} }, 'horaires'],
      [{ horaires: { 1: [['08:00', '24:30']] } }, 'horaires.1.0.1'],
      [{ horaires: { 1: [['12:00', '08:00']] } }, 'horaires.1.0'],
      [{ fermetures: [{ date_debut: '2027-08-02', date_fin: '2027-08-01' }] }, 'fermetures.0.date_fin'],
      [{ fermetures: [{ date_debut: '2027-08-02', date_fin: '2029-08-01' }] }, 'fermetures.0.date_fin'],
      // Two hours a week leave no deadline of weeks within three years.
      [{ horaires: { 1: [['08:00', '10:00']] } }, 'horaires'],
    ];
    for (const [fault, champ] of wrong) {
      expect(refusal(await admin.post('/sites', { ...site, ...fault }))).toEqual([422, champ]);
    }
    const years = [0, 1, 2, 3].map((n) => {
      const year = new Date().getUTCFullYear() + n;
      return { date_debut: `${year}-01-01`, date_fin: `${year}-12-31` };
    });
    expect(refusal(await admin.post('/sites', { ...site, fermetures: years }))).toEqual([422, 'fermetures']);
  });
});

describe('a site that is removed', () => {
  it('has nothing left, is said to have what it has, and is gone from the people who belonged to it', async () => {
    const site = await makeSite(api.db);
    const equipement = await makeEquipement(api.db, { site_id: site.id });
    const contrat = await makeContrat(api.db, { site_id: site.id });
    const { user, client } = await api.newPerson('responsable', { sites: [site.id] });
    const path = `/sites/${site.id}`;
    const refused = await admin.delete(path);
    expect([refused.status, refused.body.code]).toEqual([409, 'DEPENDANCES']);
    expect(refused.body).toMatchObject({ equipements: 1, contrats: 1 });
    expect(refused.body.detail).toBe('Encore de ce site : équipements 1, contrats 1');
    await api.db.query('DELETE FROM contrats WHERE id = $1', [contrat.id]);
    expect((await admin.delete(path)).body).toMatchObject({ equipements: 1, contrats: 0 });
    expect((await client.delete(path)).status).toBe(403);
    expect((await admin.delete(`/equipements/${equipement.id}`)).status).toBe(204);
    expect((await admin.delete(path, { 'If-Match': '"99"' })).status).toBe(412);
    expect((await admin.delete(path)).status).toBe(204);
    expect((await admin.get(path)).status).toBe(404);
    expect((await admin.delete(path)).status).toBe(404);

    // Nothing more is seen for want of a site.
    expect((await client.get('/sites')).body).toEqual([]);
    expect((await client.get('/equipements')).body).toEqual([]);
    const [row] = await api.db.query(
      `SELECT avant FROM historique WHERE entite = 'site' AND entite_id = $1 AND action = 'suppression'`,
      [site.id],
    );
    expect(row.avant).toMatchObject({ nom: site.nom, personnes: [user.id] });
  });

  it('is still there for an equipment that somebody puts there at the same moment, or refuses it', async () => {
    for (let n = 0; n < 5; n++) {
      const site = await makeSite(api.db);
      const [made, removed] = await Promise.all([
        admin.post('/equipements', {
          nom: 'Presse',
          type: 'Presse',
          numero_serie: `MEME-MOMENT-${site.id}`,
          site_id: site.id,
        }),
        admin.delete(`/sites/${site.id}`),
      ]);
      expect([
        [201, 409],
        [422, 204],
      ]).toContainEqual([made.status, removed.status]);
    }
  });
});

const report = (equipement_id: number) =>
  admin.post('/interventions', {
    titre: 'Fuite',
    description: 'La presse fuit depuis ce matin',
    type_intervention: 'corrective',
    priorite: 'normale',
    equipement_id,
  });
const inDays = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

describe('deadlines on a site', () => {
  it('count with its hours, its closings and the holidays of its country', async () => {
    const ferie = await makeFerie(api.db, { pays: 'LU', date: inDays(2) });
    const elsewhere = await makeFerie(api.db, { pays: 'CH', date: inDays(1) });
    const fermetures = [{ date_debut: inDays(4), date_fin: inDays(6) }];
    const horaires = { ...DEFAULT_HOURS, 6: [[480, 720] as const], 7: [[480, 720] as const] };
    const site = await makeSite(api.db, { pays: 'LU', fuseau_horaire: 'Europe/Paris', horaires, fermetures });
    const { body } = await report((await makeEquipement(api.db, { site_id: site.id })).id);
    const closings = [
      { debut: ferie.date, fin: ferie.date },
      { debut: inDays(4), fin: inDays(6) },
    ];
    const calendar = { hours: horaires, zone: 'Europe/Paris', closings };
    const expected = (days: typeof closings) =>
      new Date(
        addWorkingTime(Date.parse(body.date_creation), 5 * WORKING_DAY, { ...calendar, closings: days }),
      ).toISOString();
    expect(body.date_limite).toBe(expected(closings));
    expect(body.date_limite).not.toBe(expected([{ debut: elsewhere.date, fin: elsewhere.date }]));
  });

  it('are refused in words where there is no time to be counted', async () => {
    const fermetures = [{ date_debut: '2000-01-01', date_fin: '2099-12-31' }];
    const site = await makeSite(api.db, { fermetures });
    expect(refusal(await report((await makeEquipement(api.db, { site_id: site.id })).id))).toEqual([
      422,
      'horaires',
    ]);
  });

  it('are looked at again after a change of the site, those of other sites and none are not', async () => {
    const [site, other] = [await makeSite(api.db), await makeSite(api.db)];
    const ids: number[] = [];
    for (const site_id of [site.id, other.id]) {
      ids.push((await report((await makeEquipement(api.db, { site_id })).id)).body.id);
    }
    await api.db.query('UPDATE interventions SET workflow_demarre = true');
    const derive = () => deriveAfterChanges(api.db, 'Africa/Casablanca', new Date());
    const waiting = async () =>
      (await api.db.query('SELECT id FROM interventions WHERE NOT workflow_demarre ORDER BY id')).map(
        ({ id }: { id: number }) => id,
      );
    await derive();
    expect(await waiting()).toEqual([]);

    const fermetures = [{ date_debut: inDays(0), date_fin: inDays(9) }];
    expect((await admin.patch(`/sites/${site.id}`, { nom: 'Autre', fermetures })).status).toBe(200);
    // Not at once: somebody may still count with the calendar of before.
    await derive();
    expect(await waiting()).toEqual([]);
    const aMinuteLater = `UPDATE recalculs SET date_demande = date_demande - interval '2 minutes'`;
    await api.db.query(aMinuteLater);
    await derive();
    expect(await waiting()).toEqual([ids[0]]);
    expect(await api.db.query('SELECT id FROM recalculs')).toEqual([]);

    // A name is no part of a calendar, and a holiday of a country concerns its sites wherever they are.
    await admin.patch(`/sites/${site.id}`, { nom: 'Encore un autre' });
    expect(await api.db.query('SELECT id FROM recalculs')).toEqual([]);
    await api.db.query('UPDATE interventions SET workflow_demarre = true');
    const closed = [1, 2, 3, 4].map((n) => ({ pays: 'MA', date: inDays(n), libelle: 'Fête' }));
    for (const ferie of closed) expect((await admin.post('/jours-feries', ferie)).status).toBe(201);
    await api.db.query(aMinuteLater);
    await derive();
    expect(await waiting()).toEqual(expect.arrayContaining(ids));
  });
});
