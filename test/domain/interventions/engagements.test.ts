import { chronologieOf, MAX_SEGMENTS } from '../../../src/domain/interventions/chronologie';
import {
  depassementsAt,
  type Engage,
  type Engagement,
  engagementsOf,
} from '../../../src/domain/interventions/engagements';
import { computeDateLimite } from '../../../src/domain/interventions/horloge';
import { compile, POLITIQUE_INTEGREE, type Politique } from '../../../src/domain/parc/niveaux';
import { PRIORITES } from '../../../src/domain/priorites';
import { type Calendar, DEFAULT_HOURS } from '../../../src/domain/working-time';
import { createRandom, type Random } from '../../../tools/lib/random';

/** What was promised, explained minute by minute (contract-planification §3). */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (text: string) => Date.parse(`${text}Z`);
const iso = (instant: number) => new Date(instant).toISOString().slice(0, 16);
/** Days of 08:00–12:00 and 14:00–18:00, Monday to Friday, by clocks that read what the instants say. */
const calendar: Calendar = { hours: DEFAULT_HOURS, zone: 'UTC' };

/** One on which somebody is at work since then; its deadline follows unless it is named. */
function engage(depuis: number, given: Partial<Engage> = {}): Engage {
  const base: Engage = {
    priorite: 'haute',
    urgence: false,
    calendar,
    politique: POLITIQUE_INTEGREE,
    statut: 'en_cours',
    armeLe: depuis,
    demarrageArmeLe: null,
    resolutionArmeeLe: depuis,
    datePlanifiee: null,
    dateLimite: 0,
    dateLimiteImposee: false,
    dateFin: null,
    horlogeArreteeLe: null,
    attenteMotif: null,
    resolutionDepuis: depuis,
    pauses: [],
    reglesDepuis: depuis,
    escalades: [],
    depassements: {},
    niveau: null,
    ...given,
  };
  const dateLimite = given.dateLimite ?? computeDateLimite(base, { depuis, pauses: base.pauses });
  return { ...base, dateLimite };
}
const resolutionAt = (one: Engage, now: number) =>
  engagementsOf(one, [], now).find(({ etape }) => etape === 'resolution')!;
const told = ({ chronologie }: Engagement) =>
  chronologie.map(({ de, a, nature, duree, motif }) => [
    iso(de),
    iso(a),
    motif ?? nature,
    nature === 'compte' ? duree / MINUTE : null,
  ]);
const counted = ({ chronologie }: Engagement) =>
  chronologie.reduce((sum, { nature, duree }) => sum + (nature === 'compte' ? duree : 0), 0);

describe('worked out by hand', () => {
  it('a Friday evening before a holiday', () => {
    // Reported on Friday 11 December 2026 at 17:00; a haute has a day of work, eight hours. Monday is a holiday.
    // Friday 17:00–18:00 makes 1 hour; the weekend and Monday nothing; Tuesday 08:00–12:00 makes 5, and 14:00–17:00
    // the 8th: Tuesday 15 December, 17:00.
    const closings = [{ debut: '2026-12-14', fin: '2026-12-14' }];
    const found = resolutionAt(
      engage(at('2026-12-11T17:00'), { calendar: { ...calendar, closings } }),
      at('2026-12-15T09:30'),
    );
    expect(iso(found.echeance)).toBe('2026-12-15T17:00');
    expect(told(found)).toEqual([
      ['2026-12-11T17:00', '2026-12-11T18:00', 'compte', 60],
      ['2026-12-11T18:00', '2026-12-14T00:00', 'ferme', null],
      ['2026-12-14T00:00', '2026-12-15T00:00', 'ferie', null],
      ['2026-12-15T00:00', '2026-12-15T08:00', 'ferme', null],
      ['2026-12-15T08:00', '2026-12-15T12:00', 'compte', 240],
      ['2026-12-15T12:00', '2026-12-15T14:00', 'ferme', null],
      ['2026-12-15T14:00', '2026-12-15T17:00', 'compte', 180],
    ]);
    // 09:30 on Tuesday: 2 h 30 of the morning and 3 h of the afternoon are left.
    expect([found.etat, found.restant / MINUTE]).toEqual(['en_cours', 330]);
  });

  it('a pause over a weekend', () => {
    // A haute from Friday 14:00. Two hours later parts are awaited, until Monday 10:00. Six hours are left then:
    // Monday 10:00–12:00 and 14:00–18:00. Of the pause only Friday 16:00–18:00 and Monday 08:00–10:00 cost anything:
    // without it the deadline would have been Monday 12:00, four open hours before.
    const friday = at('2026-12-11T14:00');
    const [stopped, resumed] = [at('2026-12-11T16:00'), at('2026-12-14T10:00')];
    const after = engage(friday, { pauses: [{ debut: stopped, fin: resumed }] });
    expect(iso(after.dateLimite)).toBe('2026-12-14T18:00');
    expect(iso(engage(friday).dateLimite)).toBe('2026-12-14T12:00');
    expect(told(resolutionAt(after, resumed))).toEqual([
      ['2026-12-11T14:00', '2026-12-11T16:00', 'compte', 120],
      ['2026-12-11T16:00', '2026-12-14T10:00', 'pieces', null],
      ['2026-12-14T10:00', '2026-12-14T12:00', 'compte', 120],
      ['2026-12-14T12:00', '2026-12-14T14:00', 'ferme', null],
      ['2026-12-14T14:00', '2026-12-14T18:00', 'compte', 240],
    ]);
    // While it lasts: six hours are left on Saturday as on Friday, and the deadline is what it would be by then.
    const during = engage(friday, { statut: 'attente_pieces', horlogeArreteeLe: stopped });
    for (const [now, echeance] of [
      ['2026-12-11T16:30', '2026-12-14T14:30'],
      ['2026-12-12T11:00', '2026-12-14T16:00'],
      ['2026-12-14T10:00', '2026-12-14T18:00'],
    ] as const) {
      const found = resolutionAt(during, at(now));
      expect([found.etat, found.restant / HOUR, iso(found.echeance)]).toEqual(['en_pause', 6, echeance]);
    }
  });

  it('a deadline that somebody named is explained from when they did, and by no pause', () => {
    // Named on Monday at 09:00 for Tuesday 10:00, while parts have been awaited since 08:30: five and a half hours of
    // Monday and two of Tuesday count: 3 + 4 + 2 = 9 hours.
    const one = engage(at('2026-12-07T08:00'), {
      statut: 'attente_pieces',
      horlogeArreteeLe: at('2026-12-07T08:30'),
      dateLimite: at('2026-12-08T10:00'),
      dateLimiteImposee: true,
      resolutionArmeeLe: at('2026-12-07T09:00'),
    });
    const found = resolutionAt(one, at('2026-12-07T15:00'));
    expect([found.etat, found.imposee, iso(found.depuis), found.delai / HOUR]).toEqual([
      'en_cours',
      true,
      '2026-12-07T09:00',
      9,
    ]);
    expect(counted(found)).toBe(9 * HOUR);
    expect(resolutionAt(one, at('2026-12-08T10:01')).etat).toBe('depasse');
  });
});

const ZONES = [
  'UTC',
  'Europe/Paris',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Asia/Kolkata',
  'America/New_York',
];
const ALWAYS = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440] as const]]));

function someCalendar(random: Random): Calendar {
  const day = () => new Date(at('2026-03-20T00:00') + random.int(0, 60) * DAY).toISOString().slice(0, 10);
  const closings = Array.from({ length: random.int(0, 6) }, () => {
    const debut = day();
    return { debut, fin: debut, demi_journee: random.pick([null, null, 'matin', 'apres_midi'] as const) };
  });
  const hours = random.pick([
    DEFAULT_HOURS,
    ALWAYS,
    { 2: [[540, 1_020] as const], 4: [[1_200, 1_440] as const] },
  ]);
  return { hours, zone: random.pick(ZONES), closings };
}

/** A random life: begun in spring, when clocks change, with some waits. */
function someEngage(random: Random): Engage {
  const depuis = at('2026-03-25T00:00') + random.int(0, 14 * 24 * 60) * MINUTE + random.int(0, 59_999);
  const pauses = [];
  let from = depuis;
  for (let n = random.int(0, 4); n > 0; n--) {
    const debut = from + random.int(0, 3 * DAY);
    from = debut + random.int(0, 3 * DAY);
    pauses.push({ debut, fin: from });
  }
  return engage(depuis, {
    priorite: random.pick(PRIORITES),
    urgence: random.int(0, 1) === 1,
    calendar: someCalendar(random),
    politique: random.pick([POLITIQUE_INTEGREE, CONTINU]),
    pauses,
  });
}
const CONTINU: Politique = {
  ...POLITIQUE_INTEGREE,
  calendrier: 'continu',
  delais: {
    critique: { affectation: 'PT1H', demarrage: 'PT1H', resolution: 'PT2H' },
    haute: { affectation: 'PT1H', demarrage: 'PT1H', resolution: 'PT24H' },
    normale: { affectation: 'PT1H', demarrage: 'PT1H', resolution: 'PT72H', calendrier: 'ouvre' },
    basse: { affectation: 'PT1H', demarrage: 'PT1H', resolution: 'PT200H' },
  },
};

describe('by property', () => {
  it('what counts adds up to the delay, to the millisecond, and no minute is left out or told twice', () => {
    const random = createRandom(20260325);
    for (let round = 0; round < 400; round++) {
      const one = someEngage(random);
      const moments = [one.resolutionDepuis, one.dateLimite, one.dateLimite + random.int(1, 5 * DAY)];
      for (const now of moments) {
        const found = resolutionAt(one, now);
        const full = compile(one.politique).delais[one.priorite].resolution;
        expect(counted(found)).toBe(one.urgence ? full / 2 : full);
        let reached = found.depuis;
        for (const { de, a } of found.chronologie) {
          expect([de, a > de]).toEqual([reached, true]);
          reached = a;
        }
        expect(reached).toBe(found.echeance);
      }
      // What is left, with what has counted by then, is the delay again.
      const now = one.resolutionDepuis + random.int(0, one.dateLimite - one.resolutionDepuis);
      const { restant, delai, pauses } = resolutionAt(one, now);
      const continu = compile(one.politique).delais[one.priorite].aroundTheClock;
      const past = chronologieOf(one.resolutionDepuis, now, pauses, continu ? null : one.calendar);
      const passed = past.reduce((sum, { nature, duree }) => sum + (nature === 'compte' ? duree : 0), 0);
      expect(passed + restant).toBe(delai);
    }
  });

  it('a pause that never ends breaks nothing: what is left stays what it was', () => {
    const random = createRandom(7);
    for (let round = 0; round < 100; round++) {
      const one = someEngage(random);
      const last = one.pauses.at(-1)?.fin ?? one.resolutionDepuis;
      const stopped = last + random.int(0, 60) * MINUTE;
      if (stopped >= one.dateLimite) continue;
      const waiting: Engage = { ...one, statut: 'attente_pieces', horlogeArreteeLe: stopped };
      const restant = resolutionAt(waiting, stopped).restant;
      for (const days of [1, 10, 200]) {
        const now = stopped + days * DAY;
        expect(depassementsAt(waiting, now)).toEqual({});
        expect(resolutionAt(waiting, now)).toMatchObject({ etat: 'en_pause', restant, depasse: null });
      }
    }
  });

  it('a site that never closes counts by the clock on the wall, also while the clocks change', () => {
    for (const zone of ZONES) {
      const [from, to] = [at('2026-03-01T00:00'), at('2026-05-20T00:00')];
      expect(chronologieOf(from, to, [], { hours: ALWAYS, zone })).toEqual([
        { de: from, a: to, nature: 'compte', duree: to - from },
      ]);
    }
  });

  it('however long it takes, no more than so many stretches are told, which still add up', () => {
    const halves = Array.from({ length: 12 }, (_, n) => [n * 120, n * 120 + 60] as const);
    const hours = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, halves]));
    const [from, to] = [at('2026-01-01T00:00'), at('2026-04-11T00:00')];
    const segments = chronologieOf(from, to, [], { hours, zone: 'UTC' });
    expect(segments).toHaveLength(MAX_SEGMENTS);
    const sum = segments.reduce((total, { nature, duree }) => total + (nature === 'compte' ? duree : 0), 0);
    expect(sum).toBe(100 * 12 * HOUR);
    expect([segments[0]!.de, segments.at(-1)!.a]).toEqual([from, to]);
  });
});
