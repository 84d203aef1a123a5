import { readFileSync } from 'node:fs';
import type { Run } from './run';

/** What a run comes to, in the terms of the other commands. */
export interface Verdict {
  /** Operations in which nothing was found. */
  passed: number;
  /** Faults, each found in one operation, and whatever kept the fuzzer from looking. */
  failed: number;
  /** What somebody reads of it. */
  lines: string[];
}

/** Longer lines, such as requests with a body of a megabyte, stand whole in the log. */
const LONGEST_LINE = 2_000;

export function verdictOf({ caller, log, readReport }: Run): Verdict {
  const report = readReport();
  if (report === null)
    return { passed: 0, failed: 1, lines: [`FAILED as ${caller}: no report`, ...tail(log)] };

  const { operations, test_cases, failures, errors, auth } = report;
  const faulty = new Set(failures.flatMap((failure) => failure.operations));
  const hindrances = [
    ...(report.stop_reason === 'completed' ? [] : [`it stopped early: ${report.stop_reason}`]),
    ...(auth.reauth_broke ? ['it could not sign in again'] : []),
    ...errors.map(({ title, count }) => `${title} (${count})`),
  ];
  const failed = test_cases.unique_failures + hindrances.length;
  const done = `As ${caller}: ${test_cases.generated} requests to ${operations.tested} operations in ${Math.round(report.running_time)} s`;
  return {
    passed: operations.tested - faulty.size,
    failed,
    lines: [
      done,
      ...hindrances.map((hindrance) => `FAILED as ${caller}: ${hindrance}`),
      ...(failed === 0 ? [] : [...findings(log), `Everything is in ${log}`]),
    ],
  };
}

/** What the fuzzer printed of faults and errors, each with the request that shows it again. */
function findings(log: string): string[] {
  const lines = read(log);
  const isHeading = (line: string) => /^=+ (ERRORS|FAILURES) =+$/.test(line);
  const from = lines.findIndex(isHeading);
  const to = lines.findIndex((line) => /^=+ SUMMARY =+$/.test(line));
  return from === -1 ? tail(log) : lines.slice(from, to === -1 ? undefined : to);
}

function tail(log: string): string[] {
  return read(log).slice(-20);
}

function read(log: string): string[] {
  const shorten = (line: string) =>
    line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}… (${line.length} characters)` : line;
  return readFileSync(log, 'utf8').trimEnd().split('\n').map(shorten);
}
