import cluster from 'node:cluster';
import { loadConfig } from '../config';
import { createLogger } from '../logger';
import { explainStartupFault, requireZoneData } from '../startup';
import { runCluster } from './cluster';
import { answerMetricsRequests } from './cluster-metrics';
import { startServer } from './server';

/**
 * The API process: serves by itself, or keeps `WEB_CONCURRENCY` workers that do, until it is told to stop.
 * @returns the exit code.
 */
async function main(): Promise<number> {
  const stopRequest = nextStopRequest();
  requireZoneData();
  const config = loadConfig();
  const logger = createLogger(config.logLevel, 'api');
  if (cluster.isPrimary && config.webConcurrency > 1) {
    answerMetricsRequests();
    return (await runCluster(config.webConcurrency, stopRequest, logger)) ? 0 : 1;
  }
  const server = await startServer(config, logger);
  logger.info({ port: server.port }, 'API ready');
  await stopRequest;
  await server.close();
  return 0;
}

/** Resolves when this process is told to stop, or whoever started it as its child has gone. */
function nextStopRequest(): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(event, () => resolve());
  });
}

main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    console.error(explainStartupFault(error));
    process.exit(1);
  },
);
