import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FHIR_CLASSPATH } from '../../tools/fhir/validateur';
import { projectRoot } from '../../tools/lib/paths';

/** What the validator says of a resource. */
export interface Constat {
  severity: string;
  id: string;
  place: string;
  message: string;
}

/** Whatever would be asked of others is asked of nobody. */
const NOWHERE = ['http', 'https'].flatMap((scheme) => [
  `-D${scheme}.proxyHost=127.0.0.1`,
  `-D${scheme}.proxyPort=1`,
]);

/** It runs for seconds: compiling it well takes as long as running it does. */
const BRIEF = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

const SEVERE: readonly string[] = ['ERROR', 'FATAL'];

/**
 * Validates resources, all in one run of HAPI's validator, without a connection.
 * @returns what it says against each, in their order: errors, not what it merely recommends.
 */
export async function validate(resources: readonly object[]): Promise<Constat[][]> {
  const classpath = process.env[FHIR_CLASSPATH];
  if (classpath === undefined) throw new Error('npm run test:fhir has the validator');
  const folder = await mkdtemp(join(tmpdir(), 'regie-fhir-'));
  try {
    const files = resources.map((_, index) => join(folder, `${index}.json`));
    await Promise.all(files.map((file, index) => writeFile(file, JSON.stringify(resources[index]))));
    const program = join(projectRoot, 'tools', 'fhir', 'Valider.java');
    const { stdout } = await promisify(execFile)(
      'java',
      [...NOWHERE, ...BRIEF, '-cp', classpath, program, ...files],
      {
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    const lines = stdout.split('\n').map((line) => line.split('\t'));
    return files.map((file) => {
      const said = lines.filter(([of]) => of === file);
      // What was not looked at to its end is not valid.
      if (said.at(-1)?.[1] !== 'done') throw new Error(`${file} was not validated`);
      return said
        .slice(0, -1)
        .map(([, severity, id, place, message]) => ({ severity, id, place, message }) as Constat)
        .filter(({ severity }) => SEVERE.includes(severity));
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}
