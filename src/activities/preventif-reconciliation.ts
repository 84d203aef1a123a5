import { ScheduleNotFoundError } from '@temporalio/client';
import {
  FORGOTTEN,
  forgetTold,
  type Horaire,
  markFollowing,
  markTold,
  plansToDecide,
  someToldHoraires,
  toldHoraires,
  untoldHoraires,
  withoutHoraire,
} from '../services/preventif/horaires';
import { planIdOf, planScheduleId } from '../workflows/protocol';
import type { ActivityContext } from './context';
import { decideAndStart, noteOf, tell } from './preventif';

/**
 * Keeps the schedules of plans equal to their rows, and decides on what the engine has not: after an outage, after a loss of
 * its storage, after work that was done or undone. The statements and questions of a round in which nothing has changed do not
 * grow with the number of plans.
 */

type Context = Pick<ActivityContext, 'db' | 'client' | 'taskQueue' | 'timeZone' | 'logger'>;

/** Does things a few at a time, as long as the round lasts. */
export interface Pace {
  readonly isOver: boolean;
  all<Item>(items: readonly Item[], run: (item: Item) => Promise<unknown>): Promise<void>;
}

const PAGE = 500;
/** Schedules asked after in each round: a storage that was lost has lost all of them. */
const SAMPLE = 10;
/** The whole list is compared every so many minutes, and when the sample misses one. */
const COMPARED_EVERY = 10;

/** @param goOn is called now and then, and throws when the round should end. */
export async function reconcilePlans(
  context: Context,
  pace: Pace,
  minute: number,
  goOn: () => void,
): Promise<void> {
  const { db, client, taskQueue } = context;
  await markFollowing(db);
  for (let tried = new Set<number>(); !pace.isOver; ) {
    const due = (await plansToDecide(db, PAGE)).map(({ id }) => id);
    // What could not be decided waits for the next round.
    const fresh = due.filter((id) => !tried.has(id));
    if (fresh.length === 0) break;
    tried = new Set([...tried, ...fresh]);
    await pace.all(fresh, (id) => decideAndStart(context, id, new Date()));
  }

  if ((await hasLost(context, minute)) || minute % COMPARED_EVERY === 0)
    await compareSchedules(context, pace, goOn);

  for (let after = 0; !pace.isOver; ) {
    const untold = await untoldHoraires(db, after, PAGE);
    const told: Horaire[] = [];
    await pace.all(untold, async (horaire) => {
      await tell(client, taskQueue, horaire);
      told.push(horaire);
      if (told.length === MARKED_AT_ONCE) await markTold(db, told.splice(0));
    });
    if (told.length > 0) await markTold(db, told);
    if (untold.length < PAGE) break;
    after = untold.at(-1)!.id;
  }
}

/** What was told and not written down would be told once more. */
const MARKED_AT_ONCE = 50;

async function hasLost({ db, client }: Context, minute: number): Promise<boolean> {
  for (const { id } of await someToldHoraires(db, minute, SAMPLE)) {
    try {
      await client.schedule.getHandle(planScheduleId(id)).describe();
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return true;
      throw error;
    }
  }
  return false;
}

/**
 * Compares the list of the engine with the rows: what it lacks, or holds otherwise, is to be told again; what no row has is
 * taken away. The list may lag behind, which costs telling something once more.
 */
async function compareSchedules(
  { db, client, taskQueue, logger }: Context,
  pace: Pace,
  goOn: () => void,
): Promise<void> {
  const notes = new Map<number, string>();
  for await (const { scheduleId, state } of client.schedule.list({ pageSize: PAGE })) {
    const id = planIdOf(scheduleId);
    if (id !== null) notes.set(id, state.paused ? '' : (state.note ?? ''));
    if (notes.size % PAGE === 0) goOn();
  }
  const listed = [...notes.keys()];
  for (let at = 0; at < listed.length; at += PAGE) {
    const strays = await withoutHoraire(db, listed.slice(at, at + PAGE));
    await pace.all(strays, (id) => tell(client, taskQueue, { id, horaire: '', dit: FORGOTTEN }));
  }
  let lost = 0;
  for (let after = 0; ; ) {
    const page = await toldHoraires(db, after, PAGE);
    const differing = page.filter((told) => notes.get(told.id) !== noteOf(told)).map(({ id }) => id);
    if (differing.length > 0) await forgetTold(db, differing);
    lost += differing.length;
    if (page.length < PAGE) break;
    after = page.at(-1)!.id;
    goOn();
  }
  if (lost > 0) logger.warn({ lost }, 'schedules of preventive plans are told to the engine again');
}
