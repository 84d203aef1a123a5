import { RRuleTemporal } from 'rrule-temporal';
import { joursFrom, parseRegle } from '../../src/domain/recurrence';
import { createRandom } from '../../tools/lib/random';

/** The first days of a rule. */
function days(regle: string, debut: string, from = debut, count = 5): string[] {
  return [...joursFrom(parseRegle(regle), debut, from)].slice(0, count).map(({ jour }) => jour);
}

describe('days of a rule', () => {
  it('come every so many days, weeks, months and years', () => {
    expect(days('FREQ=DAILY;INTERVAL=10', '2026-01-25', '2026-01-26', 3)).toEqual([
      '2026-02-04',
      '2026-02-14',
      '2026-02-24',
    ]);
    expect(days('FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,MO', '2026-01-07', '2026-01-07', 4)).toEqual([
      '2026-01-09',
      '2026-01-19',
      '2026-01-23',
      '2026-02-02',
    ]);
    expect(days('FREQ=MONTHLY;INTERVAL=6', '2026-01-15', '2026-01-15', 3)).toEqual([
      '2026-01-15',
      '2026-07-15',
      '2027-01-15',
    ]);
  });

  it('fall on the last day of a month that has no 31st, with SKIP=BACKWARD', () => {
    const wanted = ['2027-01-31', '2027-02-28', '2027-03-31', '2027-04-30'];
    expect(days('FREQ=MONTHLY;SKIP=BACKWARD', '2026-08-31', '2027-01-01', 4)).toEqual(wanted);
    expect(days('FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD', '2026-08-01', '2027-01-01', 4)).toEqual(wanted);
    expect(days('FREQ=MONTHLY;BYMONTHDAY=31', '2026-08-01', '2027-01-01', 3)).toEqual([
      '2027-01-31',
      '2027-03-31',
      '2027-05-31',
    ]);
  });

  it('say which day of the month was wanted', () => {
    const [february] = joursFrom(parseRegle('FREQ=MONTHLY;SKIP=BACKWARD'), '2027-01-31', '2027-02-01');
    expect(february).toEqual({ jour: '2027-02-28', voulu: 31 });
  });

  it('come back from the 29th of February each year or each leap year', () => {
    expect(days('FREQ=YEARLY;SKIP=BACKWARD', '2024-02-29', '2024-03-01', 4)).toEqual([
      '2025-02-28',
      '2026-02-28',
      '2027-02-28',
      '2028-02-29',
    ]);
    expect(days('FREQ=YEARLY', '2024-02-29', '2024-03-01', 2)).toEqual(['2028-02-29', '2032-02-29']);
  });

  it('fall on the first Wednesday, and on the last Friday', () => {
    expect(days('FREQ=MONTHLY;BYDAY=1WE', '2026-01-01', '2026-12-01', 3)).toEqual([
      '2026-12-02',
      '2027-01-06',
      '2027-02-03',
    ]);
    expect(days('FREQ=MONTHLY;BYDAY=-1FR', '2026-01-01', '2026-12-01', 2)).toEqual([
      '2026-12-25',
      '2027-01-29',
    ]);
  });

  it('never come where there is no such day, and looking for them ends', () => {
    expect(days('FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', '2026-01-01')).toEqual([]);
  });

  it('begin no earlier than the rule, and with it only where it falls on it', () => {
    expect(days('FREQ=WEEKLY;BYDAY=MO', '2026-11-27', '2020-01-01', 1)).toEqual(['2026-11-30']);
  });
});

it('agrees with rrule-temporal wherever no month is too short', () => {
  const random = createRandom(41);
  const some = <T>(from: readonly T[]) => [
    ...new Set(Array.from({ length: random.int(1, 3) }, () => random.pick(from))),
  ];
  for (let n = 0; n < 300; n++) {
    const freq = random.pick(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY']);
    const parts = [`FREQ=${freq}`, `INTERVAL=${random.int(1, 5)}`];
    // It leaves weekdays without an ordinal out beside one that has one.
    const ordinals =
      (freq === 'MONTHLY' || freq === 'YEARLY') && random.int(0, 1) === 0 ? ['1', '2', '-1'] : [''];
    if (random.int(0, 2) === 0) parts.push(`BYMONTH=${some([1, 2, 3, 6, 10, 12]).join()}`);
    if (freq !== 'WEEKLY' && random.int(0, 2) === 0)
      parts.push(`BYMONTHDAY=${some([1, 5, 13, 28, 29, 30, 31, -1, -3]).join()}`);
    else if (random.int(0, 1) === 0) {
      const words = ['MO', 'TU', 'WE', 'FR', 'SU'].map((word) => random.pick(ordinals) + word);
      parts.push(`BYDAY=${some(words).join()}`);
    }
    const regle = parts.join(';');
    const debut = `20${random.int(20, 27)}-0${random.int(1, 9)}-${random.int(10, 28)}`;
    const from = `20${random.int(27, 29)}-${random.int(10, 12)}-${random.int(10, 30)}`;
    const rule = new RRuleTemporal({
      rruleString: `DTSTART;TZID=UTC:${debut.replaceAll('-', '')}T000000\nRRULE:${regle}`,
    });
    const until = new Date(Date.parse(from) + 6 * 366 * 86_400_000);
    const wanted = rule.between(new Date(from), until, true).map((date) => date.toString().slice(0, 10));
    const found = [...joursFrom(parseRegle(regle), debut, from)].map(({ jour }) => jour);
    expect([
      regle,
      debut,
      from,
      found.filter((day) => day <= until.toISOString().slice(0, 10)).slice(0, 40),
    ]).toEqual([regle, debut, from, wanted.slice(0, 40)]);
  }
});

it.each([
  ['FREQ=HOURLY', 'FREQ'],
  ['INTERVAL=2', 'FREQ'],
  ['FREQ=DAILY;COUNT=3', 'COUNT'],
  ['FREQ=DAILY;UNTIL=20270101', 'UNTIL'],
  ['FREQ=DAILY;FREQ=DAILY', 'FREQ'],
  ['FREQ=DAILY;INTERVAL=0', 'INTERVAL'],
  ['FREQ=DAILY;INTERVAL=1,2', 'INTERVAL'],
  ['FREQ=MONTHLY;BYMONTHDAY=32', 'BYMONTHDAY'],
  ['FREQ=WEEKLY;BYMONTHDAY=3', 'BYMONTHDAY'],
  ['FREQ=WEEKLY;BYDAY=1MO', 'BYDAY'],
  ['FREQ=MONTHLY;BYDAY=6MO', 'BYDAY'],
  ['FREQ=MONTHLY;BYDAY=XX', 'BYDAY'],
  ['FREQ=MONTHLY;SKIP=FORWARD', 'SKIP'],
  ['FREQ=YEARLY;INTERVAL=40', 'years'],
  ['tous les lundis', 'read'],
])('refuses %s, naming %s', (regle, word) => {
  expect(() => parseRegle(regle)).toThrow(
    expect.objectContaining({
      code: 'VALIDATION',
      details: {
        erreurs: [
          { champ: 'regle', message: expect.objectContaining({ en: expect.stringContaining(word) }) },
        ],
      },
    }),
  );
});
