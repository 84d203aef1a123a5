import {
  computeEcheances,
  computeFranchis,
  type Echeance,
  type EcheancesInput,
  keysTold,
} from '../../../src/domain/interventions/escalade';
import { computeDateLimite } from '../../../src/domain/interventions/horloge';
import { type Palier, POLITIQUE_INTEGREE, type Politique } from '../../../src/domain/parc/niveaux';
import { PRIORITES } from '../../../src/domain/priorites';
import { DEFAULT_HOURS } from '../../../src/domain/working-time';
import { createRandom } from '../../../tools/lib/random';

/** Whom a level of service has told, and when. Times are those of the clocks on the walls. */

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(`${text}Z`);
const iso = (instant: number) => new Date(instant).toISOString().slice(0, 16);
const calendar = { hours: DEFAULT_HOURS, zone: 'UTC' };
/** Monday 2026-12-07, eight o'clock. */
const MONDAY = at('2026-12-07T08:00');

const PALIERS: Palier[] = [
  { a: '-25%', destinataires: ['technicien'] },
  { a: '+0', destinataires: ['technicien', 'responsable'] },
  { a: '+PT1H', destinataires: ['admin', 'client'] },
];
const served = (niveaux: readonly Palier[] = PALIERS): Politique => ({ ...POLITIQUE_INTEGREE, niveaux });

function input(given: Partial<EcheancesInput> = {}): EcheancesInput {
  const base: EcheancesInput = {
    priorite: 'haute',
    urgence: false,
    calendar,
    politique: served(),
    statut: 'en_cours',
    armeLe: MONDAY,
    demarrageArmeLe: null,
    resolutionArmeeLe: MONDAY,
    datePlanifiee: null,
    dateLimite: 0,
    dateLimiteImposee: false,
    dateFin: null,
    horlogeArreteeLe: null,
    attenteMotif: null,
    resolutionDepuis: MONDAY,
    pauses: [],
    reglesDepuis: MONDAY,
    escalades: [],
    ...given,
  };
  const horloge = { depuis: base.resolutionDepuis, pauses: base.pauses };
  return { ...base, dateLimite: given.dateLimite ?? computeDateLimite(base, horloge) };
}
const shown = (one: EcheancesInput) =>
  computeEcheances(one).map(({ etape, date, destinataires }) => [etape, iso(date), destinataires?.join()]);
/** Tells everything in order until it has all been told. @returns who heard of what. */
function tellAll(one: EcheancesInput): [string, string][] {
  const heard: [string, string][] = [];
  let escalades = one.escalades;
  for (;;) {
    const [due] = computeEcheances({ ...one, escalades });
    if (due === undefined) return heard;
    escalades = [...escalades, ...keysTold(due, due.date)];
    const what = `${due.etape}${due.limite === undefined ? '' : ' ahead'}`;
    heard.push(...due.destinataires!.map((who): [string, string] => [what, who]));
  }
}

it('a quarter of the time before the end, at the end, and an hour of work after it', () => {
  // A haute from Monday 08:00 has eight hours, until 18:00; of those six have passed at 16:00. An hour of work after the
  // end is Tuesday 09:00.
  expect(shown(input())).toEqual([
    ['resolution', '2026-12-07T16:00', 'technicien'],
    ['resolution', '2026-12-07T18:00', 'technicien,responsable'],
    ['resolution', '2026-12-08T09:00', 'admin,client'],
  ]);
});

it('what is told ahead waits with the clock: a pause is none of the time', () => {
  // From 10:00 to 12:00 parts were awaited: two of eight hours had passed, six are left from 14:00: four today, until
  // 18:00, two tomorrow, until 10:00. A quarter of eight is two: 18:00, to the minute the end of the day.
  const pauses = [{ debut: at('2026-12-07T10:00'), fin: at('2026-12-07T12:00') }];
  expect(shown(input({ pauses })).map(([, date]) => date)).toEqual([
    '2026-12-07T18:00',
    '2026-12-08T10:00',
    '2026-12-08T11:00',
  ]);
  // While they are awaited, nothing of it is told.
  expect(
    shown(input({ statut: 'attente_pieces', horlogeArreteeLe: at('2026-12-07T10:00') })).map(
      ([etape]) => etape,
    ),
  ).toEqual(['pieces']);
});

it('a wait for something else chases no parts, and is told of where its clock runs', () => {
  const waiting = { statut: 'attente_pieces' as const, attenteMotif: 'client absent' };
  expect(shown(input({ ...waiting, horlogeArreteeLe: at('2026-12-07T10:00') }))).toEqual([]);
  expect(shown(input(waiting))).toEqual(shown(input()));
});

it('halves what the level gives where somebody cannot wait, and not what it adds', () => {
  expect(shown(input({ urgence: true })).map(([, date]) => date)).toEqual([
    '2026-12-07T11:00',
    '2026-12-07T12:00',
    '2026-12-07T15:00',
  ]);
});

it('a warning that would come before its step begins is none', () => {
  const politique = served([{ a: '-PT8H', destinataires: ['technicien'] }]);
  expect(shown(input({ politique }))).toEqual([]);
  expect(shown(input({ politique: served([{ a: '-PT7H', destinataires: ['technicien'] }]) }))).toEqual([
    ['resolution', '2026-12-07T09:00', 'technicien'],
  ]);
});

it('of a deadline that somebody named a quarter is a quarter of what there is until then', () => {
  // Named at 14:00 for Tuesday 12:00: eight hours; six of them have passed on Tuesday at 10:00.
  const named = { dateLimiteImposee: true, dateLimite: at('2026-12-08T12:00') };
  expect(shown(input({ ...named, resolutionArmeeLe: at('2026-12-07T14:00') }))[0]).toEqual([
    'resolution',
    '2026-12-08T10:00',
    'technicien',
  ]);
});

describe('what had passed when the rules became what they are', () => {
  // Wednesday 10:00: all three have passed since Monday and Tuesday.
  const reglesDepuis = at('2026-12-09T10:00');

  it('is told once to each who is to know, and nothing of it ahead', () => {
    expect(tellAll(input({ reglesDepuis }))).toEqual([
      ['resolution', 'technicien'],
      ['resolution', 'responsable'],
      ['resolution', 'admin'],
      ['resolution', 'client'],
    ]);
    expect(computeFranchis(input({ reglesDepuis }))).toEqual([{ etape: 'resolution', a: '-25%' }]);
  });

  it('is told by the latest level alone where several would tell the same people', () => {
    const politique = served([
      { a: '+0', destinataires: ['responsable'] },
      { a: '+PT1H', destinataires: ['responsable'] },
      { a: '+PT2H', destinataires: ['responsable', 'admin'] },
    ]);
    expect(tellAll(input({ politique, reglesDepuis }))).toEqual([
      ['resolution', 'responsable'],
      ['resolution', 'admin'],
    ]);
    expect(
      computeFranchis(input({ politique, reglesDepuis }))
        .map(({ a }) => a)
        .sort(),
    ).toEqual(['+0', '+PT1H']);
  });

  it('is not told again to whom the level of before had told it, be it of the house or another one', () => {
    const house = input({ politique: POLITIQUE_INTEGREE });
    const told = computeEcheances(house).map(({ cle }) => cle);
    expect(told).toHaveLength(3);
    expect(tellAll(input({ reglesDepuis, escalades: told })).map(([, who]) => who)).toEqual(['client']);

    // And the other way: whoever has heard by a level of service does not hear by that of the house.
    const byLevel = computeEcheances(input()).flatMap((one) => keysTold(one, one.date));
    expect(computeEcheances(input({ politique: POLITIQUE_INTEGREE, escalades: byLevel }))).toEqual([]);
  });

  it('leaves what is still to come, under its own name', () => {
    // Monday 17:00: the end at 18:00 and the hour after it are still to come.
    expect(shown(input({ reglesDepuis: at('2026-12-07T17:00') })).map(([, date]) => date)).toEqual([
      '2026-12-07T18:00',
      '2026-12-08T09:00',
    ]);
  });

  it('by property: nobody hears twice of one breach by that, and nobody who is to know is left out', () => {
    const random = createRandom(31);
    const roles = ['technicien', 'responsable', 'admin', 'client'] as const;
    for (let round = 0; round < 300; round++) {
      const offsets = ['-50%', '-25%', '-PT30M', '+0', '+PT30M', '+PT1H', '+PT2H', '+50%'];
      const niveaux = offsets
        .filter(() => random.int(0, 1) === 1)
        .map((a) => ({ a, destinataires: roles.filter(() => random.int(0, 1) === 1) }))
        .filter(({ destinataires }) => destinataires.length > 0);
      const politique = served(niveaux);
      const priorite = random.pick(PRIORITES);
      const all = computeEcheances(input({ politique, priorite }));
      const late = Math.max(...all.map(({ date }) => date), MONDAY) + HOUR;
      const heard = tellAll(input({ politique, priorite, reglesDepuis: late })).map(([, who]) => who);
      const toKnow = new Set(
        all.filter(({ limite }) => limite === undefined).flatMap(({ destinataires }) => destinataires!),
      );
      expect(heard.toSorted()).toEqual([...toKnow].sort());
      // What is told and what is crossed is all there was.
      const kept = computeEcheances(input({ politique, priorite, reglesDepuis: late }));
      const crossed = computeFranchis(input({ politique, priorite, reglesDepuis: late }));
      expect(kept.length + crossed.length).toBe(all.length);
    }
  });
});

it('the level of the house is told by the names that interventions of before know', () => {
  const names = (statut: 'ouverte' | 'en_cours') =>
    computeEcheances(input({ politique: POLITIQUE_INTEGREE, statut })).map(
      ({ cle, destinataires }: Echeance) => [cle, destinataires],
    );
  expect(names('en_cours').map(([cle]) => cle)).toEqual([
    `resolution:1:${MONDAY}`,
    `resolution:2:${MONDAY}`,
    `resolution:3:${MONDAY}`,
  ]);
  expect(names('ouverte').map(([, destinataires]) => destinataires)).toEqual(
    names('ouverte').map(() => undefined),
  );
});
