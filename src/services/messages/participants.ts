import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query } from '../../db/sql';
import { type ContenuSansCompte, sujetOf } from '../../domain/messages';
import { type CanalSortant, RANGS } from '../../domain/messages/canaux';
import type { Actor } from '../actor';

/** What is said to somebody who comes to an appointment. They need no account, and have no rules or preferences. */
export type MessageParticipant = ContenuSansCompte & {
  participantId: number;
  canal: CanalSortant;
  /** Names what it tells, to this person: they are told once, however often this is run. */
  evenement: string;
};

/**
 * Puts messages to people without an account into the outbox, in the transaction of what they tell. The Message-ID follows
 * from the event, as that of every message does: a second try can be told from a second message.
 */
export async function writeToParticipants(
  tx: EntityManager,
  actor: Actor,
  messages: readonly MessageParticipant[],
): Promise<void> {
  if (messages.length > 0) await query(tx, participantsSql(actor, messages));
}

/** The same as a statement, also as a part of one (`db/write.ts`). */
export function participantsSql(actor: Actor, messages: readonly MessageParticipant[]): Sql {
  const rows = messages.map((message) => ({
    evenement: message.evenement,
    participant_id: message.participantId,
    canal: message.canal,
    sujet: sujetOf(message),
    modele: message.modele,
    donnees: message.donnees,
    message_id: `<${message.evenement.replaceAll(':', '-')}${message.canal === 'email' ? '' : `-${message.canal}`}@regie>`,
  }));
  // The word to whoever sends messages is delivered with the commit.
  return sql`INSERT INTO messages (evenement, participant_id, canal, sujet, rang, modele, donnees, correlation_id, message_id)
      SELECT evenement, participant_id, canal, sujet, ${RANGS.normal}::integer, modele, donnees, ${actor.correlationId}, message_id
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS m (evenement text, participant_id integer, canal text, sujet text, modele text, donnees jsonb, message_id text)
      ORDER BY participant_id, canal
      ON CONFLICT DO NOTHING RETURNING pg_notify('messages', canal)`;
}
