/**
 * By what a patient proves at the desk which account is theirs: a code that the account shows for some minutes. It holds the
 * account's number and a few letters that only we can make of it and the time, so that nobody is tied to an account by a slip
 * of the pen, and no desk learns by trying who has one.
 */

/** For so long one is shown; it is taken for as long again. Milliseconds. */
export const FENETRE_LIAISON = 10 * 60_000;

/** Crockford's: none that is taken for another. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LETTERS = 10;

export function fenetreOf(now: number): number {
  return Math.floor(now / FENETRE_LIAISON);
}

/** `1042-7KQ2M-0ZXWB`, of the first bytes of a digest. */
export function ecrireCode(userId: number, digest: Buffer): string {
  const letters = Array.from({ length: LETTERS }, (_, at) => ALPHABET[digest[at]! % ALPHABET.length]).join(
    '',
  );
  return `${userId}-${letters.slice(0, LETTERS / 2)}-${letters.slice(LETTERS / 2)}`;
}

/** Whose account a code names; null where it is none. It is read as people write it: in any case, `O` for `0`. */
export function lireCode(given: string): { userId: number; code: string } | null {
  const read = /^([0-9]{1,9})-?([0-9A-Z]{5})-?([0-9A-Z]{5})$/.exec(
    given.trim().toUpperCase().replaceAll(' ', '').replaceAll('O', '0').replaceAll(/[IL]/g, '1'),
  );
  if (read === null) return null;
  const [, userId, one, other] = read;
  return { userId: Number(userId), code: `${Number(userId)}-${one}-${other}` };
}
