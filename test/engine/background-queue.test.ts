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

  it('holds back while people wait, and does all of it after', async () => {
    let peopleWait = true;
    const done: number[] = [];
    await new Promise<void>((resolve) => {
      const queue = new BackgroundQueue({
        concurrency: 2,
        capacity: 1_000,
        burstRate: 10_000,
        peopleWait: () => peopleWait,
      });
      for (let n = 0; n < 100; n++) {
        queue.push(async () => {
          await soon();
          done.push(n);
          if (!peopleWait && done.length === 100) resolve();
        });
      }
      setTimeout(() => {
        // The first of them, and those that a quarter of a second each allows.
        expect(done.length).toBeLessThan(10);
        peopleWait = false;
      }, 600);
    });
    expect(done).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  it('does what comes alone at once, whoever waits', async () => {
    const queue = new BackgroundQueue({
      concurrency: 2,
      capacity: 10,
      burstRate: 1,
      peopleWait: () => true,
    });
    const done: number[] = [];
    for (let n = 0; n < 3; n++) {
      queue.push(async () => void done.push(n));
      await soon();
    }
    expect(done).toEqual([0, 1, 2]);
  });

  it('reports what was done, many at a time, and the last of it when it is drained', async () => {
    const reports: number[][] = [];
    const queue = new BackgroundQueue<number>({
      concurrency: 10,
      capacity: 100,
      burstRate: 1_000,
      report: async (done) => void reports.push(done),
    });
    for (let n = 0; n < 5; n++) queue.push(async () => (n === 3 ? undefined : n));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(reports).toEqual([[0, 1, 2, 4]]);
    queue.push(async () => 5);
    await queue.drain(1_000);
    expect(reports).toEqual([[0, 1, 2, 4], [5]]);
  });
});
