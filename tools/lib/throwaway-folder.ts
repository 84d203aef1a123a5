import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepFolder, removeFolderAtEnd } from './guardian';

/** A temporary folder that is removed by `remove`, or when this process dies. */
export interface ThrowawayFolder {
  path: string;
  remove(): Promise<void>;
}

export async function throwawayFolder(parent = tmpdir()): Promise<ThrowawayFolder> {
  const path = await mkdtemp(join(parent, 'regie-'));
  removeFolderAtEnd(path);
  await chmod(path, 0o755); // PostgreSQL runs as another user when we are root
  return {
    path,
    remove: async () => {
      // A process that has just ended may have a last file written behind the removal's back.
      await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
      keepFolder(path);
    },
  };
}
