import { unavailability, unavailabilityDuring } from '../../../src/domain/planification/disponibilite';
import {
  MAX_SPAN,
  overlap,
  type Presence,
  type Segment,
  segmentsOf,
  together,
} from '../../../src/domain/planification/segments';
import {
  type Closing,
  DEFAULT_HOURS,
  longestWork,
  type Stretch,
  type WorkingHours,
  worksThrough,
} from '../../../src/domain/working-time';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ZONE = 'Africa/Casablanca';
const OFFICE: Presence = { hours: DEFAULT_HOURS, absences: [] };

const at = (iso: string) => Date.parse(iso);
const written = (segments: readonly Segment[] | null) =>
  segments?.map((segment) =>
    segment.map((instant) => new Date(instant).toISOString().slice(5, 16)).join('/'),
  ) ?? null;
const work = (
  start: string,
  duration: number,
  { absences = [], hours = DEFAULT_HOURS }: Partial<Presence> = {},
  closings: Closing[] = [],
) => written(segmentsOf(at(start), duration, { hours, absences }, { zone: ZONE, closings }));

describe('work that fits into a stretch', () => {
  it('lies within one', () => {
    // A Tuesday.
    expect(work('2026-12-01T08:00:00Z', 4 * HOUR)).toEqual(['12-01T08:00/12-01T12:00']);
    expect(work('2026-12-01T09:00:00Z', 4 * HOUR)).toBeNull();
    expect(work('2026-12-01T12:30:00Z', HOUR)).toBeNull();
    const absences = [{ debut: '2026-12-01T10:00:00Z', fin: '2026-12-01T11:00:00Z' }];
    expect(work('2026-12-01T09:00:00Z', 2 * HOUR, { absences })).toBeNull();
    expect(work('2026-12-01T11:00:00Z', HOUR, { absences })).toEqual(['12-01T11:00/12-01T12:00']);
  });

  it('lies in one that goes over midnight', () => {
    const hours: WorkingHours = { 1: [[1_320, 1_440]], 2: [[0, 360]] };
    expect(work('2026-11-30T22:00:00Z', 8 * HOUR, { hours })).toEqual(['11-30T22:00/12-01T06:00']);
  });
});

describe('longer work', () => {
  it('goes on in the next stretch, and not through the night', () => {
    expect(work('2026-12-01T10:00:00Z', 10 * HOUR)).toEqual([
      '12-01T10:00/12-01T12:00',
      '12-01T14:00/12-01T18:00',
      '12-02T08:00/12-02T12:00',
    ]);
  });

  it('goes round weekends, holidays, closings and absences', () => {
    const closings = [{ debut: '2026-12-07', fin: '2026-12-07' }];
    const absences = [{ debut: '2026-12-08T00:00:00Z', fin: '2026-12-08T15:00:00Z' }];
    expect(work('2026-12-04T16:00:00Z', 6 * HOUR, { absences }, closings)).toEqual([
      '12-04T16:00/12-04T18:00',
      '12-08T15:00/12-08T18:00',
      '12-09T08:00/12-09T09:00',
    ]);
  });

  it('begins nowhere but inside a stretch', () => {
    expect(work('2026-12-01T12:15:00Z', 10 * HOUR)).toBeNull();
    expect(
      work('2026-12-01T08:00:00Z', 10 * HOUR, {}, [{ debut: '2026-12-01', fin: '2026-12-01' }]),
    ).toBeNull();
    expect(work('2026-12-01T08:00:00Z', 10 * HOUR, { hours: {} })).toBeNull();
  });

  it('is no visit when it would go on for months', () => {
    const absences = [{ debut: '2026-12-01T12:00:00Z', fin: '2027-02-15T00:00:00Z' }];
    expect(work('2026-12-01T08:00:00Z', 10 * HOUR, { absences })).toBeNull();
    const asked = (presence: Presence, closings: Closing[] = []) =>
      unavailability(presence, at('2026-12-01T08:00:00Z'), 10 * HOUR, { zone: ZONE, closings });
    expect(asked({ ...OFFICE, absences })).toEqual(['absent']);
    expect(asked(OFFICE, [{ debut: '2026-12-02', fin: '2027-02-15' }])).toEqual(['ferie']);
    const onceAWeek: WorkingHours = { 2: [[480, 510]] };
    expect(asked({ ...OFFICE, hours: onceAWeek })).toEqual(['hors_horaires']);
  });
});

it('two people work together when both are there', () => {
  const early: WorkingHours = { 2: [[360, 840]], 3: [[360, 840]] };
  const both = together(OFFICE, {
    hours: early,
    absences: [{ debut: '2026-12-02T08:00:00Z', fin: '2026-12-02T09:00:00Z' }],
  });
  expect(written(segmentsOf(at('2026-12-01T10:00:00Z'), 5 * HOUR, both, { zone: ZONE }))).toEqual([
    '12-01T10:00/12-01T12:00',
    '12-02T09:00/12-02T12:00',
  ]);
});

/** The same numbers in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const START = at('2026-10-20T00:00:00Z');

function randomWeek(below: (n: number) => number): WorkingHours {
  const days = Array.from({ length: 7 }, (_, index) => {
    const cuts = Array.from({ length: 2 * below(3) }, () => below(97) * 15).sort((a, b) => a - b);
    const stretches: Stretch[] = [];
    for (let n = 0; n < cuts.length; n += 2) {
      if (cuts[n]! < cuts[n + 1]!) stretches.push([cuts[n]!, cuts[n + 1]!]);
    }
    return [index + 1, stretches] as const;
  });
  return Object.fromEntries(days);
}

it('whatever the week, the absences and the closings: open time alone, all of the work, nothing left out between', () => {
  const below = randomNumbers(5);
  let [split, refused] = [0, 0];
  for (let round = 0; round < 600; round++) {
    const hours = below(3) === 0 ? DEFAULT_HOURS : randomWeek(below);
    const absences = Array.from({ length: below(4) }, () => {
      const from = START + below(40 * 96) * 15 * MINUTE;
      const to = from + (1 + below(200)) * 15 * MINUTE;
      return { debut: new Date(from).toISOString(), fin: new Date(to).toISOString() };
    });
    const closings = Array.from({ length: below(3) }, () => {
      const day = new Date(START + below(40) * 24 * HOUR).toISOString().slice(0, 10);
      return { debut: day, fin: day, demi_journee: ([null, 'matin', 'apres_midi'] as const)[below(3)]! };
    });
    const zone = ['UTC', ZONE, 'Europe/Paris', 'Pacific/Auckland'][below(4)]!;
    const duration = (1 + below(120)) * 15 * MINUTE;
    const start = START + below(20 * 96) * 15 * MINUTE;
    const presence = { hours, absences };
    const place = { zone, closings };
    const calendar = { ...place, hours };
    const isOpen = (from: number) =>
      worksThrough(from, from + 15 * MINUTE, calendar) &&
      !absences.some(({ debut, fin }) => at(debut) < from + 15 * MINUTE && at(fin) > from);

    const segments = segmentsOf(start, duration, presence, place);
    expect([round, segments === null]).toEqual([
      round,
      unavailability(presence, start, duration, place).length > 0,
    ]);
    if (segments === null) {
      refused++;
      continue;
    }
    expect(segments[0]![0]).toBe(start);
    expect(segments.reduce((sum, [from, to]) => sum + to - from, 0)).toBe(duration);
    expect(unavailabilityDuring(presence, segments, place)).toEqual([]);
    // Quarter by quarter: what is open is worked on, what is not is not.
    const end = segments.at(-1)![1];
    expect(end - start).toBeLessThanOrEqual(MAX_SPAN);
    for (let from = start; from < end; from += 15 * MINUTE) {
      const isWorked = overlap(segments, [[from, from + 15 * MINUTE]]);
      expect([round, from, isWorked]).toEqual([round, from, isOpen(from)]);
    }
    if (duration <= longestWork(hours)) expect(segments).toHaveLength(1);
    if (segments.length > 1) split++;
  }
  expect(split).toBeGreaterThan(20);
  expect(refused).toBeGreaterThan(200);
});
