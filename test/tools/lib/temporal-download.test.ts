import { execFileSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadFromTemporal } from '../../../tools/lib/temporal-download';
import { type ThrowawayFolder, throwawayFolder } from '../../../tools/lib/throwaway-folder';

describe("a download from Temporal's service", () => {
  let folder: ThrowawayFolder;
  beforeEach(async () => {
    folder = await throwawayFolder();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await folder.remove();
  });

  test('leaves the executable in the folder, wherever the archive keeps it', async () => {
    const source = join(folder.path, 'source');
    const target = join(folder.path, 'target');
    await mkdir(join(source, 'release'), { recursive: true });
    await mkdir(target);
    await writeFile(join(source, 'release', 'temporal'), '#!/bin/sh\necho hello\n');
    const archive = execFileSync('tar', ['-czf', '-', '-C', source, 'release/temporal']);
    const info = { archiveUrl: 'https://archive.invalid/a.tar.gz', fileToExtract: 'release/temporal' };
    const asked: string[] = [];
    jest.spyOn(globalThis, 'fetch').mockImplementation(async (url) => {
      asked.push(String(url));
      return new Response(url === info.archiveUrl ? archive : JSON.stringify(info));
    });

    expect(await downloadFromTemporal('cli', 'v1.2.3', target)).toBe(true);
    expect(asked[0]).toMatch(/^https:\/\/temporal\.download\/cli\/v1\.2\.3\?/);
    expect(execFileSync(join(target, 'temporal'), { encoding: 'utf8' })).toBe('hello\n');
  });

  test('says so, and nothing worse, where the service cannot be reached', async () => {
    jest.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('fetch failed'));
    expect(await downloadFromTemporal('cli', 'v1.2.3', folder.path)).toBe(false);
    expect(await readdir(folder.path)).toEqual([]);
  });
});
