import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify } from '../../tools/lib/identity';
import { compiledRoot } from '../../tools/lib/paths';
import { randomFreePort } from '../../tools/lib/ports';
import { type ThrowawayFolder, throwawayFolder } from '../../tools/lib/throwaway-folder';
import { type RunFile, readRunFile } from '../../tools/system/run-file';

const startTimeoutMs = 90_000;

let folder: ThrowawayFolder;
let port: number;
const starts: ChildProcess[] = [];

beforeAll(async () => {
  folder = await throwawayFolder();
  port = await randomFreePort();
});
afterAll(async () => {
  for (const start of starts) start.kill('SIGKILL');
  await folder.remove();
});

/** Runs what `npm start` runs, on a data folder and a port of this test. */
function start(): { child: ChildProcess; output: () => string } {
  const { DATABASE_URL, DATABASE_OWNER_URL, TEMPORAL_ADDRESS, S3_ENDPOINT, SMTP_URL, ...environment } =
    process.env;
  const child = spawn(process.execPath, [join(compiledRoot, 'tools', 'start.js')], {
    env: { ...environment, REGIE_DATA_DIR: folder.path, PORT: String(port), WEB_CONCURRENCY: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  starts.push(child);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      printed += chunk;
    });
  }
  return { child, output: () => printed };
}

async function untilReady({ child, output }: ReturnType<typeof start>): Promise<RunFile> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The start ended:\n${output()}`);
    try {
      return readRunFile(folder.path);
    } catch {
      await sleep(100);
    }
  }
}

async function untilGone(pids: number[]): Promise<void> {
  while (pids.some((pid) => identify(pid))) await sleep(50);
}

const isReady = async () => {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/health/ready`).catch(() => undefined);
  return answer?.status === 200;
};

describe('npm start', () => {
  test(
    'brings the whole system up, alone on its data folder, and takes it down again',
    async () => {
      const first = start();
      const run = await untilReady(first);
      expect(await isReady()).toBe(true);
      expect(Object.keys(run.processes)).toEqual(['postgres', 'temporal', 's3', 'mail', 'worker', 'api']);
      expect(first.output()).toMatch(/Administrator +admin@regie\.local, \S+ \(shown this once/);

      const second = start();
      await once(second.child, 'exit');
      expect(second.child.exitCode).toBe(1);
      expect(second.output()).toContain(`Régie already runs on ${folder.path} (process ${first.child.pid})`);

      first.child.kill('SIGTERM');
      await once(first.child, 'exit');
      expect(first.child.exitCode).toBe(0);
      await untilGone(Object.values(run.processes));
    },
    startTimeoutMs,
  );

  test(
    'starts the parts that die again, and leaves none behind when it is killed itself',
    async () => {
      const again = start();
      const run = await untilReady(again);
      while (!again.output().includes('first password in')) await sleep(50);

      for (const name of ['temporal', 'api']) process.kill(run.processes[name] as number, 'SIGKILL');
      while (!/Temporal runs again/.test(again.output()) || !/API runs again/.test(again.output()))
        await sleep(50);
      while (!(await isReady())) await sleep(100);

      again.child.kill('SIGKILL');
      await once(again.child, 'exit');
      await untilGone(Object.values(run.processes));
      expect(() => readRunFile(folder.path)).toThrow('No running Régie');
    },
    startTimeoutMs,
  );
});
