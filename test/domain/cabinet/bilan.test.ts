import { estHomonyme, semaineDue } from '../../../src/domain/cabinet/bilan';

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(text);
const iso = (instant: number) => new Date(instant).toISOString();

it('tells of the week before from Monday at seven on, by the clocks of the practice', () => {
  const week = (now: string, zone: string) => {
    const { du, au } = semaineDue(at(now), zone);
    return [du, au];
  };
  expect(week('2026-11-30T05:59:00Z', 'Europe/Paris')).toEqual(['2026-11-16', '2026-11-22']);
  expect(week('2026-11-30T06:00:00Z', 'Europe/Paris')).toEqual(['2026-11-23', '2026-11-29']);
  expect(week('2026-11-29T20:00:00Z', 'Pacific/Auckland')).toEqual(['2026-11-23', '2026-11-29']);
  expect(week('2026-11-29T20:00:00Z', 'America/Los_Angeles')).toEqual(['2026-11-16', '2026-11-22']);
});

it('has seven days and their nights, also where a clock is changed among them', () => {
  // In Paris, the Sunday of 25 October 2026 has 25 hours.
  const { debut, fin, jours, nuits } = semaineDue(at('2026-10-26T12:00:00Z'), 'Europe/Paris');
  expect([iso(debut), iso(fin)]).toEqual(['2026-10-18T22:00:00.000Z', '2026-10-25T23:00:00.000Z']);
  expect(jours.map((one) => (one.fin - one.debut) / HOUR)).toEqual([24, 24, 24, 24, 24, 24, 25]);
  expect(nuits).toHaveLength(14);
  expect([iso(nuits[0]!.debut), iso(nuits[0]!.fin)]).toEqual([
    '2026-10-18T22:00:00.000Z',
    '2026-10-19T04:00:00.000Z',
  ]);
  expect([iso(nuits[1]!.debut), iso(nuits[1]!.fin)]).toEqual([
    '2026-10-19T20:00:00.000Z',
    '2026-10-19T22:00:00.000Z',
  ]);
  expect([iso(nuits[12]!.debut), iso(nuits[12]!.fin)]).toEqual([
    '2026-10-24T22:00:00.000Z',
    '2026-10-25T05:00:00.000Z',
  ]);
});

it('knows a name however it is written, and no name from no other', () => {
  expect(estHomonyme('El Amrani', ['EL-AMRANI', null])).toBe(true);
  expect(estHomonyme('Bénali', ['Tazi', 'benali'])).toBe(true);
  expect(estHomonyme('Benali', ['Benali Tazi', null])).toBe(false);
  expect(estHomonyme('-', ['-', null])).toBe(false);
});
