import { startTestApi, type TestApi } from '../support/api';
import {
  makeEquipement,
  makeIntervention,
  makePlanning,
  makeSite,
  makeTechnicien,
} from '../support/factories';

let api: TestApi;
beforeAll(async () => {
  // Four hours ahead of UTC all year round, so that a day of the site is none of UTC.
  api = await startTestApi({ REGIE_TIME_ZONE: 'Asia/Dubai' });
});
afterAll(() => api.close());

const ids = (rows: { id: number }[]) => rows.map(({ id }) => id);
const day = 86_400_000;

describe('the planning of a technicien', () => {
  it('is answered as seed 004 says', async () => {
    const { client } = await api.newPerson('responsable');
    const technicien = await makeTechnicien(api.db);
    const equipement = await makeEquipement(api.db, {
      nom: 'Presse hydraulique PH-001',
      localisation: 'Atelier A',
    });
    const intervention = await makeIntervention(api.db, {
      equipement_id: equipement.id,
      technicien_id: technicien.id,
      statut: 'planifiee',
      priorite: 'haute',
    });
    const visit = await makePlanning(api.db, {
      intervention_id: intervention.id,
      technicien_id: technicien.id,
      date_planifiee: new Date('2024-12-20T09:00:00Z'),
      duree_estimee: 240,
      notes: 'Clés à la loge',
    });
    const reply = await client.get(
      `/planning/technicien/${technicien.id}?date_debut=2024-12-19&date_fin=2024-12-25`,
    );
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual([
      {
        id: visit.id,
        intervention_id: intervention.id,
        technicien_id: technicien.id,
        equipiers: [],
        date_planifiee: '2024-12-20T09:00:00.000Z',
        duree_estimee: 240,
        segments: [{ debut: '2024-12-20T09:00:00Z', fin: '2024-12-20T13:00:00Z' }],
        statut: 'planifiee',
        debut_reel: null,
        fin_reelle: null,
        notes: 'Clés à la loge',
        intervention: {
          titre: 'Réparation fuite hydraulique',
          priorite: 'haute',
          equipement: { nom: 'Presse hydraulique PH-001', localisation: 'Atelier A' },
        },
        date_creation: expect.any(String),
        date_modification: expect.any(String),
        version: 1,
      },
    ]);
  });

  it('holds the days of the site, the last one included, and visits that reach into them', async () => {
    const { client } = await api.newPerson('admin');
    const technicien_id = (await makeTechnicien(api.db)).id;
    const at = (date: string, duree_estimee = 60) =>
      makePlanning(api.db, { technicien_id, date_planifiee: new Date(date), duree_estimee });
    await at('2026-03-01T18:59:00Z'); // ends a minute before midnight of the site
    const across = await at('2026-03-01T19:59:00Z', 5);
    const first = await at('2026-03-01T20:04:00Z', 5);
    const last = await at('2026-03-03T19:59:00Z', 30);
    await at('2026-03-03T20:29:00Z');
    const { body } = await client.get(
      `/planning/technicien/${technicien_id}?date_debut=2026-03-02&date_fin=2026-03-03`,
    );
    expect(ids(body)).toEqual(ids([across, first, last]));

    const exact = await client.get(
      `/planning/technicien/${technicien_id}?date_debut=2026-03-01T20:04:00Z&date_fin=${encodeURIComponent('2026-03-03T23:59:00+04:00')}`,
    );
    expect(ids(exact.body)).toEqual(ids([first]));
  });

  it('is that of the coming seven days when no dates are given', async () => {
    const { client } = await api.newPerson('admin');
    const technicien_id = (await makeTechnicien(api.db)).id;
    const inDays = (days: number) =>
      makePlanning(api.db, { technicien_id, date_planifiee: new Date(Date.now() + days * day) });
    await inDays(-2);
    const today = await inDays(0);
    const soon = await inDays(5);
    await inDays(8);
    expect(ids((await client.get(`/planning/technicien/${technicien_id}`)).body)).toEqual(ids([today, soon]));
  });

  it('filters by state', async () => {
    const { client } = await api.newPerson('admin');
    const technicien_id = (await makeTechnicien(api.db)).id;
    const live = await makePlanning(api.db, { technicien_id });
    await makePlanning(api.db, { technicien_id, statut: 'annulee' });
    const { body } = await client.get(`/planning/technicien/${technicien_id}?statut=planifiee,en_cours`);
    expect(ids(body)).toEqual([live.id]);
  });

  it.each([
    ['an end before the beginning', 'date_debut=2026-03-02&date_fin=2026-03-01', 'date_fin'],
    ['an end before today', 'date_fin=2020-01-01', 'date_fin'],
    ['more than 366 days', 'date_debut=2025-01-01&date_fin=2026-01-02', 'date_fin'],
    ['no date', 'date_debut=demain', 'date_debut'],
    ['a day that does not exist', 'date_debut=2026-02-30', 'date_debut'],
    ['a year out of range', 'date_debut=9999-01-01', 'date_debut'],
    ['an unknown parameter', 'debut=2026-03-02', 'debut'],
  ])('refuses %s', async (_, query, champ) => {
    const { client } = await api.newPerson('admin');
    const technicien = await makeTechnicien(api.db);
    const reply = await client.get(`/planning/technicien/${technicien.id}?${query}`);
    expect(reply.status).toBe(422);
    expect(reply.body.erreurs).toEqual([{ champ, message: expect.any(String) }]);
  });

  it('accepts a leap year whole', async () => {
    const { client } = await api.newPerson('admin');
    const technicien = await makeTechnicien(api.db);
    const path = `/planning/technicien/${technicien.id}?date_debut=2024-01-01&date_fin=2024-12-31`;
    expect((await client.get(path)).status).toBe(200);
  });
});

describe('who sees visits', () => {
  it('a technicien their own, and that of a colleague as little as one of nobody', async () => {
    const technicien = await makeTechnicien(api.db);
    const colleague = await makeTechnicien(api.db);
    const own = await makePlanning(api.db, { technicien_id: technicien.id });
    const other = await makePlanning(api.db, { technicien_id: colleague.id });
    const client = await api.as(technicien.user);
    expect(ids((await client.get(`/planning/technicien/${technicien.id}`)).body)).toEqual([own.id]);
    const hidden = await client.get(`/planning/technicien/${colleague.id}`);
    const missing = await client.get('/planning/technicien/2147483647');
    expect([hidden.status, missing.status]).toEqual([404, 404]);

    const list = await client.get('/planning');
    expect([ids(list.body), list.headers.get('x-total-count')]).toEqual([[own.id], '1']);
    expect((await client.get(`/planning?intervention_id=${other.intervention_id}`)).body).toEqual([]);
  });

  it('a responsable those on their sites; one with none, all; a client none', async () => {
    const site = await makeSite(api.db);
    const equipement = await makeEquipement(api.db, { site_id: site.id });
    const technicien_id = (await makeTechnicien(api.db)).id;
    const intervention = await makeIntervention(api.db, { equipement_id: equipement.id });
    const here = await makePlanning(api.db, { technicien_id, intervention_id: intervention.id });
    const elsewhere = await makePlanning(api.db, {
      technicien_id,
      date_planifiee: new Date(Date.now() + day),
    });
    const path = `/planning/technicien/${technicien_id}`;

    const local = (await api.newPerson('responsable', { sites: [site.id] })).client;
    expect(ids((await local.get(path)).body)).toEqual([here.id]);
    expect(ids((await local.get(`/planning?technicien_id=${technicien_id}`)).body)).toEqual([here.id]);
    expect((await local.get('/planning/technicien/2147483647')).status).toBe(404);
    const overall = (await api.newPerson('responsable')).client;
    expect(ids((await overall.get(path)).body)).toEqual([here.id, elsewhere.id]);
    const client = (await api.newPerson('client')).client;
    expect((await client.get(path)).status).toBe(403);
    expect((await client.get('/planning')).status).toBe(403);
    expect((await api.anonymous.get('/planning')).status).toBe(401);
  });
});

describe('the list of visits', () => {
  it('filters by technicien, intervention, state and days in any combination, in the order of time', async () => {
    const { client } = await api.newPerson('admin');
    const technicien_id = (await makeTechnicien(api.db)).id;
    const at = (date: string, given = {}) =>
      makePlanning(api.db, { technicien_id, date_planifiee: new Date(date), ...given });
    const late = await at('2027-01-03T08:00:00Z');
    const early = await at('2027-01-01T08:00:00Z', { statut: 'realisee' });
    const middle = await at('2027-01-02T08:00:00Z');
    const get = async (query: string) =>
      ids((await client.get(`/planning?technicien_id=${technicien_id}${query}`)).body);
    expect(await get('')).toEqual(ids([early, middle, late]));
    expect(await get('&statut=planifiee&date_debut=2027-01-01&date_fin=2027-01-02')).toEqual([middle.id]);
    expect(
      await get(`&intervention_id=${late.intervention_id},${early.intervention_id}&sort=-date_planifiee`),
    ).toEqual(ids([late, early]));
    expect((await client.get('/planning?statut=libre')).status).toBe(422);
  });

  it('goes by the end of the last segment of each', async () => {
    const { client } = await api.newPerson('admin');
    const [technicien, other] = [await makeTechnicien(api.db), await makeTechnicien(api.db)];
    const segments = [
      { debut: '2028-03-06T16:00:00.000Z', fin: '2028-03-06T18:00:00.000Z' },
      { debut: '2028-03-09T08:00:00.000Z', fin: '2028-03-09T10:00:00.000Z' },
    ];
    const { id } = await makePlanning(api.db, {
      technicien_id: technicien.id,
      equipiers: [other.id],
      date_planifiee: new Date(segments[0]!.debut),
      duree_estimee: 240,
      segments,
    });
    for (const asked of [technicien, other]) {
      const found = async (query: string) => [
        ids((await client.get(`/planning?technicien_id=${asked.id}&${query}`)).body),
        ids((await client.get(`/planning/technicien/${asked.id}?${query}`)).body),
      ];
      expect(await found('date_debut=2028-03-09&date_fin=2028-03-10')).toEqual([[id], [id]]);
      expect(await found('date_debut=2028-03-10&date_fin=2028-03-11')).toEqual([[], []]);
      expect(await found('date_debut=2028-03-09T10:00:00Z&date_fin=2028-03-11')).toEqual([[], []]);
    }
    expect((await client.get(`/planning?technicien_id=${other.id}`)).body[0].segments).toEqual(segments);
  });

  it('leaves a visit by itself, which nobody asked for yet, unknown', async () => {
    const { client } = await api.newPerson('admin');
    expect((await client.get('/planning/1')).status).toBe(404);
  });
});
