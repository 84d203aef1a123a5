import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedFolder } from '../lib/cache';
import { findOnPath, runCommand, versionOf } from '../lib/commands';
import { projectRoot } from '../lib/paths';
import { step } from '../lib/progress';

/**
 * The fuzzer is a Python program. It lives with its dependencies in a virtual environment of its own in the cache
 * folder, each of them in the version and with the content that `requirements.txt` names.
 */

const requirements = join(projectRoot, 'tools', 'fuzz', 'requirements.txt');
/** What the fuzzer asks for. */
const OLDEST_PYTHON = [3, 11] as const;

/**
 * Path of a Python that has the fuzzer, which is installed when that is due.
 * @throws when there is no Python to install it with.
 */
export async function findFuzzer(): Promise<string> {
  const { python, version } = findPython();
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 8);
  const folder = await cachedFolder(`schemathesis-${digest}-python-${version}`, (empty) =>
    step('Installing the fuzzer (first time only)', () => install(python, empty)),
  );
  return executableIn(folder);
}

function findPython(): { python: string; version: string } {
  const wanted = `npm run fuzz needs Python ${OLDEST_PYTHON.join('.')} or later on the PATH`;
  const python = findOnPath('python3');
  const version = python && versionOf(python, '--version')?.replace('Python ', '');
  if (!python || !version) throw new Error(wanted);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major !== OLDEST_PYTHON[0] || minor < OLDEST_PYTHON[1]) {
    throw new Error(`${wanted}; ${python} is ${version}`);
  }
  return { python, version };
}

async function install(python: string, folder: string): Promise<void> {
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
