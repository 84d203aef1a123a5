import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { runCommand } from '../tools/lib/commands';
import { compiledRoot, projectRoot } from '../tools/lib/paths';
import { randomFreePort } from '../tools/lib/ports';
import { type RunningProcess, startTogether } from '../tools/lib/processes';
import { throwawayFolder } from '../tools/lib/throwaway-folder';
import { prepareServers } from '../tools/servers/prepare';
import {
  applicationEnvironment,
  type Environment,
  startApi,
  startWorker,
  untilApiReady,
} from '../tools/system/application';
import { DataFolder } from '../tools/system/data-folder';
import { type EmbeddedServer, embeddedServers } from '../tools/system/embedded';
import type { Ports } from '../tools/system/ports';
import { ApiClient } from './api-client';
import type { Processes } from './cost';
import { type Engine, type EngineKind, engineOf } from './engine';

/** Where results go. */
export const benchFolder = join(projectRoot, '.regie', 'bench');

/** The system as `npm start` runs it, on servers and data of its own that go when it stops. */
export interface BenchSystem {
  apiUrl: string;
  env: Environment;
  api: RunningProcess;
  worker: RunningProcess;
  engine: Engine;
  /** The two and all servers, by what they are for. */
  processes: Processes;
  /** For the rows that are loaded in one go, and for looking what has become of others. */
  db: Client;
  /** Signs the first administrator in, or somebody with the same password: tokens live 15 minutes, so each scenario does. */
  signIn(email?: string): Promise<ApiClient>;
  /** Starts another worker beside the first. */
  addWorker(): Promise<RunningProcess>;
  /** Ends the engine, removes all that it has kept, and starts it anew at its address. */
  loseEngine(): Promise<void>;
  stop(): Promise<void>;
}

const settings = {
  WEB_CONCURRENCY: '2',
  RATE_LIMITS: 'off',
  REGROUPEMENT_MINUTES: '0',
  DOCUMENT_MAX_OCTETS: '524288000',
  ADMIN_EMAIL: 'admin@regie.local',
  ADMIN_PASSWORD: `Aa1-${randomBytes(15).toString('base64url')}`,
};

/** Servers of the user's own are not to be filled with 100,000 interventions. */
const forgotten = [
  'DATABASE_URL',
  'DATABASE_OWNER_URL',
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'S3_ENDPOINT',
  'SMTP_URL',
  'PORT',
];

export async function startBenchSystem(kind: EngineKind = 'development'): Promise<BenchSystem> {
  for (const name of forgotten) delete process.env[name];
  await prepareServers({ temporal: true, s3: true, timeSkipping: false });
  // Beside the results rather than in the system's temporary folder, which may be memory: flushing must cost what it costs.
  await mkdir(benchFolder, { recursive: true });
  const throwaway = await throwawayFolder(benchFolder);
  const folder = new DataFolder(throwaway.path);
  const started: RunningProcess[] = [];
  const stop = async () => {
    for (const running of [...started].reverse()) await running.stop();
    await throwaway.remove();
  };
  try {
    const ports = await randomPorts();
    const servers = await embeddedServers(folder, ports);
    const others = servers.filter(({ name }) => name !== 'temporal');
    const running = await startTogether(others.map((server) => server.start()));
    started.push(...running);
    const engine = engineOf(kind, servers, folder, ports);
    started.push(await engine.start());
    const atEngine = started.length - 1;
    const serving = (name: EmbeddedServer['name']) => running[others.findIndex((one) => one.name === name)]!;
    const application = await applicationEnvironment(folder, ports.api);
    const env: Environment = Object.assign(
      {},
      ...servers.map((server) => server.env),
      application.env,
      settings,
    );
    await runCommand(process.execPath, [join(compiledRoot, 'src', 'setup.js')], { env });
    const worker = await startWorker(env, folder);
    started.push(worker);
    const api = await startApi(env, folder);
    started.push(api);
    await untilApiReady(api, env, folder);
    const db = new Client({ connectionString: env.DATABASE_OWNER_URL });
    await db.connect();
    const apiUrl = `http://127.0.0.1:${ports.api}`;
    const processes = {
      api,
      postgres: serving('postgres'),
      engine: started[atEngine]!,
      worker,
      other: serving('s3'),
    };
    return {
      apiUrl,
      env,
      api,
      worker,
      engine,
      processes,
      db,
      addWorker: async () => {
        const added = await startWorker(env, folder);
        started.push(added);
        return added;
      },
      loseEngine: async () => {
        await processes.engine.stop();
        await engine.forget();
        processes.engine = await engine.start();
        started[atEngine] = processes.engine;
      },
      signIn: (email = settings.ADMIN_EMAIL) => signInAs(apiUrl, email, settings.ADMIN_PASSWORD),
      stop: async () => {
        await db.end();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

export async function signInAs(apiUrl: string, email: string, password: string): Promise<ApiClient> {
  const anonymous = new ApiClient(apiUrl);
  const { access_token } = await anonymous.send<{ access_token: string }>('POST', '/auth/login', {
    email,
    password,
  });
  anonymous.close();
  return new ApiClient(apiUrl, access_token);
}

async function randomPorts(): Promise<Ports> {
  const names = ['api', 'webUi', 'mailPage', 'postgres', 'temporal', 's3', 'smtp'] as const;
  const ports: Partial<Ports> = {};
  for (const name of names) ports[name] = await randomFreePort();
  return ports as Ports;
}
