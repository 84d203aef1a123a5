import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedFolder } from './cache';
import { findOnPath, runCommand, versionOf } from './commands';
import { step } from './progress';

/**
 * Programs in Python. Each lives with its dependencies in a virtual environment of its own in the cache folder, each of
 * them in the version and with the content that a file of requirements names.
 */

/** What these programs ask for. */
const OLDEST_PYTHON = [3, 11] as const;

export interface PythonProgram {
  /** Of its folder in the cache. */
  name: string;
  /** Path of the file that names packages, versions and digests. */
  requirements: string;
  /** What is shown while it is installed. */
  title: string;
  /** Who needs Python: the beginning of the message where there is none. */
  neededBy: string;
}

/**
 * Path of a Python that has the packages, which are installed when that is due.
 * @throws when there is no Python to install them with.
 */
export async function findPythonWith(program: PythonProgram): Promise<string> {
  const { python, version } = findPython(program.neededBy);
  const digest = createHash('sha256').update(readFileSync(program.requirements)).digest('hex').slice(0, 8);
  const folder = await cachedFolder(`${program.name}-${digest}-python-${version}`, (empty) =>
    step(program.title, () => install(python, empty, program.requirements)),
  );
  return executableIn(folder);
}

function findPython(neededBy: string): { python: string; version: string } {
  const wanted = `${neededBy} needs Python ${OLDEST_PYTHON.join('.')} or later on the PATH`;
  const python = findOnPath('python3');
  const version = python && versionOf(python, '--version')?.replace('Python ', '');
  if (!python || !version) throw new Error(wanted);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major !== OLDEST_PYTHON[0] || minor < OLDEST_PYTHON[1]) {
    throw new Error(`${wanted}; ${python} is ${version}`);
  }
  return { python, version };
}

async function install(python: string, folder: string, requirements: string): Promise<void> {
  // The folder is moved when it is complete, which only the scripts in it, used by nobody, cannot bear.
  await runCommand(python, ['-m', 'venv', folder]);
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet'];
  // Nothing is built here: a package that is not ready to run would bring a script of its own to run.
  await runCommand(executableIn(folder), [
    ...pip,
    '--require-hashes',
    '--only-binary=:all:',
    '-r',
    requirements,
  ]);
}

function executableIn(folder: string): string {
  return join(folder, 'bin', 'python');
}
