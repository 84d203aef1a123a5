import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { tryLock } from '../lib/lock';
import { projectRoot } from '../lib/paths';

/** Folder in which a system started by `npm start` keeps everything. */
export function dataFolderPath(): string {
  return resolve(process.env.REGIE_DATA_DIR || join(projectRoot, '.regie'));
}

/** Where the things of a data folder are. */
export class DataFolder {
  readonly logs = join(this.path, 'logs');
  readonly lock = join(this.path, 'lock');
  /** What is running, for the next start to end should this one be killed. */
  readonly journal = join(this.path, 'processes.json');
  readonly postgres = join(this.path, 'postgres');
  readonly temporalDatabase = join(this.path, 'temporal', 'temporal.db');
  readonly s3 = join(this.path, 's3');
  readonly mail = join(this.path, 'mail');
  readonly adminPassword = this.secretPath('admin-password');

  constructor(readonly path: string) {}

  log(name: string): string {
    return join(this.logs, `${name}.log`);
  }

  /**
   * A secret that is made the first time it is asked for and stays the same, in a file that only its owner reads.
   * @param make makes it; 256 random bits as text that needs no quoting anywhere, unless told otherwise.
   */
  async secret(
    name: string,
    make = () => randomBytes(32).toString('base64url'),
  ): Promise<{ value: string; isNew: boolean }> {
    const file = this.secretPath(name);
    await mkdir(join(this.path, 'secrets'), { recursive: true, mode: 0o700 });
    try {
      return { value: (await readFile(file, 'utf8')).trim(), isNew: false };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    const value = make();
    await writeFile(file, `${value}\n`, { mode: 0o600 });
    return { value, isNew: true };
  }

  private secretPath(name: string): string {
    return join(this.path, 'secrets', name);
  }
}

/**
 * Opens the data folder for this process alone.
 * @throws when another process is running on it.
 */
export async function openDataFolder(): Promise<DataFolder> {
  const folder = new DataFolder(dataFolderPath());
  process.umask(0o077); // what is kept here, and by the servers, is nobody else's to read
  await mkdir(folder.path, { recursive: true });
  await chmod(folder.path, 0o711); // though PostgreSQL, another user when we are root, has to pass
  const holder = await tryLock(folder.lock);
  if (holder)
    throw new Error(
      `Régie already runs on ${folder.path} (process ${holder.pid}). ` +
        'Stop it first, or name another folder with REGIE_DATA_DIR.',
    );
  return folder;
}
