import { Pacer } from '../../src/activities/pacer';

describe('the pacer', () => {
  it('rests for a fixed share of the time while nothing slows the work down', () => {
    const pacer = new Pacer();
    expect([10, 10, 10].map((elapsed) => pacer.restAfter(elapsed))).toEqual([20, 20, 20]);
  });

  it('rests the more the slower the work becomes, and never for long', () => {
    const pacer = new Pacer();
    pacer.restAfter(10);
    expect([15, 20, 1_000].map((elapsed) => pacer.restAfter(elapsed))).toEqual([45, 80, 150]);
  });

  it('learns in time that the work has become slower for good', () => {
    const pacer = new Pacer();
    pacer.restAfter(10);
    for (let n = 0; n < 100; n++) pacer.restAfter(40);
    expect(pacer.restAfter(40)).toBe(80);
  });
});
