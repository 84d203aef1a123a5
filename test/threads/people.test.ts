import { setTimeout as sleep } from 'node:timers/promises';
import { People } from '../../src/threads/people';

/** Who holds up those who ask until the test lets them go on. */
function held() {
  let release = () => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { until, release };
}

describe('what can wait', () => {
  it('is done at once when nobody waits', async () => {
    const people = new People();
    expect(people.wait).toBe(false);
    await people.calm(60_000);
  });

  it('waits until the last of those who wait has what they wait for, and for what follows', async () => {
    const people = new People(50);
    const seen: string[] = [];
    const [first, second] = [held(), held()];
    const orders = [
      people.during(() => first.until).then(() => seen.push('first')),
      people.during(() => second.until).then(() => seen.push('second')),
    ];
    const calm = people.calm(60_000).then(() => seen.push('calm'));
    first.release();
    await sleep(100);
    expect([seen, people.wait]).toEqual([['first'], true]);
    second.release();
    await Promise.all([...orders, calm]);
    expect([seen, people.wait]).toEqual([['first', 'second', 'calm'], false]);
  });

  it('is done all the same when they never stop', async () => {
    const people = new People();
    const order = held();
    const done = people.during(() => order.until);
    await people.calm(20);
    expect(people.wait).toBe(true);
    order.release();
    await done;
  });

  it('knows whether somebody was there lately', async () => {
    const people = new People();
    expect(people.lately(1_000)).toBe(false);
    await people.during(async () => expect(people.lately(0)).toBe(true));
    expect(people.lately(60_000)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(people.lately(10)).toBe(false);
  });

  it('does not wait for what failed', async () => {
    const people = new People();
    await expect(people.during(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await people.calm(60_000);
    expect(people.wait).toBe(false);
  });
});
