import { availableParallelism } from 'node:os';
import { compile as compileTrust } from 'proxy-addr';
import { z } from 'zod';
import type { PasswordPolicy } from './domain/identite/passwords';
import { ROLES, type Role } from './domain/roles';
import {
  dataKey,
  describeFaults,
  type Fault,
  faultsOf,
  list,
  splitPem,
  withLineBreaks,
} from './environment/variables.cjs';

/**
 * The whole configuration, read once from the environment (contract §6).
 * Everything else receives values of {@link Config}; nothing else reads `process.env`.
 */

/** Keys of AES-256 for what is encrypted at rest: `id:base64`, with commas; the first one encrypts. */
const dataKeys = z.string().transform((value): DataKey[] => list(value).map(dataKey));

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

/**
 * What takes packages, and what the values become. Whether they are acceptable otherwise is said in
 * `environment/variables.cjs`, which judges first: these schemas see nothing that is refused there.
 */
const environment = z
  .object({
    PORT: z.coerce.number().default(8000),
    PUBLIC_URL: z.string().optional(),
    DATABASE_URL: z.string(),
    TEMPORAL_ADDRESS: z.string(),
    TEMPORAL_NAMESPACE: z.string().default('default'),
    TEMPORAL_TASK_QUEUE: z.string().default('regie'),
    TEMPORAL_UI_URL: z.string().default('http://localhost:8233'),
    S3_ENDPOINT: z.string(),
    S3_ACCESS_KEY: z.string(),
    S3_SECRET_KEY: z.string(),
    S3_BUCKET: z.string().default('regie'),
    SMTP_URL: z.string(),
    MAIL_FROM: z.string().default('Régie <regie@localhost>'),
    ADMIN_EMAIL: z.email().default('admin@regie.local'),
    ADMIN_PASSWORD: z.string().optional(),
    JWT_SECRET: z.string().optional(),
    JWT_PRIVATE_KEY: z.string().transform(withLineBreaks).optional(),
    JWT_PUBLIC_KEYS: z.string().transform(splitPem).optional(),
    DATABASE_OWNER_URL: z.string().optional(),
    DOCUMENT_KEYS: dataKeys,
    SECOND_FACTEUR_ROLES: roles.default([]),
    POLITIQUE_MOT_DE_PASSE: z.enum(['owasp', 'nist']).default('owasp'),
    RATE_LIMITS: z.enum(['on', 'off']).default('on'),
    TRUSTED_PROXIES: trustedProxies.default([]),
    CORS_ORIGINS: z.string().transform(list).default(['http://localhost:3000']),
    REGIE_TIME_ZONE: z.string().default('Africa/Casablanca'),
    WEB_CONCURRENCY: z.coerce.number().default(Math.min(4, availableParallelism())),
    LOG_LEVEL: z.string().default('info'),
  })
  .refine(({ JWT_SECRET, JWT_PRIVATE_KEY }) => JWT_SECRET || JWT_PRIVATE_KEY, {
    path: ['JWT_SECRET'],
    message: 'is required unless JWT_PRIVATE_KEY is set',
    when: () => true,
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

/** The one message that names every fault of a configuration. */
export class ConfigurationError extends Error {
  constructor(faults: readonly Fault[]) {
    super(describeFaults(faults));
  }
}

/**
 * Reads and validates the environment.
 * @throws {ConfigurationError} one message that names every fault.
 */
export function loadConfig(env: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = environment.safeParse(given);
  const plain = faultsOf(given);
  const named = new Set(plain.map(({ variable }) => variable));
  const others = (result.error?.issues ?? [])
    .map(({ path, message }) => ({ variable: path.join('.'), message }))
    .filter(({ variable }) => !named.has(variable.split('.')[0]!));
  if (plain.length > 0 || !result.success) throw new ConfigurationError([...plain, ...others]);
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
