import sql from 'sql-template-tag';
import { type Executor, query } from '../../db/sql';
import type { Contenu } from '../../domain/messages';
import type { Langue } from '../../domain/writing';

/**
 * The outbox of emails. A message is claimed for a while, sent, and marked; when the sender dies in between,
 * the claim runs out and it is sent again under the same Message-ID. Only a death between the mail server's
 * acceptance and the mark lets a person see it twice.
 */

/** How long a claim lasts, in seconds; sending takes less or is given up. */
const LEASE = 30;

/** Tries before a message is given up; with {@link retryDelay} they stretch over some two days. */
const MAX_ATTEMPTS = 20;

export type ClaimedMessage = Contenu & {
  id: number;
  message_id: string;
  correlation_id: string;
  tentatives: number;
  /** Where it goes: to the address it was written for, if any, else to the person's of today. */
  email: string;
  nom: string;
  prenom: string;
  langue: Langue;
};

/** Claims messages that are due, oldest first; nobody else gets them while the lease lasts. */
export function claimMessages(executor: Executor, limit: number): Promise<ClaimedMessage[]> {
  return query<ClaimedMessage>(
    executor,
    sql`UPDATE messages m
        SET tentatives = m.tentatives + 1, prochain_essai = now() + make_interval(secs => ${LEASE})
        FROM users u
        WHERE u.id = m.destinataire_id AND m.id IN (
          SELECT id FROM messages WHERE statut = 'a_envoyer' AND prochain_essai <= now()
          ORDER BY prochain_essai, id LIMIT ${limit} FOR UPDATE SKIP LOCKED)
        RETURNING m.id, m.message_id, m.modele, m.donnees, m.correlation_id, m.tentatives,
                  coalesce(m.email, u.email) AS email, u.nom, u.prenom, u.langue`,
  );
}

export async function markSent(executor: Executor, id: number): Promise<void> {
  await query(
    executor,
    sql`UPDATE messages SET statut = 'envoye', date_envoi = now(), erreur = NULL WHERE id = ${id}`,
  );
}

/** Notes a failed try; the next one comes later each time, until the message is given up. */
export async function markFailed(
  executor: Executor,
  message: ClaimedMessage,
  reason: string,
  { final }: { final: boolean },
): Promise<void> {
  const statut = final || message.tentatives >= MAX_ATTEMPTS ? 'abandonne' : 'a_envoyer';
  await query(
    executor,
    sql`UPDATE messages
        SET statut = ${statut}, erreur = ${reason.slice(0, 500)},
            prochain_essai = now() + make_interval(secs => ${retryDelay(message.tentatives)})
        WHERE id = ${message.id}`,
  );
}

/** Seconds until the next try: 2, 4, 8, … at most four hours. */
function retryDelay(attempts: number): number {
  return Math.min(2 ** attempts, 4 * 3600);
}
