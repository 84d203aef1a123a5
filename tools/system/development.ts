import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onChange } from '../lib/changes';
import { runCommand } from '../lib/commands';
import { projectRoot } from '../lib/paths';
import { nextFreePort } from '../lib/ports';
import { say } from '../lib/progress';
import type { Supervisor } from '../lib/supervisor';
import { API, type Environment, setUp, untilApiReady, WORKER } from './application';
import type { DataFolder } from './data-folder';

/** What a system that is being worked on has besides. */
export interface Development {
  /** Flags of Node.js that let a debugger in, from this machine only. */
  apiFlags: readonly string[];
  workerFlags: readonly string[];
}

const API_DEBUGGER = 9229;
const WORKER_DEBUGGER = 9239;

/** Lets debuggers into API and worker, at the ports of `.vscode/launch.json` or the next free ones. */
export async function prepareDevelopment(): Promise<Development> {
  const taken = new Set<number>();
  const flagsAt = async (preferred: number, title: string) => {
    const port = await nextFreePort(preferred, taken);
    taken.add(port);
    if (port !== preferred) say(`Debugger of the ${title}: port ${port} instead of ${preferred}`);
    return [`--inspect=127.0.0.1:${port}`, '--enable-source-maps'];
  };
  return {
    apiFlags: await flagsAt(API_DEBUGGER, 'API'),
    workerFlags: await flagsAt(WORKER_DEBUGGER, 'worker'),
  };
}

/** Editors write a file in several steps, and several files at once. In milliseconds. */
const SETTLED = 100;

/**
 * Compiles and starts API and worker anew whenever a source changes, until this process ends. What does not compile is
 * shown, and what runs goes on.
 */
export function renewOnChange(supervisor: Supervisor, env: Environment, folder: DataFolder): void {
  const changed = new Set<string>();
  let isBusy = false;

  const renew = async () => {
    if (isBusy) return;
    isBusy = true;
    while (changed.size > 0) {
      await sleep(SETTLED);
      const files = [...changed];
      changed.clear();
      await renewFor(files).catch((error: Error) => say(error.message));
    }
    isBusy = false;
  };

  const renewFor = async (files: string[]) => {
    const startedAt = Date.now();
    const more = files.length > 1 ? ` and ${files.length - 1} more` : '';
    say(`Changed: src/${files[0]}${more}`);
    if (!(await compiles())) return say('It does not compile: what ran before goes on.');
    if (files.some((file) => file.startsWith('db'))) await setUp(env);
    const [api] = await Promise.all([supervisor.renew(API), supervisor.renew(WORKER)]);
    await untilApiReady(api, env, folder);
    say(`The API answers again after ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
  };

  onChange(join(projectRoot, 'src'), (file) => {
    changed.add(file);
    void renew();
  });
}

/** Compiles, bundles and copies what has changed; shows what there is against it. */
async function compiles(): Promise<boolean> {
  const printed: string[] = [];
  try {
    await runCommand(process.execPath, [join(projectRoot, 'tools', 'run.mjs'), 'build'], {
      cwd: projectRoot,
      onLine: (line) => printed.push(line),
    });
    return true;
  } catch {
    for (const line of printed) say(line);
    return false;
  }
}
