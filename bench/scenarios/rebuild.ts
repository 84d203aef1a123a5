import { setTimeout as sleep } from 'node:timers/promises';
import { step } from '../../tools/lib/progress';
import { GOALS } from '../goals';
import { runLoad } from '../load';
import { measurementOf } from '../measurement';
import { EQUIPEMENTS, FIRST_ID } from '../rows';
import type { ScenarioContext } from './context';
import { untilAllRun } from './creations';

/** Connections of the reads beside it. */
const READERS = 20;

/**
 * After a loss of the engine's storage every open intervention has its workflow started again. What that leaves of the
 * reads of people, who ask for as much as the machine gives, and how long it takes.
 */
export async function benchRebuild(context: ScenarioContext): Promise<void> {
  const { report, options, system } = context;
  const lost = options.rebuilt;
  const quiet = await readAll(context);
  await insertOpen(context, lost);
  const begin = performance.now();
  // The reconciler looks every minute.
  await step('Waiting for the reconciler', () => untilSomeRun(context, lost));
  const start = performance.now();
  let rebuilt = false;
  const ended = untilAllRun(system).then(() => {
    rebuilt = true;
  });
  const rounds: number[] = [];
  while (!rebuilt) rounds.push(await readAll(context));
  await ended;
  const seconds = (performance.now() - start) / 1000;
  const mean = rounds.reduce((sum, one) => sum + one, 0) / rounds.length;
  report.reach(GOALS.rebuild, mean / quiet);
  report.fact(
    `reads while ${lost.toLocaleString('en')} workflows are rebuilt ÷ quiet: the worst round`,
    (Math.min(...rounds) / quiet).toFixed(2),
  );
  report.fact(
    `${lost.toLocaleString('en')} workflows rebuilt`,
    `in ${seconds.toFixed(0)} s, the first after ${((start - begin) / 1000).toFixed(0)} s`,
  );
  await system.db.query(
    `UPDATE interventions SET statut = 'annulee', motif_annulation = 'Essai', date_fin = now() WHERE titre = 'Perdue'`,
  );
}

/** @returns how many a second. */
async function readAll({ system, client, options }: ScenarioContext): Promise<number> {
  const sample = await runLoad({
    url: system.apiUrl,
    token: client.token!,
    connections: READERS,
    seconds: options.seconds,
    requests: Array.from({ length: 200 }, (_, index) => ({
      method: 'GET' as const,
      path: `/interventions/${1 + index * 3}`,
    })),
  });
  return measurementOf([sample]).perSecond;
}

/** Open interventions that have no workflow yet, and are old enough for the reconciler. */
export async function insertOpen({ system }: Pick<ScenarioContext, 'system'>, count: number): Promise<void> {
  await system.db.query(
    `INSERT INTO interventions (titre, description, type_intervention, statut, priorite, date_limite, date_limite_imposee,
       arme_le, resolution_armee_le, equipement_id, createur_id, numero_evenement, workflow_demarre, date_creation)
     SELECT 'Perdue', 'Le moteur ne la connaît plus', 'corrective', 'ouverte', 'basse', now() + interval '90 days', true,
       now(), now(), ${FIRST_ID} + n % ${EQUIPEMENTS}, (SELECT id FROM users WHERE role = 'admin' LIMIT 1), 1, false,
       now() - interval '1 hour'
     FROM generate_series(1, $1::integer) n`,
    [count],
  );
}

async function untilSomeRun({ system }: ScenarioContext, of: number): Promise<void> {
  for (;;) {
    const { rows } = await system.db.query<{ missing: number }>(
      'SELECT count(*)::integer AS missing FROM interventions WHERE NOT workflow_demarre',
    );
    if (rows[0]!.missing < of) return;
    await sleep(100);
  }
}
