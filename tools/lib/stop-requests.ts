import { say } from './progress';

/**
 * Calls `stop` when this process is asked to end, and `force` when it is asked once more.
 *
 * npm passes SIGTERM on to the shell in between, which does not always pass it on to us; so under npm the end of the
 * parent process counts as being asked, too.
 */
export function onStopRequest(stop: () => void, force: () => void): void {
  let asked = false;
  const ask = () => {
    if (asked) return force();
    asked = true;
    stop();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, ask);

  const parent = process.ppid;
  if (!process.env.npm_lifecycle_event) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    say('npm has ended');
    ask();
  }, 500);
  timer.unref();
}
