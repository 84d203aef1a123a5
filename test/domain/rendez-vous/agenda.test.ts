import {
  joursDeVue,
  joursDuMois,
  joursTouches,
  periodeDeJours,
} from '../../../src/domain/rendez-vous/agenda';

describe('the days of a view', () => {
  it('are the day, its week from Monday on, or the whole weeks of its month', () => {
    expect(joursDeVue('jour', '2026-12-02')).toEqual(['2026-12-02']);
    const week = joursDeVue('semaine', '2026-12-06');
    expect([week.length, week[0], week[6]]).toEqual([7, '2026-11-30', '2026-12-06']);
    const month = (day: string) => {
      const days = joursDeVue('mois', day);
      return [days.length, days[0], days.at(-1)];
    };
    expect(month('2026-12-15')).toEqual([35, '2026-11-30', '2027-01-03']);
    // Four weeks to the day, six weeks, and a leap year.
    expect(month('2027-02-28')).toEqual([28, '2027-02-01', '2027-02-28']);
    expect(month('2026-08-31')).toEqual([42, '2026-07-27', '2026-09-06']);
    expect(month('2028-02-29')).toEqual([35, '2028-01-31', '2028-03-05']);
    // The first 31 days after the first of February lie in March.
    expect(month('2026-01-31')).toEqual([35, '2025-12-29', '2026-02-01']);
  });

  it('of a month alone are none of those beside it', () => {
    const month = (day: string) => {
      const days = joursDuMois(day);
      return [days.length, days[0], days.at(-1)];
    };
    expect(month('2026-12-15')).toEqual([31, '2026-12-01', '2026-12-31']);
    expect(month('2027-02-28')).toEqual([28, '2027-02-01', '2027-02-28']);
    expect(month('2028-02-01')).toEqual([29, '2028-02-01', '2028-02-29']);
  });

  it('are as long as the clocks make them, and hold what touches them', () => {
    const [debut, fin] = periodeDeJours(['2026-10-25'], 'Europe/Paris');
    expect((fin - debut) / 3_600_000).toBe(25);
    const days = joursDeVue('semaine', '2026-10-20');
    const at = (instant: string) => Date.parse(instant);
    // Until midnight, in Paris: it does not touch the next day.
    expect(
      joursTouches([at('2026-10-20T20:00:00Z'), at('2026-10-20T22:00:00Z')], days, 'Europe/Paris'),
    ).toEqual(['2026-10-20']);
    expect(
      joursTouches([at('2026-10-18T20:00:00Z'), at('2026-10-20T22:00:01Z')], days, 'Europe/Paris'),
    ).toEqual(['2026-10-19', '2026-10-20', '2026-10-21']);
  });
});
