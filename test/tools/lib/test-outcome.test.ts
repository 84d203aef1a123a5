import { filesToRunAgain, judge } from '../../../tools/lib/test-outcome';

const green = { path: 'test/a.test.ts', passed: 3, failures: [] };
const red = { path: 'test/b.test.ts', passed: 1, failures: ['test/b.test.ts: counts'] };
const cut = { path: null, passed: 0, failures: ['jest ended with code 9 before it had a result'] };

describe('judging a run of the tests', () => {
  it('adds up what passed and names what failed', () => {
    expect(judge([green, red])).toEqual({ passed: 4, failed: 1, failures: red.failures, unsteady: [] });
  });

  it('counts a second run instead of the first, and names what passed only then', () => {
    const again = [{ path: red.path, passed: 2, failures: [] }];
    expect(judge([green, red], again)).toEqual({
      passed: 5,
      failed: 0,
      failures: [],
      unsteady: red.failures,
    });
  });

  it('fails what fails twice, also when it is something else the second time', () => {
    const again = [{ path: red.path, passed: 1, failures: ['test/b.test.ts: adds'] }];
    expect(judge([green, red], again)).toEqual({
      passed: 4,
      failed: 1,
      failures: ['test/b.test.ts: adds'],
      unsteady: red.failures,
    });
  });

  it('fails when the second run is cut short', () => {
    expect(judge([green, red], [cut])).toMatchObject({ failed: 2, unsteady: [] });
  });

  it('runs again what is few and has a name', () => {
    expect(filesToRunAgain([green, red])).toEqual([red.path]);
    expect(filesToRunAgain([green])).toEqual([]);
    expect(filesToRunAgain([green, cut])).toEqual([]);
    expect(
      filesToRunAgain(Array.from({ length: 6 }, (_, i) => ({ ...red, path: `test/${i}.test.ts` }))),
    ).toEqual([]);
  });
});
