import { type Costed, costed } from '../cost';
import { drive } from '../drive';
import type { Measurement } from '../measurement';
import type { Goal } from '../report';
import { FIRST_ID, PIECES, TECHNICIENS } from '../rows';
import { CONNECTIONS, type ScenarioContext } from './context';
import { createIntervention, untilAllRun } from './creations';

/** Each column moves at most so many interventions, all of which have to be made first. */
const MOVES = 200;

/** Interventions nobody has been sent to, each sent somebody. */
export async function benchAssign(context: ScenarioContext): Promise<void> {
  const all = await interventionsIn(context, 'ouverte');
  for (const connections of CONNECTIONS) {
    const ids = all.splice(0, MOVES);
    const measured = await measure(context, connections, async () => {
      const id = ids.pop();
      return id !== undefined && assign(context, id);
    });
    context.report.load('assign', connections, measured);
  }
}

/** Planned visits, each begun. */
export async function benchTransition(context: ScenarioContext): Promise<void> {
  const all = await interventionsIn(context, 'planifiee');
  for (const connections of CONNECTIONS) {
    const ids = all.splice(0, MOVES);
    const measured = await measure(context, connections, async () => {
      const id = ids.pop();
      return id !== undefined && move(context, id, { statut: 'en_cours' });
    });
    context.report.load('transition', connections, measured, transitionGoal(measured, connections));
  }
}

/** From creation to `terminee`, one request after the other. */
export async function benchLife(context: ScenarioContext): Promise<Costed[]> {
  const measurements: Costed[] = [];
  for (const connections of CONNECTIONS) {
    const measured = await measure(context, connections, (index) => live(context, index));
    context.report.load('a whole life', connections, measured);
    measurements.push(measured);
    await untilAllRun(context);
  }
  return measurements;
}

function measure(
  { system, options }: ScenarioContext,
  connections: number,
  task: (index: number) => Promise<unknown>,
): Promise<Costed> {
  return costed(system.processes, () => drive(connections, options.seconds, task));
}

async function live(context: ScenarioContext, index: number): Promise<void> {
  const { client } = context;
  const { id } = await createIntervention(client, index);
  await assign(context, id);
  await move(context, id, { statut: 'en_cours' });
  const piece_id = FIRST_ID + (id % PIECES);
  await move(context, id, { statut: 'attente_pieces', pieces: [{ piece_id, quantite: 1 }] });
  await client.send('POST', `/interventions/${id}/pieces/recues`, {});
  await move(context, id, { statut: 'terminee', rapport: 'Joint remplacé, circuit purgé et contrôlé.' });
}

let slots = 0;

/** Sends the next technicien at the next hour at which nobody has sent them yet. */
function assign({ client }: ScenarioContext, id: number): Promise<unknown> {
  const slot = slots++;
  const hour = 24 + Math.floor(slot / TECHNICIENS);
  return client.send('PUT', `/interventions/${id}/assign`, {
    technicien_id: FIRST_ID + (slot % TECHNICIENS),
    date_planifiee: new Date(Date.now() + hour * 3_600_000).toISOString(),
    duree_estimee: 30,
  });
}

function move({ client }: ScenarioContext, id: number, body: { statut: string } & Record<string, unknown>) {
  return client.send('PUT', `/interventions/${id}/statut`, body);
}

/** Enough interventions in a state whose workflows run; those that are missing are made, unmeasured. */
async function interventionsIn(context: ScenarioContext, statut: 'ouverte' | 'planifiee'): Promise<number[]> {
  const wanted = MOVES * CONNECTIONS.length;
  const find = async () => {
    const { rows } = await context.system.db.query<{ id: number }>(
      'SELECT id FROM interventions WHERE statut = $1 ORDER BY id DESC LIMIT $2',
      [statut, wanted],
    );
    return rows.map(({ id }) => id);
  };
  const missing = wanted - (await find()).length;
  if (missing > 0) {
    let made = 0;
    await drive(20, Number.POSITIVE_INFINITY, async (index) => {
      if (made++ >= missing) return false;
      const { id } = await createIntervention(context.client, index);
      return statut === 'ouverte' || assign(context, id);
    });
    await untilAllRun(context);
  }
  return find();
}

function transitionGoal({ perSecond, p50 }: Measurement, connections: number): Goal | null {
  if (connections === 1) return { text: 'p50 ≤ 25 ms', met: p50 <= 25 };
  if (connections === 20) return { text: '≥ 100/s', met: perSecond >= 100 };
  return null;
}
