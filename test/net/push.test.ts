import { createECDH, createPublicKey, verify } from 'node:crypto';
import {
  areSubscriptionKeys,
  encryptPush,
  MAX_PAYLOAD,
  newVapidKeys,
  topicOf,
  vapidAuthorization,
} from '../../src/net/push';
import { decryptPush, newBrowserKeys } from '../support/push-service';

/** RFC 8291 §5 and appendix A. */
const RFC = {
  plain: 'When I grow up, I want to be a watermelon',
  sender: 'yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw',
  p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  salt: 'DGv6ra1nlYgDCS1FRnbzlw',
  body:
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95' +
    'bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
};

test('the example of RFC 8291 is encrypted byte for byte', () => {
  const own = createECDH('prime256v1');
  own.setPrivateKey(RFC.sender, 'base64url');
  const body = encryptPush(Buffer.from(RFC.plain), RFC, own, Buffer.from(RFC.salt, 'base64url'));
  expect(body.toString('base64url')).toBe(RFC.body);
});

test('what is encrypted for a browser that browser alone reads, up to the size that services take', () => {
  const browser = newBrowserKeys();
  for (const plain of ['', 'é'.repeat(100), 'a'.repeat(MAX_PAYLOAD)]) {
    const body = encryptPush(Buffer.from(plain), browser.subscription);
    expect(body.length).toBeLessThanOrEqual(4096);
    expect(decryptPush(body, browser)).toBe(plain);
    expect(() => decryptPush(body, newBrowserKeys())).toThrow();
  }
  expect(() => encryptPush(Buffer.alloc(MAX_PAYLOAD + 1), browser.subscription)).toThrow('at most');
});

test('no two messages are encrypted alike', () => {
  const { subscription } = newBrowserKeys();
  const bodies = Array.from({ length: 20 }, () =>
    encryptPush(Buffer.from('a'), subscription).toString('hex'),
  );
  expect(new Set(bodies).size).toBe(20);
});

test('the token names the service and its end, and is signed with the key that is shown', () => {
  const vapid = { ...newVapidKeys(), contact: 'mailto:admin@example.com' };
  const now = new Date('2026-11-29T12:00:00Z');
  const header = vapidAuthorization('https://push.example.com:8443/a/b?c', vapid, now);
  const [, token, key] = /^vapid t=(\S+), k=(\S+)$/.exec(header)!;
  const [head, claims, signature] = token!.split('.') as [string, string, string];
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  expect(key).toBe(vapid.publicKey);
  expect(read(head)).toEqual({ typ: 'JWT', alg: 'ES256' });
  expect(read(claims)).toEqual({
    aud: 'https://push.example.com:8443',
    exp: now.getTime() / 1000 + 12 * 3600,
    sub: 'mailto:admin@example.com',
  });
  const point = Buffer.from(key!, 'base64url');
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
  expect(isGenuine).toBe(true);
});

test('keys that no browser makes are none', () => {
  expect(areSubscriptionKeys(newBrowserKeys().subscription)).toBe(true);
  const { p256dh, auth } = RFC;
  const offCurve = Buffer.from(p256dh, 'base64url');
  offCurve[40]! ^= 1;
  for (const keys of [
    { p256dh: '', auth },
    { p256dh: offCurve.toString('base64url'), auth },
    { p256dh: p256dh.slice(0, -4), auth },
    { p256dh, auth: '' },
    { p256dh, auth: `${auth}AAAA` },
  ]) {
    expect([keys, areSubscriptionKeys(keys)]).toEqual([keys, false]);
  }
});

test('a topic is one of RFC 8030, the same for a subject, and does not tell it', () => {
  expect(topicOf('intervention:12', 'k')).toMatch(/^[A-Za-z0-9_-]{32}$/);
  expect(topicOf('intervention:12', 'k')).toBe(topicOf('intervention:12', 'k'));
  expect(topicOf('intervention:12', 'k')).not.toBe(topicOf('intervention:12', 'l'));
});
