import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { creerEvaluateur, type Situation } from '../../../src/domain/rendez-vous/creneaux';
import type { Prestation } from '../../../src/domain/rendez-vous/prestations';
import { DEFAULT_HOURS, type Stretch, type WorkingHours } from '../../../src/domain/working-time';
import { compiledRoot } from '../../../tools/lib/paths';

/** Days on which clocks change, worked out by hand: each start as an instant, whatever anybody's clocks show. */

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const at = (iso: string) => Date.parse(iso);
const clock = (time: string) => {
  const [hours, minutes] = time.split(':').map(Number);
  return hours! * 60 + minutes!;
};
/** The same stretches on every day: `01:00-04:00`. */
const daily = (...stretches: string[]): WorkingHours => {
  const plages = stretches.map((one) => one.split('-').map(clock) as unknown as Stretch);
  return Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, plages]));
};

interface Jour {
  what: string;
  zone: string;
  hours: WorkingHours;
  /** Of the appointments, and from one start to the next, in minutes. */
  minutes: number;
  /** From when until when is asked. */
  asked: readonly [from: string, to: string];
  expected: readonly string[];
  maintenant?: string;
  duree?: number;
  prestation?: Partial<Prestation>;
  debuts?: readonly string[];
}

const PARIS = 'Europe/Paris';
const NEW_YORK = 'America/New_York';
const CASABLANCA = 'Africa/Casablanca';
/** Sunday 28 March 2027 in Paris: at 02:00 clocks go to 03:00, which is 01:00Z. */
const PRINTEMPS = ['2027-03-27T23:00:00Z', '2027-03-28T22:00:00Z'] as const;
/** Sunday 25 October 2026 in Paris: at 03:00 clocks go back to 02:00, which is 01:00Z. */
const AUTOMNE = ['2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'] as const;

const JOURS: readonly Jour[] = [
  {
    what: 'Paris in spring: half hours go on over the hour that is missing',
    zone: PARIS,
    hours: daily('00:30-05:30'),
    minutes: 30,
    asked: PRINTEMPS,
    expected: [
      '27T23:30',
      '28T00:00',
      '28T00:30',
      '28T01:00',
      '28T01:30',
      '28T02:00',
      '28T02:30',
      '28T03:00',
    ],
  },
  {
    what: 'Paris in spring: work that would begin within the missing hour begins after it',
    zone: PARIS,
    hours: daily('02:30-05:00', '13:00-15:00'),
    minutes: 60,
    asked: PRINTEMPS,
    expected: ['28T01:00', '28T02:00', '28T11:00', '28T12:00'],
  },
  {
    what: 'Paris in spring: work within the missing hour alone is none',
    zone: PARIS,
    hours: daily('02:00-03:00'),
    minutes: 15,
    asked: PRINTEMPS,
    expected: [],
  },
  {
    what: 'Paris in autumn: the hour that comes twice is two hours',
    zone: PARIS,
    hours: daily('00:00-04:00', '14:00-16:00'),
    minutes: 60,
    asked: AUTOMNE,
    expected: ['24T22:00', '24T23:00', '25T00:00', '25T01:00', '25T02:00', '25T13:00', '25T14:00'],
  },
  {
    what: 'Paris in autumn: work from 02:00 to 03:00 begins the first time, and ends when 03:00 comes',
    zone: PARIS,
    hours: daily('02:00-03:00'),
    minutes: 60,
    asked: AUTOMNE,
    expected: ['25T00:00', '25T01:00'],
  },
  {
    what: 'Paris in autumn: work that ends within the hour that comes twice ends the first time',
    zone: PARIS,
    hours: daily('01:30-02:30'),
    minutes: 30,
    asked: AUTOMNE,
    expected: ['24T23:30', '25T00:00'],
  },
  {
    what: 'New York in spring, before and after noon',
    zone: NEW_YORK,
    hours: daily('01:00-04:00', '13:00-15:00'),
    minutes: 60,
    asked: ['2027-03-14T05:00:00Z', '2027-03-15T04:00:00Z'],
    expected: ['14T06:00', '14T07:00', '14T17:00', '14T18:00'],
  },
  {
    what: 'New York in autumn, before and after noon',
    zone: NEW_YORK,
    hours: daily('00:00-03:00', '13:00-15:00'),
    minutes: 60,
    asked: ['2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
    expected: ['01T04:00', '01T05:00', '01T06:00', '01T07:00', '01T18:00', '01T19:00'],
  },
  {
    what: 'Casablanca around 20 September 2026, when it left UTC+1 for good: that day has 25 hours',
    zone: CASABLANCA,
    hours: daily('00:00-03:00', '09:00-11:00', '14:00-16:00'),
    minutes: 60,
    asked: ['2026-09-18T23:00:00Z', '2026-09-22T00:00:00Z'],
    expected: [
      ...['18T23:00', '19T00:00', '19T01:00', '19T08:00', '19T09:00', '19T13:00', '19T14:00'],
      ...['19T23:00', '20T00:00', '20T01:00', '20T02:00', '20T09:00', '20T10:00', '20T14:00', '20T15:00'],
      ...['21T00:00', '21T01:00', '21T02:00', '21T09:00', '21T10:00', '21T14:00', '21T15:00'],
    ],
  },
  {
    what: 'Casablanca in the Ramadan of 2027 stays where it is',
    zone: CASABLANCA,
    hours: daily('09:00-11:00', '14:00-16:00'),
    minutes: 60,
    asked: ['2027-02-15T00:00:00Z', '2027-02-16T00:00:00Z'],
    expected: ['15T09:00', '15T10:00', '15T14:00', '15T15:00'],
  },
  {
    what: 'days around the change in one request',
    zone: PARIS,
    hours: daily('11:00-13:00', '17:00-18:00'),
    minutes: 60,
    asked: ['2027-03-26T23:00:00Z', '2027-03-29T22:00:00Z'],
    expected: [
      ...['27T10:00', '27T11:00', '27T16:00'],
      ...['28T09:00', '28T10:00', '28T15:00'],
      ...['29T09:00', '29T10:00', '29T15:00'],
    ],
  },
  {
    what: 'a night over the change: three hours are three hours',
    zone: PARIS,
    hours: { 6: [[1_320, 1_440]], 7: [[0, 360]] },
    minutes: 60,
    duree: 180,
    asked: ['2027-03-27T12:00:00Z', '2027-03-28T12:00:00Z'],
    expected: ['27T21:00', '27T22:00', '27T23:00', '28T00:00', '28T01:00'],
  },
  {
    what: 'a notice of 24 hours that ends on the short day: at the same instant, an hour later on the clock',
    zone: PARIS,
    hours: daily('08:00-13:00'),
    minutes: 60,
    maintenant: '2027-03-27T09:15:00Z',
    prestation: { preavis: { creer: 24 * 60 } },
    asked: PRINTEMPS,
    expected: ['28T10:00'],
  },
  {
    what: 'a notice of 24 hours that ends on the long day',
    zone: PARIS,
    hours: daily('08:00-13:00'),
    minutes: 60,
    maintenant: '2026-10-24T09:15:00Z',
    prestation: { preavis: { creer: 24 * 60 } },
    asked: AUTOMNE,
    expected: ['25T10:00', '25T11:00'],
  },
  {
    what: 'a notice that ends in the hour that comes twice, the second time',
    zone: PARIS,
    hours: daily('00:00-04:00'),
    minutes: 30,
    maintenant: '2026-10-24T22:00:00Z',
    prestation: { preavis: { creer: 3 * 60 + 30 } },
    asked: AUTOMNE,
    expected: ['25T01:30', '25T02:00', '25T02:30'],
  },
  {
    what: 'a window of one day holds all of the short day',
    zone: PARIS,
    hours: daily('00:00-01:00', '22:00-24:00'),
    minutes: 60,
    maintenant: '2027-03-27T12:00:00Z',
    prestation: { fenetre: { jours: 1 } },
    asked: ['2027-03-27T23:00:00Z', '2027-03-30T00:00:00Z'],
    expected: ['27T23:00', '28T20:00', '28T21:00'],
  },
  {
    what: 'a window of one day holds all of the long day',
    zone: PARIS,
    hours: daily('00:00-01:00', '22:00-24:00'),
    minutes: 60,
    maintenant: '2026-10-24T12:00:00Z',
    prestation: { fenetre: { jours: 1 } },
    asked: ['2026-10-24T22:00:00Z', '2026-10-27T00:00:00Z'],
    expected: ['24T22:00', '25T21:00', '25T22:00'],
  },
  {
    what: 'two a day: the long day holds its first hour and its last',
    zone: PARIS,
    hours: daily('00:00-01:00', '12:00-13:00', '23:00-24:00'),
    minutes: 60,
    prestation: { plafonds: { par_jour: 2 } },
    debuts: ['2026-10-24T22:00:00Z', '2026-10-25T22:00:00Z'],
    asked: ['2026-10-24T22:00:00Z', '2026-10-26T12:00:00Z'],
    expected: ['25T23:00', '26T11:00'],
  },
];

function situationOf({ zone, hours, minutes, duree = minutes, asked, ...given }: Jour): Situation {
  const calendrier = { zone, hours };
  return {
    duree: duree * MINUTE,
    maison: { zone, hours: DEFAULT_HOURS },
    maintenant: at(given.maintenant ?? asked[0]) - (given.maintenant === undefined ? 10 * DAY : 0),
    intervenants: [{ id: 1, calendrier, occupe: [] }],
    salles: [],
    seances: [],
    debuts: (given.debuts ?? []).map(at),
    prestation: {
      mode: 'un',
      intervenants: [{ id: 1, obligatoire: false, priorite: 0, poids: 1 }],
      salles: [],
      places: 1,
      tampon_avant: 0,
      tampon_apres: 0,
      pas: minutes,
      preavis: { creer: 0 },
      fenetre: { jours: 60 },
      plafonds: {},
      ...given.prestation,
    },
  };
}

const shown = (starts: readonly number[]) =>
  starts.map((start) => new Date(start).toISOString().slice(8, 16));

it.each(JOURS.map((jour) => [jour.what, jour] as const))('%s', (_, jour) => {
  const evaluateur = creerEvaluateur(situationOf(jour));
  const [from, to] = jour.asked.map(at) as [number, number];
  const starts = evaluateur.creneaux(from, to).map(({ debut }) => debut);
  expect(shown(starts)).toEqual(jour.expected);
  // What is listed is accepted, and nothing between.
  for (let debut = from; debut < to; debut += 15 * MINUTE) {
    expect([debut, 'creneau' in evaluateur.verdict(debut)]).toEqual([debut, starts.includes(debut)]);
  }
});

it.each([
  ['UTC', 0],
  ['America/New_York', 300],
  ['Asia/Kolkata', -330],
])('are the same instants where the clocks of the process are those of %s', (TZ, offset) => {
  const asked = JOURS.map((jour) => ({
    situation: situationOf(jour),
    from: at(jour.asked[0]),
    to: at(jour.asked[1]),
  }));
  const child = spawnSync(
    process.execPath,
    [
      join(__dirname, '../../support/evaluer-creneaux.cjs'),
      join(compiledRoot, 'src/domain/rendez-vous/creneaux.js'),
    ],
    { env: { PATH: process.env.PATH, TZ }, input: JSON.stringify(asked), encoding: 'utf8' },
  );
  expect([child.status, child.stderr]).toEqual([0, '']);
  const told: { offset: number; starts: number[][] } = JSON.parse(child.stdout);
  expect(told.offset).toBe(offset);
  expect(told.starts.map(shown)).toEqual(JOURS.map(({ expected }) => expected));
});
