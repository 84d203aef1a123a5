import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { FIRST_ADMINISTRATOR, hashFirstPassword } from '../../auth/first-password';
import { generatePassword, type Passwords } from '../../auth/passwords';
import type { Config } from '../../config';
import { User } from '../../db/identite/users';
import { setUpRoles } from '../../db/roles';
import { systemActor } from '../actor';
import { record } from '../historique';
import { markOutdated } from '../interventions/cycle/derivation';
import { recomputeMaintenances } from '../parc/equipements';
import { shipFeries } from '../planification/feries';
import { markOutdatedPlans } from '../preventif/horaires';

/** The administrator that a setup made; with their password when nobody had chosen one. */
export interface FirstAdministrator {
  email: string;
  generatedPassword?: string;
}

/** How often somebody who waits for another setup looks whether it is over, in milliseconds. */
const LOCK_POLL = 100;

/**
 * Brings the database to the present schema, gives the application its rights in it, adds public holidays, works out anew what follows from
 * local time, whose rules may have changed since, and makes sure that somebody can sign in. Safe to run again, and from several processes at once: one works, the others wait and find it done.
 * @param db as the owner of the tables.
 * @returns the administrator that was created, or null when there were people already.
 * @throws {ConfigurationError} when the password chosen for the first administrator is too weak.
 */
export function setUp(
  db: DataSource,
  passwords: Passwords,
  {
    admin,
    databaseUrl,
    databaseMedicalUrl,
    timeZone,
  }: Pick<Config, 'admin' | 'databaseUrl' | 'databaseMedicalUrl' | 'timeZone'>,
  now: Date,
): Promise<FirstAdministrator | null> {
  return alone(db, async () => {
    await db.runMigrations();
    await setUpRoles(db, databaseUrl, databaseMedicalUrl);
    await db.transaction((tx) => shipFeries(tx, now));
    await recomputeMaintenances(db, timeZone);
    await markOutdated(db, timeZone, now);
    await markOutdatedPlans(db, null);
    return createFirstAdministrator(db, passwords, admin, now);
  });
}

/** Nobody else is setting up meanwhile; whoever might still come in between has an address of their own. */
async function createFirstAdministrator(
  db: DataSource,
  passwords: Passwords,
  { email, password }: Config['admin'],
  now: Date,
): Promise<FirstAdministrator | null> {
  if (await db.manager.exists(User)) return null;
  const generatedPassword = password === undefined ? generatePassword() : undefined;
  const fields = { ...FIRST_ADMINISTRATOR, email, role: 'admin' as const };
  const mot_de_passe =
    password === undefined
      ? await passwords.hashUnjudged(generatedPassword!)
      : await hashFirstPassword(passwords, password, email);
  await db.transaction(async (tx) => {
    const inserted = await tx.insert(User, { ...fields, mot_de_passe });
    await record(tx, systemActor(now, 'setup'), {
      entite: 'user',
      entiteId: inserted.identifiers[0]!.id as number,
      action: 'creation',
      apres: fields,
    });
  });
  return { email, generatedPassword };
}

/**
 * Runs something while no other process does, under an advisory lock that ends with its connection. The lock is
 * tried for rather than waited for, since the server may cut off a statement that waits.
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
