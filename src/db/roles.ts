import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';

/**
 * What the application may do in the database, whatever is wrong with the application: read and write its rows, but
 * of its history only add to it, and change nothing of the schema.
 */

/** The role with which API and worker do everything. Nobody signs in as it. */
export const APPLICATION_ROLE = 'regie_application';

/** Tables of which it may do less than read and write. */
const RIGHTS: Readonly<Record<string, string>> = {
  historique: 'SELECT, INSERT',
  // The trigger of `historique` moves the heads, as the owner of both.
  audit_chaines: 'SELECT',
  migrations: 'SELECT',
};
const ALL_RIGHTS = 'SELECT, INSERT, UPDATE, DELETE';

/**
 * Gives the application its rights, on every table there is now, and sees to it that `applicationUrl` can sign in and
 * has them. To be run by the owner of the tables after each migration; safe to run again and, since roles belong to the
 * whole cluster, while it runs for another of its databases.
 */
export async function setUpRoles(owner: DataSource, applicationUrl: string): Promise<void> {
  await patiently(() => makeGroup(owner));
  await patiently(() => owner.transaction(grantRights));
  await patiently(() => makeLogin(owner, applicationUrl));
}

async function makeGroup(owner: DataSource): Promise<void> {
  if (await isRole(owner, APPLICATION_ROLE)) return;
  await owner.query(`CREATE ROLE ${APPLICATION_ROLE} NOLOGIN`);
}

/** For every table there is. What an earlier version granted and this one does not is taken away. Identity columns need no right of their own. */
async function grantRights(tx: EntityManager): Promise<void> {
  const [{ database }] = await tx.query('SELECT current_database() AS database');
  const tables: { name: string }[] = await tx.query(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND pg_has_role(relowner, 'USAGE')`,
  );
  await tx.query(`GRANT CONNECT ON DATABASE ${escapeIdentifier(database)} TO ${APPLICATION_ROLE}`);
  await tx.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  await tx.query(`GRANT USAGE ON SCHEMA public TO ${APPLICATION_ROLE}`);
  for (const { name } of tables) {
    const table = `public.${escapeIdentifier(name)}`;
    await tx.query(`REVOKE ALL ON ${table} FROM ${APPLICATION_ROLE}`);
    await tx.query(`GRANT ${RIGHTS[name] ?? ALL_RIGHTS} ON ${table} TO ${APPLICATION_ROLE}`);
  }
}

/** Makes the user of the URL, or sets their password, unless they can sign in as it is; then has them act as the role. */
async function makeLogin(owner: DataSource, applicationUrl: string): Promise<void> {
  const url = new URL(applicationUrl);
  const user = decodeURIComponent(url.username);
  const [{ current_user }] = await owner.query('SELECT current_user');
  if (user !== '' && user !== current_user && !(await canSignIn(applicationUrl))) {
    const login = `LOGIN PASSWORD ${escapeLiteral(scramVerifier(decodeURIComponent(url.password)))}`;
    const verb = (await isRole(owner, user)) ? 'ALTER' : 'CREATE';
    await owner.query(`${verb} ROLE ${escapeIdentifier(user)} ${login}`);
  }
  const member = user === '' ? current_user : user;
  const [{ granted }] = await owner.query(`SELECT pg_has_role($1, $2, 'SET') AS granted`, [
    member,
    APPLICATION_ROLE,
  ]);
  if (!granted) await owner.query(`GRANT ${APPLICATION_ROLE} TO ${escapeIdentifier(member)}`);
}

async function isRole(owner: DataSource, name: string): Promise<boolean> {
  const rows: unknown[] = await owner.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  return rows.length > 0;
}

/** Refused for want of a user or of the right password. */
const NOT_ADMITTED = /^28/;
/** Admitted, though not to this database yet. */
const INSUFFICIENT_PRIVILEGE = '42501';

async function canSignIn(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    const { code = '' } = error as { code?: string };
    if (NOT_ADMITTED.test(code)) return false;
    if (code === INSUFFICIENT_PRIVILEGE) return true;
    throw error;
  } finally {
    await client.end();
  }
}

const ITERATIONS = 4096;

/**
 * The password as PostgreSQL keeps it (RFC 5803), so that the password itself stands in no statement, which the server
 * may log.
 */
function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, ITERATIONS, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${stored}:${hmac('Server Key').toString('base64')}`;
}

/**
 * Somebody else was at the same at the same time: a role exists by now (duplicate object, unique violation), or a row of
 * the catalogue was changed under our hands, which PostgreSQL calls an internal error.
 */
const COLLISION = new Set(['42710', '23505', 'XX000']);
const ATTEMPTS = 20;

/** There is no lock that the databases of a cluster share, so a collision is answered by looking again. */
async function patiently(run: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      const { driverError } = error as { driverError?: { code?: string } };
      if (attempt === ATTEMPTS || !COLLISION.has(driverError?.code ?? '')) throw error;
      await sleep(20 * Math.random() * attempt);
    }
  }
}
