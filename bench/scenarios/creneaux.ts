import { performance } from 'node:perf_hooks';
import { dayAfter, endOfDay, startOfDay } from '../../src/domain/local-time';
import { creerEvaluateur, type Ressource } from '../../src/domain/rendez-vous/creneaux';
import type { WorkingHours } from '../../src/domain/working-time';
import { step } from '../../tools/lib/progress';
import { GOALS } from '../goals';
import type { ScenarioContext } from './context';

const PEOPLE = 50;
const DAYS = 31;
/** Minutes. */
const DUREE = 30;
const ZONE = 'Europe/Paris';
const DAY: WorkingHours[number] = [
  [540, 720],
  [840, 1_080],
];
const HOURS: WorkingHours = { 1: DAY, 2: DAY, 3: DAY, 4: DAY, 5: DAY };
const SLUG = 'bench-creneaux';
const MINUTE = 60_000;
/** The first ones are not counted: nothing is compiled yet, and nothing cached. */
const WARM = 10;
const ROUNDS = 40;

/**
 * What the slots of 50 people in 31 days take on one connection, from the request to the answer, beside the evaluator alone on
 * the same people, hours and appointments. One after the other in turns, so that both meet the same moments of the machine.
 */
export async function benchCreneaux({ system, report, client }: ScenarioContext): Promise<void> {
  const first = dayAfter(new Date().toISOString().slice(0, 10), 1);
  const last = dayAfter(first, DAYS - 1);
  const busy = busyOf(first);
  await step(`Loading ${PEOPLE} people with an appointment a day`, () => load(system.db, busy));
  const path = `/creneaux?prestation=${SLUG}&debut=${first}&fin=${last}&fuseau_horaire=${ZONE}`;
  const asked: number[] = [];
  const bare: number[] = [];
  let slots = 0;
  await step('Listing slots', async () => {
    for (let round = 0; round < WARM + ROUNDS; round++) {
      const begin = performance.now();
      const days = await client.send<Record<string, unknown[]>>('GET', path);
      const answered = performance.now();
      const found = evaluate(first, last, busy);
      const evaluated = performance.now();
      slots = Object.values(days).reduce((sum, day) => sum + day.length, 0);
      if (found !== slots) throw new Error(`The API lists ${slots} slots, the evaluator ${found}`);
      if (round < WARM) continue;
      asked.push(answered - begin);
      bare.push(evaluated - answered);
    }
  });
  const at = (times: readonly number[], share: number) =>
    [...times].sort((a, b) => a - b)[Math.floor(share * (times.length - 1))]!;
  report.reach(GOALS.slots, at(asked, 0.5) / at(bare, 0.5));
  report.reach(GOALS.slotsTime, at(asked, 0.95));
  report.fact(
    `slots of ${PEOPLE} people in ${DAYS} days: ${slots} of them, p50`,
    `${at(asked, 0.5).toFixed(0)} ms, the evaluator alone ${at(bare, 0.5).toFixed(0)} ms`,
  );
}

/** Of each person an hour of each day, by their number. */
function busyOf(first: string): [from: number, to: number][][] {
  return Array.from({ length: PEOPLE }, (_, n) =>
    Array.from({ length: DAYS }, (_, day): [number, number] => {
      const from = startOfDay(dayAfter(first, day), ZONE) + (540 + (n % 8) * 60) * MINUTE;
      return [from, from + 60 * MINUTE];
    }),
  );
}

/** How many slots there are. */
function evaluate(first: string, last: string, busy: readonly [number, number][][]): number {
  const calendrier = { zone: ZONE, hours: HOURS };
  const intervenants = busy.map((occupe, n): Ressource => ({ id: n + 1, calendrier, occupe }));
  const { creneaux } = creerEvaluateur({
    prestation: {
      mode: 'tour_de_role',
      intervenants: intervenants.map(({ id }) => ({ id, obligatoire: false, priorite: 0, poids: 1 })),
      salles: [],
      places: 1,
      tampon_avant: 0,
      tampon_apres: 0,
      pas: 15,
      preavis: { creer: 0 },
      fenetre: { jours: 60 },
      plafonds: {},
    },
    duree: DUREE * MINUTE,
    maison: calendrier,
    maintenant: Date.now(),
    intervenants,
    salles: [],
    seances: [],
    debuts: [],
  });
  return creneaux(startOfDay(first, ZONE), endOfDay(last, ZONE)).length;
}

async function load(db: ScenarioContext['system']['db'], busy: readonly [number, number][][]): Promise<void> {
  await db.query(
    `WITH people AS (
       INSERT INTO users (email, mot_de_passe, nom, prenom, role)
       SELECT 'conseil-' || n || '@exemple.ma', 'none', 'Nom ' || n, 'Prénom', 'client'
       FROM generate_series(1, ${PEOPLE}) n RETURNING id),
     received AS (
       INSERT INTO intervenants (user_id, nom_public, fuseau_horaire, pays, horaires)
       SELECT id, 'Conseil ' || id, '${ZONE}', 'BE', $1::jsonb FROM people RETURNING id),
     offered AS (
       INSERT INTO prestations (slug, nom, durees, mode, pas, preavis, fenetre)
       VALUES ('${SLUG}', 'Conseil', '{${DUREE}}', 'tour_de_role', '15', '{"creer":0,"modifier":0,"annuler":0}', '{"jours":60}')
       RETURNING id)
     INSERT INTO prestations_intervenants (prestation_id, intervenant_id, obligatoire, priorite, poids)
     SELECT offered.id, received.id, false, 0, 1 FROM offered, received`,
    [JSON.stringify(HOURS)],
  );
  await db.query(
    `INSERT INTO seances (prestation_id, debut, fin, intervenants, places, prises)
     SELECT p.id, to_timestamp(taken.debut / 1000.0), to_timestamp(taken.fin / 1000.0), ARRAY[v.id], 1, 1
     FROM prestations p
     JOIN (SELECT intervenant_id AS id, prestation_id, row_number() OVER (ORDER BY intervenant_id) - 1 AS n
           FROM prestations_intervenants) v ON v.prestation_id = p.id
     JOIN jsonb_to_recordset($1::jsonb) AS taken (n integer, debut float8, fin float8) ON taken.n = v.n
     WHERE p.slug = '${SLUG}'`,
    [JSON.stringify(busy.flatMap((own, n) => own.map(([debut, fin]) => ({ n, debut, fin }))))],
  );
}
