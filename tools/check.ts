import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { compiledRoot, projectRoot } from './lib/paths';

/**
 * `npm run check`: what can be said about the sources without running them. All checks are run, whatever the first
 * ones say; ends with a line `N passed, N failed`.
 */
const colours = process.stdout.isTTY ? 'force' : 'off';
const checks: [title: string, command: string, args: string[]][] = [
  ['Format and lint', 'biome', ['ci', `--colors=${colours}`, '.']],
  ['Types', 'tsc', ['-p', 'tsconfig.json']],
  ['Imports point one way', 'depcruise', ['src', 'tools', 'test', 'bench', 'dist/src']],
  ['Each table is written by one area', 'node', [join(compiledRoot, 'tools', 'table-owners.js')]],
  ['Nothing is unused', 'knip', []],
];

const failed = checks.filter(([title, command, args]) => {
  console.log(`\n${title}: ${[command, ...args].join(' ')}`);
  const program = command === 'node' ? process.execPath : join(projectRoot, 'node_modules', '.bin', command);
  return spawnSync(program, args, { cwd: projectRoot, stdio: 'inherit' }).status !== 0;
});

for (const [title] of failed) console.log(`FAILED ${title}`);
console.log(`${checks.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
