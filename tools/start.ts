import { join } from 'node:path';
import { endStrays, keepJournal } from './lib/guardian';
import { identify, type ProcessIdentity } from './lib/identity';
import { releaseLock, withLock } from './lib/lock';
import { cacheDir } from './lib/paths';
import { type RunningProcess, startTogether } from './lib/processes';
import { say } from './lib/progress';
import { onStopRequest } from './lib/stop-requests';
import { Supervisor } from './lib/supervisor';
import { prepareServers } from './servers/prepare';
import {
  applicationEnvironment,
  type Environment,
  setUp,
  startApi,
  startWorker,
  untilApiReady,
} from './system/application';
import { type DataFolder, openDataFolder } from './system/data-folder';
import { prepareDevelopment, renewOnChange } from './system/development';
import { embeddedServers } from './system/embedded';
import { choosePorts, type Ports, requirePort } from './system/ports';
import { type RunFile, removeRunFile, writeRunFile } from './system/run-file';
import { summary } from './system/summary';

/**
 * `npm start`: the whole system on this machine. Starts the servers that the environment does not name, migrates,
 * then runs the worker and the API, and keeps all of them alive until it is asked to stop.
 *
 * `npm run dev` is the same with `--watch`: API and worker are started anew when a source changes, and let debuggers in.
 */

const isDevelopment = process.argv.includes('--watch');
const NO_FLAGS = { apiFlags: [], workerFlags: [] };

const supervisor = new Supervisor();
const processes: Record<string, number> = {};
let folder: DataFolder | undefined;
let stopping = false;

async function main(): Promise<void> {
  const startedAt = Date.now();
  const opened = await openDataFolder();
  folder = opened;
  await endStrays(opened.journal);
  keepJournal(opened.journal);
  await requirePort();
  const { TEMPORAL_ADDRESS, S3_ENDPOINT } = process.env;
  await prepareServers({ temporal: !TEMPORAL_ADDRESS, s3: !S3_ENDPOINT, timeSkipping: false });

  // One system at a time: a port found free has to stay so until its server listens.
  await withLock(
    join(cacheDir(), 'start.lock'),
    ({ pid }) => say(`Another system is starting (process ${pid}); waiting for it`),
    async () => {
      const { run, freshPassword, env } = await startAll(opened);
      await writeRunFile(run);
      if (isDevelopment) renewOnChange(supervisor, env, opened);
      say(summary(run, freshPassword, (Date.now() - startedAt) / 1000));
    },
  );
}

async function startAll(
  folder: DataFolder,
): Promise<{ run: RunFile; freshPassword: string | undefined; env: Environment }> {
  const ports = await choosePorts();
  const servers = await embeddedServers(folder, ports);
  const running = await startTogether(servers.map((server) => server.start()));
  for (const [index, { name, start }] of servers.entries())
    keep(name, running[index] as RunningProcess, start);

  const application = await applicationEnvironment(folder, ports.api);
  const env: Environment = Object.assign({}, ...servers.map((server) => server.env), application.env);
  // One process of the API, so that a debugger finds all of it.
  if (isDevelopment && !process.env.WEB_CONCURRENCY) env.WEB_CONCURRENCY = '1';
  const { apiFlags, workerFlags } = isDevelopment ? await prepareDevelopment() : NO_FLAGS;
  await setUp(env);
  keep('worker', await startWorker(env, folder, workerFlags), () => startWorker(env, folder, workerFlags));
  const api = await startApi(env, folder, apiFlags);
  keep('api', api, () => startApi(env, folder, apiFlags));
  await untilApiReady(api, env, folder);
  return { run: describeRun(folder, ports, env), freshPassword: application.freshPassword, env };
}

function keep(name: string, running: RunningProcess, restart: () => Promise<RunningProcess>): void {
  processes[name] = running.pid;
  supervisor.keep(running, restart);
}

function describeRun(folder: DataFolder, ports: Ports, env: Environment): RunFile {
  const value = (name: string) => env[name] || process.env[name] || '';
  return {
    supervisor: identify(process.pid) as ProcessIdentity,
    apiUrl: `http://localhost:${ports.api}`,
    webUiUrl: value('TEMPORAL_UI_URL') || undefined,
    mailUrl: env.SMTP_URL && `http://localhost:${ports.mailPage}`,
    databaseUrl: value('DATABASE_URL'),
    databaseMedicalUrl: value('DATABASE_MEDICAL_URL') || value('DATABASE_URL'),
    temporalAddress: value('TEMPORAL_ADDRESS'),
    temporalNamespace: value('TEMPORAL_NAMESPACE') || 'default',
    s3Endpoint: value('S3_ENDPOINT'),
    smtpUrl: value('SMTP_URL'),
    adminEmail: value('ADMIN_EMAIL') || 'admin@regie.local',
    adminPasswordFile: process.env.ADMIN_PASSWORD ? undefined : folder.adminPassword,
    dataDir: folder.path,
    logDir: folder.logs,
    processes,
  };
}

/** Stops everything in the reverse order of its start. What was just being started is left to the guardian. */
async function stop(exitCode: number): Promise<void> {
  stopping = true;
  if (folder) await removeRunFile(folder.path);
  await supervisor.stop();
  if (folder) await releaseLock(folder.lock);
  process.exit(exitCode);
}

onStopRequest(
  () => {
    say('Stopping (once more to kill everything)');
    void stop(0);
  },
  () => {
    supervisor.kill();
    process.exit(130);
  },
);
main().catch((error: Error) => {
  if (stopping) return; // what it was waiting for has been stopped
  console.error(error.message);
  void stop(1);
});
