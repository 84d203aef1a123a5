import { availableParallelism } from 'node:os';
import { getCACertificates } from 'node:tls';
import { compile as compileTrust } from 'proxy-addr';
import { z } from 'zod';
import type { PasswordPolicy } from './domain/identite/passwords';
import { PAYS_OF_ZONE } from './domain/planification/feries';
import { DEFAULT_TRAJETS, type TrajetSettings } from './domain/planification/trajets';
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

/** Where text messages are handed over. */
interface SmsSettings {
  /** Of the gateway; null where there is none. */
  url: string | null;
  /** `Authorization: Bearer`; null for a gateway that asks for none. */
  jeton: string | null;
  expediteur: string;
  /** Folder of a file outbox, for where there is no gateway. */
  dossier: string | null;
  /** Where the gateway tells what became of a message. */
  statuts: string;
}

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
    RETOURS_SECRET: z.string().optional(),
    MAIL_FROM: z.string().default('Régie <regie@localhost>'),
    ADMIN_EMAIL: z.email().default('admin@regie.local'),
    ADMIN_PASSWORD: z.string().optional(),
    JWT_SECRET: z.string().optional(),
    JWT_PRIVATE_KEY: z.string().transform(withLineBreaks).optional(),
    JWT_PUBLIC_KEYS: z.string().transform(splitPem).optional(),
    DATABASE_OWNER_URL: z.string().optional(),
    DATABASE_MEDICAL_URL: z.string().optional(),
    DOCUMENT_KEYS: dataKeys,
    DOCUMENT_MAX_OCTETS: z.coerce.number().default(50 * 1024 * 1024),
    DOCUMENTS_CONSERVATION_JOURS: z.coerce.number().default(90),
    ACCES_CONSERVATION_MOIS: z.coerce.number().default(36),
    SECOND_FACTEUR_ROLES: roles.default([]),
    POLITIQUE_MOT_DE_PASSE: z.enum(['owasp', 'nist']).default('owasp'),
    RATE_LIMITS: z.enum(['on', 'off']).default('on'),
    TRUSTED_PROXIES: trustedProxies.default([]),
    CORS_ORIGINS: z.string().transform(list).default(['http://localhost:3000']),
    REGIE_TIME_ZONE: z.string().default('Africa/Casablanca'),
    TRAJET_KMH: z.coerce.number().default(DEFAULT_TRAJETS.kmh),
    TRAJET_DETOUR: z.coerce.number().default(DEFAULT_TRAJETS.detour),
    TRAJET_URL: z.string().optional(),
    SMS_URL: z.string().optional(),
    SMS_JETON: z.string().optional(),
    SMS_EXPEDITEUR: z.string().default('Regie'),
    SMS_SECRET: z.string().optional(),
    SMS_SEGMENTS: z.coerce.number().default(2),
    SMS_DOSSIER: z.string().optional(),
    TELEPHONE_PAYS: z.string().optional(),
    WEBHOOKS_RESEAUX_PRIVES: z.enum(['on', 'off']).default('off'),
    WEBHOOKS_CA: z.string().optional(),
    REGROUPEMENT_MINUTES: z.coerce.number().default(2),
    RDV_CADRES: z.string().transform(list).default([]),
    RDV_PREUVE_BITS: z.coerce.number().default(16),
    WEB_CONCURRENCY: z.coerce.number().default(Math.min(4, availableParallelism())),
    DEV_PAGES: z.enum(['on', 'off']).default('off'),
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
  /** As which what is medical is reached, and nothing else. */
  databaseMedicalUrl: string;
  temporal: { address: string; namespace: string; taskQueue: string; uiUrl: string };
  s3: { endpoint: string; accessKey: string; secretKey: string; bucket: string };
  mail: { smtpUrl: string; from: string };
  /** Signs what is transmitted of mails that came back; null where nothing is. */
  retoursSecret: string | null;
  admin: { email: string; password: string | undefined };
  jwt: { secret: string | undefined; privateKey: string | undefined; publicKeys: string[] };
  /** Keys for what is encrypted at rest; the first one encrypts. */
  dataKeys: DataKey[];
  documents: DocumentSettings;
  /** Months for which it is known who read what of a patient. */
  accesConservationMois: number;
  /** Roles whose people have to sign in with a second factor. */
  secondFacteurRoles: Role[];
  politiqueMotDePasse: PasswordPolicy;
  /** Whether callers are limited in general; those who sign in always are. */
  rateLimits: boolean;
  /** Whose word about a client's address is taken (`X-Forwarded-For`). */
  trustedProxies: string[];
  corsOrigins: string[];
  timeZone: string;
  /** For how long a message that can wait does, for others of its kind; 0 for none. */
  regroupementMinutes: number;
  /** How long travel takes where no road service is asked, or none answers; and the base of the one that is. */
  trajets: TrajetSettings & { url: string | null };
  /** The gateway of text messages, or the folder that stands for one; neither where none are sent. */
  sms: SmsSettings & {
    /** Signs what the gateway tells us; null where it tells nothing. */
    secret: string | null;
    /** Segments of a text, at most. */
    segments: number;
  };
  /** Whom a push service asks about us: `mailto:` or `https:`. */
  pushContact: string;
  /** ISO 3166, of telephone numbers without the code of their country; null where there is none. */
  telephonePays: string | null;
  /** For calls to URLs that people give. */
  outgoing: {
    /** Whether they may lead into the house's own network. */
    privateNetworks: boolean;
    /** All authorities to trust, in PEM, where the house has some of its own; null for those that Node.js trusts. */
    ca: string | null;
  };
  /** The pages on which anybody books. */
  rdv: {
    /** Origins whose pages may show them in a frame. */
    cadres: string[];
    /** Zero bits that a browser finds before it books; 0 for no such work. */
    preuveBits: number;
  };
  /** Number of API processes behind the one port. */
  webConcurrency: number;
  /** Whether pages are shown that are for those who work on Régie, such as `/dev/mails`. */
  devPages: boolean;
  logLevel: string;
}

export interface DocumentSettings {
  /** Bytes of a file at most. */
  maxOctets: number;
  /** Days for which a document that was deleted is kept. */
  conservationJours: number;
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
  const publicUrl = (value.PUBLIC_URL ?? `http://localhost:${value.PORT}`).replace(/\/+$/, '');
  return {
    port: value.PORT,
    publicUrl,
    databaseUrl: value.DATABASE_URL,
    databaseOwnerUrl: value.DATABASE_OWNER_URL ?? value.DATABASE_URL,
    databaseMedicalUrl: value.DATABASE_MEDICAL_URL ?? value.DATABASE_URL,
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
    retoursSecret: value.RETOURS_SECRET ?? null,
    admin: { email: value.ADMIN_EMAIL.toLowerCase(), password: value.ADMIN_PASSWORD },
    jwt: {
      secret: value.JWT_SECRET,
      privateKey: value.JWT_PRIVATE_KEY,
      publicKeys: value.JWT_PUBLIC_KEYS ?? [],
    },
    dataKeys: value.DOCUMENT_KEYS,
    documents: {
      maxOctets: value.DOCUMENT_MAX_OCTETS,
      conservationJours: value.DOCUMENTS_CONSERVATION_JOURS,
    },
    accesConservationMois: value.ACCES_CONSERVATION_MOIS,
    secondFacteurRoles: value.SECOND_FACTEUR_ROLES,
    politiqueMotDePasse: value.POLITIQUE_MOT_DE_PASSE,
    rateLimits: value.RATE_LIMITS === 'on',
    trustedProxies: value.TRUSTED_PROXIES,
    corsOrigins: value.CORS_ORIGINS,
    timeZone: value.REGIE_TIME_ZONE,
    trajets: {
      kmh: value.TRAJET_KMH,
      detour: value.TRAJET_DETOUR,
      url: value.TRAJET_URL?.replace(/\/+$/, '') ?? null,
    },
    sms: {
      url: value.SMS_URL ?? null,
      jeton: value.SMS_JETON ?? null,
      expediteur: value.SMS_EXPEDITEUR,
      dossier: value.SMS_DOSSIER ?? null,
      statuts: `${publicUrl}/api/v1/sms/statuts`,
      secret: value.SMS_SECRET ?? null,
      segments: value.SMS_SEGMENTS,
    },
    pushContact: `mailto:${value.ADMIN_EMAIL.toLowerCase()}`,
    telephonePays: value.TELEPHONE_PAYS ?? PAYS_OF_ZONE[value.REGIE_TIME_ZONE] ?? null,
    outgoing: {
      privateNetworks: value.WEBHOOKS_RESEAUX_PRIVES === 'on',
      ca:
        value.WEBHOOKS_CA === undefined
          ? null
          : [...getCACertificates(), ...splitPem(value.WEBHOOKS_CA)].join('\n'),
    },
    regroupementMinutes: value.REGROUPEMENT_MINUTES,
    rdv: { cadres: value.RDV_CADRES, preuveBits: value.RDV_PREUVE_BITS },
    webConcurrency: value.WEB_CONCURRENCY,
    devPages: value.DEV_PAGES === 'on',
    logLevel: value.LOG_LEVEL,
  };
}
