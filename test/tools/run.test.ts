import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { identify } from '../../tools/lib/identity';
import { projectRoot } from '../../tools/lib/paths';
import { type ThrowawayFolder, throwawayFolder } from '../../tools/lib/throwaway-folder';
import { checkConfiguration } from '../../tools/system/configuration';
import { eventually } from '../support/eventually';

let folder: ThrowawayFolder;
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await throwawayFolder();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await folder.remove();
});

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
}

/** Runs a file with Node.js. */
function run(
  args: string[],
  env: NodeJS.ProcessEnv = {},
): { child: ChildProcess; output(): string; ended: Promise<Ended> } {
  const child = spawn(process.execPath, args, {
    cwd: projectRoot,
    env: { PATH: process.env.PATH, HOME: folder.path, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream!.on('data', (chunk: Buffer) => {
      printed += chunk;
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, output: printed }));
  return { child, output: () => printed, ended };
}

describe('the configuration', () => {
  it('is judged before anything is installed, fetched or built, in one message that names every fault', async () => {
    const cache = join(folder.path, 'cache');
    mkdirSync(cache);
    const startedAt = Date.now();
    const { code, output } = await run(['tools/run.mjs', 'start'], {
      REGIE_CACHE_DIR: cache,
      REGIE_DATA_DIR: join(folder.path, 'data'),
      ADMIN_PASSWORD: 'secret',
      PORT: '80000',
      REGIE_TIME_ZONE: 'Mars/Olympus_Mons',
      SMTP_URL: 'http://localhost',
      JWT_PUBLIC_KEYS: 'none',
    }).ended;
    expect([code, output]).toEqual([
      1,
      'Configuration invalid:\n' +
        '  PORT: must be a whole number from 0 to 65535\n' +
        '  SMTP_URL: must be a URL starting with smtp:// or smtps://\n' +
        '  JWT_PUBLIC_KEYS: must be RSA public keys of 2048 bits or more, in PEM\n' +
        '  REGIE_TIME_ZONE: must be an IANA time zone such as Africa/Casablanca\n' +
        '  JWT_PUBLIC_KEYS: needs JWT_PRIVATE_KEY\n' +
        '  ADMIN_PASSWORD: At least 10 characters\n' +
        '  ADMIN_PASSWORD: At least one upper case letter\n' +
        '  ADMIN_PASSWORD: At least one digit\n' +
        '  ADMIN_PASSWORD: At least one symbol\n',
    ]);
    expect(Date.now() - startedAt).toBeLessThan(60_000);
    expect([readdirSync(cache), existsSync(join(folder.path, 'data'))]).toEqual([[], false]);
  });

  it.each([
    [
      'a password that is one common word',
      { ADMIN_PASSWORD: 'Bonjour2024!' },
      /^ {2}ADMIN_PASSWORD: One common word/m,
    ],
    [
      'a password with a name',
      { ADMIN_PASSWORD: 'Admin-4-regie!x' },
      /^ {2}ADMIN_PASSWORD: Must hold nothing/m,
    ],
    ['an address that is none', { ADMIN_EMAIL: 'admin' }, /^ {2}ADMIN_EMAIL: /m],
    [
      'a proxy that is none',
      { TRUSTED_PROXIES: 'nginx', PORT: 'x' },
      /^ {2}PORT: .*\n {2}TRUSTED_PROXIES: /m,
    ],
    ['a role that is none', { SECOND_FACTEUR_ROLES: 'chef' }, /^ {2}SECOND_FACTEUR_ROLES/m],
  ])('is judged as a whole before any server is fetched or built: %s', async (_, env, message) => {
    await expect(checkConfiguration(env)).rejects.toThrow(message);
  });

  it('needs nothing of what the command supplies', async () => {
    await checkConfiguration({});
    await checkConfiguration({ ADMIN_PASSWORD: 'Atelier-Sud-47!', DATABASE_URL: '' });
  });
});

describe('a command that goes on with another Node.js', () => {
  const script = join(__dirname, 'relaunched.mjs');
  const relaunched = (...args: string[]) => run([script, dirname(process.execPath), ...args]);

  it('ends as that one ends', async () => {
    const [seven, none] = await Promise.all([relaunched('exit', '7').ended, relaunched('exit', '0').ended]);
    expect([seven.code, none.code]).toEqual([7, 0]);
    const died = await relaunched('die', 'SIGTERM').ended;
    expect([died.code, died.signal]).toEqual([null, 'SIGTERM']);
  });

  const untilWaiting = (output: () => string) =>
    eventually(
      () => Number(output()),
      (pid) => pid > 0,
    );

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'passes %s on, and waits for what it does about it',
    async (signal) => {
      const { child, output, ended } = relaunched('wait');
      await untilWaiting(output);
      child.kill(signal);
      const { code, output: printed } = await ended;
      expect([code, printed]).toEqual([5, expect.stringContaining(`asked by ${signal}`)]);
    },
  );

  it('is asked to stop when the one that was typed is killed', async () => {
    const { child, output } = relaunched('wait');
    const pid = await untilWaiting(output);
    expect(pid).not.toBe(child.pid);
    child.kill('SIGKILL');
    await eventually(
      () => identify(pid),
      (found) => found === undefined,
    );
    expect(output()).toContain('asked by SIGTERM');
  });
});

describe('what is fetched', () => {
  const script = join(__dirname, 'relaunched.mjs');
  const ask = (target: string, log: string) => run([script, '', 'once', target, log]).ended;

  it('is fetched once, however many ask for it, and appears whole', async () => {
    const [target, log] = [join(folder.path, 'cache', 'node'), join(folder.path, 'log')];
    const ends = await Promise.all([ask(target, log), ask(target, log), ask(target, log)]);
    expect(ends.map(({ code, output }) => [code, output])).toEqual(Array(3).fill([0, '']));
    expect(readFileSync(log, 'utf8')).toBe('filled\n');
    expect(readFileSync(join(target, 'content'), 'utf8')).toBe('whole');
    expect(readdirSync(join(folder.path, 'cache'))).toEqual(['node']);
  });

  it('is not waited for from a process that has died', async () => {
    const [target, log] = [join(folder.path, 'cache', 'node'), join(folder.path, 'log')];
    mkdirSync(join(folder.path, 'cache'));
    writeFileSync(`${target}.lock`, '');
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(`${target}.lock`, longAgo, longAgo);
    expect((await ask(target, log)).code).toBe(0);
    expect(readdirSync(join(folder.path, 'cache'))).toEqual(['node']);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const [target, log] = [join(folder.path, 'cache', 'node'), join(folder.path, 'log')];
    const { child, ended } = run([script, '', 'once', target, log]);
    await eventually(
      () => existsSync(log),
      (begun) => begun,
    );
    child.kill('SIGTERM');
    expect((await ended).code).toBe(143);
    expect(readdirSync(join(folder.path, 'cache'))).toEqual([]);
  });
});
