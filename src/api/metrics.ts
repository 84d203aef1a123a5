import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Places } from './places';

/** Prometheus metrics of one API process. */
export type Metrics = ReturnType<typeof createMetrics>;

/** Made once a process, whose places are told. */
export function createMetrics(places: Places) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'http_changes_waiting',
    help: 'Requests that change something and wait for their turn',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      this.set({ kind: 'arrival' }, places.arrivals.waiting);
      this.set({ kind: 'write' }, places.writes.waiting);
      this.set({ kind: 'order' }, places.orders.waiting);
    },
  });
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
    followers: new Gauge({
      name: 'live_followers',
      help: 'Connections over which somebody is told what happens',
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
      messages: gauge(
        'outbox_messages_pending',
        'Messages that are still to be sent, those that are held back included',
      ),
      age: gauge(
        'outbox_oldest_message_age_seconds',
        'Time since the message that waits longest could have left',
      ),
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
