import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/db/data-source';
import { setUpRoles } from '../../src/db/roles';
import { createEmptyDatabase, createTestDatabase, onServer, type TestDatabase } from '../support/database';

const server = process.env.TEST_DATABASE_URL!;
const PERMISSION_DENIED = '42501';

let database: TestDatabase;
/** Roles that a test made; they belong to the cluster, not to the database. */
const made: string[] = [];
const newRole = () => {
  const name = `regie_test_${randomBytes(4).toString('hex')}`;
  made.push(name);
  return name;
};

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
  for (const role of made) await onServer(server, `DROP ROLE IF EXISTS ${role}`);
});

/** The same database, signed in to as somebody else. */
function as(username: string, password: string, url = database.ownerUrl): string {
  return Object.assign(new URL(url), { username, password }).href;
}

/** The error code with which a statement is refused, or null. */
async function refusal(db: DataSource, statement: string): Promise<string | null> {
  return db.query(statement).then(
    () => null,
    (error) => error.driverError.code,
  );
}

async function connected<Result>(url: string, run: (db: DataSource) => Promise<Result>): Promise<Result> {
  const db = await createDataSource({ url, poolSize: 2 }).initialize();
  try {
    return await run(db);
  } finally {
    await db.destroy();
  }
}

describe.each([
  ['its own login', () => database.url],
  ['the same user as the owner of the tables, a superuser', () => database.ownerUrl],
])('the application, with %s', (_, url) => {
  const insert = `INSERT INTO historique (entite, action, date) VALUES ('essai', 'essai', now())`;

  it.each([
    `UPDATE historique SET action = 'autre'`,
    'DELETE FROM historique',
    'TRUNCATE historique',
    'ALTER TABLE historique DISABLE TRIGGER ALL',
    'DROP TRIGGER historique_chainer ON historique',
    'CREATE TRIGGER autre BEFORE INSERT ON historique FOR EACH ROW EXECUTE FUNCTION historique_immuable()',
    'UPDATE audit_chaines SET rang = rang + 1',
    'INSERT INTO audit_chaines DEFAULT VALUES',
    'DELETE FROM audit_chaines',
    'TRUNCATE audit_chaines',
    'DELETE FROM migrations',
    'UPDATE mouvements_stock SET motif = NULL',
    'DELETE FROM mouvements_stock',
    'UPDATE releves SET valeur = 0',
    'DELETE FROM releves',
    'DROP TABLE historique',
    'DROP TABLE users',
    'TRUNCATE users CASCADE',
    'ALTER TABLE users ADD COLUMN autre text',
    'CREATE TABLE autre ()',
    'CREATE FUNCTION autre() RETURNS integer LANGUAGE sql RETURN 1',
    `SET session_replication_role = 'replica'`,
    `CREATE ROLE regie_autre`,
  ])('may not: %s', async (statement) => {
    await connected(url(), async (db) => {
      expect(await refusal(db, statement)).toBe(PERMISSION_DENIED);
      // What goes back to the beginning goes back to these rights.
      expect(await refusal(db, `RESET ROLE; RESET ALL; ${statement}`)).toBe(PERMISSION_DENIED);
    });
  });

  it('may not move the heads by a trigger on a table of its own', async () => {
    await connected(url(), async (db) => {
      const heads = () => db.query('SELECT * FROM audit_chaines ORDER BY chaine');
      const before = await heads();
      const attempt = `CREATE TEMPORARY TABLE leurre (LIKE historique);
        CREATE TRIGGER leurre BEFORE INSERT ON leurre FOR EACH ROW EXECUTE FUNCTION historique_chainer()`;
      expect(await refusal(db, attempt)).toBe(PERMISSION_DENIED);
      expect(await heads()).toEqual(before);
    });
  });

  it('may add to the history and read it, and whatever it says of the chain is overwritten', async () => {
    await connected(url(), async (db) => {
      await db.query(insert);
      const [row] = await db.query(
        `INSERT INTO historique (entite, action, date, chaine, rang, empreinte_precedente, empreinte)
         VALUES ('essai', 'essai', now(), 999, 999, '\\x00', '\\x00') RETURNING chaine, rang, empreinte`,
      );
      expect(row.chaine).toBeLessThanOrEqual(64);
      expect(row.empreinte).toHaveLength(32);
      const [head] = await db.query('SELECT rang, empreinte FROM audit_chaines WHERE chaine = $1', [
        row.chaine,
      ]);
      expect(head).toEqual({ rang: row.rang, empreinte: row.empreinte });
    });
  });

  it('may read and write every other table', async () => {
    await connected(url(), async (db) => {
      const tables: { name: string }[] = await db.query(
        `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'
           AND tablename NOT IN ('historique', 'audit_chaines', 'evenements', 'migrations', 'mouvements_stock', 'releves')`,
      );
      expect(tables.length).toBeGreaterThan(20);
      const [{ without }] = await db.query(
        `SELECT array_agg(name) AS without FROM unnest($1::text[]) AS name
         WHERE NOT (has_table_privilege(name, 'SELECT') AND has_table_privilege(name, 'INSERT')
                AND has_table_privilege(name, 'UPDATE') AND has_table_privilege(name, 'DELETE'))`,
        [tables.map(({ name }) => name)],
      );
      expect(without).toBeNull();
    });
  });
});

describe('setting up roles', () => {
  it('makes the login of the URL, and gives it the password of the URL when that has changed', async () => {
    const login = newRole();
    for (const password of ['première-fois', "l'autre \\ fois"]) {
      const url = as(login, encodeURIComponent(password));
      await setUpRoles(database.owner, url, url);
      const [{ role, login: user }] = await connected(url, (db) =>
        db.query('SELECT current_user AS role, session_user AS login'),
      );
      expect([role, user]).toEqual(['regie_application', login]);
    }
    const client = new Client({ connectionString: as(login, encodeURIComponent('première-fois')) });
    client.on('error', () => {});
    await expect(client.connect()).rejects.toMatchObject({ code: '28P01' });
  });

  it('leaves a login alone that can sign in', async () => {
    const login = newRole();
    const url = as(login, 'secret');
    await setUpRoles(database.owner, url, url);
    const verifier = () =>
      database.owner.query('SELECT rolpassword FROM pg_authid WHERE rolname = $1', [login]);
    const before = await verifier();
    await setUpRoles(database.owner, url, url);
    expect(await verifier()).toEqual(before);
  });

  it('takes away what was granted beyond it', async () => {
    const { owner, url } = database;
    await owner.query('GRANT ALL ON historique, migrations TO regie_application');
    await setUpRoles(owner, url, database.medicalUrl);
    await connected(url, async (db) => {
      expect(await refusal(db, 'DELETE FROM historique')).toBe(PERMISSION_DENIED);
      expect(await refusal(db, 'DELETE FROM migrations')).toBe(PERMISSION_DENIED);
    });
  });

  it('works for an owner who is no superuser, with a login of its own or without', async () => {
    const login = newRole();
    const name = newRole();
    await onServer(server, `CREATE ROLE ${name} LOGIN CREATEROLE PASSWORD 'patron'`);
    // The groups are the cluster's: this owner did not make them, so somebody lets them pass them on.
    await onServer(server, `GRANT regie_application, regie_medical TO ${name} WITH ADMIN OPTION, SET FALSE`);
    const empty = await createEmptyDatabase();
    await empty.owner.query(`ALTER DATABASE ${new URL(empty.ownerUrl).pathname.slice(1)} OWNER TO ${name}`);
    const ownerUrl = as(name, 'patron', empty.ownerUrl);
    const owner = await createDataSource({ url: ownerUrl, owner: true, poolSize: 2 }).initialize();
    try {
      await owner.runMigrations();
      for (const url of [ownerUrl, as(login, 'secret', empty.ownerUrl)]) {
        await setUpRoles(owner, url, url);
        await connected(url, async (db) => {
          await db.query(`INSERT INTO historique (entite, action, date) VALUES ('essai', 'essai', now())`);
          expect(await refusal(db, 'DELETE FROM historique')).toBe(PERMISSION_DENIED);
          expect(await refusal(db, 'UPDATE audit_chaines SET rang = 0')).toBe(PERMISSION_DENIED);
        });
      }
    } finally {
      await owner.destroy();
      await empty.drop();
    }
  });

  it('gives what is medical to a login of its own, and takes it from the one that did for both', async () => {
    const { owner, ownerUrl } = database;
    const [application, medical] = [newRole(), newRole()];
    const urls = [application, medical].map((login) => as(login, 'secret', ownerUrl)) as [string, string];
    const reaches = (url: string, role: string) =>
      connected(url, (db) => refusal(db, `SET ROLE ${role}`)).then(
        (refused) => refused === null,
        () => false,
      );
    await setUpRoles(owner, urls[0], urls[0]);
    expect(await reaches(urls[0], 'regie_medical')).toBe(true);
    await setUpRoles(owner, urls[0], urls[1]);
    expect(await reaches(urls[0], 'regie_medical')).toBe(false);
    expect(await reaches(urls[0], 'regie_application')).toBe(true);
    // It is nobody at all to the rest of the application.
    expect(await reaches(urls[1], 'regie_application')).toBe(false);
    const db = await createDataSource({ url: urls[1], medical: true, poolSize: 1 }).initialize();
    expect(await refusal(db, 'SELECT FROM medical.cabinets')).toBeNull();
    await db.destroy();
  });

  it('happens for several databases of a cluster at once, by several processes each', async () => {
    const login = newRole();
    const databases = await Promise.all([1, 2, 3].map(() => createTestDatabase()));
    await Promise.all(
      [...databases, ...databases, ...databases].map(({ owner, ownerUrl }) =>
        setUpRoles(owner, as(login, 'secret', ownerUrl), as(login, 'secret', ownerUrl)),
      ),
    );
    for (const { ownerUrl } of databases) {
      await connected(as(login, 'secret', ownerUrl), (db) => db.query('SELECT FROM users'));
    }
    await Promise.all(databases.map((each) => each.drop()));
  });
});
