import {
  type Course,
  conflictsWith,
  keepsFrom,
  type Participant,
  realityOf,
} from '../../../src/domain/planification/conflits';
import type { Segment } from '../../../src/domain/planification/segments';
import { DEFAULT_HOURS } from '../../../src/domain/working-time';

const HOUR = 3_600_000;
const at = (time: string) => Date.parse(`2026-12-01T${time}:00Z`);
const segment = (from: string, to: string): Segment => [at(from), at(to)];
const PLACE = { zone: 'Africa/Casablanca', hours: DEFAULT_HOURS };
const SOMEBODY: Participant = { hours: null, absences: [], canWork: true };

describe('what stands against a visit', () => {
  const away: Participant = {
    ...SOMEBODY,
    absences: [{ debut: '2026-12-01T09:30:00Z', fin: '2026-12-02T00:00:00Z' }],
  };
  const morning = [segment('09:00', '10:00')];

  it('is found of anybody who goes, each reason once, in the order in which they are told', () => {
    expect(conflictsWith(morning, [SOMEBODY], PLACE, [])).toEqual([]);
    expect(conflictsWith(morning, [SOMEBODY, away, away], PLACE, [])).toEqual(['absent']);
    const early = { ...SOMEBODY, hours: { 2: [[0, 60] as const] } };
    expect(conflictsWith(morning, [{ ...away, canWork: false }, early], PLACE, [])).toEqual([
      'hors_horaires',
      'absent',
      'inactif',
    ]);
    const closings = [{ debut: '2026-12-01', fin: '2026-12-01' }];
    expect(conflictsWith(morning, [SOMEBODY], { ...PLACE, closings }, [])).toEqual(['ferie']);
  });

  it('is not what was accepted when it was planned', () => {
    expect(conflictsWith(morning, [away], PLACE, ['absent'])).toEqual([]);
    expect(conflictsWith(morning, [{ ...away, hours: {} }], PLACE, ['absent'])).toEqual(['hors_horaires']);
  });

  it('is found in any of its segments', () => {
    const long = [segment('10:00', '12:00'), segment('14:00', '16:00')];
    expect(conflictsWith(long, [SOMEBODY], PLACE, [])).toEqual([]);
    const afternoon = {
      ...SOMEBODY,
      absences: [{ debut: '2026-12-01T15:00:00Z', fin: '2026-12-01T15:30:00Z' }],
    };
    expect(conflictsWith(long, [afternoon], PLACE, [])).toEqual(['absent']);
  });
});

describe('work in progress', () => {
  const course = (began: number | null, ...segments: Segment[]): Course => ({
    segments,
    began,
    duration: segments.reduce((sum, [from, to]) => sum + to - from, 0),
  });
  const planned = course(at('09:00'), segment('09:00', '10:00'));

  it('takes the time from when it began, for as long as it takes, and until now', () => {
    expect(realityOf(planned, at('09:30'))).toEqual([segment('09:00', '10:00')]);
    expect(realityOf({ ...planned, began: at('09:40') }, at('09:45'))).toEqual([segment('09:40', '10:40')]);
    expect(realityOf({ ...planned, began: at('08:00') }, at('08:10'))).toEqual([segment('08:00', '09:00')]);
    expect(realityOf(planned, at('11:15'))).toEqual([segment('09:00', '11:15')]);
    expect(realityOf({ ...planned, began: null }, at('09:30'))).toEqual([segment('09:00', '10:00')]);
  });

  it('of several stretches keeps to them', () => {
    const long = course(at('10:00'), segment('10:00', '12:00'), segment('14:00', '16:00'));
    expect(realityOf(long, at('13:00'))).toEqual(long.segments);
    expect(realityOf(long, at('17:00'))).toEqual([...long.segments, segment('16:00', '17:00')]);
    expect(realityOf({ ...long, began: at('08:00') }, at('09:00'))).toEqual([
      segment('08:00', '09:00'),
      ...long.segments,
    ]);
  });

  it('keeps somebody from what they are planned for then, and from other work in progress', () => {
    const next = { ...course(null, segment('10:00', '11:00')), inProgress: false };
    expect(keepsFrom(planned, next, at('09:30'))).toBe(false);
    expect(keepsFrom(planned, next, at('10:00'))).toBe(false);
    expect(keepsFrom(planned, next, at('10:00') + 1)).toBe(true);
    expect(keepsFrom({ ...planned, began: at('09:30') }, next, at('09:31'))).toBe(true);
    expect(keepsFrom(planned, { ...next, inProgress: true }, at('09:30'))).toBe(true);
    expect(planned.duration).toBe(HOUR);
  });
});
