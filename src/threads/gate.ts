import { RegieError } from '../domain/errors';

/** Lets in so many at a time, the others in the order in which they came. */
export type Gate = <Result>(run: () => Promise<Result>) => Promise<Result>;

/** When those who were sent away may come back, in seconds: a full queue is gone by then. */
const RETRY_AFTER = 3;

/**
 * @param places how many run at a time.
 * @param maxWaiting how many wait at most; whoever comes then is refused at once with `SERVICE_INDISPONIBLE`, since an
 * answer that comes too late is work for nothing.
 */
export function createGate(places: number, maxWaiting: number): Gate {
  let free = places;
  const waiting: (() => void)[] = [];
  return async (run) => {
    if (free > 0) free--;
    else if (waiting.length >= maxWaiting) throw busy();
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      // The place is handed on, so that nobody who comes now gets in before those who wait.
      if (next === undefined) free++;
      else next();
    }
  };
}

/** Too much is asked for at once. */
export function busy(cause?: unknown): RegieError {
  return new RegieError('SERVICE_INDISPONIBLE', {
    detail: {
      fr: 'Trop de demandes de cette sorte sont en cours',
      en: 'Too many requests of this kind are under way',
    },
    retryAfter: RETRY_AFTER,
    cause,
  });
}
