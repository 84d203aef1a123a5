import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { step } from '../../tools/lib/progress';
import { usedBy } from '../cost';
import { atMost, type Goal } from '../goals';
import { EQUIPEMENTS, FIRST_ID } from '../rows';
import type { FarmContext } from './farm';
import { readsOf } from './open';

const seconds = (value: number) => `${value.toFixed(0)} s`;

export const PLAN_GOALS = {
  rebuilt: atMost('schedules of all plans told again after the engine’s loss', 600, seconds),
  read: atMost('reads, 100 a second, while plans due at one minute are decided: p95 ÷ quiet p95', 3),
  readRebuilding: atMost(
    'reads, 100 a second, while schedules are told again after a loss: p95 ÷ quiet p95',
    3,
  ),
} as const satisfies Record<string, Goal>;

const MINUTE = 60_000;
/** Schedules that are told in a second at least, by which the minute is chosen at which all are due. */
const TOLD_A_SECOND = 20;

/**
 * Many plans that are due at the same minute: how long it takes to tell the engine their schedules, to decide on them all at
 * the engine's own rate, and to tell them again after the engine has lost its storage; and what is left to people meanwhile.
 */
export async function benchPlans({ system, options, report }: FarmContext): Promise<void> {
  const { plans } = options;
  const connection = await Connection.connect({ address: system.env.TEMPORAL_ADDRESS! });
  const read = () => readsOf({ system, options });
  const count = async (statement: string) =>
    (await system.db.query<{ n: number }>(`SELECT (${statement})::integer AS n`)).rows[0]!.n;
  const untilNone = async (what: string, missing: () => Promise<number>) => {
    const begin = performance.now();
    await step(what, async () => {
      while ((await missing()) > 0) await sleep(500);
    });
    return (performance.now() - begin) / 1_000;
  };
  const untold = () => count(`SELECT count(*) FROM plans_preventifs WHERE horaire <> horaire_dit`);
  const transactions = () =>
    count('SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()');

  /** What a minute costs in which nobody asks for anything, with a round of the reconciler in it. */
  const atRest = async (when: string) => {
    const before = { transactions: await transactions(), used: usedBy(system.processes) };
    await step(`A minute at rest, ${when}`, () => sleep(MINUTE));
    const after = usedBy(system.processes);
    const used = (of: 'engine' | 'worker' | 'postgres') => `${(after[of] - before.used[of]).toFixed(0)} ms`;
    report.fact(
      `a minute at rest, ${when}`,
      `${(await transactions()) - before.transactions} transactions (each statement of a round is one); processor time: engine ${used('engine')}, worker ${used('worker')}, PostgreSQL ${used('postgres')}`,
    );
  };
  /** The p95 of reads, round after round, for as long as something else goes on. */
  const readsDuring = async (other: Promise<unknown>) => {
    let over = false;
    const ended = other.finally(() => {
      over = true;
    });
    const rounds: number[] = [];
    while (!over) rounds.push((await read()).p95);
    await ended;
    return rounds.sort((a, b) => a - b)[Math.floor(rounds.length / 2)]!;
  };

  try {
    await readsOf({ system, options }, 3); // nothing is compiled yet, and nothing cached
    const quiet = await read();
    await atRest('without plans');
    const due = Math.ceil((Date.now() + 4 * MINUTE + (plans / TOLD_A_SECOND) * 1_000) / MINUTE) * MINUTE;
    await insertPlans(system.db, plans, new Date(due));
    report.fact(`schedules of ${plans} plans told`, seconds(await untilNone('Telling schedules', untold)));

    if (due - Date.now() > 1.2 * MINUTE) await atRest(`${plans} plans told, none due`);
    await step('Waiting for the minute', () => sleep(Math.max(0, due - Date.now())));
    const before = await transactions();
    const used = usedBy(system.processes);
    const all = untilNone(
      'Deciding',
      async () => plans - (await count('SELECT count(*) FROM echeances_preventives')),
    );
    const whileDeciding = await readsDuring(all);
    const took = await all;
    report.fact(
      `${plans} plans due at the same minute decided`,
      `${seconds(took)}, ${(plans / took).toFixed(1)} a second; ${(((await transactions()) - before) / plans).toFixed(1)} transactions each, those of the reads among them`,
    );
    const after = usedBy(system.processes);
    const each = (of: 'engine' | 'worker' | 'postgres') =>
      `${((after[of] - used[of]) / plans).toFixed(1)} ms`;
    report.fact(
      'processor time of a plan that is due, with the start of its intervention',
      `engine ${each('engine')}, worker ${each('worker')}, PostgreSQL ${each('postgres')} (its share of the reads too)`,
    );
    report.reach(PLAN_GOALS.read, whileDeciding / quiet.p95);
    report.fact(
      'of which interventions, once each',
      String(await count('SELECT count(DISTINCT intervention_id) FROM echeances_preventives')),
    );
    await untilNone('Telling what comes next', untold);

    // What was told just now the engine's lists may lack.
    await sleep(MINUTE);
    await system.loseEngine();
    const known = async () => {
      try {
        let schedules = 0;
        const client = new Client({ connection, namespace: system.env.TEMPORAL_NAMESPACE ?? 'default' });
        for await (const { scheduleId } of client.schedule.list({ pageSize: 1_000 })) {
          if (scheduleId.startsWith('preventif-')) schedules += 1;
        }
        return schedules;
      } catch {
        return 0;
      }
    };
    const rebuilt = untilNone('Rebuilding schedules', async () => plans - (await known()));
    const whileRebuilding = await readsDuring(rebuilt);
    const rebuiltIn = await rebuilt;
    report.reach(PLAN_GOALS.rebuilt, rebuiltIn);
    report.fact(
      'schedules told again after the loss',
      `${(plans / rebuiltIn).toFixed(1)} a second, the engine's own start and the wait for a round included`,
    );
    report.reach(PLAN_GOALS.readRebuilding, whileRebuilding / quiet.p95);
  } finally {
    await connection.close();
  }
}

/** Each day at the minute of an instant, by the clocks of Morocco, which are those of UTC; told to nobody yet. */
async function insertPlans(db: FarmContext['system']['db'], plans: number, due: Date): Promise<void> {
  const horaire = Array.from({ length: 10 }, (_, day) =>
    new Date(due.getTime() + day * 24 * 60 * MINUTE).toISOString(),
  );
  await db.query(
    `WITH added AS (
       INSERT INTO plans_preventifs (nom, par_equipement, declencheur, base, regle, date_debut, heure, saisons, jour_ferme,
         delai_generation, tolerance_jours, si_precedente_ouverte, rattrapage, rang, modele, createur_id, suivi_depuis,
         prochaine_decision, horaire)
       SELECT 'Plan ' || n, true, 'calendrier', 'fixe', 'FREQ=DAILY', '2026-01-01', $2, '{}', 'garder', 0, 0, 'creer',
         'derniere', 0, $3::jsonb, (SELECT id FROM users WHERE role = 'admin' LIMIT 1), now(), $4::timestamptz, $5
       FROM generate_series(1, $1::integer) n RETURNING id)
     INSERT INTO plans_preventifs_equipements (plan_id, equipement_id, rang)
     SELECT id, ${FIRST_ID} + id % ${EQUIPEMENTS}, 0 FROM added`,
    [
      plans,
      due.toISOString().slice(11, 16),
      JSON.stringify({
        titre: 'Vidange',
        description: 'Vidanger le circuit hydraulique',
        priorite: 'basse',
        urgence: false,
        competences_requises: [],
        duree_estimee: null,
        technicien_id: null,
        pieces: [],
        modele_etapes_id: null,
        etapes: [],
      }),
      due,
      horaire.join(' '),
    ],
  );
}
