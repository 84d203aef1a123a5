import cluster, { type Worker } from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { AggregatorRegistry, type Registry } from 'prom-client';
import { RegieError } from '../domain/errors';

/**
 * Prometheus asks one port, behind which several processes count. Whichever of them is asked has the primary add up
 * what all of them counted, so that the numbers do not jump with the process that happens to answer.
 */

interface MetricsRequest {
  type: 'regie:metrics?';
  id: string;
}

interface MetricsAnswer {
  type: 'regie:metrics';
  id: string;
  /** Null when not every process answered. */
  text: string | null;
}

/** Milliseconds; a little more than the primary gives its workers. */
const TIMEOUT = 6_000;

/** To be called once in the primary. */
export function answerMetricsRequests(): void {
  const aggregator = new AggregatorRegistry();
  cluster.on('message', async (worker: Worker, message: Partial<MetricsRequest>) => {
    if (message.type !== 'regie:metrics?') return;
    const text = await aggregator.clusterMetrics().catch(() => null);
    const answer: MetricsAnswer = { type: 'regie:metrics', id: message.id!, text };
    if (worker.isConnected()) worker.send(answer);
  });
}

/** To be called once in each worker, which from then on answers its primary, who adds up what all of them counted. */
export function shareMetrics(registry: Registry): void {
  AggregatorRegistry.setRegistries(registry);
  new AggregatorRegistry();
}

/**
 * What all processes of the API counted, in Prometheus' text format.
 * @throws {RegieError} `SERVICE_INDISPONIBLE` when they cannot be asked: a part of the numbers would be taken for a restart.
 */
export function collectMetrics(registry: Registry): Promise<string> {
  return cluster.isWorker ? askPrimary() : registry.metrics();
}

function askPrimary(): Promise<string> {
  const id = randomUUID();
  return new Promise((resolve, reject) => {
    const finish = (text: string | null) => {
      clearTimeout(timer);
      process.off('message', listen);
      if (text === null) reject(new RegieError('SERVICE_INDISPONIBLE', { retryAfter: 5 }));
      else resolve(text);
    };
    const listen = (message: Partial<MetricsAnswer>) => {
      if (message.type === 'regie:metrics' && message.id === id) finish(message.text!);
    };
    const timer = setTimeout(() => finish(null), TIMEOUT);
    process.on('message', listen);
    const request: MetricsRequest = { type: 'regie:metrics?', id };
    process.send!(request);
  });
}
