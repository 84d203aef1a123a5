import { Gauge, Registry } from 'prom-client';
import { collectMetrics } from '../cluster-metrics';
import type { AppContext } from '../context';
import { probesOf } from './probes';

/** Asked of the database at each scrape, by the one process that answers it: they are not to be added up over processes. */
const business = new Registry();

const active = new Gauge({
  name: 'interventions_active_total',
  help: 'Interventions that are neither finished nor cancelled',
  registers: [business],
});
const messages = new Gauge({
  name: 'outbox_messages_pending',
  help: 'Emails that are still to be sent',
  registers: [business],
});
const age = new Gauge({
  name: 'outbox_oldest_message_age_seconds',
  help: 'Age of the oldest email that is still to be sent',
  registers: [business],
});
const lostMessages = new Gauge({
  name: 'outbox_messages_given_up',
  help: 'Emails that were given up after many tries and wait for somebody to look at them',
  registers: [business],
});
const lostReports = new Gauge({
  name: 'reports_given_up',
  help: 'Reports of interventions that were given up and wait for somebody to ask for them again',
  registers: [business],
});

/**
 * Everything measured, in Prometheus' text format. Without the database, what is asked of it is left out.
 * @throws {RegieError} `SERVICE_INDISPONIBLE`
 */
export async function renderMetrics(app: AppContext): Promise<string> {
  const [technical, gauges] = await Promise.all([collectMetrics(), probesOf(app).gauges.answer()]);
  if (gauges === null) return technical;
  active.set(gauges.interventionsActives);
  messages.set(gauges.messagesEnAttente);
  age.set(gauges.ageMessages);
  lostMessages.set(gauges.messagesAbandonnes);
  lostReports.set(gauges.rapportsAbandonnes);
  return `${technical}\n${await business.metrics()}`;
}
