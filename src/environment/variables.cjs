/**
 * What can be said against the variables of the environment without any package: the one place of these rules. In plain
 * JavaScript, since `tools/run` judges by them before anything is installed, fetched or built, on whatever Node.js there
 * is; `src/config.ts` judges by them again, with what takes packages, and makes a `Config` of them.
 */
const { createPrivateKey, createPublicKey, X509Certificate } = require('node:crypto');
const { passwordFaults } = require('../domain/identite/password-policy.cjs');

const PASSWORD_POLICIES = ['owasp', 'nist'];
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const SWITCH = ['on', 'off'];

/** For each variable whether its value is acceptable, and what it must be. */
const RULES = {
  PORT: integer(0, 65_535),
  PUBLIC_URL: url('http:', 'https:'),
  DATABASE_URL: url('postgres:', 'postgresql:'),
  DATABASE_OWNER_URL: url('postgres:', 'postgresql:'),
  DATABASE_MEDICAL_URL: url('postgres:', 'postgresql:'),
  TEMPORAL_ADDRESS: [(value) => /^[^:\s]+:\d+$/.test(value), 'must be host:port'],
  TEMPORAL_UI_URL: url('http:', 'https:'),
  S3_ENDPOINT: url('http:', 'https:'),
  S3_BUCKET: [(value) => value.length >= 3, 'must have at least 3 characters'],
  SMTP_URL: url('smtp:', 'smtps:'),
  MAIL_FROM: [(value) => value.length >= 3, 'must have at least 3 characters'],
  RETOURS_SECRET: [(value) => Buffer.byteLength(value) >= 32, 'must have at least 32 bytes'],
  JWT_SECRET: [(value) => Buffer.byteLength(value) >= 32, 'must have at least 32 bytes'],
  JWT_PRIVATE_KEY: [
    (value) => isStrongRsa(() => createPrivateKey(withLineBreaks(value))),
    'must be an RSA private key of 2048 bits or more, in PEM',
  ],
  JWT_PUBLIC_KEYS: [arePublicKeys, 'must be RSA public keys of 2048 bits or more, in PEM'],
  DOCUMENT_KEYS: [areDataKeys, 'must be a list of id:base64, each of 32 bytes, no two of one id'],
  DOCUMENT_MAX_OCTETS: integer(1, 524_288_000),
  DOCUMENTS_CONSERVATION_JOURS: integer(0, 36_500),
  // Less the database keeps whatever it is told (180 days).
  ACCES_CONSERVATION_MOIS: integer(6, 1_200),
  POLITIQUE_MOT_DE_PASSE: oneOf(PASSWORD_POLICIES),
  RATE_LIMITS: oneOf(SWITCH),
  // `*` or `null` would let any page in, with the credentials of whoever looks at it.
  CORS_ORIGINS: [
    (value) => list(value).every((origin) => canParse(origin) && new URL(origin).origin === origin),
    'must be a list of origins such as https://app.example.com',
  ],
  REGIE_TIME_ZONE: [isTimeZone, 'must be an IANA time zone such as Africa/Casablanca'],
  TRAJET_KMH: number(1, 200),
  TRAJET_DETOUR: number(1, 5),
  TRAJET_URL: url('http:', 'https:'),
  SMS_URL: url('http:', 'https:'),
  SMS_EXPEDITEUR: [isExpediteur, 'must be up to 11 letters, figures and spaces, or a number'],
  SMS_SECRET: [(value) => Buffer.byteLength(value) >= 32, 'must have at least 32 bytes'],
  SMS_SEGMENTS: integer(1, 10),
  TELEPHONE_PAYS: [(value) => /^[A-Z]{2}$/.test(value), 'must be a country code of two capitals such as MA'],
  WEBHOOKS_RESEAUX_PRIVES: oneOf(SWITCH),
  WEBHOOKS_CA: [areCertificates, 'must be certificates in PEM'],
  REGROUPEMENT_MINUTES: integer(0, 60),
  RDV_CADRES: [
    (value) => list(value).every((origin) => canParse(origin) && new URL(origin).origin === origin),
    'must be a list of origins such as https://www.example.com',
  ],
  RDV_PREUVE_BITS: integer(0, 24),
  WEB_CONCURRENCY: integer(1, 64),
  DEV_PAGES: oneOf(SWITCH),
  LOG_LEVEL: oneOf(LOG_LEVELS),
};

/**
 * Everything that speaks against the given variables, those of them that are set.
 * @returns {{ variable: string, message: string }[]}
 */
function faultsOf(env) {
  const faults = [];
  for (const [variable, [accepts, message]] of Object.entries(RULES))
    if (env[variable] && !accepts(env[variable])) faults.push({ variable, message });
  if (env.JWT_PUBLIC_KEYS && !env.JWT_PRIVATE_KEY)
    faults.push({ variable: 'JWT_PUBLIC_KEYS', message: 'needs JWT_PRIVATE_KEY' });
  // Names and dictionaries, which take packages, are looked at when the administrator is made, and by `npm start` before.
  const policy = env.POLITIQUE_MOT_DE_PASSE === 'nist' ? 'nist' : 'owasp';
  if (env.ADMIN_PASSWORD)
    for (const { en } of passwordFaults(env.ADMIN_PASSWORD, policy))
      faults.push({ variable: 'ADMIN_PASSWORD', message: en });
  return faults;
}

/** The one message that names every fault. */
function describeFaults(faults) {
  const lines = faults.map(({ variable, message }) => `  ${variable}: ${message}`);
  return ['Configuration invalid:', ...lines].join('\n');
}

/** What networks show as the sender of a text message: a name, or a number. */
function isExpediteur(value) {
  const isName =
    /^[A-Za-z0-9][A-Za-z0-9 ]{0,10}$/.test(value) && /[A-Za-z]/.test(value) && !value.endsWith(' ');
  return isName || /^\+?\d{3,15}$/.test(value);
}

function integer(min, max) {
  const accepts = (value) => /^\s*\d+\s*$/.test(value) && Number(value) >= min && Number(value) <= max;
  return [accepts, `must be a whole number from ${min} to ${max}`];
}

function number(min, max) {
  const accepts = (value) =>
    /^\s*\d+(\.\d+)?\s*$/.test(value) && Number(value) >= min && Number(value) <= max;
  return [accepts, `must be a number from ${min} to ${max}`];
}

function oneOf(values) {
  return [(value) => values.includes(value), `must be one of ${values.join(', ')}`];
}

function url(...protocols) {
  return [
    (value) => canParse(value) && protocols.includes(new URL(value).protocol),
    `must be a URL starting with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  ];
}

/** `URL.canParse`, which Node.js 18 does not have in all its versions. */
function canParse(value) {
  try {
    return Boolean(new URL(value));
  } catch {
    return false;
  }
}

function isTimeZone(value) {
  try {
    return Boolean(new Intl.DateTimeFormat('fr', { timeZone: value }));
  } catch {
    return false;
  }
}

function arePublicKeys(value) {
  const keys = splitPem(value);
  const isPublic = (pem) => !pem.includes('PRIVATE KEY') && isStrongRsa(() => createPublicKey(pem));
  return keys.length > 0 && keys.every(isPublic);
}

function areCertificates(value) {
  const blocks = splitPem(value);
  try {
    return blocks.length > 0 && blocks.every((pem) => Boolean(new X509Certificate(pem)));
  } catch {
    return false;
  }
}

/** NIST SP 800-131A: shorter moduli are within reach. */
function isStrongRsa(read) {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = read();
    return asymmetricKeyType === 'rsa' && asymmetricKeyDetails.modulusLength >= 2048;
  } catch {
    return false;
  }
}

function areDataKeys(value) {
  const keys = list(value).map(dataKey);
  return keys.every(({ key }) => key.length === 32) && new Set(keys.map(({ id }) => id)).size === keys.length;
}

/** A key of AES-256 written `id:base64`; of another length where it is none. */
function dataKey(entry) {
  const [, id, encoded] = /^([\w-]{1,32}):([\w+/=-]+)$/.exec(entry) ?? ['', '', ''];
  return { id, key: Buffer.from(encoded, 'base64') };
}

/** Several values with commas. */
function list(value) {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

/** Splits concatenated PEM blocks. */
function splitPem(text) {
  return withLineBreaks(text).match(/-----BEGIN [^-]+-----[\s\S]+?-----END [^-]+-----/g) ?? [];
}

/** A literal `\n` stands for a line break, for environments that cannot hold one. */
function withLineBreaks(pem) {
  return pem.replaceAll('\\n', '\n');
}

module.exports = { dataKey, describeFaults, faultsOf, list, splitPem, withLineBreaks };
