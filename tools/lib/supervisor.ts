import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningProcess } from './processes';
import { say } from './progress';

const firstDelayMs = 500;
const longestDelayMs = 30_000;
/** After so long a life the next death counts as the first again. */
const healthyAfterMs = 60_000;

/** Starts processes again when they die, after a delay that grows while they keep dying. */
export class Supervisor {
  private readonly current: RunningProcess[] = [];
  /** Who waits for a process to be started anew, by its place. */
  private readonly renewals = new Map<number, (renewed: RunningProcess) => void>();
  private stopping = false;

  /**
   * Keeps a process that runs already.
   * @param restart starts it anew, with the same addresses.
   */
  keep(first: RunningProcess, restart: () => Promise<RunningProcess>): void {
    const place = this.current.push(first) - 1;
    void this.watchOver(place, restart);
  }

  get processes(): readonly RunningProcess[] {
    return this.current;
  }

  /**
   * Ends a process and starts it anew without a delay. Should that fail, it is tried again as after any other death.
   * @returns the new one, once it has been started.
   */
  async renew(name: string): Promise<RunningProcess> {
    const place = this.current.findIndex((running) => running.name === name);
    const running = this.current[place];
    if (running === undefined) throw new Error(`Nothing that is called ${name} runs`);
    const renewed = new Promise<RunningProcess>((resolve) => this.renewals.set(place, resolve));
    await running.stop();
    return renewed;
  }

  /** Stops everything, last started first. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const running of [...this.current].reverse()) await running.stop();
  }

  /** Kills everything at once. */
  kill(): void {
    this.stopping = true;
    for (const running of this.current) running.kill();
  }

  private async watchOver(place: number, restart: () => Promise<RunningProcess>): Promise<void> {
    let delay = firstDelayMs;
    for (;;) {
      const running = this.current[place] as RunningProcess;
      const since = Date.now();
      let trouble = `ended (${await running.exited})`;
      if (Date.now() - since > healthyAfterMs) delay = firstDelayMs;

      const tellRenewed = this.renewals.get(place);
      this.renewals.delete(place);
      for (let isBack = false, isDue = tellRenewed !== undefined; !isBack; isDue = false) {
        if (this.stopping) return;
        if (!isDue) {
          say(`${running.name} ${trouble}; starting it again in ${delay / 1000} s`);
          await sleep(delay);
          if (this.stopping) return;
          delay = Math.min(2 * delay, longestDelayMs);
        }
        try {
          this.current[place] = await restart();
          isBack = true;
        } catch (error) {
          trouble = `did not start (${(error as Error).message.split('\n')[0]})`;
        }
      }
      // Asked to stop in the middle of a start: it was not in the list yet.
      if (this.stopping) return this.current[place]?.stop();
      if (tellRenewed) tellRenewed(this.current[place] as RunningProcess);
      else say(`${running.name} runs again`);
    }
  }
}
