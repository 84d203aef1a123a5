import { createHash } from 'node:crypto';
import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { markStarted } from '../services/interventions/cycle/started';
import { decidePlan } from '../services/preventif/decision';
import { FORGOTTEN, type Horaire, markTold, readHoraire } from '../services/preventif/horaires';
import {
  ECHEANCE_PREVENTIF_WORKFLOW,
  echeancePreventifStart,
  INTERVENTION_WORKFLOW,
  newInterventionStart,
  planScheduleId,
} from '../workflows/protocol';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

/** What the engine may have done for plans of preventive work. Instants are milliseconds of the workflow's clock. */
export interface PreventifActivities {
  /** Decides on what is due, and starts the workflows of what it has created. @returns their ids, and whether more is due. */
  decideEcheances(planId: number, now: number): Promise<{ created: number[]; more: boolean }>;
  /** Makes the schedule of a plan what its row says. */
  accorderHoraire(planId: number): Promise<void>;
}

type Context = Pick<ActivityContext, 'db' | 'client' | 'people' | 'taskQueue' | 'timeZone' | 'logger'>;

/** For how long one waits for the orders of people before a plan is decided all the same, in milliseconds. */
const PATIENCE = 150;

export function preventifActivities(context: Context): PreventifActivities {
  const { db, client, people, taskQueue, logger } = context;
  return withoutSecrets(logger, {
    decideEcheances: async (planId, now) => {
      await people.calm(PATIENCE);
      return decideAndStart(context, planId, new Date(now));
    },
    accorderHoraire: async (planId) => {
      const horaire = (await readHoraire(db, planId)) ?? { id: planId, horaire: '', dit: '?' };
      if (horaire.horaire === horaire.dit) return;
      await tell(client, taskQueue, horaire);
      await markTold(db, [horaire]);
    },
  });
}

/** Decides in one transaction, then starts what it has created; a start that fails is the reconciler's to mend. */
export async function decideAndStart(
  { db, client, taskQueue, timeZone, logger }: Omit<Context, 'people'>,
  planId: number,
  now: Date,
): Promise<{ created: number[]; more: boolean }> {
  const { created, more } = await db.transaction((tx) => decidePlan(tx, planId, now, timeZone));
  const started: number[] = [];
  for (const { id, situation } of created) {
    try {
      await client.workflow.start(INTERVENTION_WORKFLOW, newInterventionStart(id, taskQueue, situation));
      started.push(id);
    } catch (err) {
      logger.warn({ err, interventionId: id }, 'workflow not started; the reconciler will');
    }
  }
  if (started.length > 0) await markStarted(db, started);
  return { created: created.map(({ id }) => id), more };
}

/**
 * Tells the engine a schedule: makes it, changes it, or takes it away where it holds nothing. The same again changes
 * nothing.
 */
export async function tell(client: Client, taskQueue: string, { id, horaire, dit }: Horaire): Promise<void> {
  const scheduleId = planScheduleId(id);
  const handle = client.schedule.getHandle(scheduleId);
  if (horaire === '') return ignoringMissing(() => handle.delete());
  const options = scheduleOf(id, horaire, taskQueue);
  const change = () => handle.update(() => options);
  const make = () => client.schedule.create({ scheduleId, ...options });
  // What was told before is there, unless the engine lost it.
  const [first, otherwise] = dit === '' || dit === FORGOTTEN ? [make, change] : [change, make];
  try {
    await first();
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning || error instanceof ScheduleNotFoundError)) throw error;
    await otherwise();
  }
}

async function ignoringMissing(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}

const MONTHS = [
  'JANUARY',
  'FEBRUARY',
  'MARCH',
  'APRIL',
  'MAY',
  'JUNE',
  'JULY',
  'AUGUST',
  'SEPTEMBER',
  'OCTOBER',
  'NOVEMBER',
  'DECEMBER',
] as const;

/**
 * Thousands of plans may be due at the same minute, and the engine begins some tens of workflows a second: they are spread
 * over this long.
 */
const JITTER = '1m' as const;
/** What the engine has not begun by then the reconciler's rounds find in the rows; the plan says whether it is made up for. */
const CATCH_UP = '10m' as const;

/** The next instants, and not a rule: rules of places, holidays and zones are worked out in one place. */
function scheduleOf(planId: number, horaire: string, taskQueue: string) {
  return {
    spec: {
      calendars: horaire.split(' ').map((instant) => {
        const date = new Date(instant);
        return {
          year: date.getUTCFullYear(),
          month: MONTHS[date.getUTCMonth()]!,
          dayOfMonth: date.getUTCDate(),
          hour: date.getUTCHours(),
          minute: date.getUTCMinutes(),
          second: date.getUTCSeconds(),
          comment: `Plan préventif ${planId}`,
        };
      }),
      timezone: 'UTC',
      jitter: JITTER,
    },
    // Each decides on all that is due by the rows: two at once do nothing twice.
    policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow: CATCH_UP },
    action: {
      type: 'startWorkflow' as const,
      workflowType: ECHEANCE_PREVENTIF_WORKFLOW,
      ...echeancePreventifStart(planId, taskQueue),
    },
    state: { paused: false, note: noteOf({ id: planId, horaire }) },
  };
}

/**
 * What operators read of a schedule, and by what its instants are told from others in lists of the engine, which do not hold
 * them all.
 */
export function noteOf({ id, horaire }: Pick<Horaire, 'id' | 'horaire'>): string {
  const empreinte = createHash('sha256').update(horaire).digest('hex').slice(0, 8);
  return (
    `Plan préventif ${id} : ses prochaines décisions, en UTC, dix au plus. Déduit de la base et tenu à jour par la ` +
    `réconciliation : suspendre ou modifier le plan dans l’application, non ici. Empreinte ${empreinte}.`
  );
}
