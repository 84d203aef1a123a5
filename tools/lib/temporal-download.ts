import { createWriteStream } from 'node:fs';
import { chmod, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { runCommand } from './commands';
import { say, step } from './progress';

const connectTimeoutMs = 10_000;
const downloadTimeoutMs = 5 * 60_000;

/** What the service tells about a release. */
interface ReleaseInfo {
  archiveUrl: string;
  /** Path of the executable in the archive. */
  fileToExtract: string;
}

/**
 * Fetches an executable into `folder` from the download service that Temporal's SDKs use, too.
 * @param artifact `cli` or `temporal-test-server`.
 * @param version a release such as `v1.5.1`.
 * @returns false, soon and with a line that says so, where the service cannot be reached, as on closed networks.
 */
export async function downloadFromTemporal(
  artifact: string,
  version: string,
  folder: string,
): Promise<boolean> {
  const query = new URLSearchParams({
    platform: process.platform,
    arch: process.arch === 'x64' ? 'amd64' : process.arch,
    format: 'tar.gz',
  });
  try {
    const answer = await fetchOk(
      `https://temporal.download/${artifact}/${version}?${query}`,
      connectTimeoutMs,
    );
    const info = (await answer.json()) as ReleaseInfo;
    await step(`Downloading ${artifact} ${version} (first time only)`, () => unpack(info, folder));
    return true;
  } catch (error) {
    say(`No download of ${artifact} ${version}: ${reasonOf(error as Error)}`);
    return false;
  }
}

async function unpack({ archiveUrl, fileToExtract }: ReleaseInfo, folder: string): Promise<void> {
  const archive = join(folder, 'archive.tar.gz');
  const { body } = await fetchOk(archiveUrl, downloadTimeoutMs);
  await pipeline(Readable.fromWeb(body as ReadableStream), createWriteStream(archive));
  await runCommand('tar', ['-xzf', archive, '-C', folder, fileToExtract]);
  await rm(archive);

  const executable = join(folder, basename(fileToExtract));
  await rename(join(folder, fileToExtract), executable);
  await chmod(executable, 0o755);
}

async function fetchOk(url: string, timeoutMs: number): Promise<Response> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer;
}

/** `fetch` hides the reason, such as an unknown host, in the cause. */
function reasonOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
