import { deepStrictEqual } from 'node:assert';
import { ApiClient } from '../api-client';
import { costed } from '../cost';
import { GOALS } from '../goals';
import { type Load, runLoad } from '../load';
import { FIRST_ID, TECHNICIENS } from '../rows';
import { type Compared, sideBySide } from '../side-by-side';
import type { ScenarioContext } from './context';

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
  await compare(context, 'read one', paths, ({ ours, floor }) =>
    context.report.reach(GOALS.read, ours.perSecond / floor.perSecond),
  );
}

/** Pages of 20 among all interventions. */
export async function benchList(context: ScenarioContext): Promise<void> {
  await compare(context, 'list 20 (filter, sort)', [FINISHED], ({ ours, floor }) =>
    context.report.reach(GOALS.list, ours.perSecond / floor.perSecond),
  );
  await compare(context, 'list 20 of a technicien', FINISHED_BY_TECHNICIEN, () => {});
}

/** @param judge is given what 20 connections measured. */
async function compare(
  context: ScenarioContext,
  what: string,
  paths: string[],
  judge: (at20: Compared) => void,
): Promise<void> {
  const { system, options, report } = context;
  const floor = await context.floor.requests();
  await requireSameAnswers(context, floor.url, paths.slice(0, 20));
  const side = (url: string, processes: typeof floor.processes, connections: number) => ({
    processes,
    run: (seconds: number) => get(context, url, paths, connections, seconds),
  });
  for (const url of [system.apiUrl, floor.url]) await warmUp(context, url, paths);
  for (const connections of options.connections) {
    const compared = await sideBySide(
      options.seconds,
      side(system.apiUrl, system.processes, connections),
      side(floor.url, floor.processes, connections),
    );
    report.load(what, connections, compared.ours, compared.floor);
    if (connections === 20) judge(compared);
  }
}

/** Requests until everything that answers them is compiled, and as long as is waited for that, in seconds. */
const WARM_UP = { requests: 12_000, seconds: 8 };

/** When the first requests come, nothing is compiled and nothing cached; how long that lasts depends on how many come. */
async function warmUp(context: ScenarioContext, url: string, paths: string[]): Promise<void> {
  let answered = 0;
  for (let spent = 0; spent < WARM_UP.seconds && answered < WARM_UP.requests; spent += 2) {
    answered += (await get(context, url, paths, 20, 2)).latencies.length;
  }
}

/** @throws when the floor answers something else than we do, and is no floor any more. */
async function requireSameAnswers({ client }: ScenarioContext, url: string, paths: string[]): Promise<void> {
  const bare = new ApiClient(url, client.token);
  for (const path of paths) {
    const [theirs, ours] = [await bare.send('GET', path), await client.send('GET', path)];
    deepStrictEqual(theirs, ours, `The floor answers something else than we do to ${path}`);
  }
  bare.close();
}

/**
 * The list at one size of the table.
 * @returns its p95 at 20 connections, in milliseconds.
 */
export async function benchListAt(context: ScenarioContext, size: number): Promise<number> {
  const { system, options, report } = context;
  await warmUp(context, system.apiUrl, [FINISHED]);
  const measured = await costed(system.processes, () =>
    get(context, system.apiUrl, [FINISHED], 20, options.seconds),
  );
  report.load(`list 20 among ${size.toLocaleString('en')}`, 20, measured);
  return measured.p95;
}

function get(
  { client }: ScenarioContext,
  url: string,
  paths: string[],
  connections: number,
  seconds: number,
) {
  const load: Load = {
    url,
    token: client.token!,
    connections,
    seconds,
    requests: paths.map((path) => ({ method: 'GET', path })),
  };
  return runLoad(load);
}
