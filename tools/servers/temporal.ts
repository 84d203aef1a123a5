import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Connection } from '@temporalio/client';
import { cachedFolder } from '../lib/cache';
import { findOnPath, versionOf } from '../lib/commands';
import { type GoProgram, goInstall } from '../lib/go-install';
import { randomFreePort } from '../lib/ports';
import { launch, type RunningProcess, untilReady } from '../lib/processes';
import { downloadFromTemporal } from '../lib/temporal-download';

const temporal: GoProgram = {
  program: 'temporal',
  source: 'github.com/temporalio/cli/cmd/temporal',
  version: 'v1.5.1', // later tags carry a `replace` directive, with which `go install` refuses them
  usualDuration: '3 minutes',
};
/** Of the server inside the command line tool, for one found on PATH. */
const oldestServer = [1, 29];

/**
 * Configuration that every Temporal server of ours reads while it runs, `docker-compose.yml` included; the names are
 * Temporal's own.
 */
export const dynamicConfig = {
  // The default of 10 pending updates a workflow is soon reached when many people press the same button.
  'history.maxInFlightUpdates': 100,
  // The default limits are meant to protect a cluster shared by several teams.
  'frontend.rps': 20_000,
  'frontend.namespaceRPS': 20_000,
  'frontend.namespaceRPS.visibility': 500,
  'frontend.namespaceCount': 4_000,
  'worker.schedulerNamespaceStartWorkflowRPS': 300,
  // One partition each: the four of the default only add forwarding when there is a single server.
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  // Of workflows that wait for weeks: the defaults, 128,000 of them and 256 MB of events, are for servers with nothing else.
  'history.hostLevelCacheMaxSize': 8_192,
  'history.eventsHostLevelCacheMaxSizeBytes': 67_108_864,
};

/** What the development server reads besides: an attribute just registered can be used by the next call. */
const developmentConfig = {
  ...dynamicConfig,
  'system.forceSearchAttributesCacheRefreshOnRead': true,
};

export interface TemporalOptions {
  logFile: string;
  port?: number;
  /** Port of the Web UI; without it there is none. */
  uiPort?: number;
  /** SQLite file that keeps everything across restarts; without it all is held in memory. */
  databaseFile?: string;
  /** Made at start in addition to `default`. */
  namespace?: string;
}

export interface TemporalServer extends RunningProcess {
  /** `host:port` of the gRPC service. */
  address: string;
  port: number;
}

/** Starts Temporal's development server on 127.0.0.1. */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const { logFile, uiPort, databaseFile, namespace } = options;
  const port = options.port ?? (await randomFreePort());
  const address = `127.0.0.1:${port}`;
  if (databaseFile) await mkdir(dirname(databaseFile), { recursive: true });
  const server = await launch({
    name: 'Temporal',
    command: await findTemporalCli(),
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
      ...(uiPort ? ['--ui-port', String(uiPort)] : ['--headless']),
      ...(namespace ? ['--namespace', namespace] : []),
      // A write-ahead log survives the death of the process at a fraction of the flushes of SQLite's default.
      ...(databaseFile
        ? [
            '--db-filename',
            databaseFile,
            '--sqlite-pragma',
            'journal_mode=wal',
            '--sqlite-pragma',
            'synchronous=normal',
          ]
        : []),
      ...Object.entries(developmentConfig).flatMap(([key, value]) => [
        '--dynamic-config-value',
        `${key}=${value}`,
      ]),
    ],
    logFile,
  });
  await untilReady(server, logFile, () => knowsNamespace(address, namespace ?? 'default'));
  return { ...server, address, port };
}

/**
 * Path of the `temporal` command: the one named by REGIE_TEMPORAL_CLI, else on PATH, else in the cache, else
 * downloaded, else built from source.
 */
export async function findTemporalCli(): Promise<string> {
  if (process.env.REGIE_TEMPORAL_CLI) return process.env.REGIE_TEMPORAL_CLI;
  const installed = findOnPath('temporal');
  if (installed && isRecentEnough(installed)) return installed;

  const folder = await cachedFolder(`temporal-${temporal.version}`, async (temporary) => {
    const found = await downloadFromTemporal('cli', temporal.version, temporary);
    if (!found) await goInstall(temporal, temporary);
  });
  return join(folder, temporal.program);
}

function isRecentEnough(cli: string): boolean {
  const [, major, minor] =
    versionOf(cli, '--version')
      ?.match(/Server (\d+)\.(\d+)/)
      ?.map(Number) ?? [];
  const [oldestMajor = 0, oldestMinor = 0] = oldestServer;
  return major === oldestMajor ? (minor ?? 0) >= oldestMinor : (major ?? 0) > oldestMajor;
}

async function knowsNamespace(address: string, namespace: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: '1s' });
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } finally {
    await connection.close();
  }
}
