import sql from 'sql-template-tag';
import type { DataSource } from 'typeorm';
import type { Secrets } from '../../auth/secrets';
import { queryOne } from '../../db/sql';
import { codeDe, jetonDAttente, jetonDe, ouvrirLien, ouvrirLienDAttente } from './jetons';

/**
 * The token of the link in a message to somebody who comes. It is made when the message leaves, the same each time, and
 * stored nowhere; that it opens their part is written down before it leaves.
 * @param confirme whether the link also shows that the mail was read.
 * @returns null when there is nothing left that a link could serve for.
 */
export function jetonForMessage(
  db: DataSource,
  secrets: Secrets,
  participantId: number,
  confirme = false,
): Promise<string | null> {
  return db.transaction(async (tx) => {
    const found = await queryOne<{ uid: string; fin: Date; jeton_hash: Buffer | null }>(
      tx,
      sql`SELECT r.uid, r.fin, p.jeton_hash
          FROM participants p JOIN rendez_vous r ON r.id = p.rendez_vous_id
          WHERE p.id = ${participantId} AND p.statut <> 'annule'
            AND r.statut NOT IN ('retenu', 'refuse', 'annule', 'expire')
          FOR NO KEY UPDATE OF p`,
    );
    if (found === null) return null;
    const jeton = jetonDe(secrets, { id: participantId, uid: found.uid });
    // Also where a former key made the one that there was: what is read last works.
    if (found.jeton_hash === null || !found.jeton_hash.equals(jeton.hash)) {
      await ouvrirLien(tx, participantId, jeton, found.fin);
    }
    if (!confirme) return jeton.jeton;
    return `${jeton.jeton}?code=${codeDe(secrets, { id: participantId, uid: found.uid })}`;
  });
}

/** The same of somebody who waits; its end is that of the days for which they do. */
export function jetonForAttente(
  db: DataSource,
  secrets: Secrets,
  participantId: number,
): Promise<string | null> {
  return db.transaction(async (tx) => {
    const found = await queryOne<{ id: number; date_fin: string }>(
      tx,
      sql`SELECT a.id, a.date_fin::text
          FROM participants p JOIN listes_attente a ON a.id = p.liste_attente_id
          WHERE p.id = ${participantId} AND a.statut IN ('en_attente', 'proposee')
          FOR NO KEY UPDATE OF p`,
    );
    if (found === null) return null;
    const jeton = jetonDAttente(secrets, found.id, participantId);
    await ouvrirLienDAttente(tx, participantId, jeton, found.date_fin);
    return jeton.jeton;
  });
}
