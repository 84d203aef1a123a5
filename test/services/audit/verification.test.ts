import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { DataSource, type EntityManager } from 'typeorm';
import type { ActivityContext } from '../../../src/activities/context';
import { nettoyageActivities } from '../../../src/activities/nettoyage';
import { createSecrets } from '../../../src/auth/secrets';
import { empreinteSql } from '../../../src/db/audit/audit';
import { createDataSource } from '../../../src/db/data-source';
import { MIGRATIONS } from '../../../src/db/migrations';
import { systemActor } from '../../../src/services/actor';
import {
  type CheckpointFault,
  verifyCheckpoints,
  writeCheckpoint,
} from '../../../src/services/audit/checkpoints';
import { type ChainFault, verifyChains } from '../../../src/services/audit/verification';
import { sweepOrphanObjects } from '../../../src/services/documents/documents';
import { record } from '../../../src/services/historique';
import { createObjectStore, type ObjectStore } from '../../../src/storage/objects';
import { testEnvironment } from '../../support/api';
import { runCompiled } from '../../support/compiled';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../support/database';

const secrets = createSecrets([{ id: 'test', key: Buffer.alloc(32, 'k') }]);

let database: TestDatabase;
let store: ObjectStore;
let bucket: string;
beforeEach(async () => {
  database = await createTestDatabase();
  const { TEST_S3_ENDPOINT, TEST_S3_ACCESS_KEY, TEST_S3_SECRET_KEY } = process.env;
  bucket = `audit-${randomBytes(6).toString('hex')}`;
  store = createObjectStore({
    endpoint: TEST_S3_ENDPOINT!,
    accessKey: TEST_S3_ACCESS_KEY!,
    secretKey: TEST_S3_SECRET_KEY!,
    bucket,
  });
  await store.ensureBucket();
});
afterEach(() => database.drop());

function write(tx: EntityManager, entiteId: number): Promise<void> {
  const apres = { stock: entiteId, texte: "l'« œuvre »\n\t\\ \u{1F527}", nombre: 1.5e3, vide: null };
  return record(tx, systemActor(new Date(), 'essai'), { entite: 'essai', entiteId, action: 'essai', apres });
}

/** So many rows in one transaction, and thereby in one chain. */
function writeRows(count: number): Promise<void> {
  return database.db.transaction(async (tx) => {
    for (let n = 1; n <= count; n++) await write(tx, n);
  });
}

async function chainFaults(): Promise<ChainFault[]> {
  const faults: ChainFault[] = [];
  await verifyChains(database.db, (fault) => faults.push(fault));
  return faults;
}

async function checkpointFaults(): Promise<CheckpointFault[]> {
  const faults: CheckpointFault[] = [];
  await verifyCheckpoints(database.db, store, secrets, (fault) => faults.push(fault));
  return faults;
}

/** What somebody with all rights does behind the application's back. */
async function tamper(...statements: string[]): Promise<void> {
  await database.owner.transaction(async (tx) => {
    await tx.query(`SET LOCAL session_replication_role = 'replica'`);
    for (const statement of statements) await tx.query(statement);
  });
}

/** A row by its number, as {@link writeRows} wrote them. */
async function rowAt(number: number): Promise<{ id: number; chaine: number; rang: number }> {
  const [row] = await database.owner.query('SELECT id, chaine, rang FROM historique WHERE entite_id = $1', [
    number,
  ]);
  return row;
}

/** Hashes a whole chain anew, with its head, as it would be if what it says now had been written. */
async function rewriteChain(chaine: number): Promise<void> {
  await tamper(
    `DO $$
     DECLARE
       ligne historique;
       precedente bytea := decode(repeat('00', 32), 'hex');
       place bigint := 0;
     BEGIN
       FOR ligne IN SELECT * FROM historique WHERE chaine = ${chaine} ORDER BY rang LOOP
         place := place + 1;
         ligne.rang := place;
         ligne.empreinte_precedente := precedente;
         precedente := ${empreinteSql('ligne')};
         UPDATE historique SET rang = place, empreinte_precedente = ligne.empreinte_precedente, empreinte = precedente
           WHERE id = ligne.id;
       END LOOP;
       UPDATE audit_chaines SET rang = place, empreinte = precedente WHERE chaine = ${chaine};
     END $$`,
  );
}

describe('an audit that nobody touched', () => {
  it('verifies, whatever the time zone and the date format of who wrote it', async () => {
    await writeRows(5);
    await database.owner.transaction(async (tx) => {
      await tx.query(`SET LOCAL TimeZone = 'Asia/Kathmandu'; SET LOCAL DateStyle = 'German, DMY'`);
      await tx.query(`SET LOCAL extra_float_digits = -5; SET LOCAL bytea_output = 'escape'`);
      await write(tx, 6);
    });
    const found: ChainFault[] = [];
    const { rows } = await verifyChains(database.db, (fault) => found.push(fault));
    expect([rows, found]).toEqual([6, []]);
  });

  it('holds in its chains what was there before there were any', async () => {
    const old = await createEmptyDatabase();
    const before = await new DataSource({
      type: 'postgres',
      url: old.ownerUrl,
      migrations: MIGRATIONS.filter(({ name }) => !name.startsWith('Audit')),
    }).initialize();
    await before.runMigrations();
    await before.query(
      `INSERT INTO historique (entite, entite_id, action, date, apres)
       SELECT 'essai', n, 'essai', now(), jsonb_build_object('n', n) FROM generate_series(1, 25000) n`,
    );
    await before.destroy();
    await old.owner.runMigrations();
    const found: ChainFault[] = [];
    const checked = await verifyChains(old.owner, (fault) => found.push(fault));
    await old.drop();
    expect([checked, found]).toEqual([{ rows: 25_000, chains: 1 }, []]);
  });

  it('verifies after twenty writers at once, none of whom waited for another or was refused', async () => {
    // More connections than a pool of the application has, so that all twenty are inside at once.
    const db = await createDataSource({ url: database.url, poolSize: 20 }).initialize();
    const writers = Array.from({ length: 20 }, (_, writer) =>
      db.transaction(async (tx) => {
        for (let n = 0; n < 15; n++) {
          await write(tx, writer);
          await sleep(Math.random() * 5);
        }
      }),
    );
    await Promise.all(writers);
    const { rows } = await verifyChains(db, (fault) => {
      throw new Error(JSON.stringify(fault));
    });
    await db.destroy();
    expect(rows).toBe(300);
  });

  it('verifies while others write, and after more than it reads at a time', async () => {
    for (let n = 0; n < 12; n++) {
      await database.db.query(
        `INSERT INTO historique (entite, entite_id, action, date)
         SELECT 'essai', n, 'essai', now() FROM generate_series(1, 1000) n`,
      );
    }
    let done = false;
    const writing = (async () => {
      for (let n = 0; !done; n++) await database.db.transaction((tx) => write(tx, n));
    })();
    for (let pass = 0; pass < 3; pass++) expect(await chainFaults()).toEqual([]);
    done = true;
    await writing;
  });

  it('has no gap where a transaction was rolled back', async () => {
    await writeRows(2);
    await database.db
      .transaction(async (tx) => {
        await write(tx, 3);
        throw new Error('back');
      })
      .catch(() => {});
    await writeRows(2);
    expect(await chainFaults()).toEqual([]);
  });

  it('starts another chain when every head is held, rather than wait', async () => {
    const holder = database.owner.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT FROM audit_chaines FOR UPDATE');
    await writeRows(1);
    await holder.rollbackTransaction();
    await holder.release();
    expect((await rowAt(1)).chaine).toBeGreaterThan(64);
    await writeRows(2);
    expect(await chainFaults()).toEqual([]);
  });
});

describe('the verification names', () => {
  beforeEach(() => writeRows(8));

  it.each([
    [`apres = '{"stock": 5}'`],
    ["date = date - interval '1 day'"],
    ["auteur_id = NULL, adresse = '10.0.0.1'"],
    [`empreinte = '\\x00'`],
    ['entite_id = 4004'],
  ])('a row that was changed: %s', async (change) => {
    const row = await rowAt(4);
    await tamper(`UPDATE historique SET ${change} WHERE id = ${row.id}`);
    expect(await chainFaults()).toContainEqual({ fault: 'row changed', ...row });
  });

  it('the place of a row that was changed and hashed anew', async () => {
    const row = await rowAt(4);
    const next = await rowAt(5);
    await tamper(
      `UPDATE historique SET action = 'autre' WHERE id = ${row.id}`,
      `UPDATE historique h SET empreinte = ${empreinteSql('h')} WHERE id = ${row.id}`,
    );
    expect(await chainFaults()).toEqual([{ fault: 'link broken', ...next }]);
  });

  it('a row that was removed from the middle, and several', async () => {
    const { chaine, rang, id } = await rowAt(3);
    await tamper(`DELETE FROM historique WHERE id = ${id}`);
    expect(await chainFaults()).toEqual([{ fault: 'rows removed', chaine, rang, last: rang }]);
    await tamper(`DELETE FROM historique WHERE entite_id IN (4, 5)`);
    expect(await chainFaults()).toEqual([{ fault: 'rows removed', chaine, rang, last: rang + 2 }]);
  });

  it('rows that were removed from the end, or all of them', async () => {
    const { chaine, rang } = await rowAt(7);
    await tamper('DELETE FROM historique WHERE entite_id >= 7');
    expect(await chainFaults()).toEqual([{ fault: 'rows removed', chaine, rang, last: rang + 1 }]);
    await tamper('DELETE FROM historique');
    expect(await chainFaults()).toEqual([{ fault: 'rows removed', chaine, rang: 1, last: rang + 1 }]);
  });

  it('rows whose order was swapped', async () => {
    const [one, other] = [await rowAt(3), await rowAt(5)];
    await tamper(
      `UPDATE historique SET rang = -1 WHERE id = ${one.id}`,
      `UPDATE historique SET rang = ${one.rang} WHERE id = ${other.id}`,
      `UPDATE historique SET rang = ${other.rang} WHERE id = ${one.id}`,
    );
    const changed = (await chainFaults()).filter(({ fault }) => fault === 'row changed');
    expect(changed).toEqual([
      { fault: 'row changed', ...other, rang: one.rang },
      { fault: 'row changed', ...one, rang: other.rang },
    ]);
  });

  it('a head that was moved: back, to another hash, or away', async () => {
    const { chaine } = await rowAt(8);
    const [before] = await database.owner.query('SELECT * FROM audit_chaines WHERE chaine = $1', [chaine]);
    const moved = [{ fault: 'head moved', chaine }];
    await tamper(`UPDATE audit_chaines SET rang = rang - 1 WHERE chaine = ${chaine}`);
    expect(await chainFaults()).toEqual([...moved, ...moved]);
    await tamper(
      `UPDATE audit_chaines SET rang = ${before.rang}, empreinte = '\\x00' WHERE chaine = ${chaine}`,
    );
    expect(await chainFaults()).toEqual(moved);
    await tamper(`DELETE FROM audit_chaines WHERE chaine = ${chaine}`);
    expect(await chainFaults()).toEqual(moved);
  });

  it('a row that was slipped in beside the chains', async () => {
    await tamper(
      'ALTER TABLE historique ALTER COLUMN chaine DROP NOT NULL, ALTER COLUMN rang DROP NOT NULL',
      'ALTER TABLE historique ALTER COLUMN empreinte DROP NOT NULL, ALTER COLUMN empreinte_precedente DROP NOT NULL',
      `INSERT INTO historique (entite, entite_id, action, date) VALUES ('essai', 99, 'essai', now())`,
    );
    expect(await chainFaults()).toEqual([{ fault: 'row changed', ...(await rowAt(99)) }]);
  });
});

describe('the checkpoints', () => {
  it('agree with a chain that goes on', async () => {
    await writeRows(3);
    await writeCheckpoint(database.db, store, secrets, new Date('2026-11-21T09:00:00Z'));
    await writeRows(3);
    await writeCheckpoint(database.db, store, secrets, new Date('2026-11-21T10:00:00Z'));
    const found: CheckpointFault[] = [];
    const checked = await verifyCheckpoints(database.db, store, secrets, (fault) => found.push(fault));
    expect(checked).toEqual({ checkpoints: 2, lastCheckpoint: '2026-11-21T10:00:00.000Z' });
    expect(found).toEqual([]);
  });

  it.each([
    ['a row changed', `UPDATE historique SET action = 'autre' WHERE entite_id = 4`],
    ['a row removed from the middle', 'DELETE FROM historique WHERE entite_id = 4'],
    ['rows removed from the end', 'DELETE FROM historique WHERE entite_id >= 4'],
  ])('know of %s though chain and head alike were rewritten', async (_, change) => {
    await writeRows(6);
    const { chaine, rang } = await rowAt(6);
    const now = new Date('2026-11-21T09:00:00Z');
    const { object } = await writeCheckpoint(database.db, store, secrets, now);
    await tamper(change);
    await rewriteChain(chaine);
    expect(await chainFaults()).toEqual([]);
    expect(await checkpointFaults()).toEqual([{ fault: 'checkpoint contradicted', object, chaine, rang }]);
  });

  it('are written by the hourly clean-up, which leaves those there are', async () => {
    await writeRows(2);
    const logger = pino({ level: 'silent' });
    const medical = await createDataSource({ url: database.medicalUrl, medical: true }).initialize();
    const { cleanUp } = nettoyageActivities({
      db: database.db,
      medical,
      accesConservationMois: 36,
      store,
      secrets,
      documents: { maxOctets: 1_000, conservationJours: 90 },
      logger,
    } as ActivityContext);
    await cleanUp();
    await cleanUp();
    await medical.destroy();
    await sweepOrphanObjects(database.db, store, new Date(Date.now() + 3_600_000));
    const { checkpoints } = await verifyCheckpoints(database.db, store, secrets, () => {});
    expect(checkpoints).toBe(2);
    expect(await checkpointFaults()).toEqual([]);
  });

  it('are ours: one that was changed, or made with another key, is told apart', async () => {
    await writeRows(2);
    const strangers = createSecrets([{ id: 'test', key: Buffer.alloc(32, 'x') }]);
    const forged = await writeCheckpoint(database.db, store, strangers, new Date('2026-11-21T08:00:00Z'));
    await store.put('audit/rien.json', Buffer.from('[1'), { contentType: 'application/json' });
    expect(await checkpointFaults()).toEqual([
      { fault: 'checkpoint forged', object: forged.object },
      { fault: 'checkpoint forged', object: 'audit/rien.json' },
    ]);
  });
});

describe('the command', () => {
  const run = (overrides: Record<string, string> = {}) =>
    runCompiled('audit-verify', testEnvironment(database.url, { S3_BUCKET: bucket, ...overrides }));

  const PRACTICES =
    'Checked: 0 accesses to patients in 0 practices\nChecked: 0 consultations, 0 signatures, addenda and invalidations\nChecked: 0 ordonnances and certificates that were signed';

  it('says what it checked and ends with 0, or names the faults and ends with 1', async () => {
    await writeRows(3);
    const well = await run();
    expect([well.code, well.stderr]).toEqual([0, '']);
    expect(well.stdout).toBe(
      `Checked: 3 rows in 1 chains, 0 checkpoints\n${PRACTICES}\nNothing was changed or removed\n`,
    );

    const { id, chaine, rang } = await rowAt(2);
    await tamper(`UPDATE historique SET action = 'autre' WHERE id = ${id}`);
    const ill = await run();
    expect(ill.code).toBe(1);
    expect(ill.stdout).toBe(
      `Row changed: id ${id} (chain ${chaine}, rank ${rang})\nChecked: 3 rows in 1 chains, 0 checkpoints\n${PRACTICES}\n1 faults\n`,
    );
  });

  it.each([
    [
      'the database',
      { DATABASE_URL: 'postgres://regie@127.0.0.1:1/regie' },
      /^The database cannot be reached/,
    ],
    ['the store', { S3_ENDPOINT: 'http://127.0.0.1:1' }, /^The audit cannot be checked: The object store/],
    ['its configuration', { DOCUMENT_KEYS: 'x' }, /^Configuration invalid/],
  ])('ends with 2 when it cannot check for want of %s', async (_, overrides, message) => {
    const { code, stderr } = await run(overrides);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});
