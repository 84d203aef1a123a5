import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { compiledRoot } from './lib/paths';
import { findSystem } from './system/running';

/**
 * `npm run audit:verify`: checks the audit of the system that `npm start` runs, or of the one that the environment
 * names. Ends with 0 when all is well, 1 when something is not, 2 when it cannot be checked.
 */
async function main(): Promise<void> {
  const { env } = await findSystem();
  const entry = join(compiledRoot, 'src', 'audit-verify.js');
  process.exitCode = spawnSync(process.execPath, [entry], { env, stdio: 'inherit' }).status ?? 2;
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 2;
});
