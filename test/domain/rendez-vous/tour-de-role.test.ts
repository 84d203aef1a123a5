import {
  type Candidat,
  calibrationOf,
  calibrer,
  choisir,
  type Membre,
  type Tour,
} from '../../../src/domain/rendez-vous/tour-de-role';
import { createRandom } from '../../../tools/lib/random';

const candidat = (id: number, changes: Partial<Candidat> = {}): Candidat => ({
  id,
  priorite: 0,
  poids: 1,
  faits: 0,
  calibration: 0,
  dernier: null,
  ...changes,
});
const chosen = (...candidats: Candidat[]) => {
  const { id, critere } = choisir(candidats);
  return [id, critere];
};

it('goes by load, priority, how long ago, and number, and says which it was', () => {
  expect(chosen(candidat(5))).toEqual([5, 'seul']);
  // Two done at half a share are more than three at a whole one.
  expect(chosen(candidat(1, { faits: 2, poids: 0.5 }), candidat(2, { faits: 3 }))).toEqual([2, 'charge']);
  expect(chosen(candidat(1), candidat(2, { priorite: 1 }))).toEqual([2, 'priorite']);
  expect(chosen(candidat(1, { dernier: 20 }), candidat(2, { dernier: 10 }))).toEqual([2, 'anciennete']);
  expect(chosen(candidat(1, { dernier: 20 }), candidat(2))).toEqual([2, 'anciennete']);
  expect(chosen(candidat(2), candidat(1))).toEqual([1, 'rang']);
});

it('tells everybody’s load', () => {
  expect(choisir([candidat(1, { faits: 3, calibration: -1, poids: 2 }), candidat(2)]).charges).toEqual([
    { id: 1, charge: 2 },
    { id: 2, charge: 0 },
  ]);
});

it('needs somebody', () => {
  expect(() => choisir([])).toThrow(RangeError);
  expect(calibrationOf(2, [])).toBe(0);
});

it('lets who joins begin where the others are, by their share', () => {
  const others = [candidat(1, { faits: 4 }), candidat(2, { faits: 12, poids: 2 })];
  // The others have done five a share.
  expect(calibrationOf(2, others)).toBe(-10);
});

it('is fair over a thousand appointments, with shares, somebody who joins, and people who do not come', () => {
  const random = createRandom(7);
  const people = [candidat(1), candidat(2, { poids: 2 })];
  const given = new Map([1, 2, 3].map((id) => [id, 0]));
  const book = (clock: number) => {
    const { id } = choisir(people);
    const one = people.find((person) => person.id === id)!;
    one.dernier = clock;
    // Nobody came: it does not count.
    if (random.int(1, 10) === 1) return;
    one.faits += 1;
    given.set(id, given.get(id)! + 1);
  };
  for (let clock = 0; clock < 500; clock++) book(clock);
  const half = [given.get(1)!, given.get(2)!];
  expect(Math.abs(half[1]! - 2 * half[0]!)).toBeLessThanOrEqual(2);

  people.push(candidat(3, { calibration: calibrationOf(1, people) }));
  for (let clock = 500; clock < 1_000; clock++) book(clock);
  const since = [given.get(1)! - half[0]!, given.get(2)! - half[1]!, given.get(3)!];
  const share = since.reduce((sum, count) => sum + count, 0) / 4;
  // One part, two parts, one part.
  expect(Math.abs(since[0]! - share)).toBeLessThanOrEqual(1);
  expect(Math.abs(since[1]! - 2 * share)).toBeLessThanOrEqual(1);
  expect(Math.abs(since[2]! - share)).toBeLessThanOrEqual(1);
});

describe('a month of a thousand appointments, as the rows have it', () => {
  interface Personne extends Omit<Membre, 'attributions'> {
    attributions: number[];
    priorite: number;
    /** From when until when they are away. */
    absence: readonly [from: number, to: number];
  }

  const NEVER = [0, 0] as const;
  const personne = (id: number, changes: Partial<Personne> = {}): Personne => {
    return { id, poids: 1, priorite: 0, depuis: 0, attributions: [], absence: NEVER, ...changes };
  };

  /** One who came at the beginning, one with twice the share who is away for a while, one who joins halfway. */
  const equipe = () => [
    personne(1),
    personne(2, { poids: 2, priorite: 1, absence: [300, 420] }),
    personne(3, { depuis: 500 }),
  ];

  /** What of each they have, and what they would have if what counts could be shared to the last bit. */
  function parts(equipe: readonly Personne[]): { faits: number; part: number }[] {
    const calibrations = calibrer(equipe);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const each = equipe.map(({ id, poids, attributions }) => ({
      poids,
      faits: attributions.length,
      calibration: calibrations.get(id)!,
    }));
    const level =
      sum(each.map(({ faits, calibration }) => faits - calibration)) / sum(each.map(({ poids }) => poids));
    return each.map(({ poids, faits, calibration }) => ({ faits, part: level * poids + calibration }));
  }

  /** Why somebody has it, by what was known when it was given. */
  function expectReason({ id, critere, charges }: Tour, candidats: readonly Candidat[]): void {
    const charge = (one: Candidat) => (one.faits - one.calibration) / one.poids;
    expect(charges).toEqual(candidats.map((one) => ({ id: one.id, charge: charge(one) })));
    const chosen = candidats.find((one) => one.id === id)!;
    const others = candidats.filter((one) => one !== chosen);
    expect(critere === 'seul').toBe(others.length === 0);
    expect(others.every((one) => charge(one) >= charge(chosen))).toBe(true);
    const equals = others.filter((one) => charge(one) === charge(chosen));
    expect(critere === 'charge').toBe(others.length > 0 && equals.length === 0);
    if (critere === 'priorite') expect(equals.every(({ priorite }) => priorite < chosen.priorite)).toBe(true);
  }

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'is shared within one of what each should have, and says why (%i)',
    (seed) => {
      const random = createRandom(seed);
      const people = equipe();
      const reasons: Tour[] = [];
      const given: { person: Personne; at: number }[] = [];
      for (let at = 0; at < 1_000; at++) {
        const there = people.filter(
          ({ depuis, absence: [from, to] }) => depuis <= at && !(at >= from && at < to),
        );
        // Now and then some of them have no time just then.
        const free = random.int(1, 10) === 1 ? there.filter(() => random.int(1, 2) === 1) : there;
        const calibrations = calibrer(people.filter(({ depuis }) => depuis <= at));
        const candidats = (free.length === 0 ? there : free).map(({ id, poids, priorite, attributions }) => ({
          id,
          poids,
          priorite,
          faits: attributions.length,
          calibration: calibrations.get(id)!,
          dernier: attributions.at(-1) ?? null,
        }));
        const tour = choisir(candidats);
        expectReason(tour, candidats);
        reasons.push(tour);
        const person = people.find(({ id }) => id === tour.id)!;
        person.attributions.push(at);
        given.push({ person, at });
        // One in six is cancelled afterwards, or nobody comes: it does not count any more. The last ones stand.
        if (at < 950 && random.int(1, 6) === 1) {
          const lost = random.pick(given);
          lost.person.attributions = lost.person.attributions.filter((one) => one !== lost.at);
        }
      }
      expect(reasons).toHaveLength(1_000);
      for (const { faits, part } of parts(people)) expect(Math.abs(faits - part)).toBeLessThanOrEqual(1);
    },
  );

  it('is not shared so where whoever joins begins at nothing', () => {
    const people = equipe().map((one) => ({ ...one, depuis: 0 }));
    const late = people.pop()!;
    for (let at = 0; at < 500; at++) people[at % 3 === 0 ? 0 : 1]!.attributions.push(at);
    const candidats = [...people, late].map((one) => ({
      ...one,
      faits: one.attributions.length,
      calibration: 0,
      dernier: null,
    }));
    expect(choisir(candidats).id).toBe(late.id);
    expect(calibrer([...people, { ...late, depuis: 500 }]).get(late.id)).toBeCloseTo(-500 / 3, 0);
  });
});
