import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { findValidator } from './fhir/validateur';
import { readOutcome, spawnJest } from './lib/jest';
import { say } from './lib/progress';
import { onStopRequest } from './lib/stop-requests';
import { throwawayFolder } from './lib/throwaway-folder';
import { startThrowawayServers, type ThrowawayServers } from './servers/throwaway';

/**
 * `npm test`: starts servers of its own, runs jest with the arguments given, stops them, and ends with a line
 * `N passed, N failed`.
 *
 * `npm run test:machines` is the same with `--machines`: the engine is the one of production, on PostgreSQL, and unless
 * files are named it runs those of `test/machines`, which need it. `npm run test:fhir` is the same with `--fhir`, for those
 * of `test/fhir`, which need Java.
 */

const MACHINES = '--machines';
const FHIR = '--fhir';

let servers: ThrowawayServers | undefined;
let jest: ChildProcess | undefined;
let interrupted = false;

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const onMachines = args.includes(MACHINES);
  const withJava = args.includes(FHIR);
  const given = args.filter((arg) => arg !== MACHINES && arg !== FHIR);
  const usual = onMachines ? ['test/machines'] : withJava ? ['test/fhir'] : [];
  const jestArgs = given.length === 0 ? usual : given;
  // What it takes is said before anything is started.
  const validator = withJava ? await findValidator() : {};
  servers = await startThrowawayServers(onMachines ? 'postgres' : 'development');
  const folder = await throwawayFolder();
  const outcomeFile = join(folder.path, 'outcome.json');
  jest = spawnJest(jestArgs, { ...servers.env, ...validator }, outcomeFile);
  const [code, cause] = (await once(jest, 'exit')) as [number | null, NodeJS.Signals | null];
  const outcome = await readOutcome(outcomeFile, code ?? 1);
  await folder.remove();
  await servers.stop();
  if (interrupted || cause) process.exit(130);

  for (const failure of outcome.failures) say(`FAILED ${failure}`);
  say(`${outcome.passed} passed, ${outcome.failed} failed`);
  process.exitCode = code ?? 1;
}

/** Ends jest, whereupon `main` stops the servers; before jest has started the guardian clears up. */
function stop(): void {
  interrupted = true;
  if (!jest) process.exit(130);
  jest.kill('SIGTERM');
}

onStopRequest(stop, () => process.exit(130));
main().catch(async (error: Error) => {
  console.error(error.message);
  await servers?.stop();
  process.exit(1);
});
