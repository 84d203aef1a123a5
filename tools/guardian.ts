import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Order } from './lib/guardian';
import { identify } from './lib/identity';
import { type Terminable, terminate } from './lib/termination';

/**
 * Waits for the end of the process that started it, then ends the children that process left behind, last
 * started first, and removes its temporary folders. Orders arrive as JSON lines on standard input, whose end is
 * the sign. The optional argument names the journal to keep.
 */

const journal = process.argv[2];
const self = { ...identify(process.pid), name: 'guardian', stopSignal: 'SIGKILL', stopTimeoutMs: 1_000 };
const children = new Map<number, Terminable>();
const folders = new Set<string>();

function obey(order: Order): void {
  if ('watch' in order) children.set(order.watch.pid, order.watch);
  else if ('forget' in order) children.delete(order.forget);
  else if ('removeFolder' in order) folders.add(order.removeFolder);
  else folders.delete(order.keepFolder);
  writeJournal();
}

/** The next start reads it. This process stands first in it: two must not end the same children. */
function writeJournal(): void {
  if (!journal) return;
  try {
    writeFileSync(journal, JSON.stringify([self, ...children.values()]), { mode: 0o600 });
  } catch {
    // Its folder has been removed, or the disk is full: no reason not to end the children.
  }
}

async function endAll(): Promise<void> {
  for (const child of [...children.values()].reverse()) {
    await terminate(child);
    children.delete(child.pid);
    writeJournal();
  }
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
}

const orders = createInterface({ input: process.stdin });
orders.on('line', (line) => obey(JSON.parse(line) as Order));
orders.on('close', () => void endAll());
