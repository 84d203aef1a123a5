import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same, reused number. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in whatever form the system tells it; compared for equality only. */
  started: string;
}

/** Identity of a living process; undefined when there is none (a zombie counts as none). */
export function identify(pid: number): ProcessIdentity | undefined {
  const started = process.platform === 'linux' ? startTicks(pid) : ps(pid, 'lstart=');
  return started ? { pid, started } : undefined;
}

export function isAlive({ pid, started }: ProcessIdentity): boolean {
  return identify(pid)?.started === started;
}

/** Name of the program a process runs; undefined when there is no such process. */
export function programOf(pid: number): string | undefined {
  return process.platform === 'linux' ? readProc(pid, 'comm')?.trim() : ps(pid, 'comm=');
}

/** Number of the process that started another, or that took it over when that one ended. */
export function parentOf(pid: number): number | undefined {
  const parent = process.platform === 'linux' ? statFields(pid)?.[1] : ps(pid, 'ppid=');
  return parent ? Number(parent) : undefined;
}

/** When a process started, in clock ticks since boot. */
function startTicks(pid: number): string | undefined {
  const fields = statFields(pid);
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

/** Fields of proc(5)'s stat from the third on: state, parent, …; before them is the name, which may hold spaces. */
function statFields(pid: number): string[] | undefined {
  return readProc(pid, 'stat')?.split(') ').at(-1)?.split(' ');
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string | undefined {
  try {
    return execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}
