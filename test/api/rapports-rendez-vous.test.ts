import type { DataSource } from 'typeorm';
import type { Intervenant } from '../../src/db/rendez-vous/intervenants';
import { type Prestation, PrestationIntervenant } from '../../src/db/rendez-vous/prestations';
import { RendezVous, Seance } from '../../src/db/rendez-vous/rendez-vous';
import { wallClockAt } from '../../src/domain/local-time';
import { STATUTS_RENDEZ_VOUS, type StatutRendezVous } from '../../src/domain/rendez-vous/rendez-vous';
import { createRandom } from '../../tools/lib/random';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeFerie, makeIntervenant, makePrestation, makeSite, makeTechnicien } from '../support/factories';
import { statementsDuring } from '../support/queries';
import { joinSeance, makeBooking } from '../support/rendez-vous';

let api: TestApi;
let db: DataSource;
let admin: Client;

beforeAll(async () => {
  api = await startTestApi();
  db = api.db;
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

const HOUR = 3_600_000;
const RAPPORTS = ['occupation', 'absences', 'delais', 'annulations', 'par-intervenant'] as const;

interface World {
  people: Intervenant[];
  prestations: Prestation[];
  rows: RendezVous[];
}

/** Two weeks before a day on which the clocks of Paris change, and two weeks after it, at random. */
async function makeWorld(seed: number): Promise<World> {
  const { int, pick } = createRandom(seed);
  const site = await makeSite(db, { fuseau_horaire: 'Europe/Paris', pays: 'QQ' });
  const technicien = await makeTechnicien(db, {
    absences: [{ id: 1, debut: '2026-10-27T09:30:00Z', fin: '2026-10-27T15:00:00Z' }],
  });
  const hours = {
    1: [
      [540, 720],
      [780, 1_080],
    ],
    2: [[540, 1_080]],
    6: [[1_320, 1_440]],
    7: [[0, 240]],
  } as const;
  const given = [
    { site_id: site.id, horaires: hours, user_id: technicien.user_id },
    { site_id: site.id },
    {
      fuseau_horaire: 'America/New_York',
      pays: 'ZZ',
      horaires: hours,
      exceptions: [
        { date: '2026-10-20', plages: [] },
        { date: '2026-10-21', plages: [[600, 660]] as [number, number][] },
      ],
      absences: [{ date_debut: '2026-10-26', date_fin: '2026-10-26', motif: null, remplacant_id: null }],
    },
  ];
  const people: Intervenant[] = [];
  for (const one of given) people.push(await makeIntervenant(db, one));
  const prestations = [
    await makePrestation(db, { nom: 'Atelier', places: 9, tampon_apres: 10, site_id: site.id }),
    await makePrestation(db, { nom: 'Conseil', durees: [45] }),
  ];
  for (const prestation of prestations) {
    for (const { id } of people) {
      const own = { prestation_id: prestation.id, intervenant_id: id };
      await db.manager.insert(PrestationIntervenant, { ...own, obligatoire: false, priorite: 0, poids: 1 });
    }
  }
  const rows: RendezVous[] = [];
  const statuts = STATUTS_RENDEZ_VOUS;
  for (let slot = 0; slot < 60; slot++) {
    // Two hours apart: nobody is booked twice. Some lie before the period, and some after it.
    const debut = new Date(Date.parse('2026-10-10T08:10:00Z') + slot * 12 * HOUR);
    const prestation = pick(prestations);
    const several = int(1, 5) === 1;
    const intervenants = several ? [people[0]!, pick(people.slice(1))] : [pick(people)];
    const fields = (statut: StatutRendezVous, n: number) => ({
      statut,
      date_creation: new Date(debut.getTime() - int(0, 400) * HOUR),
      ...(statut === 'annule'
        ? { annule_par: pick(['membre', 'intervenant', 'client', 'systeme'] as const), tardif: int(1, 5) < 3 }
        : {}),
      ...(statut === 'retenu'
        ? { appelant: `${seed}-${slot}-${n}-${people[0]!.id}`, expire_le: new Date(Date.now() + HOUR) }
        : {}),
    });
    const first = await makeBooking(db, {
      ...{ prestation, intervenants, debut, ...fields(pick(statuts), 0) },
    });
    rows.push(first);
    if (prestation.places === 1) continue;
    const seance = await db.manager.findOneByOrFail(Seance, { id: first.seance_id });
    for (let n = 1; n <= int(0, 2); n++) {
      const user_ids = intervenants.map(({ user_id }) => user_id);
      rows.push(await joinSeance(db, seance, { user_ids, ...fields(pick(statuts), n) }));
    }
  }
  return { people, prestations, rows };
}

const PERIOD = { debut: '2026-10-19', fin: '2026-11-01' };
const [FROM, TO] = [Date.parse('2026-10-18T22:00:00Z'), Date.parse('2026-11-01T23:00:00Z')];
const queryOf = (prestations: readonly Prestation[], more = '') =>
  `debut=${PERIOD.debut}&fin=${PERIOD.fin}&fuseau_horaire=Europe/Paris&prestation_id=${prestations.map(({ id }) => id).join()}${more}`;

async function read(by: Client, rapport: string, query: string) {
  const reply = await by.get(`/rapports-rendez-vous/${rapport}?${query}`);
  expect([reply.status, reply.body]).toEqual([200, expect.any(Object)]);
  return reply.body as { lignes: Record<string, unknown>[]; total: Record<string, unknown> };
}

const ratio = (part: number, whole: number) =>
  whole === 0 ? null : Math.round((10_000 * part) / whole) / 10_000;

describe('the figures', () => {
  const worlds: World[] = [];
  beforeAll(async () => {
    // A holiday of the country of their site, half of a day.
    await makeFerie(db, { pays: 'QQ', date: '2026-10-29', libelle: 'Demi-fête', demi_journee: 'matin' });
    for (const seed of [1, 2, 3]) worlds.push(await makeWorld(seed));
  });
  const within = ({ rows }: World) =>
    rows.filter(({ debut }) => debut.getTime() >= FROM && debut.getTime() < TO);
  const is = (row: RendezVous, ...statuts: StatutRendezVous[]) => statuts.includes(row.statut);
  const counting = (rows: RendezVous[], ...statuts: StatutRendezVous[]) =>
    rows.filter((row) => is(row, ...statuts)).length;
  const stands = ['a_valider', 'confirme', 'arrive', 'honore', 'absent'] as const;
  const asked = [...stands, 'refuse', 'annule'] as const;

  /** Rows as the report has them: a line for each prestation of which there is any, and one for all. */
  function byPrestation(world: World, figures: (rows: RendezVous[]) => object) {
    const rows = within(world).filter((row) => is(row, ...asked));
    return {
      lignes: world.prestations.flatMap(({ id, nom }) => {
        const own = rows.filter(({ prestation_id }) => prestation_id === id);
        return own.length === 0 ? [] : [{ id, nom, ...figures(own) }];
      }),
      total: { id: null, nom: null, ...figures(rows) },
    };
  }

  it('of absences are those of a recount', async () => {
    const now = Date.now();
    for (const world of worlds) {
      const figures = (rows: RendezVous[]) => {
        const [venus, absents] = [counting(rows, 'arrive', 'honore'), counting(rows, 'absent')];
        const over = rows.filter((row) => is(row, 'confirme') && row.fin.getTime() <= now).length;
        return { venus, absents, non_renseignes: over, taux: ratio(absents, venus + absents) };
      };
      const expected = byPrestation(world, figures);
      expect(await read(admin, 'absences', queryOf(world.prestations))).toMatchObject(expected);
    }
  });

  it('of lead times are those of a recount', async () => {
    /** The value that so much of the values lie below, between the two next to it. */
    const quantile = (values: number[], share: number) => {
      const sorted = [...values].sort((a, b) => a - b);
      const place = share * (sorted.length - 1);
      const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
      return low + (high - low) * (place - Math.floor(place));
    };
    for (const world of worlds) {
      const figures = (all: RendezVous[]) => {
        const rows = all.filter((row) => is(row, ...stands));
        const hours = rows.map(
          ({ debut, date_creation }) => (debut.getTime() - date_creation.getTime()) / HOUR,
        );
        if (rows.length === 0)
          return { nombre: 0, mediane_heures: null, p90_heures: null, moyenne_heures: null };
        const mean = hours.reduce((sum, one) => sum + one, 0) / hours.length;
        return {
          nombre: rows.length,
          mediane_heures: expect.closeTo(quantile(hours, 0.5), 2),
          p90_heures: expect.closeTo(quantile(hours, 0.9), 2),
          moyenne_heures: expect.closeTo(mean, 1),
        };
      };
      expect(await read(admin, 'delais', queryOf(world.prestations))).toMatchObject(
        byPrestation(world, figures),
      );
    }
  });

  it('of cancellations are those of a recount', async () => {
    for (const world of worlds) {
      const figures = (rows: RendezVous[]) => {
        const off = rows.filter((row) => is(row, 'annule'));
        const by = (who: string) => off.filter(({ annule_par }) => annule_par === who).length;
        return {
          demandes: rows.length,
          annules: off.length,
          par_client: by('client'),
          par_intervenant: by('intervenant'),
          par_membre: by('membre'),
          par_systeme: by('systeme'),
          tardifs: off.filter(({ tardif }) => tardif).length,
          taux: ratio(off.length, rows.length),
        };
      };
      const expected = byPrestation(world, figures);
      expect(await read(admin, 'annulations', queryOf(world.prestations))).toMatchObject(expected);
    }
  });

  it('by person are those of a recount: what several do together counts for each, and once for all', async () => {
    const now = Date.now();
    for (const world of worlds) {
      const rows = within(world).filter((row) => is(row, ...asked));
      const figures = (own: RendezVous[]) => ({
        demandes: own.length,
        a_venir: own.filter((row) => is(row, 'a_valider', 'confirme') && row.fin.getTime() > now).length,
        non_renseignes: own.filter((row) => is(row, 'confirme') && row.fin.getTime() <= now).length,
        venus: counting(own, 'arrive', 'honore'),
        absents: counting(own, 'absent'),
        annules: counting(own, 'annule'),
        refuses: counting(own, 'refuse'),
        seances: new Set(own.filter((row) => is(row, ...stands)).map(({ seance_id }) => seance_id)).size,
        avis: 0,
        note_moyenne: null,
      });
      const expected = world.people
        .map(({ id, nom_public: nom }) => {
          const own = rows.filter(({ intervenants }) => intervenants.includes(id));
          return { id, nom, ...figures(own) };
        })
        .filter(({ demandes }) => demandes > 0);
      const { lignes, total } = await read(admin, 'par-intervenant', queryOf(world.prestations));
      expect([...lignes].sort((a, b) => Number(a.id) - Number(b.id))).toEqual(expected);
      expect(total).toEqual({ id: null, nom: null, ...figures(rows) });
    }
  });

  it('of occupation are those of a recount, minute by minute', async () => {
    /** Whether somebody of the world works in the minute that begins at an instant. */
    const works = (place: number, instant: number) => {
      const zone = place === 2 ? 'America/New_York' : 'Europe/Paris';
      const wall = new Date(wallClockAt(instant, zone));
      const [day, minute] = [wall.toISOString().slice(0, 10), wall.getUTCHours() * 60 + wall.getUTCMinutes()];
      const lies = (...stretches: (readonly [number, number])[]) =>
        stretches.some(([from, to]) => minute >= from && minute < to);
      const weekday = wall.getUTCDay() || 7;
      if (place === 1) {
        if (day === '2026-10-29' && minute < 720) return false;
        return weekday < 6 && lies([480, 720], [840, 1_080]);
      }
      if (place === 0) {
        if (day === '2026-10-29' && minute < 720) return false;
        const away = [Date.parse('2026-10-27T09:30:00Z'), Date.parse('2026-10-27T15:00:00Z')] as const;
        if (instant >= away[0] && instant < away[1]) return false;
      }
      if (place === 2) {
        if (day === '2026-10-20' || day === '2026-10-26') return false;
        if (day === '2026-10-21') return lies([600, 660]);
      }
      if (weekday === 1) return lies([540, 720], [780, 1_080]);
      if (weekday === 2) return lies([540, 1_080]);
      return weekday === 6 ? lies([1_320, 1_440]) : weekday === 7 && lies([0, 240]);
    };
    const minutes = Array.from({ length: (TO - FROM) / 60_000 }, (_, n) => FROM + n * 60_000);
    const open = [0, 1, 2].map((place) => minutes.filter((minute) => works(place, minute)).length);
    for (const { people, prestations, rows } of worlds) {
      const expected = people.map(({ id, nom_public: nom }, place) => {
        const own = rows.filter((row) => row.intervenants.includes(id) && is(row, ...stands));
        const booked = minutes.filter((minute) =>
          own.some(({ debut, fin }) => debut.getTime() <= minute && minute < fin.getTime()),
        ).length;
        const figures = { minutes_ouvertes: open[place]!, minutes_reservees: booked };
        return { id, nom, ...figures, taux: ratio(booked, open[place]!) };
      });
      const { lignes, total } = await read(admin, 'occupation', queryOf(prestations));
      expect([...lignes].sort((a, b) => Number(a.id) - Number(b.id))).toEqual(expected);
      const sum = (of: 'minutes_ouvertes' | 'minutes_reservees') =>
        expected.reduce((all, one) => all + one[of], 0);
      expect(total).toEqual({
        id: null,
        nom: null,
        minutes_ouvertes: sum('minutes_ouvertes'),
        minutes_reservees: sum('minutes_reservees'),
        taux: ratio(sum('minutes_reservees'), sum('minutes_ouvertes')),
      });
    }
  });

  it('take one statement beside those of every request, whatever there is', async () => {
    const [world] = worlds;
    for (const rapport of RAPPORTS) {
      const few = await statementsDuring(() => read(admin, rapport, queryOf(world!.prestations.slice(0, 1))));
      const all = await statementsDuring(() =>
        read(admin, rapport, `debut=2026-01-01&fin=2026-12-31&fuseau_horaire=UTC`),
      );
      expect([rapport, all.length]).toEqual([rapport, few.length]);
    }
  });
});

describe('a report', () => {
  it('is for a responsable about their sites, and for an intervenant about themselves', async () => {
    const [nord, sud] = [await makeSite(db), await makeSite(db)];
    const responsable = await api.newPerson('responsable', { sites: [nord.id] });
    const technicien = await api.newPerson('technicien');
    const client = await api.newPerson('client');
    const mine = await makeIntervenant(db, { site_id: nord.id, user_id: technicien.user.id });
    const other = await makeIntervenant(db, { site_id: sud.id });
    const [atNord, atSud] = [
      await makePrestation(db, { site_id: nord.id, intervenants: [mine.id] }),
      await makePrestation(db, { site_id: sud.id, intervenants: [other.id] }),
    ];
    const debut = '2031-01-07T09:00:00Z';
    await makeBooking(db, { prestation: atNord, intervenants: [mine], debut });
    // Booked by the responsable for themselves, elsewhere: theirs to read, not to count.
    const given = { prestation: atSud, intervenants: [other], debut, demandeur_id: responsable.user.id };
    await makeBooking(db, given);
    const query = 'debut=2031-01-06&fin=2031-01-08';
    for (const rapport of ['absences', 'delais', 'annulations']) {
      for (const by of [responsable.client, technicien.client]) {
        const { lignes } = await read(by, rapport, query);
        expect(lignes.map(({ id }) => id)).toEqual([atNord.id]);
      }
    }
    for (const rapport of ['occupation', 'par-intervenant']) {
      for (const by of [responsable.client, technicien.client]) {
        const { lignes } = await read(by, rapport, query);
        expect(lignes.map(({ id }) => id)).toEqual([mine.id]);
      }
      const ofSites = await read(admin, rapport, `${query}&site_id=${sud.id}`);
      expect(ofSites.lignes.map(({ id }) => id)).toEqual([other.id]);
      expect((await read(client.client, rapport, query)).lignes).toEqual([]);
    }
    const both = await read(admin, 'annulations', `${query}&site_id=${nord.id},${sud.id}`);
    expect(both.total).toMatchObject({ demandes: 2, annules: 0, taux: 0 });
  });

  it('is of a period that ends after its beginning, of a year at most', async () => {
    const status = async (query: string) =>
      (await admin.get(`/rapports-rendez-vous/occupation?${query}`)).status;
    expect(await status('debut=2031-01-02&fin=2031-01-01')).toBe(422);
    expect(await status('debut=2031-01-01&fin=2032-01-02')).toBe(422);
    expect(await status('debut=2031-01-01&fin=2032-01-01')).toBe(200);
    expect(await status('fin=2031-01-01')).toBe(422);
  });

  it('comes as a table that spreadsheets run nothing of', async () => {
    const one = await makeIntervenant(db, { nom_public: '=HYPERLINK("http://x";"a")' });
    const prestation = await makePrestation(db, { intervenants: [one.id] });
    await makeBooking(db, {
      prestation,
      intervenants: [one],
      debut: '2031-02-04T09:00:00Z',
      statut: 'honore',
    });
    const query = `debut=2031-02-01&fin=2031-02-28&prestation_id=${prestation.id}`;
    const path = `/rapports-rendez-vous/par-intervenant?${query}`;
    const reply = await admin.get(`${path}&format=csv`);
    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(reply.headers.get('content-disposition')).toBe(
      'attachment; filename="par-intervenant-2031-02-01-2031-02-28.csv"',
    );
    expect(reply.headers.get('vary')).toMatch(/\bAccept\b/);
    const text = reply.body.replace(/^\uFEFF/, '');
    expect(text.split('\r\n')).toEqual([
      'id,nom,demandes,a_venir,non_renseignes,venus,absents,annules,refuses,seances,avis,note_moyenne',
      `${one.id},"'=HYPERLINK(""http://x"";""a"")",1,0,0,1,0,0,0,1,0,`,
      ',Total,1,0,0,1,0,0,0,1,0,',
      '',
    ]);
    const asked = await admin.get(path, { Accept: 'text/csv' });
    expect(asked.body).toBe(reply.body);
    // What is said in the address counts; whoever takes anything gets JSON.
    expect((await admin.get(`${path}&format=json`, { Accept: 'text/csv' })).body.rapport).toBe(
      'par-intervenant',
    );
    expect((await admin.get(path, { Accept: '*/*' })).body.rapport).toBe('par-intervenant');
  });

  it('comes as a picture in the language of whoever asks', async () => {
    const one = await makeIntervenant(db, { nom_public: '<script>alert(1)</script>' });
    const prestation = await makePrestation(db, { intervenants: [one.id] });
    const query = `debut=2031-02-01&fin=2031-02-28&prestation_id=${prestation.id}`;
    const titles = {
      fr: 'Occupation des intervenants',
      en: 'How booked people are',
      ar: 'نسبة انشغال المستقبِلين',
    } as const;
    for (const [langue, title] of Object.entries(titles)) {
      const { client } = await api.newPerson('admin', { langue: langue as 'fr' });
      const reply = await client.get(`/rapports-rendez-vous/occupation?${query}`, {
        Accept: 'image/svg+xml',
      });
      expect(reply.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
      expect(reply.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(reply.body).toContain(`<title id="titre">${title}`);
      expect(reply.body).not.toContain('<script');
      expect(reply.body).toContain('&lt;script&gt;');
    }
  });
});
