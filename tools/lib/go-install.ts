import { findOnPath, runCommand } from './commands';
import { step } from './progress';

export interface GoProgram {
  /** Name of the executable that the build makes. */
  program: string;
  /** Import path of its main package. */
  source: string;
  version: string;
  /** How long a first build takes on two cores, for the reader of the progress line. */
  usualDuration: string;
}

/**
 * Builds a Go program from source into `folder`.
 * @throws when Go is not installed or the build fails.
 */
export async function goInstall(
  { program, source, version, usualDuration }: GoProgram,
  folder: string,
): Promise<void> {
  if (!findOnPath('go'))
    throw new Error(`${program} has to be built from source, which needs Go on the PATH (https://go.dev/dl)`);
  let compiled = 0;
  const describe = (line: string) =>
    line.startsWith('go: ') ? line.slice('go: '.length) : `${++compiled} packages compiled`;
  await step(`Building ${program} (first time only, about ${usualDuration})`, (tell) =>
    runCommand('go', ['install', '-v', `${source}@${version}`], {
      env: { GOBIN: folder },
      onLine: (line) => tell(describe(line)),
    }),
  );
}
