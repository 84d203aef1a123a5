import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endStrays } from '../../../tools/lib/guardian';
import { identify } from '../../../tools/lib/identity';
import { compiledRoot } from '../../../tools/lib/paths';
import { launch, type RunningProcess, untilReady } from '../../../tools/lib/processes';
import { Supervisor } from '../../../tools/lib/supervisor';
import { type Terminable } from '../../../tools/lib/termination';
import { type ThrowawayFolder, throwawayFolder } from '../../../tools/lib/throwaway-folder';

let folder: ThrowawayFolder;
let logFile: string;
beforeEach(async () => {
  folder = await throwawayFolder();
  logFile = join(folder.path, 'log');
});
afterEach(() => folder.remove());

/** Runs a line of JavaScript as a server would be run. */
const run = (script: string, options: { stopTimeoutMs?: number } = {}) =>
  launch({ name: 'a server', command: process.execPath, args: ['-e', script], logFile, ...options });

const forEver = 'setInterval(() => {}, 1000);';

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}

describe('a launched process', () => {
  test('is asked to stop, and killed when it does not', async () => {
    const polite = await run(forEver);
    await polite.stop();
    expect(await polite.exited).toBe('SIGTERM');

    const deaf = await run(`process.on('SIGTERM', () => {}); console.log('deaf'); ${forEver}`, {
      stopTimeoutMs: 200,
    });
    await untilReady(deaf, logFile, async () => (await readFile(logFile, 'utf8')).includes('deaf'));
    await deaf.stop();
    expect(await deaf.exited).toBe('SIGKILL');
  });

  test('that ends before it is ready is reported with what it printed last', async () => {
    const server = await run(`console.error('the disk is full'); process.exit(3)`);
    await expect(untilReady(server, logFile, async () => false)).rejects.toThrow(
      'a server ended (code 3):\nthe disk is full',
    );
  });

  test('that does not exist is reported by name', async () => {
    await expect(launch({ name: 'Nothing', command: '/nowhere', args: [], logFile })).rejects.toThrow(
      'Nothing cannot be started',
    );
  });
});

describe('when the process that launched them is killed', () => {
  /** Starts a process that launches one child, keeps a journal, and tells the child's number. */
  async function startParent(journal: string) {
    const lib = (name: string) => JSON.stringify(join(compiledRoot, 'tools', 'lib', name));
    const child = { name: 'child', command: process.execPath, args: ['-e', forEver], logFile };
    const script = `
      require(${lib('guardian')}).keepJournal(${JSON.stringify(journal)});
      require(${lib('processes')}).launch(${JSON.stringify(child)}).then(({ pid }) => console.log(pid));
      ${forEver}`;
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const childPid = Number(line);
    let entries: Terminable[] = [];
    await until(async () => {
      entries = JSON.parse(await readFile(journal, 'utf8').catch(() => '[]')) as Terminable[];
      return entries.some((entry) => entry.pid === childPid);
    });
    return { parent, childPid, guardianPid: entries[0]?.pid as number };
  }

  test('the guardian ends its children', async () => {
    const { parent, childPid } = await startParent(join(folder.path, 'journal.json'));
    expect(identify(childPid)).toBeDefined();
    parent.kill('SIGKILL');
    await until(() => identify(childPid) === undefined);
  });

  test('and the guardian with it, the journal is enough to end them', async () => {
    const journal = join(folder.path, 'journal.json');
    const { parent, childPid, guardianPid } = await startParent(journal);
    process.kill(guardianPid, 'SIGKILL');
    await until(() => identify(guardianPid) === undefined);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    expect(identify(childPid)).toBeDefined();
    await endStrays(journal);
    expect(identify(childPid)).toBeUndefined();
  });
});

test('a supervised process that dies is started again, and is not after the stop', async () => {
  const supervisor = new Supervisor();
  const first = await run(forEver);
  let restarts = 0;
  const restart = async (): Promise<RunningProcess> => {
    restarts++;
    if (restarts === 1) throw new Error('not yet');
    return run(forEver);
  };
  supervisor.keep(first, restart);

  process.kill(first.pid, 'SIGKILL');
  await until(() => supervisor.processes[0]?.pid !== first.pid);
  expect(restarts).toBe(2);

  await supervisor.stop();
  await supervisor.processes[0]?.exited;
  await sleep(700);
  expect(restarts).toBe(2);
});
