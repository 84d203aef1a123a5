import { Hot } from '../../src/db/hot';

const PLACES = 3;
const ENOUGH = 2;

let hot: Hot;
beforeEach(() => {
  hot = new Hot(PLACES, ENOUGH);
});

const use = (thing: string, times: number): string | undefined => {
  let name: string | undefined;
  for (let time = 0; time < times; time++) name = hot.use(thing);
  return name;
};

it('gives a place to what is used again, and to nothing that is used once', () => {
  expect(hot.use('a')).toBeUndefined();
  const name = hot.use('a')!;
  expect(hot.holds(name)).toBe(true);
  expect(hot.use('a')).toBe(name);
  expect(hot.use('b')).toBeUndefined();
});

it('gives no place of another that is used about as often', () => {
  const names = ['a', 'b', 'c'].map((thing) => use(thing, 4)!);
  expect(use('d', 6)).toBeUndefined();
  expect(names.every((name) => hot.holds(name))).toBe(true);
  expect(hot.losses).toBe(0);
});

it('gives the place of the coldest to what has become hotter by far, and the name to nobody again', () => {
  const cold = use('a', 2)!;
  for (const thing of ['b', 'c']) use(thing, 20);
  const late = use('d', 4)!;
  expect(hot.holds(late)).toBe(true);
  expect(hot.holds(cold)).toBe(false);
  expect(hot.losses).toBe(1);
  expect(hot.use('a')).toBeUndefined();
  expect(use('a', 60)).not.toBe(cold);
});

it('forgets in time what was hot once', () => {
  const name = use('a', 4)!;
  use('b', 20_000);
  expect(hot.holds(name)).toBe(false);
});

it('keeps what is hot among any number of things that are used once', () => {
  const name = use('a', 20)!;
  for (let n = 0; n < 20_000; n++) {
    hot.use(`once ${n}`);
    if (n % 25 === 0) expect(hot.use('a')).toBe(name);
  }
});
