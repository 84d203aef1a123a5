import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Prometheus metrics of one API process. */
export type Metrics = ReturnType<typeof createMetrics>;

/** Made once a process. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // Asked of the database at each scrape, by the one process that answers it: not to be added up over processes.
  const business = new Registry();
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [business] });
  return {
    registry,
    requestsTotal: new Counter({
      name: 'http_requests_total',
      help: 'Requests answered',
      labelNames: ['method', 'endpoint', 'status'],
      registers: [registry],
    }),
    requestDuration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time to answer a request',
      labelNames: ['method', 'endpoint'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [registry],
    }),
    business: {
      registry: business,
      active: gauge('interventions_active_total', 'Interventions that are neither finished nor cancelled'),
      messages: gauge('outbox_messages_pending', 'Emails that are still to be sent'),
      age: gauge('outbox_oldest_message_age_seconds', 'Age of the oldest email that is still to be sent'),
      lostMessages: gauge(
        'outbox_messages_given_up',
        'Emails that were given up after many tries and wait for somebody to look at them',
      ),
      lostReports: gauge(
        'reports_given_up',
        'Reports of interventions that were given up and wait for somebody to ask for them again',
      ),
    },
  };
}
