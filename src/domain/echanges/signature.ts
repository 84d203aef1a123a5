import { randomBytes } from 'node:crypto';
import * as signatures from '../signatures';

/**
 * The secrets of webhooks, and what is signed with them: whoever receives one knows by its signature who sent it, when, and
 * that nothing was changed on the way.
 */

/** What is signed. The id holds no full stop, which stands between the parts. */
export interface SignedMessage {
  id: string;
  /** Of the try, in seconds since 1970. */
  timestamp: number;
  /** Byte for byte as it is sent. */
  body: string;
}

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** For how long the secret before the present one signs too, in milliseconds. */
export const ROTATION_OVERLAP = 24 * 3_600_000;

/** A new secret, as its owner writes it down. */
export function newSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/** One signature, with the name of its scheme. */
export function signatureOf(secret: string, { id, timestamp, body }: SignedMessage): string {
  return signatures.signatureOf({ id, timestamp: String(timestamp) }, body, signatures.signingKey(secret));
}

/** The header `Webhook-Signature`: a signature for each secret that is valid, so that neither side has to change first. */
export function signaturesOf(secrets: readonly string[], message: SignedMessage): string {
  return secrets.map((secret) => signatureOf(secret, message)).join(' ');
}

/** Whether a secret that another one has replaced still signs. @param fin when it ends to; null without one. */
export function isStillValid(fin: Date | null, now: Date): boolean {
  return fin !== null && now < fin;
}
