import { costed } from '../cost';
import { type Load, runLoad } from '../load';
import type { Measurement } from '../measurement';
import type { Goal } from '../report';
import { FIRST_ID, TECHNICIENS } from '../rows';
import { CONNECTIONS, type ScenarioContext } from './context';

/** The screen "finished work that mattered, latest deadline first", as a responsable pages through it. */
const FINISHED = '/interventions?statut=terminee&priorite=haute,critique&sort=-date_limite&limit=20';

/** The same for one technicien after the other. */
const FINISHED_BY_TECHNICIEN = Array.from(
  { length: TECHNICIENS },
  (_, n) => `${FINISHED}&technicien_id=${FIRST_ID + n}`,
);

/** Single interventions, picked at random. */
export async function benchRead(context: ScenarioContext): Promise<void> {
  const { rows } = await context.system.db.query<{ id: number }>(
    'SELECT id FROM interventions ORDER BY random() LIMIT 1000',
  );
  const paths = rows.map(({ id }) => `/interventions/${id}`);
  await warmUp(context, paths);
  for (const connections of CONNECTIONS) {
    const measured = await get(context, paths, connections);
    context.report.load('read one', connections, measured, readGoal(measured, connections, 2_000));
  }
}

/** Pages of 20 among all interventions. */
export async function benchList(context: ScenarioContext): Promise<void> {
  await warmUp(context, [FINISHED]);
  for (const connections of CONNECTIONS) {
    const measured = await get(context, [FINISHED], connections);
    context.report.load(
      'list 20 (filter, sort)',
      connections,
      measured,
      readGoal(measured, connections, 1_500),
    );
  }
  for (const connections of CONNECTIONS) {
    const measured = await get(context, FINISHED_BY_TECHNICIEN, connections);
    context.report.load('list 20 of a technicien', connections, measured);
  }
}

/**
 * The list at one size of the table.
 * @returns its p95 at 20 connections, in milliseconds.
 */
export async function benchListAt(context: ScenarioContext, size: number): Promise<number> {
  await warmUp(context, [FINISHED]);
  const measured = await get(context, [FINISHED], 20);
  context.report.load(`list 20 among ${size.toLocaleString('en')}`, 20, measured);
  return measured.p95;
}

/** Nothing is compiled yet, and nothing cached, when the first requests come. */
async function warmUp(context: ScenarioContext, paths: string[]): Promise<void> {
  await get({ ...context, options: { ...context.options, seconds: 2 } }, paths, 20);
}

function get({ system, client, options }: ScenarioContext, paths: string[], connections: number) {
  const load: Load = {
    url: system.apiUrl,
    token: client.token!,
    connections,
    seconds: options.seconds,
    requests: paths.map((path) => ({ method: 'GET', path })),
  };
  return costed(system.processes, () => runLoad(load));
}

function readGoal({ perSecond, p95 }: Measurement, connections: number, wanted: number): Goal | null {
  if (connections === 20) return { text: `≥ ${wanted}/s`, met: perSecond >= wanted };
  if (connections === 100) return { text: 'p95 < 100 ms', met: p95 < 100 };
  return null;
}
