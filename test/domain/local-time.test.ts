import {
  addDays,
  dayAt,
  endOf,
  endOfDay,
  instantOfWallClock,
  startOf,
  startOfDay,
  startOfWeek,
  wallClockAt,
  withOffset,
  writerWithOffset,
} from '../../src/domain/local-time';
import { nextMaintenance } from '../../src/domain/parc/equipements';

const HOUR = 3_600_000;
const iso = (instant: number | Date) => new Date(instant).toISOString().replace('.000', '');
const day = (date: string, zone: string) => [iso(startOfDay(date, zone)), iso(endOfDay(date, zone))];

describe('a day', () => {
  it('of Casablanca is one of UTC since 2026-09-20, in Ramadan too', () => {
    const zone = 'Africa/Casablanca';
    expect(iso(endOf('2026-12-19', zone))).toBe('2026-12-20T00:00:00Z');
    expect(day('2027-02-20', zone)).toEqual(['2027-02-20T00:00:00Z', '2027-02-21T00:00:00Z']);
    expect(day('2026-09-01', zone)).toEqual(['2026-08-31T23:00:00Z', '2026-09-01T23:00:00Z']);
  });

  it.each([
    // The clocks go from 24:00 to 01:00: the day has 23 hours and no midnight.
    ['Africa/Cairo', '2027-04-30', '2027-04-29T22:00:00Z', '2027-04-30T21:00:00Z'],
    ['Asia/Beirut', '2027-03-28', '2027-03-27T22:00:00Z', '2027-03-28T21:00:00Z'],
    // They go from 24:00 back to 23:00: the day before has 25 hours.
    ['Africa/Cairo', '2026-10-29', '2026-10-28T21:00:00Z', '2026-10-29T22:00:00Z'],
    // They go from 01:00 back to midnight, which comes twice: the day begins with the first.
    ['Atlantic/Azores', '2026-10-25', '2026-10-25T00:00:00Z', '2026-10-26T01:00:00Z'],
    ['America/Havana', '2026-11-01', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
    ['Europe/Paris', '2027-03-28', '2027-03-27T23:00:00Z', '2027-03-28T22:00:00Z'],
    ['Australia/Lord_Howe', '2026-10-04', '2026-10-03T13:30:00Z', '2026-10-04T13:00:00Z'],
    // Samoa went over the date line and skipped it: it began and ended at once.
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00Z', '2011-12-30T10:00:00Z'],
  ])('of %s, %s, begins and ends with the calendar of its zone', (zone, date, start, end) => {
    expect(day(date, zone)).toEqual([start, end]);
  });

  it.each(['Africa/Casablanca', 'Europe/Paris', 'Africa/Cairo', 'Atlantic/Azores', 'Australia/Lord_Howe'])(
    'of %s follows on the one before, and is the one that the calendar shows',
    (zone) => {
      for (let n = 0; n < 800; n++) {
        const date = iso(Date.UTC(2026, 0, 1) + n * 24 * HOUR).slice(0, 10);
        const [start, end] = [startOfDay(date, zone), endOfDay(date, zone)];
        expect([dayAt(start, zone), dayAt(end - 1, zone)]).toEqual([date, date]);
        expect(dayAt(start - 1, zone) < date).toBe(true);
      }
    },
  );

  it('is told from an instant, which means itself in any zone', () => {
    expect(iso(startOf('2026-12-19', 'Asia/Tokyo'))).toBe('2026-12-18T15:00:00Z');
    expect(iso(startOf('2026-12-19T10:00:00+01:00', 'Asia/Tokyo'))).toBe('2026-12-19T09:00:00Z');
    expect(iso(endOf('2026-12-19T10:00:00Z', 'Asia/Tokyo'))).toBe('2026-12-19T10:00:00Z');
  });
});

describe('a time on the wall', () => {
  const at = (text: string, zone: string) => iso(instantOfWallClock(Date.parse(`${text}Z`), zone));

  it('that comes twice is the first, and one that is skipped the moment of the change', () => {
    expect(at('2026-10-25T02:30', 'Europe/Paris')).toBe('2026-10-25T00:30:00Z');
    expect(at('2027-03-28T02:30', 'Europe/Paris')).toBe('2027-03-28T01:00:00Z');
    expect(at('2027-03-28T03:00', 'Europe/Paris')).toBe('2027-03-28T01:00:00Z');
    expect(at('2026-10-04T02:15', 'Australia/Lord_Howe')).toBe('2026-10-03T15:30:00Z');
  });

  it('is what is read back, wherever it is not skipped', () => {
    for (const zone of ['Europe/Paris', 'Africa/Cairo', 'Australia/Lord_Howe', 'Asia/Kathmandu']) {
      for (let n = 0; n < 3_000; n++) {
        const wall = Date.UTC(2026, 0, 1) + n * 5.5 * HOUR;
        const instant = instantOfWallClock(wall, zone);
        const shown = wallClockAt(instant, zone);
        // Or the clocks have just jumped over it.
        if (shown !== wall)
          expect([shown > wall, wallClockAt(instant - 1, zone) < wall]).toEqual([true, true]);
      }
    }
  });
});

describe('weeks and days of the calendar', () => {
  it('begin with Monday where the zone is', () => {
    const sundayNight = Date.parse('2026-12-20T23:30:00Z');
    expect(iso(startOfWeek(sundayNight, 'UTC'))).toBe('2026-12-14T00:00:00Z');
    expect(iso(startOfWeek(sundayNight, 'Europe/Paris'))).toBe('2026-12-20T23:00:00Z');
  });

  it('are added so that the time of the day stays, and midnight stays the beginning of the day', () => {
    expect(iso(addDays(Date.parse('2027-03-01T08:00:00Z'), 30, 'Europe/Paris'))).toBe('2027-03-31T07:00:00Z');
    const noMidnight = startOfDay('2027-04-30', 'Africa/Cairo');
    expect(iso(addDays(noMidnight, 1, 'Africa/Cairo'))).toBe('2027-04-30T21:00:00Z');
    expect(addDays(startOfDay('2027-04-29', 'Africa/Cairo'), 1, 'Africa/Cairo')).toBe(noMidnight);
  });
});

describe('the next maintenance', () => {
  const rule = {
    derniere_maintenance: null,
    date_installation: new Date('2027-03-01T00:00:00+01:00'),
    frequence_entretien: 30,
  };

  it('is due by the calendar of the site, from the last one or else the installation', () => {
    expect(iso(nextMaintenance(rule, 'Europe/Paris')!)).toBe('2027-03-30T22:00:00Z');
    const derniere_maintenance = new Date('2027-03-15T09:00:00Z');
    const next = nextMaintenance({ ...rule, derniere_maintenance }, 'Africa/Casablanca');
    expect(iso(next!)).toBe('2027-04-14T09:00:00Z');
  });

  it('is never due where nobody says how often, or from when', () => {
    expect(nextMaintenance({ ...rule, frequence_entretien: null }, 'UTC')).toBeNull();
    expect(nextMaintenance({ ...rule, date_installation: null }, 'UTC')).toBeNull();
  });
});

describe('an instant with its offset', () => {
  it('is the same instant, as the clocks of the zone show it', () => {
    expect(withOffset(Date.parse('2026-12-01T08:00:00Z'), 'Europe/Paris')).toBe('2026-12-01T09:00:00+01:00');
    expect(withOffset(Date.parse('2026-12-01T02:00:00Z'), 'America/St_Johns')).toBe(
      '2026-11-30T22:30:00-03:30',
    );
  });

  it.each([
    'Europe/Paris',
    'America/New_York',
    'Africa/Casablanca',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'Asia/Kathmandu',
    'Africa/Cairo',
  ])('is written alike one by one and many at once, every quarter of an hour of a year: %s', (zone) => {
    const write = writerWithOffset(zone);
    const different: string[] = [];
    for (let instant = Date.UTC(2026, 0, 1); instant < Date.UTC(2027, 0, 1); instant += HOUR / 4) {
      if (write(instant) !== withOffset(instant, zone)) different.push(write(instant));
    }
    expect(different).toEqual([]);
    expect(Date.parse(write(Date.UTC(2026, 2, 29, 1)))).toBe(Date.UTC(2026, 2, 29, 1));
  });
});
