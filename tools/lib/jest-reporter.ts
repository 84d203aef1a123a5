import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { projectRoot } from './paths';

/** What became of the tests. */
export interface TestOutcome {
  passed: number;
  /** Failed tests, and files that failed before their tests, for instance on an import. */
  failed: number;
  /** One line for each of the failed. */
  failures: string[];
}

/** Name of the variable that tells the reporter where to write the outcome. */
export const outcomeFileVariable = 'REGIE_TEST_OUTCOME';

/** What this uses of jest's own result. */
interface JestResult {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    testFilePath: string;
    /** In milliseconds. */
    perfStats: { runtime: number };
    testExecError?: unknown;
    testResults: { fullName: string; status: string }[];
  }[];
}

/** A jest reporter that leaves the outcome as JSON for the process that started jest. */
export default class OutcomeReporter {
  onRunComplete(_contexts: unknown, { numPassedTests, numFailedTests, testResults }: JestResult): void {
    const broken = testResults.filter((file) => file.testExecError !== undefined);
    const failures = testResults.flatMap((file) => {
      const path = relative(projectRoot, file.testFilePath);
      const failedTests = file.testResults.filter((test) => test.status === 'failed');
      const lines = failedTests.map((test) => `${path}: ${test.fullName}`);
      return broken.includes(file) ? [...lines, `${path}: could not be run`] : lines;
    });
    const outcome: TestOutcome = { passed: numPassedTests, failed: numFailedTests + broken.length, failures };
    writeFileSync(process.env[outcomeFileVariable] as string, JSON.stringify(outcome));
    if (process.env.UPDATE_DURATIONS) keepDurations(testResults);
  }
}

/** Files that take less may come in any order. In seconds. */
const SHORT = 5;

/** Keeps how long the long files took: `jest-sequencer.cjs` has them begin first. */
function keepDurations(files: JestResult['testResults']): void {
  const durations = files
    .map(
      (file) =>
        [relative(projectRoot, file.testFilePath), Math.round(file.perfStats.runtime / 1_000)] as const,
    )
    .filter(([, seconds]) => seconds >= SHORT)
    .sort(([, a], [, b]) => b - a);
  const text = JSON.stringify(Object.fromEntries(durations), null, 2);
  writeFileSync(join(projectRoot, 'test', 'durations.json'), `${text}\n`);
}
