import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cachedFolder } from '../../../tools/lib/cache';
import { type ThrowawayFolder, throwawayFolder } from '../../../tools/lib/throwaway-folder';

describe('a folder of the cache', () => {
  let folder: ThrowawayFolder;
  const usual = process.env.REGIE_CACHE_DIR;
  beforeEach(async () => {
    folder = await throwawayFolder();
    process.env.REGIE_CACHE_DIR = folder.path;
  });
  afterEach(async () => {
    if (usual === undefined) delete process.env.REGIE_CACHE_DIR;
    else process.env.REGIE_CACHE_DIR = usual;
    await folder.remove();
  });

  test('is filled once, however many ask for it at the same time', async () => {
    let fillings = 0;
    const ask = () =>
      cachedFolder('thing-1.0', async (temporary) => {
        fillings++;
        await sleep(100);
        await writeFile(join(temporary, 'thing'), 'content');
      });
    const [path, other] = await Promise.all([ask(), ask()]);
    expect(other).toBe(path);
    expect(await readFile(join(path, 'thing'), 'utf8')).toBe('content');
    await ask();
    expect(fillings).toBe(1);
  });

  test('does not exist before it is complete, and leaves nothing behind when it fails', async () => {
    let inProgress = '';
    const attempt = cachedFolder('thing-2.0', async (temporary) => {
      inProgress = temporary;
      await writeFile(join(temporary, 'half'), '');
      throw new Error('the compiler gave up');
    });
    await expect(attempt).rejects.toThrow('the compiler gave up');
    expect(existsSync(inProgress)).toBe(false);
    expect(await readdir(dirname(inProgress))).toEqual([]);
  });
});
