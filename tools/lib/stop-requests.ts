import { identify, isAlive, parentOf, programOf } from './identity';
import { say } from './progress';

/** Ctrl-C reaches us twice, from the terminal and from npm, which passes it on. It counts as one. */
const echoMs = 1_000;

/**
 * Calls `stop` when this process is asked to end, and `force` when it is asked once more.
 *
 * The end of npm counts as being asked, too: what ends npm means us, but npm passes a SIGTERM to the shell between it
 * and us, which may keep it to itself, and a SIGKILL to nobody.
 */
export function onStopRequest(stop: () => void, force: () => void): void {
  let askedAt: number | undefined;
  const ask = () => {
    if (askedAt === undefined) {
      askedAt = Date.now();
      stop();
    } else if (Date.now() - askedAt > echoMs) {
      force();
    }
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, ask);

  const npm = process.env.npm_lifecycle_event ? identify(npmPid()) : undefined;
  if (!npm) return;
  const timer = setInterval(() => {
    if (isAlive(npm)) return;
    clearInterval(timer);
    if (askedAt !== undefined) return;
    say('npm has ended');
    ask();
  }, 500);
  timer.unref();
}

/**
 * npm is our parent, or that of the shell in which it runs commands. Between it and us there may be the Node.js that was
 * typed, while we run on the one that was fetched (`tools/run/runtime.mjs`).
 */
function npmPid(): number {
  const isLaunched = process.env.REGIE_LAUNCHER === String(process.ppid);
  const parent = (isLaunched && parentOf(process.ppid)) || process.ppid;
  const isShell = /sh$/.test(programOf(parent) ?? '');
  return (isShell && parentOf(parent)) || parent;
}
