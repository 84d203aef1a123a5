const DAY = 86_400_000;

/**
 * The first day of the week (1 is Monday, 7 Sunday) that is so many days ahead or more, by UTC, as `2026-12-31`: tests that
 * name a day of the calendar fail once it has passed.
 */
export function weekdayAhead(weekday: number, days = 14): string {
  const day = new Date(Date.now() + days * DAY);
  day.setUTCDate(day.getUTCDate() + ((weekday - day.getUTCDay() + 7) % 7));
  return day.toISOString().slice(0, 10);
}

/** The Sunday on which the clocks of the European Union go forward next, a month ahead or more, as {@link weekdayAhead}. */
export function forwardSunday(): string {
  const soonest = Date.now() + 30 * DAY;
  const lastOfMarch = (year: number) => {
    const last = new Date(Date.UTC(year, 2, 31));
    return last.getTime() - last.getUTCDay() * DAY;
  };
  const year = new Date(soonest).getUTCFullYear();
  const sunday = [lastOfMarch(year), lastOfMarch(year + 1)].find((day) => day >= soonest);
  return new Date(sunday!).toISOString().slice(0, 10);
}
