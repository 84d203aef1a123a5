import { type Counting, countedBetween, delay } from '../../../src/domain/interventions/comptage';
import { DELAYS } from '../../../src/domain/interventions/escalade';
import { computeDateLimite, type Horloge, type Pause } from '../../../src/domain/interventions/horloge';
import { POLITIQUE_INTEGREE as politique } from '../../../src/domain/parc/niveaux';
import { PRIORITES, type Priorite } from '../../../src/domain/priorites';
import { DEFAULT_HOURS } from '../../../src/domain/working-time';
import { createRandom, type Random } from '../../../tools/lib/random';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const at = (text: string) => Date.parse(`${text}Z`);
/** What a person reads off a calendar there is the instant itself. */
const calendar = { hours: DEFAULT_HOURS, zone: 'UTC' };
const counting = (priorite: Priorite, urgence = false): Counting => ({
  priorite,
  urgence,
  calendar,
  politique,
});
const iso = (instant: number) => new Date(instant).toISOString().slice(0, 16);

/** The same clock after one more wait. */
const paused = ({ depuis, pauses }: Horloge, debut: number, fin: number): Horloge => ({
  depuis,
  pauses: [...pauses, { debut, fin }],
});

describe('the clock of a resolution, by example', () => {
  // Monday 2026-12-07, at eight. A working day is 08:00–12:00 and 14:00–18:00.
  const start = at('2026-12-07T08:00');

  it('gives a critique four hours around the clock, a normale five working days', () => {
    const limit = (priorite: Priorite) =>
      iso(computeDateLimite(counting(priorite), { depuis: start, pauses: [] }));
    expect(limit('critique')).toBe('2026-12-07T12:00');
    expect(limit('haute')).toBe('2026-12-07T18:00');
    expect(limit('normale')).toBe('2026-12-11T18:00');
  });

  it('gives a normale that waited and became critique what a critique has left, and not five days', () => {
    // One hour of work, then parts are awaited for two days; meanwhile it becomes critique.
    const resumed = paused({ depuis: start, pauses: [] }, start + HOUR, at('2026-12-09T09:00'));
    // Of four hours one has passed: three are left.
    expect(iso(computeDateLimite(counting('critique'), resumed))).toBe('2026-12-09T12:00');
    expect(iso(computeDateLimite(counting('normale'), resumed))).toBe('2026-12-15T18:00');
  });

  it('takes nothing for a pause outside of opening time', () => {
    const night = paused({ depuis: start, pauses: [] }, at('2026-12-07T19:00'), at('2026-12-08T07:30'));
    const weekend = paused(night, at('2026-12-11T18:00'), at('2026-12-14T08:00'));
    expect(computeDateLimite(counting('normale'), weekend)).toBe(
      computeDateLimite(counting('normale'), { depuis: start, pauses: [] }),
    );
  });

  it('counts a pause that spans a lunch by its open minutes alone', () => {
    const lunch = paused({ depuis: start, pauses: [] }, at('2026-12-07T11:30'), at('2026-12-07T14:30'));
    expect(iso(computeDateLimite(counting('haute'), lunch))).toBe('2026-12-08T09:00');
  });

  it('leaves a deadline that had passed before the pause where it was', () => {
    const late = paused({ depuis: start, pauses: [] }, at('2026-12-07T15:00'), at('2026-12-09T15:00'));
    expect(iso(computeDateLimite(counting('critique'), late))).toBe('2026-12-07T12:00');
  });
});

/** Minute by minute, as somebody with a calendar would count. Shares nothing with the code but the table of delays. */
function countedByHand(priorite: Priorite, urgence: boolean, { depuis, pauses }: Horloge): number {
  const { aroundTheClock, resolution } = DELAYS[priorite];
  let left = (urgence ? resolution / 2 : resolution) / MINUTE;
  for (let minute = depuis; ; minute += MINUTE) {
    const date = new Date(minute);
    const hour = date.getUTCHours();
    const weekday = date.getUTCDay() >= 1 && date.getUTCDay() <= 5;
    const open = aroundTheClock || (weekday && ((hour >= 8 && hour < 12) || (hour >= 14 && hour < 18)));
    const paused = pauses.some(({ debut, fin }) => minute >= debut && minute < fin);
    if (open && !paused) left -= 1;
    if (left === 0) return minute + MINUTE;
  }
}

function someHorloge(random: Random): Horloge {
  const depuis = at('2026-11-02T00:00') + random.int(0, 40 * 24 * 60) * MINUTE;
  const pauses: Pause[] = [];
  let from = depuis;
  for (let n = random.int(0, 4); n > 0; n--) {
    const debut = from + random.int(0, 3 * 24 * 60) * MINUTE;
    const fin = debut + random.int(0, 5 * 24 * 60) * MINUTE;
    pauses.push({ debut, fin });
    from = fin;
  }
  return { depuis, pauses };
}

describe('the clock of a resolution, by property', () => {
  const random = createRandom(20261128);
  const cases = Array.from({ length: 300 }, () => ({
    priorite: random.pick(PRIORITES),
    urgence: random.int(0, 1) === 1,
    horloge: someHorloge(random),
  }));

  it('is what a person counts minute by minute, whatever the priority and the pauses', () => {
    for (const { priorite, urgence, horloge } of cases) {
      const found = computeDateLimite(counting(priorite, urgence), horloge);
      expect([horloge, iso(found)]).toEqual([horloge, iso(countedByHand(priorite, urgence, horloge))]);
    }
  });

  it('leaves the whole delay, and no more, as time that counts outside of the pauses', () => {
    for (const { priorite, urgence, horloge } of cases) {
      const how = counting(priorite, urgence);
      const end = computeDateLimite(how, horloge);
      const paused = horloge.pauses.reduce(
        (total, { debut, fin }) => total + countedBetween(how, Math.min(debut, end), Math.min(fin, end)),
        0,
      );
      expect(countedBetween(how, horloge.depuis, end) - paused).toBe(delay(how, 'resolution'));
    }
  });

  it('only ever moves later by a pause, and not at all by one outside of opening time', () => {
    for (const { priorite, urgence, horloge } of cases) {
      const how = counting(priorite, urgence);
      const before = computeDateLimite(how, horloge);
      const begin = (horloge.pauses.at(-1)?.fin ?? horloge.depuis) + random.int(0, 2_000) * MINUTE;
      const longer = paused(horloge, begin, begin + random.int(0, 9_000) * MINUTE);
      const after = computeDateLimite(how, longer);
      expect(after).toBeGreaterThanOrEqual(before);
      const [{ debut, fin }] = longer.pauses.slice(-1) as [Pause];
      if (countedBetween(how, debut, fin) === 0) expect(after).toBe(before);
    }
  });

  it('is never later for a higher priority or for urgence', () => {
    for (const { horloge } of cases) {
      const limits = PRIORITES.map((priorite) => computeDateLimite(counting(priorite), horloge));
      expect(limits).toEqual([...limits].sort((a, b) => b - a));
      for (const priorite of PRIORITES) {
        expect(computeDateLimite(counting(priorite, true), horloge)).toBeLessThanOrEqual(
          computeDateLimite(counting(priorite), horloge),
        );
      }
    }
  });
});
