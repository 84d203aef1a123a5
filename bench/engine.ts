import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import type { RunningProcess } from '../tools/lib/processes';
import { dropTemporalDatabases, startTemporalOnPostgres } from '../tools/servers/temporal-postgres';
import type { EngineKind } from '../tools/servers/throwaway';
import type { DataFolder } from '../tools/system/data-folder';
import type { EmbeddedServer } from '../tools/system/embedded';
import type { Ports } from '../tools/system/ports';

export type { EngineKind };

/** The engine of a measured system: the development server, as under `npm start`, or that of production. */
export interface Engine {
  kind: EngineKind;
  start(): Promise<RunningProcess>;
  /** Removes all that it has kept, once it has been stopped. */
  forget(): Promise<void>;
  /** What it keeps on disk. */
  bytes(): Promise<number>;
}

export function engineOf(
  kind: EngineKind,
  servers: readonly EmbeddedServer[],
  folder: DataFolder,
  ports: Ports,
): Engine {
  const named = (name: EmbeddedServer['name']) => servers.find((server) => server.name === name)!;
  if (kind === 'development') {
    const kept = dirname(folder.temporalDatabase);
    return {
      kind,
      start: named('temporal').start,
      forget: () => rm(kept, { recursive: true }),
      bytes: () => bytesIn(kept),
    };
  }
  const postgresUrl = named('postgres').env.DATABASE_OWNER_URL!;
  return {
    kind,
    start: () =>
      startTemporalOnPostgres({
        postgresUrl,
        folder: join(folder.path, 'temporal'),
        logFile: folder.log('temporal'),
        port: ports.temporal,
      }),
    forget: () => dropTemporalDatabases(postgresUrl),
    bytes: () => bytesOfDatabases(postgresUrl),
  };
}

async function bytesIn(folder: string): Promise<number> {
  const files = await readdir(folder);
  const stats = await Promise.all(files.map((file) => stat(join(folder, file))));
  return stats.reduce((sum, { size }) => sum + size, 0);
}

async function bytesOfDatabases(postgresUrl: string): Promise<number> {
  const client = new Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ bytes: string }>(
      `SELECT sum(pg_database_size(datname)) AS bytes FROM pg_database WHERE datname LIKE 'temporal%'`,
    );
    return Number(rows[0]!.bytes);
  } finally {
    await client.end();
  }
}
