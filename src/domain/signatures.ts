import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Signatures of messages between servers, as the Standard Webhooks specification (1.0.0) has them: of the message's id, the
 * time of its sending and its body, byte for byte.
 */

export interface SignedHeaders {
  /** `Webhook-Id`: the same for every attempt to deliver one message. */
  id: string;
  /** `Webhook-Timestamp`: seconds since the epoch, of this attempt. */
  timestamp: string;
  /** `Webhook-Signature`: one signature or several, with spaces, each `v1,` and base64. */
  signature: string;
}

/** How far the clocks of two servers may be apart, and a message under way, in seconds. */
const TOLERANCE = 300;

/** `v1,…` of a message. @param key the bytes of the shared secret. */
export function signatureOf(
  { id, timestamp }: Pick<SignedHeaders, 'id' | 'timestamp'>,
  body: string | Buffer,
  key: Buffer,
): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
}

/**
 * Whether somebody who knows the secret has sent this, and not long ago. Takes equally long whatever the signature is.
 * @param keys of which any will do: during a rotation there are two.
 */
export function isSigned(
  headers: SignedHeaders,
  body: string | Buffer,
  keys: readonly Buffer[],
  now: Date,
): boolean {
  const { id, timestamp, signature } = headers;
  if (!/^[\x21-\x7e]{1,200}$/.test(id) || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > TOLERANCE) return false;
  const given = signature
    .split(' ')
    .slice(0, MAX_SIGNATURES)
    .map((one) => Buffer.from(one));
  return keys
    .map((key) => Buffer.from(signatureOf(headers, body, key)))
    .some((expected) =>
      given.some((one) => one.length === expected.length && timingSafeEqual(one, expected)),
    );
}

/** In one header: more are not made by anybody who rotates a secret. */
const MAX_SIGNATURES = 4;

/** The bytes of a secret: of `whsec_…` what its base64 stands for, of any other text itself. */
export function signingKey(secret: string): Buffer {
  const [, encoded] = /^whsec_([A-Za-z0-9+/]+=*)$/.exec(secret) ?? [];
  return encoded === undefined ? Buffer.from(secret) : Buffer.from(encoded, 'base64');
}
