import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { projectRoot } from './paths';
import type { FileOutcome } from './test-outcome';

/** Name of the variable that tells the reporter where to write the outcome. */
export const outcomeFileVariable = 'REGIE_TEST_OUTCOME';

/** What this uses of jest's own result. */
interface JestResult {
  testResults: JestFile[];
}

interface JestFile {
  testFilePath: string;
  numPassingTests: number;
  /** In milliseconds. */
  perfStats: { runtime: number };
  testExecError?: unknown;
  testResults: { fullName: string; status: string }[];
}

/** A jest reporter that leaves the outcome as JSON for the process that started jest. */
export default class OutcomeReporter {
  onRunComplete(_contexts: unknown, { testResults }: JestResult): void {
    writeFileSync(process.env[outcomeFileVariable] as string, JSON.stringify(testResults.map(outcomeOf)));
    if (process.env.UPDATE_DURATIONS) keepDurations(testResults);
  }
}

function outcomeOf({ testFilePath, numPassingTests, testExecError, testResults }: JestFile): FileOutcome {
  const path = relative(projectRoot, testFilePath);
  const failures = testResults
    .filter(({ status }) => status === 'failed')
    .map(({ fullName }) => `${path}: ${fullName}`);
  if (testExecError !== undefined) failures.push(`${path}: failed beside its tests`);
  return { path, passed: numPassingTests, failures };
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
