import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { projectRoot } from '../lib/paths';
import { randomFreePort } from '../lib/ports';
import type { RunningProcess } from '../lib/processes';
import { startThrowawayServers } from '../servers/throwaway';
import { type Environment, setUp, startApi, startWorker, untilApiReady } from '../system/application';
import { DataFolder } from '../system/data-folder';

/** Where logs and reports of the last run stay. */
export const fuzzFolder = join(projectRoot, '.regie', 'fuzz');

/** The application on servers and data of its own that go when it stops. */
export interface FuzzSystem {
  apiUrl: string;
  admin: { email: string; password: string };
  stop(): Promise<void>;
}

/** Of the person who runs this, and not meant for a system that strangers play with. */
const forgotten = [
  'PUBLIC_URL',
  'JWT_PRIVATE_KEY',
  'JWT_PUBLIC_KEYS',
  'SECOND_FACTEUR_ROLES',
  'POLITIQUE_MOT_DE_PASSE',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_TASK_QUEUE',
  'MAIL_FROM',
];

export async function startFuzzSystem(): Promise<FuzzSystem> {
  const servers = await startThrowawayServers();
  const started: RunningProcess[] = [];
  const stop = async () => {
    for (const running of [...started].reverse()) await running.stop();
    await servers.stop();
  };
  try {
    const folder = new DataFolder(fuzzFolder);
    const env = environment(servers.env, await randomFreePort());
    await setUp(env);
    started.push(await startWorker(env, folder));
    const api = await startApi(env, folder);
    started.push(api);
    await untilApiReady(api, env, folder);
    const admin = { email: env.ADMIN_EMAIL!, password: env.ADMIN_PASSWORD! };
    return { apiUrl: `http://127.0.0.1:${env.PORT}`, admin, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function environment(servers: Environment, port: number): Environment {
  const applicationUrl = new URL(servers.TEST_DATABASE_URL!);
  // As in production not the owner of the tables: what its rights do not allow has to show, too.
  applicationUrl.username = 'regie_app';
  applicationUrl.password = randomBytes(15).toString('hex');
  const medicalUrl = new URL(applicationUrl);
  medicalUrl.username = 'regie_medecine';
  medicalUrl.password = randomBytes(15).toString('hex');
  return {
    ...Object.fromEntries(forgotten.map((name) => [name, ''])),
    PORT: String(port),
    DATABASE_OWNER_URL: servers.TEST_DATABASE_URL!,
    DATABASE_URL: applicationUrl.href,
    DATABASE_MEDICAL_URL: medicalUrl.href,
    TEMPORAL_ADDRESS: servers.TEST_TEMPORAL_ADDRESS!,
    S3_ENDPOINT: servers.TEST_S3_ENDPOINT!,
    S3_ACCESS_KEY: servers.TEST_S3_ACCESS_KEY!,
    S3_SECRET_KEY: servers.TEST_S3_SECRET_KEY!,
    S3_BUCKET: 'regie-fuzz',
    SMTP_URL: servers.TEST_SMTP_URL!,
    JWT_SECRET: randomBytes(32).toString('base64url'),
    DOCUMENT_KEYS: `fuzz:${randomBytes(32).toString('base64')}`,
    ADMIN_EMAIL: 'admin@regie.local',
    ADMIN_PASSWORD: `Aa1-${randomBytes(15).toString('base64url')}`,
    // The fuzzer asks for more than callers do; those who fail to sign in are limited all the same.
    RATE_LIMITS: 'off',
    // Lets the people of this world come from another address than the fuzzer, which fails to sign in a hundred times.
    TRUSTED_PROXIES: 'loopback',
    WEB_CONCURRENCY: '1',
    LOG_LEVEL: 'warn',
  };
}
