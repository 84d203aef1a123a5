import { createHash } from 'node:crypto';

/**
 * A little work that a browser does before it books for somebody without an account: to find what, behind the challenge, has a
 * digest that begins with so many zero bits. A person does not notice it; who books by the thousand pays for each one.
 */

/** Whether the work has been done: `SHA-256("<défi>:<réponse>")` begins with `bits` zero bits. */
export function isResolu(defi: string, reponse: string, bits: number): boolean {
  return leadingZeros(createHash('sha256').update(`${defi}:${reponse}`).digest()) >= bits;
}

/** The first whole number that does it; what a browser looks for, and programs that book by the API. */
export function resoudre(defi: string, bits: number): string {
  for (let reponse = 0; ; reponse++) if (isResolu(defi, String(reponse), bits)) return String(reponse);
}

function leadingZeros(digest: Buffer): number {
  const at = digest.findIndex((byte) => byte !== 0);
  return at < 0 ? digest.length * 8 : at * 8 + Math.clz32(digest[at]!) - 24;
}
