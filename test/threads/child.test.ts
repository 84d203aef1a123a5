import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ChildFailed, runInChild } from '../../src/threads/child';
import { eventually } from '../support/eventually';

interface Task {
  upTo?: number;
  size?: number;
  fail?: boolean;
  grow?: boolean;
  hang?: boolean;
}
interface Progress {
  count: number;
  pid: number;
}
interface Counted extends Progress {
  niceness: number;
  variables: string[];
  text: string;
}

const start = (
  task: Task,
  options: { timeLimit?: number; signal?: AbortSignal; onProgress?: (progress: Progress) => void } = {},
) =>
  runInChild<Task, Progress, Counted>({
    file: join(__dirname, 'counting-child.cjs'),
    task,
    timeLimit: 30_000,
    maxHeap: 64,
    onProgress: () => {},
    ...options,
  });

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const gone = (pid: number) =>
  eventually(
    () => isAlive(pid),
    (alive) => !alive,
    5_000,
  );

describe('a process for a task', () => {
  it('does it, gives way to others, knows no secrets, and ends', async () => {
    process.env.SOME_SECRET = 'of the parent';
    const { count, niceness, variables, pid } = await start({ upTo: 3 });
    delete process.env.SOME_SECRET;
    expect({ count, niceness, variables }).toEqual({ count: 3, niceness: 10, variables: [] });
    await gone(pid);
  });

  it('brings an answer whole, however large it is', async () => {
    expect((await start({ upTo: 1, size: 5_000_000 })).text).toHaveLength(5_000_000);
  });

  it('tells how far it has come while it lasts, and is ended when nobody waits any more', async () => {
    const ended = new AbortController();
    const told: Progress[] = [];
    const running = start(
      { upTo: Number.POSITIVE_INFINITY },
      {
        signal: ended.signal,
        onProgress: (progress) => {
          told.push(progress);
          if (told.length === 2) ended.abort(new Error('enough'));
        },
      },
    );
    await expect(running).rejects.toThrow('enough');
    expect(told[1]!.count).toBeGreaterThan(told[0]!.count);
    await gone(told[0]!.pid);
  });

  it.each<[string, Task, RegExp]>([
    ['fails', { upTo: 1, fail: true }, /as asked/],
    ['takes too much memory', { upTo: 1, grow: true }, /ended .*heap out of memory/s],
  ])('that %s is told of', async (_, task, message) => {
    const running = start(task);
    await expect(running).rejects.toThrow(ChildFailed);
    await expect(running).rejects.toThrow(message);
  });

  it('that brings no answer in time is killed, also in the middle of a step', async () => {
    await expect(start({ upTo: 1, hang: true }, { timeLimit: 1_000 })).rejects.toThrow(/ended \(SIGKILL\)/);
  });

  it('that is killed by somebody else is told of', async () => {
    const running = start(
      { upTo: Number.POSITIVE_INFINITY },
      { onProgress: ({ pid }) => process.kill(pid, 'SIGKILL') },
    );
    await expect(running).rejects.toThrow(/ended \(SIGKILL\)/);
  });

  it('ends by itself when whoever started it is killed', async () => {
    const parent = spawn(process.execPath, [join(__dirname, 'parent.cjs')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await gone(pid);
  });

  it('is not begun for somebody who has given it up already', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(start({ upTo: 1 }, { signal })).rejects.toThrow('too late');
  });
});
