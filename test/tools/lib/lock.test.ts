import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify } from '../../../tools/lib/identity';
import { releaseLock, tryLock, withLock } from '../../../tools/lib/lock';
import { type ThrowawayFolder, throwawayFolder } from '../../../tools/lib/throwaway-folder';

describe('a lock file', () => {
  let folder: ThrowawayFolder;
  let path: string;
  beforeEach(async () => {
    folder = await throwawayFolder();
    path = join(folder.path, 'deep', 'lock');
  });
  afterEach(() => folder.remove());

  test('is held by who takes it first, and names that process to the others', async () => {
    expect(await tryLock(path)).toBeUndefined();
    expect(await tryLock(path)).toEqual(identify(process.pid));
    await releaseLock(path);
    expect(await tryLock(path)).toBeUndefined();
  });

  test('does not outlive its holder, not even when another process got the same number', async () => {
    await tryLock(path);
    await writeFile(path, JSON.stringify({ pid: process.pid, started: 'long ago' }));
    expect(await tryLock(path)).toBeUndefined();
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(identify(process.pid));
  });

  test('that was cut short while being written does not block for ever', async () => {
    await tryLock(path);
    await writeFile(path, '');
    expect(await tryLock(path)).toBeUndefined();
  });

  test('lets the work of several go one after the other', async () => {
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} begins`);
      await sleep(50);
      order.push(`${name} ends`);
    };
    const waited: number[] = [];
    const first = withLock(path, () => {}, work('first'));
    await sleep(20);
    await Promise.all([first, withLock(path, ({ pid }) => waited.push(pid), work('second'))]);
    expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
    expect(waited).toEqual([process.pid]);
  });
});
