import {
  closesWebhook,
  DELAYS,
  DELIVERY_PERIOD,
  excerptOf,
  failureStart,
  nextTry,
  outcomeOf,
  retryAfterOf,
} from '../../../src/domain/echanges/livraisons';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const T0 = new Date('2026-11-29T08:00:00Z');
const later = (milliseconds: number) => new Date(T0.getTime() + milliseconds);

describe('what an answer means', () => {
  it.each([200, 201, 202, 204, 299])('%d is a success', (status) => {
    expect(outcomeOf({ status })).toEqual({ resultat: 'livree' });
  });

  it.each([301, 302, 303, 307, 308])('%d is a failure: redirects are not followed', (status) => {
    expect(outcomeOf({ status })).toEqual({ resultat: 'echec', erreur: 'redirection' });
  });

  it('410 switches the webhook off', () => {
    expect(outcomeOf({ status: 410 })).toEqual({ resultat: 'parti', erreur: 'refus' });
  });

  it.each([100, 199, 400, 401, 404, 429, 500, 502, 503, 504, 600])('%d is a failure', (status) => {
    expect(outcomeOf({ status })).toEqual({ resultat: 'echec', erreur: 'refus' });
  });
});

describe('Retry-After', () => {
  it.each([
    ['120', 120 * SECOND],
    ['0', 0],
    [' 30 ', 30 * SECOND],
    ['Sun, 29 Nov 2026 08:10:00 GMT', 10 * MINUTE],
    ['Sun, 29 Nov 2026 07:00:00 GMT', 0],
  ])('%p asks for %d milliseconds', (header, expected) => {
    expect(retryAfterOf(503, header, T0)).toBe(expected);
    expect(retryAfterOf(429, header, T0)).toBe(expected);
  });

  it.each(['-1', '1.5', 'soon', '', '1e9', '99999999999999999999', 'Infinity'])(
    '%p says nothing',
    (header) => {
      expect(retryAfterOf(503, header, T0)).toBeNull();
    },
  );

  it('of other answers counts for nothing', () => {
    for (const status of [200, 301, 404, 500]) expect(retryAfterOf(status, '120', T0)).toBeNull();
    expect(retryAfterOf(503, undefined, T0)).toBeNull();
  });
});

describe('the plan of tries', () => {
  const plan = { debut: T0, retryAfter: null, chance: 0.5 };

  it('begins within seconds, and each wait is longer than the one before', () => {
    expect(DELAYS[0]).toBeLessThanOrEqual(5 * SECOND);
    for (const [index, delay] of DELAYS.entries())
      if (index > 0) expect(delay).toBeGreaterThan(DELAYS[index - 1]!);
  });

  it('ends a day after the beginning, with a last try then', () => {
    let now = T0;
    const tries = [now];
    for (let tentatives = 1; ; tentatives++) {
      const next = nextTry({ ...plan, tentatives, now });
      if (next === null) break;
      expect(next.getTime()).toBeGreaterThan(now.getTime());
      tries.push(next);
      now = next;
    }
    expect(tries.at(-1)).toEqual(later(DELIVERY_PERIOD));
    expect(DELIVERY_PERIOD).toBe(DAY);
    expect(tries.length).toBeGreaterThanOrEqual(10);
    expect(tries.length).toBeLessThanOrEqual(16);
  });

  it('is spread by a tenth either way, so that what failed together does not come back together', () => {
    const delay = DELAYS[3]!;
    const at = (chance: number) => nextTry({ ...plan, chance, tentatives: 4, now: later(MINUTE) })!.getTime();
    expect(at(0)).toBe(later(MINUTE + 0.9 * delay).getTime());
    expect(at(0.5)).toBe(later(MINUTE + delay).getTime());
    expect(at(1)).toBe(later(MINUTE + 1.1 * delay).getTime());
  });

  it('waits as long as the receiver asks, if that is longer, and at most six hours', () => {
    const next = (retryAfter: number) => nextTry({ ...plan, retryAfter, tentatives: 1, now: T0 });
    expect(next(SECOND)).toEqual(later(DELAYS[0]!));
    expect(next(10 * MINUTE)).toEqual(later(10 * MINUTE));
    expect(next(30 * DAY)).toEqual(later(6 * HOUR));
  });

  it('keeps to its day, whatever the receiver asks', () => {
    const now = later(23 * HOUR);
    expect(nextTry({ ...plan, retryAfter: 5 * HOUR, tentatives: 9, now })).toEqual(later(DAY));
    expect(nextTry({ ...plan, retryAfter: 5 * HOUR, tentatives: 9, now: later(DAY) })).toBeNull();
  });

  it('gives up what was first tried after its day, once it has been tried', () => {
    expect(nextTry({ ...plan, tentatives: 1, now: later(30 * HOUR) })).toBeNull();
  });
});

describe('a webhook that fails', () => {
  it('has failed since its first failure after the last success', () => {
    expect(failureStart({ echec_depuis: null, dernier_echec: null }, T0)).toEqual(T0);
    expect(failureStart({ echec_depuis: T0, dernier_echec: later(HOUR) }, later(2 * HOUR))).toEqual(T0);
  });

  it('begins anew after more than two days without any', () => {
    const state = { echec_depuis: T0, dernier_echec: later(DAY) };
    expect(failureStart(state, later(3 * DAY))).toEqual(T0);
    expect(failureStart(state, later(3 * DAY + 1))).toEqual(later(3 * DAY + 1));
  });

  it.each([
    [0, false],
    [3 * DAY - 1, false],
    [3 * DAY, true],
    [4 * DAY, true],
  ])('after %d milliseconds of it is switched off: %p', (milliseconds, expected) => {
    expect(closesWebhook(T0, later(milliseconds))).toBe(expected);
  });
});

describe('what is kept of an answer', () => {
  it('is its beginning, without what a terminal or a page would obey', () => {
    expect(excerptOf(Buffer.from('\u001b[31mErreur\u001b[0m\0\r\nligne\u202e 2\u0085\u200b'))).toBe(
      '[31mErreur[0m\nligne 2',
    );
  });

  it('is a text also of what is none', () => {
    expect(excerptOf(Buffer.from([0xff, 0xfe, 0x41, 0xc3]))).toBe('A');
    expect(excerptOf(Buffer.alloc(0))).toBeNull();
    expect(excerptOf(Buffer.from('  \n '))).toBeNull();
  });

  it('is at most a thousand characters, none of them cut in half', () => {
    const excerpt = excerptOf(Buffer.from('😀'.repeat(3_000)))!;
    expect([...excerpt]).toHaveLength(1_000);
    expect(excerpt).not.toMatch(/\p{Surrogate}/u);
  });
});
