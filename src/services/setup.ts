import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { generatePassword, hashPassword } from '../auth/passwords';
import type { Config } from '../config';
import { User } from '../db/users';
import { systemActor } from './actor';
import { record } from './historique';

/** The administrator that a setup made; with their password when nobody had chosen one. */
export interface FirstAdministrator {
  email: string;
  generatedPassword?: string;
}

/** How often somebody who waits for another setup looks whether it is over, in milliseconds. */
const LOCK_POLL = 100;

/**
 * Brings the database to the present schema and makes sure that somebody can sign in. Safe to run again, and
 * from several processes at once: one works, the others wait and find it done.
 * @returns the administrator that was created, or null when there were people already.
 */
export function setUp(db: DataSource, admin: Config['admin'], now: Date): Promise<FirstAdministrator | null> {
  return alone(db, async () => {
    await db.runMigrations();
    return db.transaction((tx) => createFirstAdministrator(tx, admin, now));
  });
}

async function createFirstAdministrator(
  tx: EntityManager,
  { email, password }: Config['admin'],
  now: Date,
): Promise<FirstAdministrator | null> {
  if (await tx.exists(User)) return null;
  const generatedPassword = password === undefined ? generatePassword() : undefined;
  const fields = { email, nom: 'Administrateur', prenom: 'Régie', role: 'admin' as const };
  const mot_de_passe = await hashPassword(password ?? generatedPassword!);
  const inserted = await tx.insert(User, { ...fields, mot_de_passe });
  await record(tx, systemActor(now, 'setup'), {
    entite: 'user',
    entiteId: inserted.identifiers[0]!.id as number,
    action: 'creation',
    apres: fields,
  });
  return { email, generatedPassword };
}

/**
 * Runs something while no other process does, under an advisory lock that ends with its connection. The lock is
 * tried for rather than waited for, since a waiting statement would be cut off by the time limit of statements.
 */
async function alone<Result>(db: DataSource, run: () => Promise<Result>): Promise<Result> {
  const runner = db.createQueryRunner();
  const onLock = (call: string) => runner.query(`SELECT ${call}(hashtext('regie.setup')) AS done`);
  try {
    while (!(await onLock('pg_try_advisory_lock'))[0].done) await sleep(LOCK_POLL);
    try {
      return await run();
    } finally {
      await onLock('pg_advisory_unlock');
    }
  } finally {
    await runner.release();
  }
}
