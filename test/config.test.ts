import { generateKeyPairSync } from 'node:crypto';
import { ConfigurationError, loadConfig } from '../src/config';
import { keyPair } from './support/forgery';

const valid = {
  DATABASE_URL: 'postgres://localhost/regie',
  TEMPORAL_ADDRESS: 'localhost:7233',
  S3_ENDPOINT: 'http://localhost:9000',
  S3_ACCESS_KEY: 'access',
  S3_SECRET_KEY: 'secret',
  SMTP_URL: 'smtp://localhost:1025',
  DOCUMENT_KEYS: `k1:${Buffer.alloc(32, 'k').toString('base64')}`,
};
const JWT_SECRET = 'a secret of thirty-two bytes or more';
const [current, former, older] = [keyPair(), keyPair(3_072), keyPair()];
const short = keyPair(1_024);
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ec = {
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
};

/** The variables that a configuration is refused for. */
function faults(jwt: Record<string, string>): string[] {
  try {
    loadConfig({ ...valid, ...jwt });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return [...error.message.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name!);
  }
}

describe('the keys of tokens', () => {
  it('are a secret, or an RSA key with any number of former ones', () => {
    expect(faults({ JWT_SECRET })).toEqual([]);
    const JWT_PRIVATE_KEY = current.privateKey.replaceAll('\n', '\\n');
    const { jwt } = loadConfig({
      ...valid,
      JWT_PRIVATE_KEY,
      JWT_PUBLIC_KEYS: former.publicKey + older.publicKey,
    });
    expect(jwt.publicKeys.map((pem) => `${pem}\n`)).toEqual([former.publicKey, older.publicKey]);
    expect(jwt.privateKey).toBe(current.privateKey);
  });

  it.each([
    ['missing', {}, ['JWT_SECRET']],
    ['a secret of 31 bytes', { JWT_SECRET: JWT_SECRET.slice(0, 31) }, ['JWT_SECRET']],
    ['an RSA key of 1024 bits', { JWT_PRIVATE_KEY: short.privateKey }, ['JWT_PRIVATE_KEY']],
    ['a key of an elliptic curve', { JWT_PRIVATE_KEY: ec.privateKey }, ['JWT_PRIVATE_KEY']],
    [
      'a public key in the place of the private one',
      { JWT_PRIVATE_KEY: current.publicKey },
      ['JWT_PRIVATE_KEY'],
    ],
    ...Object.entries({
      'of 1024 bits': short.publicKey,
      'of an elliptic curve': ec.publicKey,
      'that is a private key': older.privateKey,
      'that is none': 'une clé',
      'of which one of two is no RSA key': former.publicKey + ec.publicKey,
    }).map(([name, JWT_PUBLIC_KEYS]): [string, Record<string, string>, string[]] => [
      `a former key ${name}`,
      { JWT_PRIVATE_KEY: current.privateKey, JWT_PUBLIC_KEYS },
      ['JWT_PUBLIC_KEYS'],
    ]),
    ['former keys beside a secret', { JWT_SECRET, JWT_PUBLIC_KEYS: former.publicKey }, ['JWT_PUBLIC_KEYS']],
  ] as [string, Record<string, string>, string[]][])('are refused when they are %s', (_, jwt, refused) => {
    expect(faults(jwt)).toEqual(refused);
  });
});
