import { BackgroundQueue } from '../../src/engine/background-queue';

const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('the background queue', () => {
  it('does everything, a few at a time', async () => {
    const queue = new BackgroundQueue({ concurrency: 3, capacity: 100, burstRate: 1_000 });
    let running = 0;
    let most = 0;
    let done = 0;
    await new Promise<void>((resolve) => {
      for (let n = 0; n < 20; n++) {
        queue.push(async () => {
          most = Math.max(most, ++running);
          await soon();
          running -= 1;
          if (++done === 20) resolve();
        });
      }
    });
    expect(most).toBeLessThanOrEqual(3);
  });

  it('drops what does not fit', async () => {
    const queue = new BackgroundQueue({ concurrency: 1, capacity: 2, burstRate: 1_000 });
    const done: number[] = [];
    for (let n = 0; n < 10; n++) queue.push(async () => void done.push(n));
    await soon();
    expect(done).toEqual([0, 1, 2]);
  });

  it('waits for what has begun when it is drained, and forgets the rest', async () => {
    const queue = new BackgroundQueue({ concurrency: 1, capacity: 10, burstRate: 1_000 });
    const done: string[] = [];
    queue.push(async () => {
      await soon();
      done.push('first');
    });
    queue.push(async () => void done.push('second'));
    await queue.drain(1_000);
    await soon();
    expect(done).toEqual(['first']);
  });
});
