import { MOVES } from '../bare/protocol';
import { sumOf } from '../cost';
import { drive } from '../drive';
import type { BareLife, BareWorker } from '../floor';
import { GOALS } from '../goals';
import { FIRST_ID, PIECES, TECHNICIENS } from '../rows';
import { untilSettled } from '../settle';
import { type Compared, sideBySide } from '../side-by-side';
import type { ScenarioContext } from './context';
import { createIntervention, untilWorkDone } from './creations';

/** At a time, of what is made before anything is measured. */
const PREPARING = 20;
/** Twenty lives at a time take a second or two each. */
const LIFE_ROUND = 2;

/** Interventions nobody has been sent to, each sent somebody. */
export async function benchAssign(context: ScenarioContext): Promise<void> {
  await compareMoves(context, 'assign', begin, (id) => assign(context, id));
}

/** Planned visits, each begun. */
export async function benchMove(context: ScenarioContext): Promise<void> {
  const plan = async (of: ScenarioContext, index: number) => {
    const id = await begin(of, index);
    await assign(of, id);
    return id;
  };
  await compareMoves(context, 'move', plan, (id) => move(context, id, { statut: 'en_cours' }), {
    1: ({ ours, floor }) => context.report.reach(GOALS.moveAlone, ours.p50 / floor.p50),
    20: ({ ours, floor }) => context.report.reach(GOALS.moveCost, sumOf(ours.cost!) / sumOf(floor.cost!)),
  });
}

/**
 * Moves interventions beside as many bare workflows, each once, since a workflow that is moved again has been looked at
 * before. Both are made before the column is measured, so that the worker may still hold them.
 */
async function compareMoves(
  context: ScenarioContext,
  what: string,
  prepare: (context: ScenarioContext, index: number) => Promise<number>,
  carryOut: (id: number) => Promise<unknown>,
  judges: Partial<Record<number, (compared: Compared) => void>> = {},
): Promise<void> {
  const { system, options, report } = context;
  const bare = await context.floor.moves();
  for (const connections of options.connections) {
    const lives: BareLife[] = await many(options.moves, () => bare.begin());
    const ids = await many(options.moves, (index) => prepare(context, index));
    await untilWorkDone(system);
    const each =
      <Thing>(things: Thing[], task: (thing: Thing) => Promise<unknown>) =>
      (seconds: number) =>
        drive(connections, seconds, async () => {
          const thing = things.pop();
          return thing !== undefined && task(thing);
        });
    const compared = await sideBySide(
      options.seconds,
      { processes: system.processes, run: each(ids, carryOut), settle: () => untilWorkDone(system) },
      { processes: bare.processes, run: each(lives, (life) => life.move()), settle: settled(bare) },
    );
    report.load(what, connections, compared.ours, compared.floor);
    judges[connections]?.(compared);
  }
}

/** From creation to `terminee`, one request after the other, beside the same number of bare moves. */
export async function benchLife(context: ScenarioContext): Promise<void> {
  const { system, options, report } = context;
  const bare = await context.floor.moves();
  for (const connections of options.connections) {
    const { ours, floor } = await sideBySide(
      2 * options.seconds,
      {
        processes: system.processes,
        run: (seconds) => drive(connections, seconds, (index) => live(context, index)),
        settle: () => untilWorkDone(system),
      },
      {
        processes: bare.processes,
        run: (seconds) => drive(connections, seconds, () => liveBare(bare)),
        settle: settled(bare),
      },
      LIFE_ROUND,
    );
    report.load('a whole life', connections, ours, floor);
    if (connections === 1) report.reach(GOALS.lifeAlone, ours.p50 / floor.p50);
    if (connections === 20) report.reach(GOALS.lives, floor.perSecond / ours.perSecond);
  }
}

function settled(bare: BareWorker) {
  return () => untilSettled(bare.processes);
}

async function many<Thing>(count: number, make: (index: number) => Promise<Thing>): Promise<Thing[]> {
  const made: Thing[] = [];
  await drive(PREPARING, Number.POSITIVE_INFINITY, async (index) => {
    if (index >= count) return false;
    made.push(await make(index));
    return true;
  });
  return made;
}

async function begin({ client }: ScenarioContext, index: number): Promise<number> {
  return (await createIntervention(client, index)).id;
}

async function live(context: ScenarioContext, index: number): Promise<void> {
  const id = await begin(context, index);
  await assign(context, id);
  await move(context, id, { statut: 'en_cours' });
  const piece_id = FIRST_ID + (id % PIECES);
  await move(context, id, { statut: 'attente_pieces', pieces: [{ piece_id, quantite: 1 }] });
  await context.client.send('POST', `/interventions/${id}/pieces/recues`, {});
  await move(context, id, { statut: 'terminee', rapport: 'Joint remplacé, circuit purgé et contrôlé.' });
}

async function liveBare(bare: BareWorker): Promise<void> {
  const life = await bare.begin();
  for (let moved = 0; moved < MOVES; moved++) await life.move();
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
    // Measurements plan visits on any day, public holidays too.
    force: true,
  });
}

function move({ client }: ScenarioContext, id: number, body: { statut: string } & Record<string, unknown>) {
  return client.send('PUT', `/interventions/${id}/statut`, body);
}
