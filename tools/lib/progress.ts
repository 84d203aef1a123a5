/**
 * Progress of long steps, several of which may run at once: one line redrawn every second on a terminal, plain
 * lines now and then elsewhere. Quick steps stay silent.
 */

interface Step {
  title: string;
  startedAt: number;
  detail: string;
}

const secondsBeforePlainLine = 15;
const running = new Set<Step>();
let ticker: NodeJS.Timeout | undefined;
let ticks = 0;

// The reader may go first, as a closed terminal or a pipe into `head` does; the work goes on.
process.stdout.on('error', () => {});

/** Runs `work` and shows how long it has been at it. `work` receives a function to tell what it is doing. */
export async function step<T>(
  title: string,
  work: (tell: (detail: string) => void) => Promise<T>,
): Promise<T> {
  const current: Step = { title, startedAt: Date.now(), detail: '' };
  running.add(current);
  if (!process.stdout.isTTY) say(title);
  ticker ??= setInterval(tick, 1000).unref();
  try {
    const result = await work((detail) => {
      current.detail = detail;
    });
    finish(current, `${title}: done`);
    return result;
  } catch (error) {
    finish(current, `${title}: failed`);
    throw error;
  }
}

/** Prints a line without disturbing the one being redrawn. */
export function say(line: string): void {
  eraseStatus();
  process.stdout.write(`${line}\n`);
}

function finish(ended: Step, line: string): void {
  running.delete(ended);
  if (running.size === 0) {
    clearInterval(ticker);
    ticker = undefined;
  }
  say(`${line} (${elapsed(ended)})`);
}

function tick(): void {
  ticks++;
  const states = [...running].map((one) => `${one.title}: ${elapsed(one)}${one.detail && `, ${one.detail}`}`);
  if (process.stdout.isTTY) {
    eraseStatus();
    process.stdout.write(states.join(' | ').slice(0, process.stdout.columns - 1));
  } else if (ticks % secondsBeforePlainLine === 0) {
    for (const state of states) say(`  ${state}`);
  }
}

function eraseStatus(): void {
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[2K');
}

function elapsed({ startedAt }: Step): string {
  return `${Math.round((Date.now() - startedAt) / 1000)} s`;
}
