import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cachedFolder } from '../lib/cache';
import { findOnPath, runCommand, versionOf } from '../lib/commands';
import { projectRoot } from '../lib/paths';
import { step } from '../lib/progress';

/**
 * The validator of exported records: HAPI FHIR with its own copy of the specification, so that it needs no connection. Its
 * jars are those of `jars.txt`, each with the content that is said there; `pom.xml` is what they were resolved from.
 */

/** Where the jars are, for a class path: a test program reads it of this variable. */
export const FHIR_CLASSPATH = 'TEST_FHIR_CLASSPATH';

const folder = join(projectRoot, 'tools', 'fhir');
const list = join(folder, 'jars.txt');
const OLDEST_JAVA = 17;
/** What Maven itself asks unless it is set up otherwise; asked where there is no Maven. */
const REPOSITORY = 'https://repo.maven.apache.org/maven2';
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
const AT_ONCE = 6;
const DOWNLOAD_TIMEOUT = 5 * 60_000;

interface Jar {
  /** `group:artifact:version`, and a classifier where it has one. */
  name: string;
  sha256: string;
}

/**
 * What the validator needs in the environment; its jars are fetched when that is due.
 * @throws where there is no Java that compiles, or the jars cannot be had as they are said to be.
 */
export async function findValidator(): Promise<Record<string, string>> {
  requireJava();
  const digest = createHash('sha256').update(readFileSync(list)).digest('hex').slice(0, 8);
  const jars = await cachedFolder(`hapi-fhir-${digest}`, (empty) =>
    step('Fetching the FHIR validator (first time only, 145 MB)', () => fetchJars(empty)),
  );
  return { [FHIR_CLASSPATH]: [join(jars, '*')].join(delimiter) };
}

function requireJava(): void {
  const wanted = `npm run test:fhir needs Java ${OLDEST_JAVA} or later on the PATH, a development kit (javac)`;
  const javac = findOnPath('javac');
  const said = findOnPath('java') && javac && versionOf(javac, '-version');
  if (!said) throw new Error(wanted);
  const version = Number(/\d+/.exec(said)?.[0]);
  if (!(version >= OLDEST_JAVA)) throw new Error(`${wanted}; this is ${said}`);
}

function jarsWanted(): Jar[] {
  const lines = readFileSync(list, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [name, sha256] = line.split(' ') as [string, string];
    return { name, sha256 };
  });
}

/** Maven, where there is one, knows where its user gets artifacts from. */
async function fetchJars(empty: string): Promise<void> {
  const wanted = jarsWanted();
  const maven = findOnPath('mvn');
  if (maven) {
    const pom = join(folder, 'pom.xml');
    const options = ['-q', '-B', '-f', pom, PLUGIN, `-DoutputDirectory=${empty}`, '-DincludeScope=runtime'];
    await runCommand(maven, options);
  } else {
    const left = [...wanted];
    const next = async (): Promise<void> => {
      for (let jar = left.pop(); jar !== undefined; jar = left.pop()) await download(jar, empty);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  }
  await requireContent(empty, wanted);
}

function fileOf({ name }: Jar): { file: string; path: string } {
  const [group, artifact, version, classifier] = name.split(':') as [string, string, string, string?];
  const file = `${[artifact, version, ...(classifier === undefined ? [] : [classifier])].join('-')}.jar`;
  return { file, path: [group.replaceAll('.', '/'), artifact, version, file].join('/') };
}

async function download(jar: Jar, to: string): Promise<void> {
  const { file, path } = fileOf(jar);
  const answer = await fetch(`${REPOSITORY}/${path}`, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT) });
  if (!answer.ok) throw new Error(`${jar.name} was answered ${answer.status}`);
  await writeFile(join(to, `${file}.part`), Buffer.from(await answer.arrayBuffer()));
  await rename(join(to, `${file}.part`), join(to, file));
}

/** @throws for a jar that is missing, has another content, or is not in the list. */
async function requireContent(jars: string, wanted: readonly Jar[]): Promise<void> {
  const found = new Set(await readdir(jars));
  for (const jar of wanted) {
    const { file } = fileOf(jar);
    if (!found.delete(file)) throw new Error(`${jar.name} was not fetched`);
    const bytes = await readFile(join(jars, file));
    if (createHash('sha256').update(bytes).digest('hex') !== jar.sha256) {
      throw new Error(`${jar.name} has another content than tools/fhir/jars.txt says`);
    }
  }
  if (found.size > 0) throw new Error(`Not in tools/fhir/jars.txt: ${[...found].join(', ')}`);
}
