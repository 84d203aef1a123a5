import { join } from 'node:path';
import { projectRoot } from '../lib/paths';
import { findPythonWith } from '../lib/python';

/**
 * Path of a Python that has the fuzzer, which is installed when that is due.
 * @throws when there is no Python to install it with.
 */
export function findFuzzer(): Promise<string> {
  return findPythonWith({
    name: 'schemathesis',
    requirements: join(projectRoot, 'tools', 'fuzz', 'requirements.txt'),
    title: 'Installing the fuzzer (first time only)',
    neededBy: 'npm run fuzz',
  });
}
