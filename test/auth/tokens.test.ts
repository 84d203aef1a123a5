import { createHash, createHmac, createPublicKey, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import {
  ACCESS_TOKEN_LIFETIME,
  createTokenService,
  hashRefreshToken,
  newRefreshToken,
  type TokenService,
} from '../../src/auth/tokens';
import { keyPair } from '../support/forgery';

const now = new Date('2026-11-21T09:00:00Z');
const secret = 'a secret of thirty-two bytes or more';
const subject = {
  userId: 7,
  email: 'user@example.com',
  role: 'technicien',
  isActive: true,
  sessionId: randomUUID(),
} as const;

const symmetric = createTokenService({ secret, privateKey: undefined, publicKeys: [] });

const first = keyPair();
const second = keyPair();
const asymmetric = createTokenService({ secret: undefined, privateKey: first.privateKey, publicKeys: [] });

const refused = (service: TokenService, token: string, at = now) =>
  expect(() => service.verify(token, at)).toThrow('NON_AUTHENTIFIE');

describe.each([
  ['HS256', symmetric],
  ['RS256', asymmetric],
] as const)('an access token of %s', (algorithm, service) => {
  const token = service.sign(subject, now);

  it('says who, until when, and of which session, and nothing more', () => {
    const iat = now.getTime() / 1000;
    expect(service.verify(token, now)).toEqual({
      sub: 'user@example.com',
      user_id: 7,
      role: 'technicien',
      is_active: true,
      sid: subject.sessionId,
      jti: expect.any(String),
      iat,
      exp: iat + ACCESS_TOKEN_LIFETIME,
      iss: 'regie',
      aud: 'regie-api',
    });
    expect(jwt.decode(token, { complete: true })?.header).toMatchObject({ alg: algorithm, typ: 'at+jwt' });
  });

  it('ends to the second', () => {
    const end = now.getTime() + ACCESS_TOKEN_LIFETIME * 1000;
    expect(service.verify(token, new Date(end - 1000)).user_id).toBe(7);
    refused(service, token, new Date(end));
  });

  it('is refused once a bit of it has changed, and without its signature', () => {
    const [header, payload, signature] = token.split('.') as [string, string, string];
    const promoted = JSON.parse(Buffer.from(payload, 'base64url').toString());
    promoted.role = 'admin';
    const forged = Buffer.from(JSON.stringify(promoted)).toString('base64url');
    refused(service, `${header}.${forged}.${signature}`);
    refused(service, `${header}.${payload}.`);
    refused(service, `${header}.${payload}`);
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    refused(service, `${unsigned}.${payload}.`);
    refused(service, '');
  });
});

describe('a token service', () => {
  const { kid } = jwt.decode(symmetric.sign(subject, now), { complete: true })!.header;
  const claims = jwt.decode(symmetric.sign(subject, now)) as jwt.JwtPayload;
  const header = { alg: 'HS256', typ: 'at+jwt', kid };
  const forge = (given: object, key: string = secret, options: jwt.SignOptions = {}) =>
    jwt.sign({ ...claims, ...given }, key, { header, ...options });

  it('accepts what is signed with its key, algorithm and all its claims alone', () => {
    expect(symmetric.verify(forge({}), now).user_id).toBe(7);
    refused(symmetric, forge({}, 'another secret of thirty-two bytes'));
    refused(symmetric, forge({}, secret, { header: { ...header, alg: 'HS512' } }));
    refused(symmetric, forge({}, secret, { header: { ...header, kid: 'unknown' } }));
    refused(symmetric, forge({}, secret, { header: { ...header, crit: ['b64'] } }));
    refused(symmetric, forge({}, secret, { header: { ...header, typ: 'JWT' } }));
    refused(symmetric, forge({ iss: 'another' }));
    refused(symmetric, forge({ aud: 'another' }));
    refused(symmetric, forge({ nbf: now.getTime() / 1000 + 60 }));
    for (const claim of ['exp', 'jti', 'sub', 'sid', 'user_id', 'iss', 'aud']) {
      const { [claim]: _, ...incomplete } = claims;
      refused(symmetric, jwt.sign(incomplete, secret, { header }));
    }
  });

  it('is not fooled by its public key used as a secret', () => {
    const { header } = jwt.decode(asymmetric.sign(subject, now), { complete: true })!;
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;
    const signature = createHmac('sha256', first.publicKey).update(input).digest('base64url');
    refused(asymmetric, `${input}.${signature}`);
  });

  it('names its keys by their thumbprint, and shows the public ones', () => {
    const { n, e } = createPublicKey(first.publicKey).export({ format: 'jwk' });
    const canonical = `{"e":"${e}","kty":"RSA","n":"${n}"}`;
    const kid = createHash('sha256').update(canonical).digest('base64url');
    expect(jwt.decode(asymmetric.sign(subject, now), { complete: true })!.header.kid).toBe(kid);
    expect(asymmetric.publicKeys()).toEqual([{ kty: 'RSA', use: 'sig', alg: 'RS256', kid, n, e }]);
    const twice = createTokenService({
      secret: undefined,
      privateKey: first.privateKey,
      publicKeys: [first.publicKey, second.publicKey],
    });
    expect(twice.publicKeys()).toHaveLength(2);
    expect(symmetric.publicKeys()).toEqual([]);
  });

  it('accepts the tokens of the key before, while it is listed, and of no other', () => {
    const rotated = createTokenService({
      secret: undefined,
      privateKey: second.privateKey,
      publicKeys: [first.publicKey],
    });
    const old = asymmetric.sign(subject, now);
    expect(rotated.verify(old, now).user_id).toBe(7);
    expect(rotated.verify(rotated.sign(subject, now), now).user_id).toBe(7);
    refused(asymmetric, rotated.sign(subject, now));
    const forgotten = createTokenService({
      secret: undefined,
      privateKey: second.privateKey,
      publicKeys: [],
    });
    refused(forgotten, old);
  });
});

describe('a refresh token', () => {
  it('is unguessable and known by its hash', () => {
    const tokens = Array.from({ length: 100 }, newRefreshToken);
    expect(new Set(tokens).size).toBe(100);
    expect(tokens.every((token) => /^rt_[\w-]{43}$/.test(token))).toBe(true);
    expect(hashRefreshToken(tokens[0]!)).toHaveLength(32);
  });

  it('has one successor, which nobody can tell without the key', () => {
    const token = newRefreshToken();
    const successor = symmetric.successor(token);
    expect(successor).toMatch(/^rt_[\w-]{43}$/);
    expect(symmetric.successor(token)).toBe(successor);
    expect(symmetric.successor(successor)).not.toBe(successor);
    expect(asymmetric.successor(token)).not.toBe(successor);
    expect(symmetric.fingerprint(token).toString('base64url')).not.toBe(successor.slice(3));
  });
});
