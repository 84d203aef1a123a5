import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import jwt from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';
import { RegieError } from '../domain/errors';
import type { Role } from '../domain/roles';

/** Access tokens live this long, in seconds (seed 004 §5). */
export const ACCESS_TOKEN_LIFETIME = 15 * 60;

/** As many tokens are not verified again; one takes about a kilobyte. */
const REMEMBERED = 1_000;

const ISSUER = 'regie';
const AUDIENCE = 'regie-api';

/** What kind of token it is (RFC 9068): none of another kind, signed with the same key, passes for an access token. */
const TYPE = 'at+jwt';

/** What an access token says (seed 004 §5), with `sid`, the session whose end is its end. */
export interface AccessClaims {
  sub: string;
  user_id: number;
  role: Role;
  is_active: boolean;
  sid: string;
  jti: string;
  iat: number;
  exp: number;
}

export interface TokenSubject {
  userId: number;
  email: string;
  role: Role;
  isActive: boolean;
  sessionId: string;
}

export interface TokenService {
  sign(subject: TokenSubject, now: Date): string;
  /** @throws {RegieError} `NON_AUTHENTIFIE` for anything but a token of ours that is valid now. */
  verify(token: string, now: Date): AccessClaims;
  /** The keys with which others can verify our tokens; none under HS256, whose key is nobody else's business. */
  publicKeys(): PublicJwk[];
  /**
   * The refresh token that follows a given one. It is always the same, so that a lost answer can be given
   * again without storing the token; and only we can tell it, for it is made with our key.
   */
  successor(refreshToken: string): string;
  /** A digest that cannot be searched for without our key: what it digests may hold a password. */
  fingerprint(data: string): Buffer;
}

/** A public key as others read it (RFC 7517). */
export interface PublicJwk {
  kty: 'RSA';
  use: 'sig';
  alg: 'RS256';
  kid: string;
  n: string;
  e: string;
}

/**
 * RS256 with the given private key, or HS256 with the secret. The algorithm is pinned: a token that names
 * another one, or a key that is not ours, is refused whatever its header says.
 */
export function createTokenService(config: {
  secret: string | undefined;
  privateKey: string | undefined;
  publicKeys: readonly string[];
}): TokenService {
  const algorithm = config.privateKey === undefined ? 'HS256' : 'RS256';
  const keys = verificationKeys(config);
  const signingKey =
    config.privateKey === undefined ? secretKey(config.secret!) : createPrivateKey(config.privateKey);
  const [kid] = keys.keys();
  /** What was found good, by the token itself: whoever works sends the same one again and again. */
  const verified = new LRUCache<string, AccessClaims>({ max: REMEMBERED });
  /** What only this installation knows; other keys are derived from it. */
  const ownSecret = config.privateKey ?? config.secret!;

  return {
    sign: (subject, now) => {
      const iat = Math.floor(now.getTime() / 1000);
      const claims: AccessClaims = {
        sub: subject.email,
        user_id: subject.userId,
        role: subject.role,
        is_active: subject.isActive,
        sid: subject.sessionId,
        jti: randomUUID(),
        iat,
        exp: iat + ACCESS_TOKEN_LIFETIME,
      };
      return jwt.sign({ ...claims, iss: ISSUER, aud: AUDIENCE }, signingKey, {
        algorithm,
        header: { alg: algorithm, typ: TYPE, kid },
      });
    },

    verify: (token, now) => {
      const seconds = Math.floor(now.getTime() / 1000);
      const known = verified.get(token);
      if (known !== undefined && seconds < known.exp) return known;
      try {
        const header = jwt.decode(token, { complete: true })?.header;
        // Whatever else the header says of keys (`jwk`, `jku`, `x5u`) is not even read.
        const key = keys.get(header?.kid ?? '');
        if (key === undefined || header?.crit !== undefined) throw new Error('unknown key');
        if (header?.typ !== TYPE) throw new Error('not an access token');
        const claims = jwt.verify(token, key, {
          algorithms: [algorithm],
          issuer: ISSUER,
          audience: AUDIENCE,
          clockTimestamp: seconds,
        });
        if (!isComplete(claims)) throw new Error('claims missing');
        verified.set(token, claims);
        return claims;
      } catch (cause) {
        throw new RegieError('NON_AUTHENTIFIE', { cause });
      }
    },

    publicKeys: () =>
      algorithm === 'HS256'
        ? []
        : [...keys].map(([kid, key]) => ({ ...rsaJwk(key), use: 'sig', alg: algorithm, kid })),

    successor: (refreshToken) =>
      asRefreshToken(keyed(keyed(ownSecret, 'refresh token succession'), refreshToken)),

    fingerprint: (data) => keyed(keyed(ownSecret, 'fingerprint'), data),
  };
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** jsonwebtoken accepts tokens without an expiry or a subject; ours have them all. */
function isComplete(claims: unknown): claims is AccessClaims {
  const given = claims as Partial<AccessClaims>;
  return (
    typeof given.exp === 'number' &&
    typeof given.jti === 'string' &&
    typeof given.sub === 'string' &&
    typeof given.sid === 'string' &&
    UUID.test(given.sid) &&
    Number.isInteger(given.user_id)
  );
}

/** By `kid`. The first key is the one that belongs to what signs; the others still verify, for rotation. */
function verificationKeys(config: {
  secret: string | undefined;
  privateKey: string | undefined;
  publicKeys: readonly string[];
}): Map<string, KeyObject> {
  if (config.privateKey === undefined) {
    return new Map([[`hs-${digest(`kid:${config.secret}`).slice(0, 8)}`, secretKey(config.secret!)]]);
  }
  const all = [config.privateKey, ...config.publicKeys].map((pem) => createPublicKey(pem));
  return new Map(all.map((key) => [thumbprint(key), key]));
}

/** RFC 7638: anybody who has the key comes to the same name for it. */
function thumbprint(key: KeyObject): string {
  const { e, kty, n } = rsaJwk(key);
  return digest(JSON.stringify({ e, kty, n }));
}

function rsaJwk(key: KeyObject): Pick<PublicJwk, 'kty' | 'n' | 'e'> {
  const { n, e } = key.export({ format: 'jwk' });
  return { kty: 'RSA', n: n!, e: e! };
}

/** The first refresh token of a session: opaque, and only its hash is stored. */
export function newRefreshToken(): string {
  return asRefreshToken(randomBytes(32));
}

/** What is stored of a refresh token. The token is random, so a plain SHA-256 cannot be searched for. */
export function hashRefreshToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function asRefreshToken(bytes: Buffer): string {
  return `rt_${bytes.toString('base64url')}`;
}

function keyed(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function digest(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('base64url');
}

/** As a key object: given a text, jsonwebtoken would try at every request whether it is a public key in PEM. */
function secretKey(secret: string): KeyObject {
  return createSecretKey(Buffer.from(secret));
}
