import {
  type Candidate,
  type Need,
  nextFreeSlot,
  rankCandidates,
  SEARCH_PERIOD,
  unavailabilityOfAll,
} from '../../../src/domain/planification/affectation';
import {
  isWithinHours,
  type Presence,
  unavailability,
} from '../../../src/domain/planification/disponibilite';
import { DEFAULT_HOURS, longestWork, type WorkingHours } from '../../../src/domain/working-time';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const QUARTER = 15 * MINUTE;
const ZONE = 'Africa/Casablanca';
const AROUND_THE_CLOCK: WorkingHours = Object.fromEntries(
  [1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440]]]),
);
/** From Monday 22:00 to Tuesday 06:00, and from Sunday 22:00 to Monday 02:00. */
const NIGHTS: WorkingHours = {
  1: [
    [0, 120],
    [1_320, 1_440],
  ],
  2: [[0, 360]],
  7: [[1_320, 1_440]],
};

const at = (iso: string) => Date.parse(iso);
const why = (given: Partial<Presence>, start: string, duration: number, zone = ZONE) =>
  unavailability({ hours: DEFAULT_HOURS, absences: [], ...given }, at(start), duration, zone);

describe('whether somebody is there', () => {
  it('is a matter of their hours, on the clock of the site', () => {
    // A Tuesday.
    expect(why({}, '2026-12-01T09:00:00Z', 3 * HOUR)).toEqual([]);
    expect(why({}, '2026-12-01T09:15:00Z', 3 * HOUR)).toEqual(['hors_horaires']);
    expect(why({}, '2026-12-01T12:30:00Z', HOUR)).toEqual(['hors_horaires']);
    expect(why({}, '2026-12-01T07:30:00Z', HOUR)).toEqual(['hors_horaires']);
    expect(why({}, '2026-12-01T07:30:00Z', HOUR, 'Europe/Paris')).toEqual([]);
    // A Sunday, 03:00.
    expect(why({}, '2026-12-06T03:00:00Z', HOUR)).toEqual(['hors_horaires']);
    expect(why({ hours: {} }, '2026-12-01T09:00:00Z', HOUR)).toEqual(['hors_horaires']);
  });

  it('and of their absences, whose end is back at work', () => {
    const absences = [{ debut: '2026-12-01T10:00:00Z', fin: '2026-12-02T10:00:00Z' }];
    expect(why({ absences }, '2026-12-01T09:00:00Z', HOUR)).toEqual([]);
    expect(why({ absences }, '2026-12-01T09:00:00Z', HOUR + MINUTE)).toEqual(['absent']);
    expect(why({ absences }, '2026-12-02T10:00:00Z', HOUR)).toEqual([]);
    expect(why({ absences }, '2026-12-02T03:00:00Z', HOUR)).toEqual(['hors_horaires', 'absent']);
  });

  it('lets work longer than any stretch begin inside one and go on after it', () => {
    expect(why({}, '2026-12-01T11:45:00Z', 4 * HOUR + MINUTE)).toEqual([]);
    expect(why({}, '2026-12-01T12:15:00Z', 10 * HOUR)).toEqual(['hors_horaires']);
  });

  it('takes stretches that touch for one, also over midnight and over the week', () => {
    expect(longestWork(DEFAULT_HOURS)).toBe(4 * HOUR);
    expect(longestWork(NIGHTS)).toBe(8 * HOUR);
    expect(longestWork(AROUND_THE_CLOCK)).toBe(Number.POSITIVE_INFINITY);
    expect(longestWork({})).toBe(0);
    expect(why({ hours: NIGHTS }, '2026-11-30T22:00:00Z', 8 * HOUR)).toEqual([]);
    expect(why({ hours: NIGHTS }, '2026-11-30T23:00:00Z', 8 * HOUR)).toEqual(['hors_horaires']);
    expect(why({ hours: NIGHTS }, '2026-12-06T22:30:00Z', 3 * HOUR)).toEqual([]);
    expect(why({ hours: AROUND_THE_CLOCK }, '2026-12-06T23:30:00Z', 7 * 24 * HOUR)).toEqual([]);
  });

  it('keeps to the clock on the wall through a change of the clocks', () => {
    // In Paris 02:00 is followed by 03:00 in the night to Sunday 2027-03-28.
    expect(why({ hours: AROUND_THE_CLOCK }, '2027-03-27T22:30:00Z', 6 * HOUR, 'Europe/Paris')).toEqual([]);
    expect(why({}, '2027-03-29T06:00:00Z', HOUR, 'Europe/Paris')).toEqual([]);
    expect(why({}, '2027-03-26T06:00:00Z', HOUR, 'Europe/Paris')).toEqual(['hors_horaires']);
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

function randomCandidate(below: (n: number) => number, technicienId: number): Candidate {
  const stretch = (): [number, number] => {
    const from = below(80) * 15;
    return [from, from + 15 * (1 + below(16))];
  };
  const hours: WorkingHours = [
    DEFAULT_HOURS,
    AROUND_THE_CLOCK,
    NIGHTS,
    Object.fromEntries([1 + below(7), 1 + below(7)].map((day) => [day, [stretch()]])),
  ][below(4)]!;
  const somewhere = () => START + below(14 * 96) * QUARTER;
  const occupied = Array.from({ length: below(4) }, () => {
    const from = somewhere();
    return [from, from + (1 + below(40)) * QUARTER] as const;
  });
  const absences = Array.from({ length: below(3) }, () => {
    const from = somewhere();
    return {
      debut: new Date(from).toISOString(),
      fin: new Date(from + (1 + below(200)) * QUARTER).toISOString(),
    };
  });
  return { technicienId, competences: [], niveauExperience: 'confirme', occupied, absences, hours };
}

const needOf = (below: (n: number) => number, date: number | null): Need => ({
  competences: [],
  priorite: 'normale',
  date,
  duration: (1 + below(48)) * QUARTER,
  now: START + below(200) * 7 * MINUTE,
  zone: ['UTC', ZONE, 'Europe/Paris', 'Pacific/Auckland'][below(4)]!,
});

const isFree = (candidate: Candidate, start: number, { duration, zone }: Need) =>
  unavailability(candidate, start, duration, zone).length === 0 &&
  candidate.occupied.every(([from, to]) => from >= start + duration || to <= start);

describe('what is chosen, whoever there is and whatever is wanted', () => {
  it('is the first quarter of an hour at which the person is there and free', () => {
    const below = randomNumbers(7);
    let found = 0;
    for (let round = 0; round < 300; round++) {
      const candidate = randomCandidate(below, 1);
      const need = needOf(below, null);
      const slot = nextFreeSlot(candidate, need);
      let expected: number | null = null;
      const first = Math.ceil(need.now / QUARTER) * QUARTER;
      for (let start = first; start < need.now + SEARCH_PERIOD; start += QUARTER) {
        if (isFree(candidate, start, need)) {
          expected = start;
          break;
        }
      }
      // A stretch that begins just before the horizon is still looked at whole.
      if (expected !== null || (slot !== null && slot < need.now + SEARCH_PERIOD)) {
        expect([round, slot]).toEqual([round, expected]);
      }
      if (slot !== null) found++;
    }
    expect(found).toBeGreaterThan(200);
  });

  it('is nobody who is not there at the time that is named', () => {
    const below = randomNumbers(11);
    let chosen = 0;
    for (let round = 0; round < 300; round++) {
      const candidates = [1, 2, 3].map((id) => randomCandidate(below, id));
      const need = needOf(below, START + below(14 * 96) * QUARTER);
      const ids = rankCandidates(candidates, need).map(({ technicienId }) => technicienId);
      const free = candidates.filter((candidate) => isFree(candidate, need.date!, need));
      expect([...ids].sort()).toEqual(free.map(({ technicienId }) => technicienId));
      const nobodyThere = candidates.every(
        (candidate) => unavailability(candidate, need.date!, need.duration, need.zone).length > 0,
      );
      if (free.length === 0) expect(unavailabilityOfAll(candidates, need) !== null).toBe(nobodyThere);
      chosen += free.length;
    }
    expect(chosen).toBeGreaterThan(50);
  });

  it('says why nobody is left', () => {
    const date = at('2026-12-06T03:00:00Z');
    const need: Need = { ...needOf(randomNumbers(1), date), duration: HOUR, zone: ZONE };
    const office = {
      ...randomCandidate(randomNumbers(1), 1),
      hours: DEFAULT_HOURS,
      absences: [],
      occupied: [],
    };
    const away = {
      ...office,
      hours: AROUND_THE_CLOCK,
      absences: [{ debut: '2026-12-01T00:00:00Z', fin: '2027-12-01T00:00:00Z' }],
    };
    const busy = { ...office, hours: AROUND_THE_CLOCK, occupied: [[date, date + HOUR] as const] };
    expect(unavailabilityOfAll([office], need)).toEqual(['hors_horaires']);
    expect(unavailabilityOfAll([away, office], need)).toEqual(['hors_horaires', 'absent']);
    expect(unavailabilityOfAll([office, busy], need)).toBeNull();
    expect(unavailabilityOfAll([], need)).toBeNull();
    expect(unavailabilityOfAll([away], { ...need, date: null, now: date })).toEqual(['absent']);
    expect(isWithinHours({}, date, HOUR, ZONE)).toBe(false);
  });
});
