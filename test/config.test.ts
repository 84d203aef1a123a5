import { generateKeyPairSync } from 'node:crypto';
import { ConfigurationError, loadConfig } from '../src/config';
import { selfSigned } from './support/certificates';
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

describe('what documents are kept by', () => {
  const key = (id: string, byte: string) => `${id}:${Buffer.alloc(32, byte).toString('base64')}`;

  it('is a ring of keys with names of their own, the first of which encrypts', () => {
    const { dataKeys } = loadConfig({
      ...valid,
      JWT_SECRET,
      DOCUMENT_KEYS: `${key('k2', 'b')},${key('k1', 'a')}`,
    });
    expect(dataKeys.map(({ id }) => id)).toEqual(['k2', 'k1']);
    for (const DOCUMENT_KEYS of ['', 'k1', 'k1:YQ==', `${key('k1', 'a')},${key('k1', 'b')}`])
      expect(faults({ JWT_SECRET, DOCUMENT_KEYS })).toEqual(['DOCUMENT_KEYS']);
  });

  it('has limits: 50 MB a file and 90 days unless said, 500 MB at most', () => {
    expect(loadConfig({ ...valid, JWT_SECRET }).documents).toEqual({
      maxOctets: 52_428_800,
      conservationJours: 90,
    });
    expect(faults({ JWT_SECRET, DOCUMENT_MAX_OCTETS: '524288000' })).toEqual([]);
    expect(faults({ JWT_SECRET, DOCUMENT_MAX_OCTETS: '524288001' })).toEqual(['DOCUMENT_MAX_OCTETS']);
    expect(faults({ JWT_SECRET, DOCUMENTS_CONSERVATION_JOURS: '-1' })).toEqual([
      'DOCUMENTS_CONSERVATION_JOURS',
    ]);
  });

  it('keeps who read what of patients for 36 months unless said, and never for less than 6', () => {
    expect(loadConfig({ ...valid, JWT_SECRET }).accesConservationMois).toBe(36);
    expect(faults({ JWT_SECRET, ACCES_CONSERVATION_MOIS: '6' })).toEqual([]);
    expect(faults({ JWT_SECRET, ACCES_CONSERVATION_MOIS: '5' })).toEqual(['ACCES_CONSERVATION_MOIS']);
  });
});

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

describe('authorities of the house', () => {
  it('are trusted beside the usual ones, for calls to what people give', () => {
    const { cert } = selfSigned('hooks.example.com');
    const { ca } = loadConfig({ ...valid, JWT_SECRET, WEBHOOKS_CA: cert.replaceAll('\n', '\\n') }).outgoing;
    expect(ca).toContain(cert.trim());
    expect(ca!.match(/BEGIN CERTIFICATE/g)!.length).toBeGreaterThan(100);
    expect(loadConfig({ ...valid, JWT_SECRET }).outgoing.ca).toBeNull();
  });

  it.each(['none', 'a key', 'half of one'])('are none: %s', (kind) => {
    const { cert, key } = selfSigned('hooks.example.com');
    const value = {
      none: 'ca.pem',
      'a key': key,
      'half of one': `${cert.slice(0, 200)}\n-----END CERTIFICATE-----`,
    }[kind]!;
    expect(faults({ JWT_SECRET, WEBHOOKS_CA: value })).toEqual(['WEBHOOKS_CA']);
  });
});
