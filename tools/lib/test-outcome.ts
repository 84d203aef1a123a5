/** What became of the tests of a run, file by file. */
export type TestOutcome = FileOutcome[];

export interface FileOutcome {
  /** From the root of the project; null when jest ended before it had a result. */
  path: string | null;
  passed: number;
  /** One line for each test that failed, and one when the file failed beside its tests, for instance on an import. */
  failures: string[];
}

export interface Judgement {
  passed: number;
  failed: number;
  /** One line for each of the failed. */
  failures: string[];
  /** What failed at first, and passed when its file was run once more, alone. */
  unsteady: string[];
}

/** More files than this have not failed by chance. */
const MAX_AGAIN = 5;

/** Files that are worth another run, alone; none when what failed cannot be named, or is too much for chance. */
export function filesToRunAgain(outcome: TestOutcome): string[] {
  const failed = outcome.filter(({ failures }) => failures.length > 0);
  if (failed.length > MAX_AGAIN) return [];
  const paths = failed.flatMap(({ path }) => path ?? []);
  return paths.length === failed.length ? paths : [];
}

/** Adds up a run; of files that were run again, that second run counts. */
export function judge(outcome: TestOutcome, again: TestOutcome = []): Judgement {
  const last = outcome.map((file) => again.find(({ path }) => path === file.path) ?? file);
  const failures = last.flatMap((file) => file.failures);
  // A second run that was cut short says so under no name of the first.
  const cut = again.filter(({ path }) => path === null).flatMap((file) => file.failures);
  const unsteady = again.flatMap(({ path, failures: left }) =>
    (outcome.find((file) => file.path === path)?.failures ?? []).filter((line) => !left.includes(line)),
  );
  const all = [...failures, ...cut];
  return {
    passed: last.reduce((sum, file) => sum + file.passed, 0),
    failed: all.length,
    failures: all,
    unsteady,
  };
}
