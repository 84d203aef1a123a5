import { collectMetrics } from '../cluster-metrics';
import type { AppContext } from '../context';

/**
 * Everything measured, in Prometheus' text format. Without the database, what is asked of it is left out.
 * @throws {RegieError} `SERVICE_INDISPONIBLE`
 */
export async function renderMetrics({ metrics, probes }: AppContext): Promise<string> {
  const [technical, gauges] = await Promise.all([collectMetrics(metrics.registry), probes.gauges.answer()]);
  if (gauges === null) return technical;
  const { registry, active, messages, age, lostMessages, lostReports } = metrics.business;
  active.set(gauges.interventionsActives);
  messages.set(gauges.messagesEnAttente);
  age.set(gauges.ageMessages);
  lostMessages.set(gauges.messagesAbandonnes);
  lostReports.set(gauges.rapportsAbandonnes);
  return `${technical}\n${await registry.metrics()}`;
}
