import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Tokens in the addresses of private calendars: whoever holds one reads that calendar, and can do nothing else. */

/** A new token: 256 random bits. */
export function newCalendarToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of a token. It is random, so a plain SHA-256 cannot be searched for. */
export function hashCalendarToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** No token has this hash: what is compared when there is nothing to compare with, so that it takes as long. */
const NO_HASH = Buffer.alloc(32);

/** Whether it is the token of this hash; takes equally long whatever is given, and where there is none. */
export function isCalendarToken(token: string, hash: Buffer | null): boolean {
  const isSame = timingSafeEqual(hashCalendarToken(token), hash ?? NO_HASH);
  return isSame && hash !== null;
}
