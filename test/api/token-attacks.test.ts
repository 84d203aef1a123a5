import { createHmac, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { createTokenService } from '../../src/auth/tokens';
import type { User } from '../../src/db/identite/users';
import { startTestApi, type TestApi } from '../support/api';
import { createClient } from '../support/client';
import { makeUser, PASSWORD, signIn } from '../support/factories';
import { assemble, dissect, keyPair, rsa, type Token } from '../support/forgery';
import { startInstance } from '../support/instance';

/** Everything somebody without a token of ours may send in its place, to an API that signs with RS256. */

const own = keyPair();
const stranger = keyPair();

let api: TestApi;
let user: User;
let genuine: string;
beforeAll(async () => {
  api = await startTestApi({ JWT_PRIVATE_KEY: own.privateKey });
  user = await makeUser(api.db);
  genuine = await signIn(api.db, api.app.tokens, user);
});
afterAll(() => api.close());

const me = (token: string, baseUrl = api.baseUrl) => createClient(baseUrl, token).get('/auth/me');

/** The genuine token with some of its parts different, signed as our own unless said otherwise. */
function forged({ header = {}, claims = {} }: Partial<Token>, sign = rsa(own.privateKey)): string {
  const parts = dissect(genuine);
  return assemble({ header: { ...parts.header, ...header }, claims: { ...parts.claims, ...claims } }, sign);
}

const hmac =
  (key: string | Buffer, digest = 'sha256') =>
  (input: string) =>
    createHmac(digest, key).update(input).digest();
const unsigned = () => Buffer.alloc(0);

const publicKey = createPublicKey(own.publicKey);
const der = publicKey.export({ type: 'spki', format: 'der' });
const pkcs1 = publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const jwk = (pem: string) => createPublicKey(pem).export({ format: 'jwk' });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const inAnHour = Math.floor(Date.now() / 1000) + 3_600;

it('takes the genuine token, and one that only our key could have signed', async () => {
  for (const token of [genuine, forged({})]) expect((await me(token)).body.id).toBe(user.id);
});

describe('a token is refused', () => {
  const [head, claims, signature] = [0, 1, 2].map((part) => () => genuine.split('.')[part]!);
  const promoted = () => Buffer.from(JSON.stringify({ role: 'admin' })).toString('base64url');

  it.each<[string, () => string]>([
    ['whose claims were changed', () => `${head!()}.${promoted()}.${signature!()}`],
    ['without its signature', () => `${head!()}.${claims!()}.`],
    ['of two parts', () => `${head!()}.${claims!()}`],
    ['that was cut short', () => genuine.slice(0, -20)],
    ['of which only the beginning came', () => genuine.slice(0, 40)],
    ['of four parts', () => `${genuine}.${signature!()}`],
    ['that is no token', () => 'jeton'],
    ['made of dots', () => '..'],
    ['whose parts are not JSON', () => 'YQ.YQ.YQ'],
    [
      'whose header is null',
      () => `${Buffer.from('null').toString('base64url')}.${claims!()}.${signature!()}`,
    ],
    ['signed by a stranger under the name of our key', () => forged({}, rsa(stranger.privateKey))],

    ...['none', 'None', 'NONE', 'nOnE', 'none ', ''].flatMap((alg): [string, () => string][] => [
      [`of algorithm ${JSON.stringify(alg)}, unsigned`, () => forged({ header: { alg } }, unsigned)],
      [
        `of algorithm ${JSON.stringify(alg)}, with the signature of a genuine one`,
        () => forged({ header: { alg } }, () => Buffer.from(signature!(), 'base64url')),
      ],
    ]),
    ['without an algorithm', () => forged({ header: { alg: undefined } })],

    ['of HS256 with our public key in PEM as its secret', () => forged(HS256, hmac(own.publicKey))],
    ['of HS256 with that PEM trimmed', () => forged(HS256, hmac(own.publicKey.trim()))],
    ['of HS256 with our public key in PKCS#1', () => forged(HS256, hmac(pkcs1))],
    ['of HS256 with our public key in DER', () => forged(HS256, hmac(der))],
    ['of HS256 with our public key as a JWK', () => forged(HS256, hmac(JSON.stringify(jwk(own.publicKey))))],
    [
      'of HS512 with our public key',
      () => forged({ header: { alg: 'HS512' } }, hmac(own.publicKey, 'sha512')),
    ],
    ['of HS256 with an empty secret', () => forged(HS256, hmac(''))],
    [
      'signed with our key by RS512',
      () => forged({ header: { alg: 'RS512' } }, rsa(own.privateKey, 'sha512')),
    ],
    ['that says RS512 of a signature of RS256', () => forged({ header: { alg: 'RS512' } })],
    ['that says PS256 of a signature of RS256', () => forged({ header: { alg: 'PS256' } })],
    [
      'of ES256',
      () =>
        forged(
          { header: { alg: 'ES256' } },
          rsa(ec.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
        ),
    ],

    ['that names a key we do not have', () => forged({ header: { kid: 'inconnue' } })],
    ['that names no key', () => forged({ header: { kid: undefined } })],
    [
      'whose kid is a path',
      () => forged({ header: { kid: '../../../../dev/null', alg: 'HS256' } }, hmac('')),
    ],
    ['whose kid is SQL', () => forged({ header: { kid: "x' UNION SELECT 'secret' --" } }, hmac('secret'))],
    ['whose kid is a name of every object', () => forged({ header: { kid: '__proto__' } })],
    ['whose kid is a list', () => forged({ header: { kid: [dissect(genuine).header.kid] } })],
    [
      'that brings its own key',
      () => forged({ header: { jwk: jwk(stranger.publicKey) } }, rsa(stranger.privateKey)),
    ],
    [
      'that brings its own key without naming ours',
      () => forged({ header: { kid: undefined, jwk: jwk(stranger.publicKey) } }, rsa(stranger.privateKey)),
    ],
    [
      'that says where its key is to be fetched',
      () =>
        forged(
          { header: { jku: 'http://127.0.0.1:9/jwks.json', x5u: 'http://127.0.0.1:9/cert.pem' } },
          rsa(stranger.privateKey),
        ),
    ],
    ['that asks for an extension we do not know', () => forged({ header: { crit: ['b64'], b64: false } })],

    ['that has expired', () => forged({ claims: { exp: Math.floor(Date.now() / 1000) - 1 } })],
    ['that is not valid yet', () => forged({ claims: { nbf: inAnHour } })],
    ['whose end is a text', () => forged({ claims: { exp: String(inAnHour) } })],
    ...['exp', 'sub', 'jti', 'sid', 'user_id', 'iss', 'aud'].map((claim): [string, () => string] => [
      `without ${claim}`,
      () => forged({ claims: { [claim]: undefined } }),
    ]),
    ['of another issuer', () => forged({ claims: { iss: 'https://ailleurs.example' } })],
    ['for another audience', () => forged({ claims: { aud: 'autre-api' } })],
    ['of a session that does not exist', () => forged({ claims: { sid: randomUUID() } })],
    ['of a session that is none', () => forged({ claims: { sid: "' OR true --" } })],
    ['of somebody else than its session', () => forged({ claims: { user_id: 999_999 } })],
    ['of a plain JWT', () => forged({ header: { typ: 'JWT' } })],
    ['without a type', () => forged({ header: { typ: undefined } })],
    [
      'that says who somebody is, to another program',
      () => forged({ header: { typ: 'id+jwt' }, claims: { nonce: 'x', email: 'a@b.ma', auth_time: 1 } }),
    ],
  ])('%s', async (_, make) => {
    const reply = await me(make());
    expect([reply.status, reply.body.code, reply.headers.get('www-authenticate')]).toEqual([
      401,
      'NON_AUTHENTIFIE',
      'Bearer',
    ]);
  });

  const HS256 = { header: { alg: 'HS256' } };

  it('in the place of one of another kind', async () => {
    const { access_token, refresh_token } = (
      await api.anonymous.post('/auth/login', { email: user.email, password: PASSWORD })
    ).body;
    expect((await me(refresh_token)).status).toBe(401);
    const refresh = (token: string) => api.anonymous.post('/auth/refresh', { refresh_token: token });
    expect((await refresh(access_token)).status).toBe(401);
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  it('anywhere but in its header', async () => {
    const places: [string, Record<string, string>][] = [
      [`/auth/me?access_token=${genuine}`, {}],
      [`/auth/me?token=${genuine}`, {}],
      ['/auth/me', { Cookie: `access_token=${genuine}; token=${genuine}; Authorization=Bearer ${genuine}` }],
      ['/auth/me', { 'X-Authorization': `Bearer ${genuine}` }],
      ['/auth/me', { 'Proxy-Authorization': `Bearer ${genuine}` }],
      ['/auth/me', { Authorization: `Basic ${Buffer.from(`x:${genuine}`).toString('base64')}` }],
      ['/auth/me', { Authorization: `Bearer ${genuine}, Bearer ${genuine}` }],
    ];
    for (const [path, headers] of places) {
      expect([path, headers, (await api.anonymous.get(path, headers)).status]).toEqual([path, headers, 401]);
    }
    const form = new URLSearchParams({ access_token: genuine });
    expect((await api.anonymous.send('PATCH', '/auth/me', { body: form })).status).toBe(401);
  });
});

describe('a header', () => {
  /** The status that a request of these lines is answered, by a client that knows no rules. */
  async function statusOf(...lines: string[]): Promise<number> {
    const { hostname, port } = new URL(api.baseUrl);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    const request = ['GET /api/v1/auth/me HTTP/1.1', 'Host: regie', 'Connection: close', ...lines, '', ''];
    socket.write(request.join('\r\n'));
    const [first] = (await socket.take(1).toArray()) as Buffer[];
    socket.destroy();
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(String(first))![1]);
  }

  it('that comes twice is refused, in either order', async () => {
    const ours = `Authorization: Bearer ${genuine}`;
    const theirs = `Authorization: Bearer ${forged({}, rsa(stranger.privateKey))}`;
    expect(await statusOf(ours)).toBe(200);
    expect(await statusOf(ours, theirs)).toBe(401);
    expect(await statusOf(theirs, ours)).toBe(401);
    expect(await statusOf(ours, ours)).toBe(401);
  });

  it('of a megabyte is refused and harms nobody', async () => {
    const status = await statusOf(`Authorization: Bearer ${'a'.repeat(1_000_000)}`);
    expect(status).toBe(431);
    expect((await me(genuine)).status).toBe(200);
    expect((await me(`${genuine}.${'a'.repeat(10_000)}`)).status).toBe(401);
  });
});

describe('the public keys', () => {
  it('stand where other programs look for them, with all that verifying takes and nothing of the private key', async () => {
    const reply = await api.anonymous.get(`${api.baseUrl}/.well-known/jwks.json`);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('cache-control')).toBe('public, max-age=300');
    const { n, e } = jwk(own.publicKey);
    const { kid } = dissect(genuine).header;
    expect(reply.body).toEqual({ keys: [{ kty: 'RSA', use: 'sig', alg: 'RS256', kid, n, e }] });
    const post = await api.anonymous.post(`${api.baseUrl}/.well-known/jwks.json`, {});
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('are none where tokens are signed with a secret', async () => {
    const secret = 'a secret of thirty-two bytes or more';
    const tokens = createTokenService({ secret, privateKey: undefined, publicKeys: [] });
    const symmetric = await startInstance(api, { tokens });
    try {
      const reply = await api.anonymous.get(`${symmetric.baseUrl}/.well-known/jwks.json`);
      expect([reply.status, reply.body]).toEqual([200, { keys: [] }]);
    } finally {
      await symmetric.close();
    }
  });

  it('verify the tokens of the key before while it is listed, and no longer', async () => {
    const next = keyPair();
    const withKeys = (...publicKeys: string[]) =>
      startInstance(api, {
        tokens: createTokenService({ secret: undefined, privateKey: next.privateKey, publicKeys }),
      });
    const rotating = await withKeys(own.publicKey);
    const rotated = await withKeys();
    try {
      expect((await me(genuine, rotating.baseUrl)).status).toBe(200);
      expect((await me(genuine, rotated.baseUrl)).status).toBe(401);
      const listed = await api.anonymous.get(`${rotating.baseUrl}/.well-known/jwks.json`);
      expect(listed.body.keys.map(({ n }: { n: string }) => n)).toEqual([
        jwk(next.publicKey).n,
        jwk(own.publicKey).n,
      ]);
      const renewed = createTokenService({ secret: undefined, privateKey: next.privateKey, publicKeys: [] });
      const token = await signIn(api.db, renewed, user);
      expect((await me(token, rotating.baseUrl)).status).toBe(200);
      expect((await me(token)).status).toBe(401);
    } finally {
      await rotating.close();
      await rotated.close();
    }
  });
});
