import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, type ProcessIdentity } from '../lib/identity';
import { dataFolderPath } from './data-folder';

/**
 * `run.json` in the data folder: how to reach the system that runs on it. It exists while the system is ready, for
 * the tools that work on a running system.
 */
export interface RunFile {
  /** The process that holds it all together: SIGTERM stops the system. */
  supervisor: ProcessIdentity;
  /** Base address of the API's host, without `/api/v1`. */
  apiUrl: string;
  /** Undefined when TEMPORAL_ADDRESS names a server of yours and TEMPORAL_UI_URL does not say where its page is. */
  webUiUrl: string | undefined;
  /** Undefined when SMTP_URL names a server of yours. */
  mailUrl: string | undefined;
  databaseUrl: string;
  /** With the rights to what is medical. */
  databaseMedicalUrl: string;
  temporalAddress: string;
  temporalNamespace: string;
  s3Endpoint: string;
  smtpUrl: string;
  adminEmail: string;
  /** File with the first administrator's password; undefined when ADMIN_PASSWORD was given. */
  adminPasswordFile: string | undefined;
  dataDir: string;
  logDir: string;
  /** Processes by name, such as `api`, `worker`, `temporal`, as they were when the system became ready. */
  processes: Record<string, number>;
}

const pathIn = (dataDir: string) => join(dataDir, 'run.json');

export async function writeRunFile(content: RunFile): Promise<void> {
  await writeFile(pathIn(content.dataDir), `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
}

export async function removeRunFile(dataDir: string): Promise<void> {
  await rm(pathIn(dataDir), { force: true });
}

/** @throws when no system is ready on the data folder. */
export function readRunFile(dataDir = dataFolderPath()): RunFile {
  try {
    const run = JSON.parse(readFileSync(pathIn(dataDir), 'utf8')) as RunFile;
    if (isAlive(run.supervisor)) return run;
  } catch {
    // There is none, or it was cut short: either way nothing is running.
  }
  throw new Error(`No running Régie is found in ${dataDir}: start it with npm start`);
}
