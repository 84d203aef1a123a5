import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../lib/paths';
import { launch, type RunningProcess } from '../lib/processes';
import { HOME_ADDRESS } from './client';
import type { Caller, Options } from './options';
import { type FuzzSystem, fuzzFolder } from './system';
import type { Account, World } from './world';

/** Requests being sent on behalf of one person, whose peer is there to see what they should not. */
export interface Run {
  caller: Caller;
  running: RunningProcess;
  /** Receives everything that the fuzzer prints. */
  log: string;
  /** What became of it, once it has ended; null when it did not get that far. */
  readReport(): Report | null;
}

/** What matters here of the fuzzer's report. */
export interface Report {
  stop_reason: string;
  /** In seconds. */
  running_time: number;
  operations: { tested: number };
  test_cases: { generated: number; unique_failures: number };
  failures: { operations: string[] }[];
  errors: { title: string; count: number }[];
  /** Whether it could not sign in again after a session had ended. */
  auth: { reauth_broke: boolean };
}

const sources = join(projectRoot, 'tools', 'fuzz');

export async function startRun(
  python: string,
  { apiUrl }: FuzzSystem,
  world: World,
  caller: Caller,
  { examples, seed }: Options,
): Promise<Run> {
  const log = join(fuzzFolder, `${caller}.log`);
  const report = join(fuzzFolder, `${caller}.json`);
  const accounts = join(fuzzFolder, `${caller}-accounts.json`);
  await writeFile(accounts, JSON.stringify(accountsOf(world, caller)), { mode: 0o600 });
  const running = await launch({
    name: 'The fuzzer',
    command: python,
    args: [
      ...['-m', 'schemathesis.cli', `--config-file=${join(sources, 'schemathesis.toml')}`],
      ...['--no-color', 'run'],
      ...[`--max-examples=${examples}`, `--seed=${seed}`],
      ...['--report=json', `--report-json-path=${report}`],
      // With nobody to see what they should not, there is nothing to compare.
      ...(caller === 'admin' ? ['--exclude-checks=object_level_authorization'] : []),
      `${apiUrl}/openapi.json`,
    ],
    env: {
      FUZZ_ACCOUNTS: accounts,
      FUZZ_HOOKS: join(sources, 'hooks.py'),
      PYTHONDONTWRITEBYTECODE: '1',
    },
    cwd: fuzzFolder,
    logFile: log,
    stopSignal: 'SIGINT',
  });
  const readReport = () => (existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null);
  return { caller, running, log, readReport };
}

/** What the fuzzer and its hooks know of people. */
function accountsOf({ admin, clients, techniciens }: World, caller: Caller) {
  const peers = { client: clients, technicien: techniciens, admin: [admin, clients[0]] }[caller];
  const [account, peer] = peers as [Account, Account];
  return {
    everybody: [admin, ...clients, ...techniciens].map(({ id }) => id),
    auth: [signInOf('caller', account), signInOf('peer', peer)],
  };
}

/** How to sign in, in the words of the Web Fuzzing Commons; it is done again whenever a session has ended. */
function signInOf(name: string, { email, password }: Account) {
  return {
    name,
    loginEndpointAuth: {
      verb: 'POST',
      endpoint: '/api/v1/auth/login',
      headers: [{ name: 'X-Forwarded-For', value: HOME_ADDRESS }],
      contentType: 'application/json',
      payloadRaw: JSON.stringify({ email, password }),
      token: {
        extractFrom: 'body',
        extractSelector: '/access_token',
        sendIn: 'header',
        sendName: 'Authorization',
        sendTemplate: 'Bearer {token}',
      },
    },
  };
}
