import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { findValidator } from './fhir/validateur';
import { readOutcome, spawnJest } from './lib/jest';
import { say } from './lib/progress';
import { onStopRequest } from './lib/stop-requests';
import { filesToRunAgain, judge, type TestOutcome } from './lib/test-outcome';
import { throwawayFolder } from './lib/throwaway-folder';
import { startThrowawayServers, type ThrowawayServers } from './servers/throwaway';

/**
 * `npm test`: starts servers of its own, runs jest with the arguments given, stops them, and ends with a line
 * `N passed, N failed`.
 *
 * `npm run test:machines` is the same with `--machines`: the engine is the one of production, on PostgreSQL, and unless
 * files are named it runs those of `test/machines`, which need it. `npm run test:fhir` is the same with `--fhir`, for those
 * of `test/fhir`, which need Java.
 *
 * With `TEST_AGAIN=1`, a few files that fail are run once more, alone, and that run counts: what passes then is named as
 * `UNSTEADY`, a fault to be found, instead of failing everything on a machine that was busy (decision 073).
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
  const env = { ...servers.env, ...validator };
  const outcome = await run(jestArgs, env);
  const again = process.env.TEST_AGAIN ? filesToRunAgain(outcome) : [];
  const second = again.length === 0 ? [] : await run([...again, '--maxWorkers=1'], env);
  await servers.stop();
  if (interrupted) process.exit(130);

  const { passed, failed, failures, unsteady } = judge(outcome, second);
  for (const line of unsteady) say(`UNSTEADY ${line}`);
  for (const failure of failures) say(`FAILED ${failure}`);
  say(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** Runs jest to its end. */
async function run(args: string[], env: Record<string, string>): Promise<TestOutcome> {
  const folder = await throwawayFolder();
  const outcomeFile = join(folder.path, 'outcome.json');
  jest = spawnJest(args, env, outcomeFile);
  const [code, cause] = (await once(jest, 'exit')) as [number | null, NodeJS.Signals | null];
  const outcome = await readOutcome(outcomeFile, code ?? 1);
  await folder.remove();
  if (cause) interrupted = true;
  // Without a failure of its own, as when no file was found, jest knows why.
  if (code !== 0 && outcome.every(({ failures }) => failures.length === 0))
    outcome.push({ path: null, passed: 0, failures: [`jest ended with code ${code}`] });
  return outcome;
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
