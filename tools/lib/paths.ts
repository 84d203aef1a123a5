import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The clone's root: the nearest folder above with a package.json, both from `tools/` and from `dist/tools/`. */
export const projectRoot = (() => {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
})();

/** Where `tsc` puts its output; child processes always run the compiled files. */
export const compiledRoot = join(projectRoot, 'dist');

/** What was fetched or built once, shared by all clones of this user. */
export function cacheDir(): string {
  const { REGIE_CACHE_DIR, XDG_CACHE_HOME } = process.env;
  return resolve(REGIE_CACHE_DIR || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'regie'));
}
