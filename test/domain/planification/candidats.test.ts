import {
  type Candidat,
  type Candidatures,
  countExclusions,
  EXCLUSIONS,
  evaluateCandidats,
  type Need,
  type Occupation,
  SEARCH_PERIOD,
} from '../../../src/domain/planification/candidats';
import { freeStretches as stretchesFree } from '../../../src/domain/planification/segments';
import { exclusionsText } from '../../../src/domain/planification/textes';
import { DEFAULT_TRAJETS } from '../../../src/domain/planification/trajets';
import { DEFAULT_HOURS, type WorkingHours } from '../../../src/domain/working-time';

const freeStretches = (...given: Parameters<typeof stretchesFree>) => [...stretchesFree(...given)];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const QUARTER = 15 * MINUTE;
const DAY = 24 * HOUR;
const at = (iso: string) => Date.parse(iso);
/** A Tuesday, 10:00 in Paris. */
const NOW = at('2026-12-01T09:00:00Z');
const AROUND_THE_CLOCK: WorkingHours = Object.fromEntries(
  [1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440]]]),
);
const NIGHTS: WorkingHours = {
  1: [
    [0, 120],
    [1_320, 1_440],
  ],
  2: [[0, 360]],
  7: [[1_320, 1_440]],
};

/** About 40 km apart: 78 minutes with the detour. */
const KHOURIBGA = { latitude: 32.88, longitude: -6.91 };
const OUED_ZEM = { latitude: 32.86, longitude: -6.57 };

const busy = (from: number, to: number, lieu: Occupation['lieu'] = null): Occupation => ({
  segment: [from, to],
  lieu,
});
const candidat = (technicienId: number, given: Partial<Candidat> = {}): Candidat => ({
  technicienId,
  actif: true,
  competences: [],
  habilitations: [],
  niveauExperience: 'confirme',
  base: null,
  occupations: [],
  charge: 0,
  absences: [],
  hours: DEFAULT_HOURS,
  ...given,
});
const need = (given: Partial<Need> = {}): Need => ({
  competences: [],
  priorite: 'normale',
  date: null,
  duration: HOUR,
  now: NOW,
  zone: 'Europe/Paris',
  lieu: null,
  trajets: DEFAULT_TRAJETS,
  ...given,
});
const ids = (candidats: Candidat[], given: Partial<Need> = {}) =>
  evaluateCandidats(candidats, need(given)).possibles.map(({ technicienId }) => technicienId);
const why = (given: Partial<Candidat>, of: Partial<Need> = {}) =>
  evaluateCandidats([candidat(1, given)], need(of)).exclus[0]?.exclu ?? null;
const slot = (given: Partial<Candidat>, of: Partial<Need> = {}) => {
  const first = evaluateCandidats([candidat(1, given)], need(of)).possibles[0];
  return first === undefined ? null : new Date(first.date).toISOString();
};

describe('who goes', () => {
  it('has every skill, whatever its accents and case', () => {
    const skilled = candidat(2, { competences: ['Électricité', 'Hydraulique'] });
    const half = candidat(3, { competences: ['Hydraulique'] });
    expect(ids([candidat(1), skilled, half], { competences: ['hydraulique', 'electricite'] })).toEqual([2]);
  });

  it('is free first, then nearest, then has least to do', () => {
    const busyNow = candidat(1, { occupations: [busy(NOW, NOW + HOUR)] });
    const loaded = candidat(2, { charge: 480 });
    const far = candidat(4, { base: OUED_ZEM });
    expect(ids([busyNow, far, loaded, candidat(3)], { lieu: KHOURIBGA })).toEqual([3, 2, 4, 1]);
  });

  it('has the level that urgent work wants, and any level otherwise', () => {
    const four = [
      candidat(1, { niveauExperience: 'junior' }),
      candidat(2, { niveauExperience: 'confirme' }),
      candidat(3, { niveauExperience: 'senior' }),
      candidat(4, { niveauExperience: 'expert' }),
    ];
    expect(ids(four, { priorite: 'haute' })).toEqual([3, 2, 4, 1]);
    expect(ids(four, { priorite: 'normale' })).toEqual([1, 2, 3, 4]);
    expect(ids(four, { priorite: 'critique' })).toEqual([4, 3, 2]);
    expect(why({ niveauExperience: 'junior' }, { priorite: 'critique' })).toBe('niveau');
  });

  it('is the same for the same input, in whatever order people come', () => {
    const people = [candidat(3), candidat(1), candidat(2, { charge: 1 })];
    expect(ids(people)).toEqual([1, 3, 2]);
    expect(ids([...people].reverse())).toEqual([1, 3, 2]);
  });

  it('costs the way from the job before on that day, or from the base', () => {
    const date = NOW + 2 * HOUR;
    const cost = (given: Partial<Candidat>, lieu: Need['lieu'] = KHOURIBGA) =>
      evaluateCandidats([candidat(1, { hours: AROUND_THE_CLOCK, ...given })], need({ date, lieu }))
        .possibles[0]!.couts.trajet_minutes;
    const away = 62;
    expect(cost({ base: OUED_ZEM })).toBe(away);
    expect(cost({ base: KHOURIBGA })).toBe(0);
    expect(cost({})).toBe(0);
    const there = busy(NOW - HOUR, NOW, OUED_ZEM);
    const here = busy(NOW, NOW + HOUR, KHOURIBGA);
    expect(cost({ base: KHOURIBGA, occupations: [there] })).toBe(away);
    expect(cost({ base: OUED_ZEM, occupations: [here, there] })).toBe(0);
    expect(cost({ base: KHOURIBGA, occupations: [busy(NOW - DAY, NOW - DAY + HOUR, OUED_ZEM)] })).toBe(0);
    expect(cost({ base: OUED_ZEM, occupations: [busy(NOW, NOW + HOUR)] })).toBe(0);
  });
});

describe('why somebody does not go', () => {
  const licence = (valide_du: string | null, valide_jusqu_au: string | null) => ({
    habilitations: [{ competence: 'B2', valide_du, valide_jusqu_au }],
  });
  const date = NOW + HOUR;

  it('is the first rule that says no, in a fixed order', () => {
    const absences = [{ debut: '2026-12-01T00:00:00Z', fin: '2026-12-03T00:00:00Z' }];
    const closings = [{ debut: '2026-12-01', fin: '2026-12-01' }];
    const everything: Partial<Candidat> = {
      actif: false,
      ...licence(null, '2026-11-30'),
      niveauExperience: 'junior',
      hours: {},
      absences,
      occupations: [busy(date, date + HOUR)],
    };
    const wanted: Partial<Need> = { date, competences: ['soudure', 'b2'], priorite: 'critique', closings };
    const found: (string | null)[] = [];
    const repairs: [Partial<Candidat>, Partial<Need>][] = [
      [{}, {}],
      [{ actif: true }, {}],
      [{ competences: ['soudure'] }, {}],
      [licence(null, '2026-12-01'), {}],
      [{ niveauExperience: 'confirme' }, {}],
      [{ hours: DEFAULT_HOURS }, {}],
      [{}, { closings: [] }],
      [{ absences: [] }, {}],
      [{ occupations: [] }, {}],
    ];
    for (const [given, of] of repairs) {
      Object.assign(everything, given);
      Object.assign(wanted, of);
      found.push(why(everything, wanted));
    }
    expect(found).toEqual([...EXCLUSIONS, null]);
  });

  it('is a licence that is not valid on the day of the visit, by the clocks of the site', () => {
    const on = (day: string, given: Partial<Candidat>, zone = 'Europe/Paris') =>
      why({ hours: AROUND_THE_CLOCK, ...given }, { competences: ['B2'], date: at(day), zone });
    const until = licence('2026-01-01', '2026-12-18');
    expect(on('2026-12-18T21:30:00Z', until)).toBeNull();
    // Two hours later it is the 19th in Paris, and still the 18th in Casablanca.
    expect(on('2026-12-18T23:30:00Z', until)).toBe('habilitation_expiree');
    expect(on('2026-12-18T22:30:00Z', until, 'Africa/Casablanca')).toBeNull();
    // It would end on the 19th.
    expect(on('2026-12-18T22:30:00Z', until)).toBe('habilitation_expiree');
    expect(on('2026-12-18T22:00:00Z', until)).toBeNull();
  });

  it('is a licence that ends while long work goes on', () => {
    // 20 hours from Thursday morning: Thursday, Friday and Monday.
    const long = { competences: ['B2'], date: at('2026-12-03T07:00:00Z'), duration: 20 * HOUR };
    expect(why(licence(null, '2026-12-07'), long)).toBeNull();
    expect(why(licence(null, '2026-12-06'), long)).toBe('habilitation_expiree');
    // On a Saturday nobody works: valid on each day that is.
    const renewed = [
      { competence: 'B2', valide_du: null, valide_jusqu_au: '2026-12-04' },
      { competence: 'B2', valide_du: '2026-12-07', valide_jusqu_au: null },
    ];
    expect(why({ habilitations: renewed }, long)).toBeNull();
  });

  it('where nothing is named, is a licence that leaves no day on which they are there', () => {
    const asked = { competences: ['B2'] };
    expect(why(licence(null, '2026-11-30'), asked)).toBe('habilitation_expiree');
    expect(slot(licence('2026-12-05', null), asked)).toBe('2026-12-07T07:00:00.000Z');
    expect(slot(licence(null, '2026-12-01'), asked)).toBe('2026-12-01T09:00:00.000Z');
    // A Saturday and a Sunday.
    expect(why(licence('2026-12-05', '2026-12-06'), asked)).toBe('habilitation_expiree');
    const absences = [{ debut: '2026-12-01T00:00:00Z', fin: '2026-12-03T00:00:00Z' }];
    expect(why({ absences, ...licence(null, '2026-12-02') }, asked)).toBe('habilitation_expiree');
  });

  it('where nothing is named, is the first rule that leaves no time for as long as is searched', () => {
    const forever = [{ debut: '2026-11-01T00:00:00Z', fin: '2027-11-01T00:00:00Z' }];
    expect(why({ hours: {} })).toBe('hors_horaires');
    expect(why({}, { closings: [{ debut: '2026-12-01', fin: '2027-02-28' }] })).toBe('ferie');
    expect(why({ absences: forever })).toBe('absent');
    expect(why({ occupations: [busy(NOW - DAY, NOW + 60 * DAY)] })).toBe('creneau_pris');
  });

  it('is counted, and read in both languages', () => {
    const { exclus } = evaluateCandidats(
      [candidat(3, { actif: false }), candidat(1), candidat(2, { actif: false })],
      need({ competences: ['soudure'] }),
    );
    expect(exclus.map(({ technicienId, exclu }) => [technicienId, exclu])).toEqual([
      [2, 'inactif'],
      [3, 'inactif'],
      [1, 'competence'],
    ]);
    expect(countExclusions(exclus)).toEqual({ inactif: 2, competence: 1 });
    expect(exclusionsText({ inactif: 2, competence: 1 }, 'fr')).toBe(
      "n'intervient plus (2), sans la compétence requise (1)",
    );
    expect(exclusionsText({ absent: 1 }, 'en')).toBe('during an absence (1)');
  });
});

describe('the next free time', () => {
  it('is a quarter of an hour inside working hours', () => {
    expect(slot({}, { now: NOW + MINUTE })).toBe('2026-12-01T09:15:00.000Z');
    expect(slot({ occupations: [busy(NOW, NOW + 90 * MINUTE)] })).toBe('2026-12-01T13:00:00.000Z');
    expect(slot({}, { duration: 3 * HOUR })).toBe('2026-12-01T13:00:00.000Z');
    expect(slot({}, { duration: 20 * HOUR })).toBe('2026-12-01T09:00:00.000Z');
    expect(slot({ hours: {} })).toBeNull();
  });

  it('leaves time to come from the job before and to go on to the next', () => {
    const coming = { lieu: KHOURIBGA };
    const there = busy(NOW - HOUR, NOW, OUED_ZEM);
    // 62 minutes on the road: 11:15 in Paris at the earliest, which ends after noon, and so after lunch.
    expect(slot({ occupations: [there] }, { ...coming, duration: 30 * MINUTE })).toBe(
      '2026-12-01T10:15:00.000Z',
    );
    expect(slot({ occupations: [there] }, coming)).toBe('2026-12-01T13:00:00.000Z');
    expect(slot({ occupations: [busy(NOW - HOUR, NOW, KHOURIBGA)] }, coming)).toBe(
      '2026-12-01T09:00:00.000Z',
    );
    const after = busy(NOW + 2 * HOUR, NOW + 3 * HOUR, OUED_ZEM);
    expect(slot({ hours: AROUND_THE_CLOCK, occupations: [after] }, coming)).toBe('2026-12-01T13:15:00.000Z');
    // A time that is named is judged by what takes it, not by how long the road may be.
    expect(why({ occupations: [there] }, { ...coming, date: NOW })).toBeNull();
  });

  it('keeps to the clock on the wall on the days on which clocks change', () => {
    // In Paris 02:00 is followed by 03:00 on Sunday 2027-03-28.
    const weekend: WorkingHours = { 7: [[60, 240]] };
    const spring = { now: at('2027-03-27T12:00:00Z') };
    // 01:00 to 04:00 are two hours then.
    expect(slot({ hours: weekend }, { ...spring, duration: 2 * HOUR })).toBe('2027-03-28T00:00:00.000Z');
    expect(
      freeStretches({ hours: weekend, absences: [] }, [], [spring.now, spring.now + 2 * DAY], need()),
    ).toEqual([[at('2027-03-28T00:00:00Z'), at('2027-03-28T02:00:00Z')]]);
    // And four on Sunday 2027-10-31.
    const autumn = at('2027-10-30T12:00:00Z');
    expect(freeStretches({ hours: weekend, absences: [] }, [], [autumn, autumn + 2 * DAY], need())).toEqual([
      [at('2027-10-30T23:00:00Z'), at('2027-10-31T03:00:00Z')],
    ]);
  });
});

describe('free stretches', () => {
  const free = (given: Partial<Candidat>, taken: [number, number][], days = 1) =>
    freeStretches(
      candidat(1, given),
      taken,
      [at('2026-12-01T00:00:00Z'), at('2026-12-01T00:00:00Z') + days * DAY],
      {
        zone: 'UTC',
        closings: [{ debut: '2026-12-02', fin: '2026-12-02', demi_journee: 'apres_midi' }],
      },
    ).map(
      ([from, to]) =>
        `${new Date(from).toISOString().slice(5, 16)}/${new Date(to).toISOString().slice(11, 16)}`,
    );
  const hour = (day: number, hour: number) => at('2026-12-01T00:00:00Z') + (day - 1) * DAY + hour * HOUR;

  it('are the hours without absences, closings and what takes time', () => {
    expect(free({}, [])).toEqual(['12-01T08:00/12:00', '12-01T14:00/18:00']);
    expect(free({}, [], 2)).toEqual(['12-01T08:00/12:00', '12-01T14:00/18:00', '12-02T08:00/12:00']);
    const absences = [{ debut: '2026-12-01T09:00:00Z', fin: '2026-12-01T15:00:00Z' }];
    expect(free({ absences }, [])).toEqual(['12-01T08:00/09:00', '12-01T15:00/18:00']);
    expect(
      free({}, [
        [hour(1, 16), hour(1, 17)],
        [hour(1, 7), hour(1, 10)],
        [hour(1, 9), hour(1, 9.5)],
      ]),
    ).toEqual(['12-01T10:00/12:00', '12-01T14:00/16:00', '12-01T17:00/18:00']);
    expect(free({}, [[hour(1, 0), hour(2, 0)]])).toEqual([]);
  });

  it('are one over midnight, and end with the period', () => {
    expect(free({ hours: AROUND_THE_CLOCK }, [], 1.5)).toEqual(['12-01T00:00/12:00']);
  });
});

/** The same numbers in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const START = at('2026-12-01T00:00:00Z');
const day = (offset: number) => new Date(START + offset * DAY).toISOString().slice(0, 10);

function randomCandidat(below: (n: number) => number, technicienId: number): Candidat {
  const stretch = (): [number, number] => {
    const from = below(80) * 15;
    return [from, from + 15 * (1 + below(16))];
  };
  const hours: WorkingHours = [
    DEFAULT_HOURS,
    AROUND_THE_CLOCK,
    NIGHTS,
    Object.fromEntries([1 + below(7), 1 + below(7)].map((weekday) => [weekday, [stretch()]])),
  ][below(4)]!;
  const somewhere = () => START + below(14 * 96) * QUARTER;
  const occupations = Array.from({ length: below(4) }, () => {
    const from = somewhere();
    return busy(from, from + (1 + below(40)) * QUARTER, [null, KHOURIBGA, OUED_ZEM][below(3)]!);
  });
  const absences = Array.from({ length: below(3) }, () => {
    const from = somewhere();
    const fin = from + (1 + below(200)) * QUARTER;
    return { debut: new Date(from).toISOString(), fin: new Date(fin).toISOString() };
  });
  const habilitations = Array.from({ length: below(3) }, () => {
    const first = below(20) - 5;
    const valide_du = below(4) === 0 ? null : day(first);
    return { competence: 'B2', valide_du, valide_jusqu_au: below(4) === 0 ? null : day(first + below(20)) };
  });
  return candidat(technicienId, {
    hours,
    occupations,
    absences,
    habilitations,
    competences: below(3) === 0 ? ['b2'] : [],
    actif: below(10) > 0,
    niveauExperience: (['junior', 'confirme', 'senior', 'expert'] as const)[below(4)]!,
  });
}

const randomNeed = (below: (n: number) => number, date: number | null): Need =>
  need({
    competences: below(2) === 0 ? ['B2'] : [],
    priorite: (['basse', 'normale', 'haute', 'critique'] as const)[below(4)]!,
    date,
    duration: (1 + below(48)) * QUARTER,
    now: START + below(200) * 7 * MINUTE,
    zone: ['UTC', 'Africa/Casablanca', 'Europe/Paris', 'Pacific/Auckland'][below(4)]!,
    closings: below(2) === 0 ? [] : [{ debut: day(below(14)), fin: day(14) }],
    lieu: [null, KHOURIBGA][below(2)]!,
  });

/** By the rules one by one, and by nothing of what chooses. */
function faultsOf(one: Candidat, { technicienId, segments }: Candidatures['possibles'][number], asked: Need) {
  const faults: string[] = [];
  const [first, last] = [segments[0]![0], segments.at(-1)![1]];
  const free = freeStretches(
    one,
    one.occupations.map(({ segment }) => segment),
    [first, last],
    asked,
  );
  if (technicienId !== one.technicienId || !one.actif) faults.push('who');
  if (!segments.every(([from, to]) => free.some(([open, close]) => open <= from && to <= close)))
    faults.push('when');
  if (segments.reduce((total, [from, to]) => total + to - from, 0) !== asked.duration)
    faults.push('how long');
  const clock = new Intl.DateTimeFormat('en-CA', { timeZone: asked.zone, dateStyle: 'short' });
  for (const [from, to] of segments) {
    for (let instant = from; instant < to; instant += QUARTER) {
      const today = clock.format(instant);
      const qualified =
        asked.competences.length === 0 ||
        (one.habilitations.length === 0 && one.competences.includes('b2')) ||
        one.habilitations.some(
          ({ valide_du, valide_jusqu_au }) =>
            (valide_du ?? today) <= today && today <= (valide_jusqu_au ?? today),
        );
      if (!qualified) faults.push(`licence on ${today}`);
    }
  }
  if (asked.priorite === 'critique' && one.niveauExperience === 'junior') faults.push('level');
  return faults;
}

describe('whoever there is and whatever is wanted', () => {
  it('what is found lies within free stretches, and whoever goes is qualified on each day', () => {
    const below = randomNumbers(7);
    let found = 0;
    for (let round = 0; round < 400; round++) {
      const one = randomCandidat(below, 1);
      const asked = randomNeed(below, below(3) === 0 ? START + below(14 * 96) * QUARTER : null);
      const { possibles, exclus } = evaluateCandidats([one], asked);
      expect(possibles.length + exclus.length).toBe(1);
      for (const possible of possibles) {
        found++;
        expect([round, faultsOf(one, possible, asked)]).toEqual([round, []]);
        if (asked.date !== null) expect(possible.date).toBe(asked.date);
      }
    }
    expect(found).toBeGreaterThan(150);
  });

  it('the next free time is the first quarter of an hour at which a named one would do, where nobody travels', () => {
    const below = randomNumbers(11);
    let found = 0;
    for (let round = 0; round < 150; round++) {
      const one = randomCandidat(below, 1);
      const asked = { ...randomNeed(below, null), lieu: null };
      const date = evaluateCandidats([one], asked).possibles[0]?.date ?? null;
      let expected: number | null = null;
      const first = Math.ceil(asked.now / QUARTER) * QUARTER;
      for (let start = first; start < asked.now + SEARCH_PERIOD && expected === null; start += QUARTER) {
        if (evaluateCandidats([one], { ...asked, date: start }).possibles.length > 0) expected = start;
      }
      // A stretch that begins just before the horizon is still looked at whole.
      if (expected !== null || (date !== null && date < asked.now + SEARCH_PERIOD)) {
        expect([round, date]).toEqual([round, expected]);
      }
      if (date !== null) found++;
    }
    expect(found).toBeGreaterThan(60);
  });
});
