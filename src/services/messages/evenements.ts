import sql from 'sql-template-tag';
import { type Executor, query, queryOne } from '../../db/sql';
import type { NomEvenement, Ressource } from '../../domain/evenements';

/**
 * What happened, in one order, for everybody who follows it: people over their connections, other systems by webhooks. The
 * database writes each event with the change it tells of, and gives it its place once it is committed (docs/decisions/044):
 * whoever reads on from the last place they know sees each once, and none appears later below it.
 */

/** One change, as it is told: who may be told of it is for the reader to ask, of the row. */
export interface EvenementRow {
  /** Its place: grows, with gaps. */
  id: number;
  /** `domain.verbe`. */
  evenement: NomEvenement;
  ressource: Ressource;
  id_ressource: number;
  /** The version that the change made; null of what is gone. */
  version: number | null;
  /** Whose it is, where it is one person's alone. */
  destinataire_id: number | null;
  date: Date;
}

/**
 * On which the database says that something happened, or that somebody's sessions or rights may have changed. Not of every
 * transaction: a notification makes commits queue up, so one is sent in a tenth of a second. Whoever was woken looks again
 * after {@link ECHO}, and whoever was not, after {@link LONGEST_WAIT}, since the one that was sent may have been undone.
 */
export const EVENEMENTS_CHANNEL = 'evenements';
/** Milliseconds. */
export const ECHO = 150;
export const LONGEST_WAIT = 1_000;

/** The events after a place, in order, at most `limit` of them. */
export function evenementsAfter(executor: Executor, depuis: number, limit: number): Promise<EvenementRow[]> {
  return query<EvenementRow>(
    executor,
    sql`SELECT id, evenement, ressource, id_ressource, version, destinataire_id, date
        FROM evenements_suivants(${depuis}::bigint, ${limit}::integer)`,
  );
}

/** What can be read. */
export interface Bornes {
  /** The first place that is still there; null when there is none. */
  premier: number | null;
  /** The last place that was given. */
  dernier: number;
}

/** What can be read at this moment. */
export async function bornesOf(executor: Executor): Promise<Bornes> {
  const row = await queryOne<Bornes>(executor, sql`SELECT premier, dernier FROM evenements_bornes()`);
  return row!;
}

/**
 * Whether somebody who knows everything up to a place can be told the rest. Not when some of it is gone, nor when the place
 * is one that was never given, as after a database was put back as it once was.
 */
export function canFollow({ premier, dernier }: Bornes, depuis: number): boolean {
  return depuis <= dernier && depuis >= (premier === null ? dernier : premier - 1);
}

/** So long what happened can be asked for, in days. */
const RETENTION_DAYS = 7;

/** Removes what is older: a beginning of the order, so that whoever comes too late can tell. */
export async function removeOldEvenements(executor: Executor): Promise<void> {
  // What nobody has read yet gets its place first.
  await bornesOf(executor);
  await query(
    executor,
    sql`DELETE FROM evenements WHERE id < coalesce(
          (SELECT min(id) FROM evenements
           WHERE id IS NOT NULL AND date >= now() - make_interval(days => ${RETENTION_DAYS}::integer)),
          (SELECT max(id) + 1 FROM evenements))`,
  );
}
