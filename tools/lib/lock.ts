import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from './identity';

/**
 * Takes a lock file if nobody alive holds it.
 * @returns the holder when it is taken, otherwise undefined and the caller holds it until {@link releaseLock}.
 */
export async function tryLock(path: string): Promise<ProcessIdentity | undefined> {
  await mkdir(dirname(path), { recursive: true });
  for (;;) {
    try {
      await writeFile(path, JSON.stringify(identify(process.pid)), { flag: 'wx' });
      return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await readHolder(path);
    if (holder && isAlive(holder)) return holder;
    await rm(path, { force: true });
  }
}

export async function releaseLock(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** Runs `work` while holding the lock; waits for its turn and calls `onWait` once when it has to. */
export async function withLock<T>(
  path: string,
  onWait: (holder: ProcessIdentity) => void,
  work: () => Promise<T>,
): Promise<T> {
  let told = false;
  for (let holder = await tryLock(path); holder; holder = await tryLock(path)) {
    if (!told) onWait(holder);
    told = true;
    await sleep(250);
  }
  try {
    return await work();
  } finally {
    await releaseLock(path);
  }
}

async function readHolder(path: string): Promise<ProcessIdentity | undefined> {
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      return JSON.parse(await readFile(path, 'utf8')) as ProcessIdentity;
    } catch {
      // Between its creation and its content a lock file is empty: give its writer a moment.
      await sleep(20);
    }
  }
  return undefined;
}
