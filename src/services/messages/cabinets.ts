import sql from 'sql-template-tag';
import { type Executor, query } from '../../db/sql';
import { type Familles, sujetOf } from '../../domain/messages';
import { type CanalSortant, RANGS } from '../../domain/messages/canaux';
import type { Actor } from '../actor';

/**
 * Messages of practices in the outbox. One to a patient names the appointment alone: who they are, and where they are reached,
 * is known to the practice, where it leaves (docs/decisions/064).
 */

export interface RappelPatient {
  contenu: Familles['rappel_patient'];
  canal: CanalSortant;
  /** Names what it tells: it is told once, however often this is run. */
  evenement: string;
}

export interface MessageDesk {
  contenu: Familles['desk'];
  destinataireId: number;
  evenement: string;
}

interface Row {
  evenement: string;
  rendez_vous_id: number | null;
  destinataire_id: number | null;
  canal: CanalSortant;
  sujet: string;
  modele: string;
  donnees: object;
  message_id: string;
}

const messageIdOf = (evenement: string, canal: CanalSortant) =>
  `<${evenement.replaceAll(':', '-')}${canal === 'email' ? '' : `-${canal}`}@regie>`;

/** Puts reminders to patients into the outbox, in the transaction of what they tell. */
export function writeToPatients(
  executor: Executor,
  actor: Actor,
  rappels: readonly RappelPatient[],
): Promise<void> {
  return write(
    executor,
    actor,
    rappels.map(({ contenu, canal, evenement }) => ({
      ...{ evenement, canal, ...contenu },
      rendez_vous_id: contenu.donnees.rendez_vous_id,
      destinataire_id: null,
      sujet: sujetOf(contenu),
      message_id: messageIdOf(evenement, canal),
    })),
  );
}

/** Writes to those who are at a desk, by email. */
export function writeToDesk(
  executor: Executor,
  actor: Actor,
  messages: readonly MessageDesk[],
): Promise<void> {
  return write(
    executor,
    actor,
    messages.map(({ contenu, destinataireId, evenement }) => ({
      ...{ evenement, canal: 'email' as const, ...contenu },
      rendez_vous_id: null,
      destinataire_id: destinataireId,
      sujet: sujetOf(contenu),
      message_id: messageIdOf(evenement, 'email'),
    })),
  );
}

async function write(executor: Executor, actor: Actor, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await query(
    executor,
    // The word to whoever sends messages is delivered with the commit.
    sql`INSERT INTO messages (evenement, rendez_vous_id, destinataire_id, canal, sujet, rang, modele, donnees, correlation_id,
          message_id)
        SELECT evenement, rendez_vous_id, destinataire_id, canal, sujet, ${RANGS.normal}::integer, modele, donnees,
          ${actor.correlationId}, message_id
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          AS m (evenement text, rendez_vous_id integer, destinataire_id integer, canal text, sujet text, modele text,
                donnees jsonb, message_id text)
        ORDER BY rendez_vous_id, destinataire_id, canal
        ON CONFLICT DO NOTHING RETURNING pg_notify('messages', canal)`,
  );
}
