import {
  createCipheriv,
  createECDH,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type ECDH,
  hkdfSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import type { Outgoing } from './outgoing';

/** Web push: delivery (RFC 8030), encryption for the browser alone (RFC 8291, 8188), and who we are (RFC 8292). */

/** Where a browser is reached, and for whom what is sent there is encrypted. */
export interface Subscription {
  endpoint: string;
  /** Its public key, uncompressed, and its secret, both base64url. */
  p256dh: string;
  auth: string;
}

export interface Vapid {
  /** Uncompressed, base64url: what a browser subscribes with. */
  publicKey: string;
  /** Base64url. */
  privateKey: string;
  /** `mailto:` or `https:`: whom the push service asks about us. */
  contact: string;
}

export interface PushMessage {
  /** JSON, some hundred bytes. */
  payload: string;
  /** Seconds that the push service keeps it for a browser that is away. */
  ttl: number;
  urgency: 'very-low' | 'low' | 'normal' | 'high';
  /** Replaces what is still to be delivered of the same; null for what stands alone. */
  topic: string | null;
}

/** `partie`: the subscription is no more, and is to be forgotten. */
export type PushOutcome = 'livree' | 'partie' | 'refusee';

/** Size of a record, and what is left of the one we send for the text (RFC 8291 §4). */
const RECORD = 4096;
export const MAX_PAYLOAD = 3993;
const POINT_LENGTH = 65;
const AUTH_LENGTH = 16;
/** Seconds that a token of ours serves; at most a day (RFC 8292 §2). */
const TOKEN_LIFETIME = 12 * 3600;

/** A new pair of keys on P-256, base64url. */
export function newVapidKeys(): Pick<Vapid, 'publicKey' | 'privateKey'> {
  const pair = createECDH('prime256v1');
  pair.generateKeys();
  // A private key that begins with zeros is shorter than it is written.
  const secret = Buffer.concat([Buffer.alloc(32), pair.getPrivateKey()]).subarray(-32);
  return { publicKey: pair.getPublicKey('base64url'), privateKey: secret.toString('base64url') };
}

/** Whether these can be the keys of a browser: a point of the curve, and a secret of 16 bytes. */
export function areSubscriptionKeys({ p256dh, auth }: Pick<Subscription, 'p256dh' | 'auth'>): boolean {
  try {
    publicKeyOf(Buffer.from(p256dh, 'base64url'));
    return Buffer.from(auth, 'base64url').length === AUTH_LENGTH;
  } catch {
    return false;
  }
}

/**
 * Hands a message to the push service of a subscription.
 * @throws {Error} when it may be taken another time.
 */
export async function sendPush(
  outgoing: Outgoing,
  vapid: Vapid,
  subscription: Subscription,
  { payload, ttl, urgency, topic }: PushMessage,
  now: Date,
): Promise<PushOutcome> {
  const { status } = await outgoing.send(subscription.endpoint, {
    headers: {
      authorization: vapidAuthorization(subscription.endpoint, vapid, now),
      'content-encoding': 'aes128gcm',
      'content-type': 'application/octet-stream',
      ttl: String(ttl),
      urgency,
      ...(topic === null ? {} : { topic }),
    },
    body: encryptPush(Buffer.from(payload), subscription),
  });
  if (status >= 200 && status < 300) return 'livree';
  if (status === 404 || status === 410) return 'partie';
  // Too large, or a token that is not believed: asking again would change nothing.
  if (status >= 400 && status < 500 && ![408, 425, 429].includes(status)) return 'refusee';
  throw new Error(`The push service answered ${status}`);
}

/** What only our keys can have made (RFC 8292 §2): a token for the service's origin, and the key to check it with. */
export function vapidAuthorization(
  endpoint: string,
  { publicKey, privateKey, contact }: Vapid,
  now: Date,
): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(now.getTime() / 1000) + TOKEN_LIFETIME;
  const claims = { aud: new URL(endpoint).origin, exp, sub: contact };
  const signed = `${part({ typ: 'JWT', alg: 'ES256' })}.${part(claims)}`;
  const key = privateKeyOf(Buffer.from(publicKey, 'base64url'), privateKey);
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `vapid t=${signed}.${signature.toString('base64url')}, k=${publicKey}`;
}

/**
 * The body of a push message: one record that only the browser of the subscription can read.
 * @param own a pair of keys for this message alone. @param salt 16 bytes, likewise; both are given by tests only.
 */
export function encryptPush(
  plain: Buffer,
  { p256dh, auth }: Pick<Subscription, 'p256dh' | 'auth'>,
  own: ECDH = newPair(),
  salt: Buffer = randomBytes(16),
): Buffer {
  if (plain.length > MAX_PAYLOAD) throw new Error(`A push message holds at most ${MAX_PAYLOAD} bytes`);
  const receiver = Buffer.from(p256dh, 'base64url');
  const sender = own.getPublicKey();
  const shared = own.computeSecret(receiver);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), receiver, sender]);
  const secret = hkdf(shared, Buffer.from(auth, 'base64url'), info, 32);
  const key = hkdf(secret, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
  const nonce = hkdf(secret, salt, Buffer.from('Content-Encoding: nonce\0'), 12);
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  // The delimiter of the last record.
  const encrypted = Buffer.concat([cipher.update(plain), cipher.update(Buffer.of(2)), cipher.final()]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(RECORD);
  head.writeUInt8(POINT_LENGTH, 4);
  return Buffer.concat([salt, head, sender, encrypted, cipher.getAuthTag()]);
}

/** What of a subject makes a topic: 32 letters that tell nobody what it is about. @param key for us alone. */
export function topicOf(subject: string, key: string): string {
  return createHmac('sha256', key).update(subject).digest('base64url').slice(0, 32);
}

function newPair(): ECDH {
  const pair = createECDH('prime256v1');
  pair.generateKeys();
  return pair;
}

function hkdf(key: Buffer, salt: Buffer, info: Buffer, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, info, length));
}

/** @throws {Error} when it is no point of the curve. */
function publicKeyOf(point: Buffer): KeyObject {
  if (point.length !== POINT_LENGTH || point[0] !== 4) throw new Error('Not an uncompressed point');
  return createPublicKey({ key: jwkOf(point), format: 'jwk' });
}

function privateKeyOf(point: Buffer, d: string): KeyObject {
  return createPrivateKey({ key: { ...jwkOf(point), d }, format: 'jwk' });
}

function jwkOf(point: Buffer) {
  const half = (from: number) => point.subarray(from, from + 32).toString('base64url');
  return { kty: 'EC', crv: 'P-256', x: half(1), y: half(33) };
}
