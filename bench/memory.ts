import { childrenOf, residentBytes } from './proc';

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

/** Watches the memory of processes. */
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
