import { readFileSync } from 'node:fs';

/** Peaks of resident memory, in bytes. */
export interface MemoryPeaks {
  /** The process that hands the connections out. */
  apiPrimary: number;
  /** The largest of the processes that answer. */
  apiLargest: number;
  /** All processes of the API at one moment; pages that they share are counted several times. */
  apiTogether: number;
  worker: number;
}

const interval = 250;

/** Watches the memory of processes; only Linux tells (`/proc`). */
export class MemoryWatch {
  readonly peaks: MemoryPeaks = { apiPrimary: 0, apiLargest: 0, apiTogether: 0, worker: 0 };
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly apiPid: number,
    private readonly workerPid: number,
  ) {
    this.timer = setInterval(() => this.look(), interval);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const primary = residentBytes(this.apiPid);
    const answering = childrenOf(this.apiPid).map(residentBytes);
    const peak = (name: keyof MemoryPeaks, bytes: number) => {
      this.peaks[name] = Math.max(this.peaks[name], bytes);
    };
    peak('apiPrimary', primary);
    peak('apiLargest', Math.max(primary, ...answering));
    peak(
      'apiTogether',
      answering.reduce((sum, bytes) => sum + bytes, primary),
    );
    peak('worker', residentBytes(this.workerPid));
  }
}

/** 0 for a process that is gone, and where there is no `/proc`. */
function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readProc(pid, 'status'))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

function childrenOf(pid: number): number[] {
  return readProc(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
