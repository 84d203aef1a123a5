import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { generatePassword } from '../../src/auth/passwords';
import { runCommand } from '../lib/commands';
import { compiledRoot } from '../lib/paths';
import { answers, launch, type RunningProcess, untilReady } from '../lib/processes';
import type { DataFolder } from './data-folder';

/** Environment of the application's processes, on top of this one's. */
export type Environment = Record<string, string>;

/**
 * What the application is told besides its servers' addresses. Secrets that the environment does not hold are made
 * once and kept in the data folder.
 */
export async function applicationEnvironment(
  folder: DataFolder,
  apiPort: number,
): Promise<{ env: Environment; freshPassword: string | undefined }> {
  const { JWT_SECRET, JWT_PRIVATE_KEY, DOCUMENT_KEYS, ADMIN_PASSWORD, SMS_URL, SMS_DOSSIER } = process.env;
  const env: Environment = { PORT: String(apiPort) };
  if (!JWT_SECRET && !JWT_PRIVATE_KEY) env.JWT_SECRET = (await folder.secret('jwt-secret')).value;
  // Without a gateway each text message is a file.
  if (!SMS_URL && !SMS_DOSSIER) env.SMS_DOSSIER = join(folder.path, 'sms');
  if (!DOCUMENT_KEYS) {
    const { value } = await folder.secret('document-key', () => randomBytes(32).toString('base64'));
    env.DOCUMENT_KEYS = `k1:${value}`;
  }
  if (ADMIN_PASSWORD) return { env, freshPassword: undefined };
  const { value, isNew } = await folder.secret('admin-password', generatePassword);
  env.ADMIN_PASSWORD = value;
  return { env, freshPassword: isNew ? value : undefined };
}

/** Brings the schema and the bucket to the present version, and makes the first administrator. */
export async function setUp(env: Environment): Promise<void> {
  await runCommand(process.execPath, [join(compiledRoot, 'src', 'setup.js')], { env });
}

/**
 * Left to itself V8 lets garbage pile up in each heap before it collects; the worker has two of them, its own and that
 * of the workflows. So does glibc, with an arena for each few threads. The same stands in `Dockerfile` and
 * `docker-compose.yml`.
 */
const MEMORY = { MALLOC_ARENA_MAX: '2' };
const API_MEMORY = ['--max-semi-space-size=8', '--max-old-space-size=192'];
const WORKER_MEMORY = ['--max-semi-space-size=4', '--max-old-space-size=144'];

export const WORKER = 'The worker';
export const API = 'The API';

/** @param flags of Node.js, on top of the usual ones. */
export function startWorker(
  env: Environment,
  folder: DataFolder,
  flags: readonly string[] = [],
): Promise<RunningProcess> {
  return launch({
    name: WORKER,
    command: process.execPath,
    args: [...WORKER_MEMORY, ...flags, join(compiledRoot, 'src', 'worker', 'main.js')],
    env: { ...env, ...MEMORY },
    logFile: folder.log('worker'),
    stopTimeoutMs: 20_000, // running activities are given time to end
  });
}

/** @param flags of Node.js, on top of the usual ones. */
export function startApi(
  env: Environment,
  folder: DataFolder,
  flags: readonly string[] = [],
): Promise<RunningProcess> {
  return launch({
    name: API,
    command: process.execPath,
    args: [...API_MEMORY, ...flags, join(compiledRoot, 'src', 'api', 'main.js')],
    env: { ...env, ...MEMORY },
    logFile: folder.log('api'),
    stopTimeoutMs: 15_000, // so are open requests
  });
}

export async function untilApiReady(
  api: RunningProcess,
  env: Environment,
  folder: DataFolder,
): Promise<void> {
  const url = `http://127.0.0.1:${env.PORT}/api/v1/health/ready`;
  await untilReady(api, folder.log('api'), () => answers(url));
}
