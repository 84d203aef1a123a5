import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import type { Client } from 'pg';
import { versionOf } from '../tools/lib/commands';
import { findTemporalCli } from '../tools/servers/temporal';

/** What the numbers were measured on. */
export type Machine = Record<'date' | 'machine' | 'load before' | 'node' | 'postgres' | 'temporal', string>;

export async function describeMachine(db: Client, loadBefore: string): Promise<Machine> {
  const { rows } = await db.query<{ server_version: string }>('SHOW server_version');
  return {
    date: new Date().toISOString(),
    machine: `${availableParallelism()} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GB`,
    'load before': loadBefore,
    node: process.version,
    postgres: rows[0]!.server_version,
    temporal: versionOf(await findTemporalCli(), '--version') ?? 'unknown',
  };
}

/** How busy the machine was with other things: load average of the last minute. */
export function loadNow(): string {
  return loadavg()[0]!.toFixed(1);
}
