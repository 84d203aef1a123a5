import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compiledRoot } from './paths';
import { type Terminable, terminate } from './termination';

/**
 * The guardian is a small process (`tools/guardian.ts`) that ends the children of this one when this one dies
 * without having done so itself, be it by SIGKILL. It notices through the pipe that connects the two.
 */

export type Order =
  | { watch: Terminable }
  | { forget: number }
  | { removeFolder: string }
  | { keepFolder: string };

let guardian: ChildProcess | undefined;
let journalPath: string | undefined;

/**
 * Has the guardian note the children in a file, so that {@link endStrays} can find them even after both
 * were killed. To be called before the first child is started.
 */
export function keepJournal(path: string): void {
  journalPath = path;
}

/** Ends what an earlier run left behind, by its journal. */
export async function endStrays(journal: string): Promise<void> {
  const text = await readFile(journal, 'utf8').catch(() => '[]');
  const [formerGuardian, ...strays] = JSON.parse(text) as Terminable[];
  if (formerGuardian) await terminate(formerGuardian);
  for (const stray of strays.reverse()) await terminate(stray);
}

/** Ends the process when this one dies. */
export const watch = (child: Terminable) => tell({ watch: child });

/** The process has ended by itself. */
export const forget = (pid: number) => tell({ forget: pid });

/** Removes the folder, after the processes have ended, when this one dies. */
export const removeFolderAtEnd = (folder: string) => tell({ removeFolder: folder });

/** The folder has been removed already, or is to stay. */
export const keepFolder = (folder: string) => tell({ keepFolder: folder });

function tell(order: Order): void {
  guardian ??= startGuardian();
  guardian.stdin?.write(`${JSON.stringify(order)}\n`);
}

function startGuardian(): ChildProcess {
  const script = join(compiledRoot, 'tools', 'guardian.js');
  const child = spawn(process.execPath, [script, ...(journalPath ? [journalPath] : [])], {
    // Apart from the terminal: neither Ctrl-C nor its end reaches it.
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.on('error', () => {}); // It was killed: the children are merely unguarded.
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}
