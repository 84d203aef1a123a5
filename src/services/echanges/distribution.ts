import sql from 'sql-template-tag';
import { type Executor, query, queryOne } from '../../db/sql';
import { identifiantOf, motifsOf } from '../../domain/echanges/abonnements';
import { bornesOf, canFollow, evenementsAfter } from '../messages/evenements';

/**
 * From the order of all events to the webhooks that ask for them: each event becomes a delivery of each of those, once, in
 * the statement that says how far the order has been read.
 */

/** Events handed on in one statement. */
const BATCH = 500;

export interface Distributed {
  /** The webhooks that have something to send now. */
  webhooks: number[];
  /** How many events were read. */
  read: number;
}

/** Hands on what has happened since the last time. */
export async function distribute(executor: Executor): Promise<Distributed> {
  const depuis = await readPosition(executor);
  const events = await evenementsAfter(executor, depuis, BATCH);
  const last = events.at(-1);
  if (last === undefined) return { webhooks: [], read: 0 };
  const offered = events
    .filter(({ destinataire_id }) => destinataire_id === null)
    .map(({ id, evenement, date, ressource, id_ressource, version }) => ({
      id,
      identifiant: identifiantOf(id),
      evenement,
      motifs: motifsOf(evenement),
      date,
      ressource,
      id_ressource,
      version,
    }))
    .filter(({ motifs }) => motifs.length > 0);
  const told = await query<{ webhook_id: number }>(
    executor,
    // Whoever else has read from the same place, as one that was believed dead, finds it moved and hands on nothing.
    sql`WITH lecture AS (
          UPDATE webhooks_lecture SET position = ${last.id} WHERE position = ${depuis} RETURNING position),
        posees AS (
          INSERT INTO livraisons (webhook_id, identifiant, evenement_id, evenement, date, ressource, id_ressource, version_ressource)
          SELECT w.id, e.identifiant, e.id, e.evenement, e.date, e.ressource, e.id_ressource, e.version
          FROM lecture, webhooks w JOIN jsonb_to_recordset(${JSON.stringify(offered)}::jsonb)
            AS e (id bigint, identifiant text, evenement text, motifs text[], date timestamptz, ressource text,
                  id_ressource integer, version integer)
            ON w.actif AND e.id > w.depuis AND w.evenements && e.motifs
          ORDER BY e.id, w.id
          ON CONFLICT DO NOTHING RETURNING webhook_id)
        SELECT DISTINCT webhook_id FROM posees`,
  );
  return { webhooks: told.map(({ webhook_id }) => webhook_id), read: events.length };
}

async function readPosition(executor: Executor): Promise<number> {
  const row = await queryOne<{ position: number }>(executor, sql`SELECT position FROM webhooks_lecture`);
  return row!.position;
}

/**
 * Goes on from the beginning of what there is, when what comes next is there no more, or was never there: nobody handed
 * anything on for longer than events are kept, or the database was put back as it once was.
 * @returns whether it did: what lay between is lost to webhooks.
 */
export async function catchUp(executor: Executor): Promise<boolean> {
  const depuis = await readPosition(executor);
  const bornes = await bornesOf(executor);
  if (canFollow(bornes, depuis)) return false;
  const position = bornes.premier === null ? bornes.dernier : bornes.premier - 1;
  await query(executor, sql`UPDATE webhooks_lecture SET position = ${position} WHERE position = ${depuis}`);
  return true;
}
