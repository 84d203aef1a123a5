import {
  afterFailure,
  type Echecs,
  PORTEES,
  type Portee,
  room,
  waitAt,
} from '../../../src/domain/identite/tentatives';

const start = new Date('2026-11-21T09:00:00Z');
const later = (seconds: number, from = start) => new Date(from.getTime() + seconds * 1_000);

/** Failures one after the other, each as soon as it is taken. @returns the bucket and the waits, in seconds. */
function fail(portee: Portee, times: number): { echecs: Echecs; waits: number[]; now: Date } {
  let now = start;
  let echecs: Echecs | null = null;
  const waits: number[] = [];
  for (let time = 0; time < times; time++) {
    echecs = afterFailure(portee, echecs, now);
    const wait = waitAt(portee, echecs, now);
    waits.push(wait / 1_000);
    now = new Date(now.getTime() + wait);
  }
  return { echecs: echecs!, waits, now };
}

describe('failed sign-ins', () => {
  it('of one account from one address cost nothing at first, then wait twice as long each time', () => {
    expect(fail('couple', 10).waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32]);
  });

  it.each(PORTEES.filter((portee) => portee !== 'invite' && portee !== 'inviteur'))(
    'never make a %s wait longer than a quarter of an hour, however many there are',
    (portee) => {
      const { waits } = fail(portee, 500);
      expect(Math.max(...waits)).toBeLessThanOrEqual(15 * 60);
    },
  );

  it('of an account from many addresses never make its owner wait more than a minute', () => {
    const { waits } = fail('compte', 2_000);
    expect(Math.max(...waits)).toBe(60);
  });

  it('are forgiven with time: whoever stops may soon try again, and in the end all is as before', () => {
    const { echecs, now } = fail('couple', 12);
    expect(waitAt('couple', echecs, now)).toBe(0);
    const oneMore = afterFailure('couple', echecs, now);
    expect(waitAt('couple', oneMore, now)).toBeGreaterThan(60_000);
    const tomorrow = later(24 * 3_600, now);
    expect(waitAt('couple', afterFailure('couple', oneMore, tomorrow), tomorrow)).toBe(0);
  });

  it('stay few over a day, however patiently somebody guesses', () => {
    const guesses = (portee: Portee) => {
      let now = start;
      let echecs: Echecs | null = null;
      let count = 0;
      for (; now < later(24 * 3_600); count++) {
        echecs = afterFailure(portee, echecs, now);
        now = new Date(now.getTime() + waitAt(portee, echecs, now) + 1);
      }
      return count;
    };
    expect(guesses('couple')).toBeLessThan(200);
    expect(guesses('compte')).toBeLessThan(1_500);
  });
});

describe('invitations', () => {
  it('to one address cost nothing at first, then wait an hour and more', () => {
    expect(fail('invite', 8).waits.map((wait) => wait / 3_600)).toEqual([0, 0, 0, 0, 1, 2, 4, 4]);
    // After the first ones about as many as leak: two a day.
    const { now } = fail('invite', 50);
    expect((now.getTime() - start.getTime()) / 86_400_000).toBeGreaterThan(20);
  });

  it('of one sender are a file of a thousand people and another, then an hour apart', () => {
    const first = afterFailure('inviteur', null, start, 1_000);
    expect(waitAt('inviteur', first, start)).toBe(0);
    const second = afterFailure('inviteur', first, start, 1_000);
    expect(waitAt('inviteur', second, start)).toBe(60_000);
    const third = afterFailure('inviteur', second, start, 1_000);
    expect(waitAt('inviteur', third, start)).toBe(3_600_000);
    expect(waitAt('inviteur', third, later(3_600))).toBe(0);
  });
});

describe('a bucket that takes no more than it holds', () => {
  it.each<[Portee, number, number]>([
    ['mot_de_passe', 20, 3],
    ['mot_de_passe_donne', 60, 1],
  ])('takes so much of %s at once, then one each time one has leaked', (portee, atOnce, seconds) => {
    const fits = ({ videLe }: Echecs, now: Date) => videLe.getTime() - now.getTime() <= room(portee);
    let echecs = afterFailure(portee, null, start);
    for (let taken = 1; taken < atOnce; taken++) {
      expect(fits(echecs, start)).toBe(true);
      echecs = afterFailure(portee, echecs, start);
    }
    expect(fits(echecs, start)).toBe(false);
    expect(fits(echecs, later(seconds - 0.001))).toBe(false);
    expect(fits(echecs, later(seconds))).toBe(true);
    expect(fits(afterFailure(portee, echecs, later(seconds)), later(seconds))).toBe(false);
  });
});
