import { createHash, randomBytes } from 'node:crypto';
import sql, { type Sql } from 'sql-template-tag';
import { type Executor, queryOne } from '../db/sql';
import type { Principal } from './principal';

/** Keys of machines. They begin so that scanners find one that was published by mistake. */
const PREFIX = 'regie_';

/** A new key: 256 random bits. */
export function newApiKey(): string {
  return PREFIX + randomBytes(32).toString('base64url');
}

/** What is stored of a key. It is random, so a plain SHA-256 cannot be searched for. */
export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** Whether a bearer token is meant as one. */
export function isApiKey(token: string): boolean {
  return token.startsWith(PREFIX);
}

/** A machine, and when its key was last seen in use. */
export interface Machine {
  principal: Principal & { cleApiId: number };
  derniereUtilisation: Date | null;
}

/** What the database says of the machine behind a key. */
export type MachineRow = Pick<
  Principal,
  'userId' | 'role' | 'langue' | 'technicienId' | 'sites' | 'tousSites' | 'chemins'
> & {
  cleApiId: number;
  derniereUtilisation: Date | null;
};

/**
 * The statement that finds it, and nothing once the key has ended or its maker may not have it any more.
 * @param which key, of `k`.
 */
export function machineSql(which: Sql, now: Sql): Sql {
  return sql`SELECT k.id AS "cleApiId", k.role, k.chemins, k.derniere_utilisation AS "derniereUtilisation",
               u.id AS "userId", u.langue, t.id AS "technicienId",
               ARRAY(SELECT site_id FROM user_sites WHERE user_id = u.id) AS sites,
               (u.tous_sites OR u.role = 'admin') AS "tousSites"
        FROM cles_api k
        JOIN users u ON u.id = k.createur_id
        LEFT JOIN techniciens t ON t.user_id = u.id
        WHERE ${which} AND k.date_revocation IS NULL
          AND (k.date_expiration IS NULL OR k.date_expiration > ${now})
          AND u.is_active AND (u.role = 'admin' OR u.role = k.role)`;
}

export function toMachine({ derniereUtilisation: _, ...row }: MachineRow): Machine['principal'] {
  return { ...row, sessionId: null, secondFacteur: false };
}

/**
 * The machine behind a key, as things stand at this moment. It acts in the name of whoever made it and sees no more
 * of the rows than they do. Its role never exceeds theirs: it works while they are an administrator or have that very
 * role; between the others there is no order, each sees something that the others do not.
 * @returns null when the key is unknown, has ended, or its maker may not have it any more.
 */
export async function loadMachine(executor: Executor, key: string, now: Date): Promise<Machine | null> {
  const row = await queryOne<MachineRow>(
    executor,
    machineSql(sql`k.empreinte = ${hashApiKey(key)}`, sql`${now}`),
  );
  return row === null ? null : { principal: toMachine(row), derniereUtilisation: row.derniereUtilisation };
}
