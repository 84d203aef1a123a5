import { DefaultLogger, Runtime } from '@temporalio/worker';
import { ConfigurationError, loadConfig } from '../config';
import { createLogger } from '../logger';
import { OldZoneData, requireZoneData } from '../startup';
import { startWorker } from './worker';

/** The worker process: runs workflows and activities until it is told to stop. */
async function main(): Promise<void> {
  requireZoneData();
  const config = loadConfig();
  const logger = createLogger(config.logLevel, 'worker');
  Runtime.install({
    shutdownSignals: [],
    // Temporal's native core logs through the same logger instead of onto the terminal.
    telemetryOptions: { logging: { filter: 'WARN', forward: {} } },
    logger: new DefaultLogger('WARN', ({ level, message, meta }) =>
      logger[level === 'ERROR' ? 'error' : 'warn']({ ...meta }, message),
    ),
  });
  const worker = await startWorker(config, logger);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void worker.stop());
  // Whoever started this process as its child has gone.
  process.once('disconnect', () => void worker.stop());
  logger.info({ taskQueue: config.temporal.taskQueue }, 'worker ready');
  await worker.finished;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(
      error instanceof ConfigurationError || error instanceof OldZoneData ? error.message : error,
    );
    process.exit(1);
  },
);
