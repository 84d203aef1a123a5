import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TaskThread } from '../../src/threads/task-thread';

const start = (options: { timeLimit?: number; idleTime?: number; maxWaiting?: number } = {}) =>
  new TaskThread<string, { task: string; threadId: number }>({
    file: join(__dirname, 'echo-thread.cjs'),
    maxWaiting: 10,
    timeLimit: 30_000,
    maxHeap: 16,
    ...options,
  });

describe('a thread for tasks', () => {
  it('does them one after the other, in their order', async () => {
    const thread = start();
    const order: string[] = [];
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((task) => thread.run(task).finally(() => order.push(task))),
    );
    expect(order).toEqual(['a', 'b', 'c']);
    expect(answers.map(({ task }) => task)).toEqual(['a', 'b', 'c']);
    expect(new Set(answers.map(({ threadId }) => threadId)).size).toBe(1);
  });

  it.each([
    ['fails', 'fail', /as asked/],
    ['takes too much memory', 'grow', /memory/],
  ])('tells whoever waits that a task %s, and does the next one', async (_, task, message) => {
    const thread = start();
    const failing = thread.run(task);
    const next = thread.run('next');
    await expect(failing).rejects.toThrow(message);
    expect((await next).task).toBe('next');
  });

  it('gives up a task that brings no answer, and does the next one', async () => {
    const thread = start({ timeLimit: 2_000 });
    const hanging = thread.run('hang');
    const next = thread.run('next');
    await expect(hanging).rejects.toMatchObject({ code: 'SERVICE_INDISPONIBLE' });
    expect((await next).task).toBe('next');
  });

  it('waits for a task that is not given the processor, but not for ever', async () => {
    const thread = start({ timeLimit: 500 });
    expect((await thread.run('give way')).task).toBe('give way');
    await expect(thread.run('stand still')).rejects.toMatchObject({ code: 'SERVICE_INDISPONIBLE' });
    expect((await thread.run('next')).task).toBe('next');
  });

  it('refuses what would have to wait too long, and nothing once there is room again', async () => {
    const thread = start({ maxWaiting: 1 });
    const accepted = [thread.run('a'), thread.run('b')];
    await expect(thread.run('c')).rejects.toMatchObject({
      code: 'SERVICE_INDISPONIBLE',
      details: { retryAfter: expect.any(Number) },
    });
    await Promise.all(accepted);
    expect((await thread.run('d')).task).toBe('d');
  });

  it('ends when it has had nothing to do for a while, and begins anew', async () => {
    const thread = start({ idleTime: 50 });
    const first = await thread.run('a');
    await sleep(500);
    const second = await thread.run('b');
    expect(second.threadId).not.toBe(first.threadId);
  });
});
