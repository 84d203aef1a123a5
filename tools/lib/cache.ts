import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFolderAtEnd } from './guardian';
import { withLock } from './lock';
import { cacheDir } from './paths';
import { say } from './progress';

/**
 * A folder of the cache, filled by `fill` the first time it is asked for.
 * It appears whole or not at all: `fill` works in a temporary folder beside it that is renamed at the end. Two
 * processes asking at once do the work once.
 * @param name identifies content and version, such as `temporal-1.5.1`.
 */
export async function cachedFolder(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const base = join(cacheDir(), `${process.platform}-${process.arch}`);
  const target = join(base, name);
  if (existsSync(target)) return target;

  await mkdir(base, { recursive: true });
  const announce = ({ pid }: { pid: number }) =>
    say(`${name} is being prepared by process ${pid}; waiting for it`);
  await withLock(`${target}.lock`, announce, async () => {
    if (existsSync(target)) return;
    const temporary = await mkdtemp(`${target}.`);
    removeFolderAtEnd(temporary);
    try {
      await fill(temporary);
      await rename(temporary, target);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
  return target;
}
