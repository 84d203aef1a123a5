import {
  createDecipheriv,
  createECDH,
  createPublicKey,
  type ECDH,
  hkdfSync,
  randomBytes,
  verify,
} from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Subscription } from '../../src/net/push';
import type { Certificate } from './certificates';

/** A push service of a test's own, and the browsers behind it: reads what it gets, and believes no token unchecked. */

export interface BrowserKeys {
  pair: ECDH;
  auth: Buffer;
  subscription: Pick<Subscription, 'p256dh' | 'auth'>;
}

export function newBrowserKeys(): BrowserKeys {
  const pair = createECDH('prime256v1');
  pair.generateKeys();
  const auth = randomBytes(16);
  return {
    pair,
    auth,
    subscription: { p256dh: pair.getPublicKey('base64url'), auth: auth.toString('base64url') },
  };
}

/** What a browser makes of a body, with its private key (RFC 8291, RFC 8188). @throws when it is not for it. */
export function decryptPush(body: Buffer, { pair, auth }: Pick<BrowserKeys, 'pair' | 'auth'>): string {
  const salt = body.subarray(0, 16);
  const length = body.readUInt8(20);
  const sender = body.subarray(21, 21 + length);
  const record = body.subarray(21 + length);
  if (body.length > body.readUInt32BE(16)) throw new Error('More than one record');
  const derive = (key: Buffer, with_: Buffer, info: Buffer, size: number) =>
    Buffer.from(hkdfSync('sha256', key, with_, info, size));
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), pair.getPublicKey(), sender]);
  const secret = derive(pair.computeSecret(sender), auth, info, 32);
  const key = derive(secret, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
  const nonce = derive(secret, salt, Buffer.from('Content-Encoding: nonce\0'), 12);
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(record.subarray(-16));
  const plain = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  const end = plain.lastIndexOf(2);
  if (end === -1 || plain.subarray(end + 1).some((byte) => byte !== 0))
    throw new Error('No end of the record');
  return plain.toString('utf8', 0, end);
}

export interface Received {
  /** Path of the subscription. */
  path: string;
  /** What its browser read, parsed. */
  payload: Record<string, unknown>;
  bytes: number;
  ttl: number;
  urgency: string;
  topic: string | null;
}

export interface PushService {
  origin: string;
  /** Delivered messages, in the order in which they came. */
  received: Received[];
  /** A browser subscribes. @param applicationServerKey the key that its messages have to be signed with. */
  subscribe(applicationServerKey: string): Subscription;
  /** Answers the next messages for a subscription with these, then as before; 0 takes one and answers nothing. */
  answer(endpoint: string, ...statuses: number[]): void;
  close(): Promise<void>;
}

export async function openPushService(certificate: Certificate, host = '127.0.0.1'): Promise<PushService> {
  const browsers = new Map<string, BrowserKeys & { key: string }>();
  const answers = new Map<string, number[]>();
  const received: Received[] = [];
  let origin = '';
  const server = createServer(certificate, async (request, response) => {
    const path = request.url ?? '';
    const browser = browsers.get(path);
    const body = await buffer(request).catch(() => null);
    if (body === null) return;
    const { ttl, urgency, topic, authorization, 'content-encoding': encoding } = request.headers;
    const status = answers.get(path)?.shift() ?? null;
    if (status !== null && status >= 400) return void response.writeHead(status).end();
    if (browser === undefined) return void response.writeHead(404).end();
    if (request.method !== 'POST' || ttl === undefined || encoding !== 'aes128gcm') {
      return void response.writeHead(400).end();
    }
    if (!isFrom(authorization ?? '', browser.key, origin)) return void response.writeHead(403).end();
    received.push({
      path,
      payload: JSON.parse(decryptPush(body, browser)),
      bytes: body.length,
      ttl: Number(ttl),
      urgency: String(urgency),
      topic: topic === undefined ? null : String(topic),
    });
    if (status === 0) request.socket.destroy();
    else response.writeHead(201, { location: `${origin}/message` }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `https://${host}:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    received,
    subscribe: (key) => {
      const browser = newBrowserKeys();
      const path = `/push/${randomBytes(12).toString('hex')}`;
      browsers.set(path, { ...browser, key });
      return { endpoint: `${origin}${path}`, ...browser.subscription };
    },
    answer: (endpoint, ...statuses) => answers.set(new URL(endpoint).pathname, statuses),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** Whether the token is for this service, of now, and signed with the key that the browser subscribed with. */
function isFrom(authorization: string, key: string, origin: string): boolean {
  const [, token = '', shown] = /^vapid t=(\S+), k=(\S+)$/.exec(authorization) ?? [];
  const [head = '', claims = '', signature = ''] = token.split('.');
  if (shown !== key) return false;
  const point = Buffer.from(key, 'base64url');
  const half = (from: number) => point.subarray(from, from + 32).toString('base64url');
  const publicKey = createPublicKey({
    key: { kty: 'EC', crv: 'P-256', x: half(1), y: half(33) },
    format: 'jwk',
  });
  const isGenuine = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const seconds = exp - Date.now() / 1000;
  return isGenuine && aud === origin && seconds > 0 && seconds <= 86_400 && /^(mailto:|https:)/.test(sub);
}
