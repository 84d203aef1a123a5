import { RegieError } from '../../../src/domain/errors';
import { withOffset } from '../../../src/domain/local-time';
import { debutsDeSerie } from '../../../src/domain/rendez-vous/series';

const PARIS = 'Europe/Paris';
const starts = (regle: string, debut: string, zone = PARIS, most: number | null = 52) =>
  debutsDeSerie(regle, Date.parse(debut), zone, most).map((start) => withOffset(start, zone));

/** What is said to be wrong, and where. */
function fault(regle: string, debut = '2026-12-01T09:00:00+01:00', most: number | null = 52): string {
  try {
    starts(regle, debut, PARIS, most);
    return 'none';
  } catch (error) {
    const [one] = (error as RegieError).details.erreurs!;
    return `${one!.champ}: ${one!.message.en}`;
  }
}

describe('the starts of a series', () => {
  it('keep the hour of the first by the clocks of the place, over changes of the clocks', () => {
    expect(starts('FREQ=WEEKLY;COUNT=3', '2026-10-18T09:00:00+02:00')).toEqual([
      '2026-10-18T09:00:00+02:00',
      '2026-10-25T09:00:00+01:00',
      '2026-11-01T09:00:00+01:00',
    ]);
    // Morocco has left UTC+1 on 2026-09-20 for good.
    expect(starts('FREQ=WEEKLY;COUNT=2', '2026-09-17T14:00:00+01:00', 'Africa/Casablanca')).toEqual([
      '2026-09-17T14:00:00+01:00',
      '2026-09-24T14:00:00+00:00',
    ]);
    expect(starts('FREQ=DAILY;COUNT=2', '2027-03-13T08:00:00-05:00', 'America/New_York')).toEqual([
      '2027-03-13T08:00:00-05:00',
      '2027-03-14T08:00:00-04:00',
    ]);
  });

  it('do not depend on the zone in which the first was written', () => {
    const rule = 'FREQ=WEEKLY;COUNT=4';
    expect(starts(rule, '2026-12-01T17:00:00+09:00')).toEqual(starts(rule, '2026-12-01T09:00:00+01:00'));
    // By the clocks of the place it is the next day already.
    expect(starts('FREQ=WEEKLY;BYDAY=WE;COUNT=1', '2026-12-01T23:30:00+00:00')).toEqual([
      '2026-12-02T00:30:00+01:00',
    ]);
  });

  it('come after as many, or until a day or an instant, itself included', () => {
    const daily = (until: string) => starts(`FREQ=DAILY;${until}`, '2026-12-01T09:00:00+01:00').length;
    expect(daily('COUNT=5')).toBe(5);
    expect(daily('UNTIL=20261203')).toBe(3);
    expect(daily('UNTIL=20261203T080000Z')).toBe(3);
    expect(daily('UNTIL=20261203T075959Z')).toBe(2);
    expect(daily('UNTIL=20261203T090000')).toBe(3);
    expect(starts('RRULE:FREQ=MONTHLY;COUNT=3;SKIP=BACKWARD', '2026-10-31T09:00:00+01:00')).toEqual([
      '2026-10-31T09:00:00+01:00',
      '2026-11-30T09:00:00+01:00',
      '2026-12-31T09:00:00+01:00',
    ]);
  });

  it('are refused where a rule cannot be read, does not end, or does not hold the first', () => {
    expect(fault('FREQ=WEEKLY')).toBe('recurrence.regle: Either a COUNT or an UNTIL is expected');
    expect(fault('FREQ=WEEKLY;COUNT=3;UNTIL=20270101')).toMatch(/Either/);
    expect(fault('FREQ=WEEKLY;COUNT=0')).toMatch(/COUNT/);
    expect(fault('FREQ=WEEKLY;UNTIL=20260230')).toMatch(/is not a date/);
    expect(fault('FREQ=WEEKLY;UNTIL=tomorrow')).toMatch(/is not a date/);
    expect(fault('FREQ=HOURLY;COUNT=3')).toMatch(/^recurrence.regle: FREQ is expected/);
    expect(fault('FREQ=WEEKLY;BYDAY=WE;COUNT=3')).toMatch(/does not fall on the rule/);
    expect(fault('FREQ=WEEKLY;UNTIL=20261130')).toMatch(/does not fall on the rule/);
  });

  it('are as many as the service allows, and none where it allows none', () => {
    expect(fault('FREQ=WEEKLY;COUNT=4', undefined, 4)).toBe('none');
    expect(fault('FREQ=WEEKLY;COUNT=5', undefined, 4)).toBe(
      'recurrence.regle: At most 4 appointments at a time',
    );
    expect(fault('FREQ=DAILY;UNTIL=20991231', undefined, 4)).toMatch(/At most 4/);
    expect(fault('FREQ=DAILY;COUNT=99999', undefined, 4)).toMatch(/At most 4/);
    expect(fault('FREQ=WEEKLY;COUNT=2', undefined, null)).toBe('recurrence: This service does not come back');
  });
});
