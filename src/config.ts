import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { compile as compileTrust } from 'proxy-addr';
import { z } from 'zod';
import { type PasswordPolicy, passwordFaults } from './domain/passwords';
import { ROLES, type Role } from './domain/roles';

/**
 * The whole configuration, read once from the environment (contract §6).
 * Everything else receives values of {@link Config}; nothing else reads `process.env`.
 */

const url = (protocols: string[]) =>
  z
    .string()
    .refine(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
      `must be a URL starting with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    );

const timeZone = z.string().refine((value) => {
  try {
    new Intl.DateTimeFormat('fr', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}, 'must be an IANA time zone such as Africa/Casablanca');

/** A key of RS256 in PEM. */
const privateKey = z
  .string()
  .transform(withLineBreaks)
  .refine(
    (value) => isStrongRsa(() => createPrivateKey(value)),
    'must be an RSA private key of 2048 bits or more, in PEM',
  );

/** Keys that RS256 tokens were signed with before, in PEM, one after the other. */
const publicKeys = z
  .string()
  .transform(splitPem)
  .refine(
    (value) =>
      value.length > 0 &&
      value.every((pem) => !pem.includes('PRIVATE KEY') && isStrongRsa(() => createPublicKey(pem))),
    'must be RSA public keys of 2048 bits or more, in PEM',
  );

/** NIST SP 800-131A: shorter moduli are within reach. */
function isStrongRsa(read: () => KeyObject): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = read();
    return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
  } catch {
    return false;
  }
}

/** Keys of AES-256 for what is encrypted at rest: `id:base64`, with commas; the first one encrypts. */
const dataKeys = z.string().transform((value, ctx): DataKey[] =>
  list(value).map((entry) => {
    const [, id, encoded] = /^([\w-]{1,32}):([\w+/=-]+)$/.exec(entry) ?? [];
    const key = Buffer.from(encoded ?? '', 'base64');
    if (id === undefined || key.length !== 32) {
      ctx.addIssue({ code: 'custom', message: 'must be a list of id:base64, each of 32 bytes' });
    }
    return { id: id ?? '', key };
  }),
);

const roles = z
  .string()
  .transform(list)
  .pipe(z.array(z.enum(ROLES)));

/** Addresses, networks in CIDR notation, or the names that `proxy-addr` gives to private ones. */
const trustedProxies = z
  .string()
  .transform(list)
  .refine((value) => {
    try {
      compileTrust(value);
      return true;
    } catch {
      return false;
    }
  }, 'must be a list of addresses, networks such as 10.0.0.0/8, loopback, linklocal or uniquelocal');

/** Origins of browsers. `*` or `null` would let any page in, with the credentials of whoever looks at it. */
const origins = z
  .string()
  .transform(list)
  .refine(
    (value) => value.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin),
    'must be a list of origins such as https://app.example.com',
  );

/** Several values with commas. */
function list(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

const integer = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

const environment = z
  .object({
    PORT: integer(0, 65_535).default(8000),
    PUBLIC_URL: url(['http:', 'https:']).optional(),
    DATABASE_URL: url(['postgres:', 'postgresql:']),
    TEMPORAL_ADDRESS: z.string().regex(/^[^:\s]+:\d+$/, 'must be host:port'),
    TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
    TEMPORAL_TASK_QUEUE: z.string().min(1).default('regie'),
    TEMPORAL_UI_URL: url(['http:', 'https:']).default('http://localhost:8233'),
    S3_ENDPOINT: url(['http:', 'https:']),
    S3_ACCESS_KEY: z.string().min(1),
    S3_SECRET_KEY: z.string().min(1),
    S3_BUCKET: z.string().min(3).default('regie'),
    SMTP_URL: url(['smtp:', 'smtps:']),
    MAIL_FROM: z.string().min(3).default('Régie <regie@localhost>'),
    ADMIN_EMAIL: z.email().default('admin@regie.local'),
    ADMIN_PASSWORD: z.string().optional(),
    JWT_SECRET: z.string().optional(),
    JWT_PRIVATE_KEY: privateKey.optional(),
    JWT_PUBLIC_KEYS: publicKeys.optional(),
    DATABASE_OWNER_URL: url(['postgres:', 'postgresql:']).optional(),
    DOCUMENT_KEYS: dataKeys,
    SECOND_FACTEUR_ROLES: roles.default([]),
    POLITIQUE_MOT_DE_PASSE: z.enum(['owasp', 'nist']).default('owasp'),
    RATE_LIMITS: z.enum(['on', 'off']).default('on'),
    TRUSTED_PROXIES: trustedProxies.default([]),
    CORS_ORIGINS: origins.default(['http://localhost:3000']),
    REGIE_TIME_ZONE: timeZone.default('Africa/Casablanca'),
    WEB_CONCURRENCY: integer(1, 64).default(Math.min(4, availableParallelism())),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  })
  .superRefine((env, ctx) => {
    const fault = (path: string, message: string) => ctx.addIssue({ code: 'custom', path: [path], message });
    if (!env.JWT_SECRET && !env.JWT_PRIVATE_KEY)
      fault('JWT_SECRET', 'is required unless JWT_PRIVATE_KEY is set');
    if (env.JWT_PUBLIC_KEYS && !env.JWT_PRIVATE_KEY) fault('JWT_PUBLIC_KEYS', 'needs JWT_PRIVATE_KEY');
    if (env.JWT_SECRET && Buffer.byteLength(env.JWT_SECRET) < 32)
      fault('JWT_SECRET', 'must have at least 32 bytes');
    // The rest of the policy, which takes dictionaries, is looked at when the administrator is made.
    if (env.ADMIN_PASSWORD !== undefined) {
      for (const { en } of passwordFaults(env.ADMIN_PASSWORD, env.POLITIQUE_MOT_DE_PASSE))
        fault('ADMIN_PASSWORD', en);
    }
  });

export interface Config {
  port: number;
  /** Base of the links written into emails, without a trailing slash. */
  publicUrl: string;
  /** As which API and worker connect. */
  databaseUrl: string;
  /** As which the setup connects, which changes the schema and gives the application its rights. */
  databaseOwnerUrl: string;
  temporal: { address: string; namespace: string; taskQueue: string; uiUrl: string };
  s3: { endpoint: string; accessKey: string; secretKey: string; bucket: string };
  mail: { smtpUrl: string; from: string };
  admin: { email: string; password: string | undefined };
  jwt: { secret: string | undefined; privateKey: string | undefined; publicKeys: string[] };
  /** Keys for what is encrypted at rest; the first one encrypts. */
  dataKeys: DataKey[];
  /** Roles whose people have to sign in with a second factor. */
  secondFacteurRoles: Role[];
  politiqueMotDePasse: PasswordPolicy;
  /** Whether callers are limited in general; those who sign in always are. */
  rateLimits: boolean;
  /** Whose word about a client's address is taken (`X-Forwarded-For`). */
  trustedProxies: string[];
  corsOrigins: string[];
  timeZone: string;
  /** Number of API processes behind the one port. */
  webConcurrency: number;
  logLevel: string;
}

export interface DataKey {
  id: string;
  /** 256 bits. */
  key: Buffer;
}

export class ConfigurationError extends Error {}

/**
 * Reads and validates the environment.
 * @throws {ConfigurationError} one message that names every fault.
 */
export function loadConfig(env: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = environment.safeParse(given);
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigurationError(`Configuration invalid:\n${faults.join('\n')}`);
  }
  const value = result.data;
  return {
    port: value.PORT,
    publicUrl: (value.PUBLIC_URL ?? `http://localhost:${value.PORT}`).replace(/\/+$/, ''),
    databaseUrl: value.DATABASE_URL,
    databaseOwnerUrl: value.DATABASE_OWNER_URL ?? value.DATABASE_URL,
    temporal: {
      address: value.TEMPORAL_ADDRESS,
      namespace: value.TEMPORAL_NAMESPACE,
      taskQueue: value.TEMPORAL_TASK_QUEUE,
      uiUrl: value.TEMPORAL_UI_URL.replace(/\/+$/, ''),
    },
    s3: {
      endpoint: value.S3_ENDPOINT,
      accessKey: value.S3_ACCESS_KEY,
      secretKey: value.S3_SECRET_KEY,
      bucket: value.S3_BUCKET,
    },
    mail: { smtpUrl: value.SMTP_URL, from: value.MAIL_FROM },
    admin: { email: value.ADMIN_EMAIL.toLowerCase(), password: value.ADMIN_PASSWORD },
    jwt: {
      secret: value.JWT_SECRET,
      privateKey: value.JWT_PRIVATE_KEY,
      publicKeys: value.JWT_PUBLIC_KEYS ?? [],
    },
    dataKeys: value.DOCUMENT_KEYS,
    secondFacteurRoles: value.SECOND_FACTEUR_ROLES,
    politiqueMotDePasse: value.POLITIQUE_MOT_DE_PASSE,
    rateLimits: value.RATE_LIMITS === 'on',
    trustedProxies: value.TRUSTED_PROXIES,
    corsOrigins: value.CORS_ORIGINS,
    timeZone: value.REGIE_TIME_ZONE,
    webConcurrency: value.WEB_CONCURRENCY,
    logLevel: value.LOG_LEVEL,
  };
}

/** Splits concatenated PEM blocks. */
function splitPem(text: string): string[] {
  return withLineBreaks(text).match(/-----BEGIN [^-]+-----[\s\S]+?-----END [^-]+-----/g) ?? [];
}

/** A literal `\n` stands for a line break, for environments that cannot hold one. */
function withLineBreaks(pem: string): string {
  return pem.replaceAll('\\n', '\n');
}
