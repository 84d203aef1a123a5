import cluster from 'node:cluster';
import { AggregatorRegistry, Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** Prometheus metrics of one API process. */
export const registry = new Registry();

collectDefaultMetrics({ register: registry });

if (cluster.isWorker) {
  // From here on this process answers its primary, which adds up what all of them counted (`cluster-metrics.ts`).
  AggregatorRegistry.setRegistries(registry);
  new AggregatorRegistry();
}

export const requestsTotal = new Counter({
  name: 'http_requests_total',
  help: 'Requests answered',
  labelNames: ['method', 'endpoint', 'status'],
  registers: [registry],
});

export const requestDuration = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'Time to answer a request',
  labelNames: ['method', 'endpoint'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  registers: [registry],
});
