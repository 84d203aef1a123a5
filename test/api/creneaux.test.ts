import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { weekdayAhead } from '../support/days';
import {
  makeEquipement,
  makeIntervenant,
  makeIntervention,
  makePlanning,
  makePrestation,
  makeSalle,
  makeSite,
  makeTechnicien,
} from '../support/factories';
import { statementsDuring } from '../support/queries';

let api: TestApi;
let admin: Client;
let client: Client;

beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
  client = (await api.newPerson('client')).client;
});
afterAll(() => api.close());

/** The next Tuesday but one, on which nothing is a holiday in the country of these sites. */
const TUESDAY = weekdayAhead(2);
const HOURS = { 2: [[540, 720]] } as const;

const slotsOf = async (by: Client, slug: string, more = '') => {
  const reply = await by.get(`/creneaux?prestation=${slug}&debut=${TUESDAY}&fin=${TUESDAY}${more}`);
  expect([reply.status, reply.body]).toEqual([200, expect.any(Object)]);
  return reply.body;
};
const starts = async (by: Client, slug: string, more = '') =>
  Object.values(await slotsOf(by, slug, more)).flatMap((day) =>
    (day as { debut: string }[]).map(({ debut }) => debut.slice(11, 16)),
  );
/** Somebody who works on Tuesdays from nine to noon, by the clocks of UTC. */
const somebody = (given: object = {}) =>
  makeIntervenant(api.db, { fuseau_horaire: 'UTC', pays: 'BE', horaires: HOURS, ...given });

describe('slots', () => {
  it('are listed by days of the zone that is asked for, with its offset; the instants stay the same', async () => {
    const one = await somebody();
    const { slug } = await makePrestation(api.db, { intervenants: [one.id] });
    const slots = await slotsOf(client, slug, '&fuseau_horaire=UTC');
    expect(slots[TUESDAY]).toHaveLength(6);
    expect(slots[TUESDAY][0]).toEqual({
      debut: `${TUESDAY}T09:00:00+00:00`,
      fin: `${TUESDAY}T09:30:00+00:00`,
    });
    const tokyo = await slotsOf(client, slug, '&fuseau_horaire=Asia/Tokyo');
    expect(tokyo[TUESDAY][0].debut).toBe(`${TUESDAY}T18:00:00+09:00`);
    const instants = (days: Record<string, { debut: string }[]>) =>
      Object.values(days).flatMap((day) => day.map(({ debut }) => Date.parse(debut)));
    expect(instants(tokyo)).toEqual(instants(slots));
    expect(await starts(client, slug, '&premier=true')).toHaveLength(1);
  });

  it('name who is free to members of the house alone', async () => {
    const one = await somebody();
    const { slug } = await makePrestation(api.db, { intervenants: [one.id] });
    expect((await slotsOf(admin, slug))[TUESDAY][0].intervenants).toEqual([one.id]);
    expect((await slotsOf(client, slug))[TUESDAY][0]).not.toHaveProperty('intervenants');
  });

  it('leave out visits and absences of the same person, as an intervenant and as a technicien', async () => {
    const technicien = await makeTechnicien(api.db, {
      absences: [{ id: 1, debut: `${TUESDAY}T11:00:00Z`, fin: `${TUESDAY}T11:30:00Z`, motif: 'formation' }],
    } as never);
    const one = await somebody({ user_id: technicien.user_id });
    const equipement = await makeEquipement(api.db);
    const intervention = await makeIntervention(api.db, {
      equipement_id: equipement.id,
      technicien_id: technicien.id,
    });
    await makePlanning(api.db, {
      intervention_id: intervention.id,
      technicien_id: technicien.id,
      date_planifiee: new Date(`${TUESDAY}T10:00:00Z`),
      duree_estimee: 30,
    });
    const { slug } = await makePrestation(api.db, { intervenants: [one.id] });
    expect(await starts(client, slug, '&fuseau_horaire=UTC')).toEqual(['09:00', '09:30', '10:30', '11:30']);

    const absences = [{ date_debut: TUESDAY, date_fin: TUESDAY }];
    expect((await admin.patch(`/intervenants/${one.id}`, { absences })).status).toBe(200);
    expect(await starts(client, slug)).toEqual([]);
  });

  it('follow exceptions, and who is active', async () => {
    const one = await somebody();
    const { slug } = await makePrestation(api.db, { intervenants: [one.id] });
    const change = (body: object) => admin.patch(`/intervenants/${one.id}`, body);
    await change({ exceptions: [{ date: TUESDAY, plages: [['14:00', '15:00']] }] });
    expect(await starts(client, slug, '&fuseau_horaire=UTC')).toEqual(['14:00', '14:30']);
    await change({ exceptions: [{ date: TUESDAY, ferme: true }] });
    expect(await starts(client, slug)).toEqual([]);
    await change({ exceptions: [] });
    expect(await starts(client, slug)).toHaveLength(6);
    await change({ actif: false });
    expect(await starts(client, slug)).toEqual([]);
  });

  it('need a room that is there', async () => {
    const site = await makeSite(api.db, { fuseau_horaire: 'UTC', pays: 'BE' });
    const one = await somebody();
    const given = {
      intervenants: [one.id],
      site_id: site.id,
      salles: [{ etiquettes: ['visio'], nombre: 1 }],
    };
    const { slug } = await makePrestation(api.db, given);
    expect(await starts(client, slug)).toEqual([]);
    const room = await makeSalle(api.db, { site_id: site.id, etiquettes: ['visio', 'calme'] });
    expect(await starts(client, slug)).toHaveLength(6);
    await admin.patch(`/salles/${room.id}`, { horaires: { 2: [['09:30', '10:30']] } });
    expect(await starts(client, slug, '&fuseau_horaire=UTC')).toEqual(['09:30', '10:00']);
  });

  it('are told of by somebody’s choice of length and person', async () => {
    const [one, other] = [await somebody(), await somebody({ horaires: { 2: [[540, 600]] } })];
    const { slug } = await makePrestation(api.db, {
      intervenants: [one.id, other.id],
      durees: [30, 60],
      pas: 60,
    });
    expect(await starts(client, slug, `&fuseau_horaire=UTC&intervenant_id=${other.id}`)).toEqual(['09:00']);
    expect(await starts(client, slug, '&fuseau_horaire=UTC&duree=60')).toEqual(['09:00', '10:00', '11:00']);
    const refused = async (more: string) => {
      const { status, body } = await client.get(
        `/creneaux?prestation=${slug}&debut=${TUESDAY}&fin=${TUESDAY}${more}`,
      );
      return [status, body.erreurs?.[0].champ];
    };
    expect(await refused('&duree=45')).toEqual([422, 'duree']);
    expect(await refused(`&intervenant_id=${(await somebody()).id}`)).toEqual([422, 'intervenant_id']);
    expect(await refused('&fuseau_horaire=Mars/Olympus')).toEqual([422, 'fuseau_horaire']);
  });

  it('are those of at most 62 days', async () => {
    const { slug } = await makePrestation(api.db);
    const status = async (debut: string, fin: string) =>
      (await client.get(`/creneaux?prestation=${slug}&debut=${debut}&fin=${fin}`)).status;
    expect(await status('2031-01-01', '2031-03-03')).toBe(200);
    expect(await status('2031-01-01', '2031-03-04')).toBe(422);
    expect(await status('2031-01-02', '2031-01-01')).toBe(422);
  });

  it('of what is not shown are found by its address where that is enough', async () => {
    const visible = async (visibilite: 'publique' | 'lien' | 'interne', actif = true) => {
      const { slug } = await makePrestation(api.db, { visibilite, actif });
      return (await client.get(`/creneaux?prestation=${slug}&debut=${TUESDAY}&fin=${TUESDAY}`)).status;
    };
    expect(await visible('publique')).toBe(200);
    expect(await visible('lien')).toBe(200);
    expect(await visible('interne')).toBe(404);
    expect(await visible('publique', false)).toBe(404);
  });

  it('take a constant number of statements', async () => {
    const ids = async (count: number) =>
      (await Promise.all(Array.from({ length: count }, () => somebody()))).map(({ id }) => id);
    const cost = async (count: number) => {
      const { slug } = await makePrestation(api.db, {
        intervenants: await ids(count),
        salles: [{ etiquettes: [], nombre: 1 }],
      });
      return (await statementsDuring(() => slotsOf(client, slug))).length;
    };
    const [few, many] = [await cost(1), await cost(12)];
    expect([few, many]).toEqual([5, 5]);
  });
});

it('says why a slot is missing', async () => {
  const [one, other] = [await somebody(), await somebody({ horaires: { 3: [[540, 720]] } })];
  const room = await makeSalle(api.db, { horaires: { 3: [[0, 1440]] } });
  const { slug } = await makePrestation(api.db, {
    intervenants: [one.id, other.id],
    salles: [{ etiquettes: [], nombre: 1 }],
    fenetre: { date_debut: TUESDAY, date_fin: TUESDAY },
  });
  const why = async (time: string) =>
    (await admin.get(`/creneaux/pourquoi?prestation=${slug}&debut=${TUESDAY}T${time}:00Z`)).body;
  const { refus, intervenants, salles } = await why('09:00');
  expect([refus, intervenants]).toEqual([
    'CRENEAU_PRIS',
    [
      { id: one.id, obstacle: null },
      { id: other.id, obstacle: 'hors_horaires' },
    ],
  ]);
  expect(salles).toContainEqual({ id: room.id, obstacle: 'hors_horaires' });
  expect((await why('07:00')).refus).toBe('HORS_DISPONIBILITE');
  expect((await why('09:10')).intervenants[0].obstacle).toBe('hors_pas');
});
