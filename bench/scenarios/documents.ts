import { randomBytes } from 'node:crypto';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { step } from '../../tools/lib/progress';
import { GOALS } from '../goals';
import { MemoryWatch } from '../memory';
import { childrenOf, residentBytes } from '../proc';
import type { ScenarioContext } from './context';

/**
 * A large file up and down, clear and confidential, beside a server that only streams, one after the other and several times: what
 * counts is the median. And what memory an API process takes for it beyond what it had.
 */

const ROUNDS = 3;
const CHUNK = randomBytes(2 ** 20);
const MEGABYTE = 2 ** 20;
const WAYS = ['bare', 'clear', 'sealed'] as const;
type Way = (typeof WAYS)[number];

export async function benchDocuments({
  system,
  floor,
  options,
  report,
  client,
}: ScenarioContext): Promise<void> {
  const { fileBytes } = options;
  const name = `a file of ${Math.round(fileBytes / 1_000_000)} MB`;
  const bare = await floor.files();
  const equipement = await client.send<{ id: number }>('POST', '/equipements', {
    nom: 'Presse',
    type: 'Presse',
    numero_serie: `F-${Date.now()}`,
  });
  const headers = { authorization: `Bearer ${client.token}` };
  const up = async (way: Way, bytes: number): Promise<number | null> => {
    if (way === 'bare') {
      await transfer(`${bare.url}/fichier`, { method: 'PUT' }, fileOf(bytes), bytes);
      return null;
    }
    const { head, tail } = formOf(equipement.id, way === 'sealed');
    const answer = await transfer(
      `${client.url}/api/v1/documents/upload`,
      {
        method: 'POST',
        headers: { ...headers, 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
      },
      around(head, fileOf(bytes), tail),
      head.length + bytes + tail.length,
    );
    return (JSON.parse(answer) as { id: number }).id;
  };
  const down = (way: Way, id: number | null): Promise<number> =>
    swallow(
      way === 'bare' ? `${bare.url}/fichier` : `${client.url}/api/v1/documents/${id}/telecharger`,
      way === 'bare' ? {} : headers,
    );

  // Nothing is compiled yet, and nothing cached.
  for (const way of WAYS) await down(way, await up(way, 8 * MEGABYTE));
  const before = largest(system.api.pid);
  const memory = new MemoryWatch(system.api.pid, system.worker.pid);
  const speeds: Record<'up' | 'down', Record<Way, number[]>> = {
    up: { bare: [], clear: [], sealed: [] },
    down: { bare: [], clear: [], sealed: [] },
  };
  for (let round = 1; round <= ROUNDS; round++) {
    await step(`Round ${round} of ${ROUNDS}: ${name} up and down, bare, clear and confidential`, async () => {
      for (const way of WAYS) {
        let id: number | null = null;
        const sent = await timed(async () => {
          id = await up(way, fileBytes);
        });
        speeds.up[way].push(fileBytes / sent);
        let came = 0;
        const received = await timed(async () => {
          came = await down(way, id);
        });
        if (came !== fileBytes) throw new Error(`${came} bytes came of ${fileBytes}`);
        speeds.down[way].push(fileBytes / received);
      }
    });
  }
  memory.stop();
  for (const direction of ['up', 'down'] as const) {
    for (const way of WAYS) {
      const speed = median(speeds[direction][way]) / MEGABYTE;
      report.fact(`${name} ${direction}, ${way}`, `${(speed * 1_000).toFixed(0)} MB/s`);
    }
  }
  const ratio = (direction: 'up' | 'down', way: Way) =>
    median(speeds[direction][way]) / median(speeds[direction].bare);
  report.reach(GOALS.fileUp, ratio('up', 'clear'));
  report.reach(GOALS.fileDown, ratio('down', 'clear'));
  report.reach(GOALS.fileUpSealed, ratio('up', 'sealed'));
  report.reach(GOALS.fileDownSealed, ratio('down', 'sealed'));
  // Elsewhere than on Linux nobody tells.
  if (before > 0) report.reach(GOALS.fileMemory, (memory.peaks.apiLargest - before) / MEGABYTE);
}

const BOUNDARY = 'banc-des-fichiers';

/** What stands before the file and after it. */
function formOf(equipementId: number, confidentiel: boolean): { head: Buffer; tail: Buffer } {
  const field = (name: string, value: string) =>
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const head =
    field('confidentiel', String(confidentiel)) +
    field('type_document', 'plan') +
    field('equipement_id', String(equipementId)) +
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${Date.now()}.pdf"\r\n\r\n`;
  return { head: Buffer.from(head), tail: Buffer.from(`\r\n--${BOUNDARY}--\r\n`) };
}

function* fileOf(bytes: number): Generator<Buffer> {
  const head = Buffer.from('%PDF-1.7\n');
  yield head;
  for (let left = bytes - head.length; left > 0; left -= CHUNK.length) yield CHUNK.subarray(0, left);
}

function* around(head: Buffer, file: Iterable<Buffer>, tail: Buffer): Generator<Buffer> {
  yield head;
  yield* file;
  yield tail;
}

/** @throws for anything but a success. */
async function transfer(
  url: string,
  options: { method: string; headers?: Record<string, string> },
  body: Iterable<Buffer>,
  length: number,
): Promise<string> {
  const sent = request(url, { ...options, headers: { ...options.headers, 'content-length': length } });
  const [answer] = await Promise.all([answerOf(sent), pipeline(Readable.from(body), sent)]);
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Reads all, keeps nothing. @returns how many bytes came. */
async function swallow(url: string, headers: Record<string, string>): Promise<number> {
  const sent = request(url, { headers });
  sent.end();
  let came = 0;
  for await (const chunk of await answerOf(sent)) came += (chunk as Buffer).length;
  return came;
}

function answerOf(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (answer) => {
      if (answer.statusCode !== undefined && answer.statusCode < 300) resolve(answer);
      else {
        answer.resume();
        reject(new Error(`A file was answered ${answer.statusCode}`));
      }
    });
  });
}

/** Milliseconds. */
async function timed(work: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** The largest of the processes that answer. */
function largest(pid: number): number {
  return Math.max(residentBytes(pid), ...childrenOf(pid).map(residentBytes));
}
