import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

/** Before a worker that died is replaced; doubled each time it dies young. Milliseconds. */
const FIRST_DELAY = 200;
const MAX_DELAY = 30_000;
/** A worker that lived this long was sound. */
const SOUND_LIFE = 60_000;
/** Workers give requests 10 s to end; whoever still runs after this is killed. */
const STOP_PERIOD = 15_000;

/**
 * Keeps so many workers serving the one port until asked to stop, and waits for them to end.
 * A worker ends by itself when its primary is gone: Node.js does that when their channel closes.
 * @returns false when the first worker could not start, having said why: trying again would not help.
 */
export async function runCluster(
  count: number,
  stopRequest: Promise<void>,
  logger: Logger,
): Promise<boolean> {
  const stopping = new AbortController();
  void stopRequest.then(() => {
    stopping.abort();
    signalWorkers('SIGTERM');
    setTimeout(() => signalWorkers('SIGKILL'), STOP_PERIOD).unref();
  });

  const first = cluster.fork();
  const started = await Promise.race([
    once(first, 'listening').then(() => true),
    once(first, 'exit').then(() => false),
  ]);
  if (!started) return stopping.signal.aborted;
  await Promise.all(
    Array.from({ length: count }, (_, slot) =>
      keepWorker(slot === 0 ? first : cluster.fork(), stopping.signal, logger),
    ),
  );
  return true;
}

/** Replaces a worker each time it dies, less and less eagerly while the replacements die too. */
async function keepWorker(initial: Worker, stopping: AbortSignal, logger: Logger): Promise<void> {
  let worker = initial;
  for (let delay = FIRST_DELAY; ; delay = Math.min(delay * 2, MAX_DELAY)) {
    const startedAt = Date.now();
    if (!worker.isDead()) await once(worker, 'exit');
    if (stopping.aborted) return;
    if (Date.now() - startedAt > SOUND_LIFE) delay = FIRST_DELAY;
    const { exitCode, signalCode } = worker.process;
    logger.error({ exitCode, signalCode, delay }, 'an API process died; it will be replaced');
    await sleep(delay, undefined, { signal: stopping }).catch(() => {});
    if (stopping.aborted) return;
    worker = cluster.fork();
  }
}

function signalWorkers(signal: NodeJS.Signals): void {
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill(signal);
}
