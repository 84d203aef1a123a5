import sql, { type Sql } from 'sql-template-tag';
import { type Executor, queryOne } from '../db/sql';
import type { Principal } from './principal';

/** What the database says of the person behind a session. */
export type PersonRow = Omit<Principal, 'sessionId' | 'cleApiId' | 'chemins'>;

/** The statement that finds them, and nobody once the session has ended or the person was deactivated. */
export function personSql(sessionId: string | null): Sql {
  return sql`SELECT u.id AS "userId", u.role, u.langue, t.id AS "technicienId",
               ARRAY(SELECT site_id FROM user_sites WHERE user_id = u.id) AS sites,
               (u.tous_sites OR u.role = 'admin') AS "tousSites",
               EXISTS (SELECT 1 FROM seconds_facteurs f
                       WHERE f.user_id = u.id AND f.date_activation IS NOT NULL) AS "secondFacteur"
        FROM sessions s
        JOIN users u ON u.id = s.user_id
        LEFT JOIN techniciens t ON t.user_id = u.id
        WHERE s.id = ${sessionId} AND s.date_revocation IS NULL AND s.date_expiration > now() AND u.is_active`;
}

export function toPerson(row: PersonRow, sessionId: string | null): Principal {
  return { ...row, sessionId, cleApiId: null, chemins: null };
}

/**
 * The person behind a session, as they are at this moment: their role, their sites, their technicien row.
 * @returns null when the session has ended or the person was deactivated, so that both take effect at once.
 */
export async function loadPrincipal(executor: Executor, sessionId: string): Promise<Principal | null> {
  const row = await queryOne<PersonRow>(executor, personSql(sessionId));
  return row === null ? null : toPerson(row, sessionId);
}
