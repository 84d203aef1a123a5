import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Secrets } from '../../auth/secrets';
import { query, queryOne } from '../../db/sql';
import { dueOf, type FaitsBris, nextOf, reviewersOf } from '../../domain/cabinet/bris-de-glace';
import { type Actor, systemActor } from '../actor';
import { announce } from '../messages/messages';
import type { AvisPatient, Prevenir } from './canaux';
import { avisPour } from './canaux';
import { gerantsDe } from './gerants';
import { inCabinet, inEveryCabinet } from './transactions';

/**
 * What follows from a break-glass by itself. Its row decides, each time anew, and says when something comes next (`suivi_le`);
 * the workflow only says that it is time. People are told by numbers, over what is not medical: what was told is written down
 * on the row afterwards, and told again without being told twice by whoever finds that it was not, since each has a name.
 */

export interface SuiviBris {
  medical: DataSource;
  /** Of everything else: there those are told who have an account. */
  db: DataSource;
  secrets: Secrets;
  /** Tells a patient who has none. */
  prevenir: Prevenir;
}

interface Situation extends FaitsBris {
  user_id: number;
  gerants: number[];
  avis: AvisPatient;
}

/** What comes next. Instants are milliseconds. */
export type Prochain = { date: number; attente: 'fin' | 'revue' };

/**
 * Does what is due, and says what comes next. Safe to run again, also by two at once.
 * @returns null when nothing comes any more, or there is no such row
 */
export async function suivreBris(
  context: SuiviBris,
  cabinetId: number,
  id: number,
  now: Date,
): Promise<Prochain | null> {
  const { medical, secrets } = context;
  const situation = await inCabinet(medical, cabinetId, (tx) => read({ tx, secrets }, cabinetId, id, now));
  if (situation === null) return null;
  const due = dueOf(situation, now.getTime());
  const actor = systemActor(now, `bris-de-glace-${id}`);
  const par = due.avertir ? await avertir(context, actor, id, situation.avis) : null;
  if (due.demander) await demander(context, actor, id, situation);
  return inCabinet(medical, cabinetId, async (tx) => {
    await query(
      tx,
      sql`UPDATE medical.bris_de_glace SET
            averti_le = CASE WHEN averti_le IS NULL AND ${par}::text IS NOT NULL THEN ${now}::timestamptz ELSE averti_le END,
            averti_par = coalesce(averti_par, ${par}::text),
            demandee_le = CASE WHEN ${due.demander} AND demandes = ${situation.demandes} THEN ${now}::timestamptz
                               ELSE demandee_le END,
            demandes = CASE WHEN ${due.demander} AND demandes = ${situation.demandes} THEN demandes + 1 ELSE demandes END
          WHERE id = ${id} AND cabinet_id = ${cabinetId}`,
    );
    const row = await queryOne<FaitsBris>(
      tx,
      sql`SELECT date_fin, averti_le, demandes, demandee_le, revue_le FROM medical.bris_de_glace
          WHERE id = ${id} AND cabinet_id = ${cabinetId}`,
    );
    const next = row === null ? null : nextOf(row, now.getTime());
    await query(
      tx,
      sql`UPDATE medical.bris_de_glace SET suivi_le = ${next === null ? null : new Date(next.date)}::timestamptz
          WHERE id = ${id} AND cabinet_id = ${cabinetId}`,
    );
    return next;
  });
}

async function read(
  { tx, secrets }: { tx: EntityManager; secrets: Secrets },
  cabinetId: number,
  id: number,
  now: Date,
): Promise<Situation | null> {
  const row = await queryOne<FaitsBris & { user_id: number; patient_id: number }>(
    tx,
    sql`SELECT b.user_id, b.patient_id, b.date_fin, b.averti_le, b.demandes, b.demandee_le, b.revue_le
        FROM medical.bris_de_glace b WHERE b.id = ${id} AND b.cabinet_id = ${cabinetId}`,
  );
  if (row === null) return null;
  const avis = await avisPour({ tx, secrets }, { id: row.patient_id, cabinet_id: cabinetId });
  return { ...row, gerants: await gerantsDe(tx, cabinetId, now), avis };
}

/** Tells the patient: in their account, else by a way that they agreed to. @returns by which; `aucun` where there is none */
async function avertir(
  { db, prevenir }: SuiviBris,
  actor: Actor,
  id: number,
  avis: AvisPatient,
): Promise<string> {
  const evenement = `bris-de-glace:${id}:patient`;
  const { compte } = avis;
  if (compte === null)
    return prevenir(avis, { evenement, contenu: { modele: 'dossier_ouvert', donnees: {} } });
  await db.transaction((tx) =>
    announce(tx, actor, evenement, {
      modele: 'dossier_ouvert',
      audience: { titulaire: [compte] },
      donnees: {},
    }),
  );
  return 'compte';
}

/** Asks those who run the practice for the review; the first time one of them. */
async function demander(
  { db }: SuiviBris,
  actor: Actor,
  id: number,
  { gerants, user_id, demandes }: Situation,
): Promise<void> {
  const users = reviewersOf(gerants, { auteur: user_id, demandes });
  if (users.length === 0) return;
  await db.transaction((tx) =>
    announce(tx, actor, `bris-de-glace:${id}:revue:${demandes + 1}`, {
      modele: 'bris_a_revoir',
      audience: { users },
      donnees: { bris_de_glace_id: id, rappels: demandes },
    }),
  );
}

/** How long after its time one is taken for forgotten, in seconds. */
const OVERDUE = 20;

/**
 * Those of which something was due and nobody did it: their workflow was never started, or lost with the engine's storage.
 * @returns the next of them by their ids, of all practices
 */
export async function brisOublies(
  medical: DataSource,
  after: number,
  limit: number,
): Promise<{ id: number; cabinet_id: number }[]> {
  return inEveryCabinet(medical, (tx) =>
    query(
      tx,
      sql`SELECT id, cabinet_id FROM medical.bris_de_glace
          WHERE suivi_le < now() - make_interval(secs => ${OVERDUE}) AND id > ${after} ORDER BY id LIMIT ${limit}`,
    ),
  );
}
