import { readFileSync } from 'node:fs';

/** What Linux tells of processes (`/proc`); elsewhere everything is 0. */

/** Milliseconds of a clock tick: 100 a second on every Linux that Node runs on. */
const TICK = 10;

export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readProc(pid, 'status'))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

export function childrenOf(pid: number): number[] {
  return readProc(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

/** Processor time that a process has used, with its descendants, also those that have ended; in milliseconds. */
export function processorTime(pid: number): number {
  for (;;) {
    const before = timesOf(pid);
    const children = childrenOf(pid).reduce((sum, child) => sum + processorTime(child), 0);
    const { own, ended } = timesOf(pid);
    // A child that ended meanwhile is counted among the ended by now, and maybe among the living.
    if (ended === before.ended) return own + ended + children;
  }
}

/** What a process itself and those of its children that have ended have used, in milliseconds. */
function timesOf(pid: number): { own: number; ended: number } {
  const stat = readProc(pid, 'stat');
  // The name before it, in brackets, may hold spaces. Own time in user and system mode, then the same of ended children.
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  return { own: (user + system) * TICK, ended: (endedUser + endedSystem) * TICK };
}

/** Empty for a process that is gone. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
