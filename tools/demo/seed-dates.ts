const DAY = 86_400_000;

/** The day on which the specification's examples were written. */
const seedDay = Date.parse('2024-12-19T00:00:00Z');

/** An instant of the specification's examples, as many days later as today is later than they were. */
export function moved(seedInstant: string): string {
  const days = Math.floor((Date.now() - seedDay) / DAY);
  return new Date(Date.parse(seedInstant) + days * DAY).toISOString();
}

/** The same for a bare date. */
export function movedDay(seedDate: string): string {
  return moved(`${seedDate}T00:00:00Z`).slice(0, 10);
}
