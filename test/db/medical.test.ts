import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/db/data-source';
import { openCabinets } from '../../src/db/medical';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { makeUser } from '../support/factories';

/** The floor under the permissions: what the database itself refuses, whatever is asked of it. */

const PERMISSION_DENIED = '42501';

let database: TestDatabase;
/** With the rights of the medical role, and no more. */
let medical: DataSource;
beforeAll(async () => {
  database = await createTestDatabase();
  medical = await createDataSource({ url: database.medicalUrl, medical: true, poolSize: 1 }).initialize();
});
afterAll(async () => {
  await medical.destroy();
  await database.drop();
});

const refusal = (db: DataSource, statement: string): Promise<string | null> =>
  db.query(statement).then(
    () => null,
    (error) => error.driverError.code,
  );

interface Table {
  name: string;
  protege: boolean;
  force: boolean;
  /** Of the practices that a transaction has opened, for whatever is done. */
  politiques: string[];
  /** Of patients for themselves: what they may do, and of which rows. */
  du_patient: string[];
  du_cabinet: boolean;
}

/**
 * What shows itself to a patient, and what they add to: everything else of the schema is none of theirs, whatever a rule
 * forgets. A table is added here with whoever decides that patients see their rows of it.
 */
const SHOWN_TO_PATIENTS: Record<string, string[]> = {
  acces_chaines: ['*'],
  acces_dossier: ['a', 'r'],
  actes_consultation: ['r'],
  cabinets: ['r'],
  cles_patient: ['r'],
  consultations: ['r'],
  demandes_droits: ['a', 'r'],
  elements_dossier: ['r'],
  patients: ['r'],
  praticiens: ['r'],
  rendez_vous_patients: ['r'],
  attentes_patients: ['r'],
};

/** Every table of the schema as the catalogue has it. */
const tables = (): Promise<Table[]> =>
  database.owner.query(
    `SELECT c.relname AS name, c.relrowsecurity AS protege, c.relforcerowsecurity AS force,
       ARRAY(SELECT pg_get_expr(p.polqual, p.polrelid) FROM pg_policy p
             WHERE p.polrelid = c.oid AND p.polname NOT LIKE '%_patient') AS politiques,
       ARRAY(SELECT p.polcmd::text || ' ' || coalesce(pg_get_expr(p.polqual, p.polrelid), '') || ' '
               || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') FROM pg_policy p
             WHERE p.polrelid = c.oid AND p.polname LIKE '%_patient' ORDER BY p.polcmd) AS du_patient,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'cabinet_id' AND a.attnotnull) AS du_cabinet
     FROM pg_class c WHERE c.relnamespace = 'medical'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`,
  );

/** Whichever rows it shows, only to a transaction of a patient, and by who that is. */
const AS_PATIENT = /patients_ouverts\(\)|est_patient\(\)[\s\S]*utilisateur\(\)/;

describe('the catalogue', () => {
  it('says of every table whose practice a row is, protects it, also from its owner, and by a policy', async () => {
    const found = await tables();
    expect(found.length).toBeGreaterThan(2);
    for (const { name, protege, force, politiques, du_patient, du_cabinet } of found) {
      expect({ name, protege, force, policies: politiques.length }).toEqual({
        name,
        protege: true,
        force: true,
        policies: 1,
      });
      expect([name, politiques[0]]).toEqual([name, expect.stringContaining('cabinets_ouverts')]);
      expect([name, du_cabinet || name === 'cabinets']).toEqual([name, true]);
      expect([name, du_patient.map((policy) => policy[0])]).toEqual([name, SHOWN_TO_PATIENTS[name] ?? []]);
      for (const policy of du_patient)
        expect([name, policy]).toEqual([name, expect.stringMatching(AS_PATIENT)]);
    }
    const elsewhere = await database.owner.query(
      `SELECT table_schema, table_name FROM information_schema.columns
       WHERE column_name = 'cabinet_id' AND table_schema <> 'medical'`,
    );
    expect(elsewhere).toEqual([]);
  });

  it('ties rows of one practice together by it: no key between them leaves it out, none reaches another’s', async () => {
    const keys: { name: string; columns: string[]; table: string }[] = await database.owner.query(
      `SELECT k.conname AS name, k.confrelid::regclass::text AS table,
         ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS c (n, rang)
               JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.n ORDER BY c.rang) AS columns
       FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid
       WHERE k.contype = 'f' AND k.connamespace = 'medical'::regnamespace AND c.relnamespace = k.connamespace`,
    );
    expect(keys.length).toBeGreaterThan(1);
    for (const { name, columns, table } of keys) {
      const wanted = table === 'medical.cabinets' ? ['cabinet_id'] : ['cabinet_id', expect.any(String)];
      expect([name, columns]).toEqual([name, wanted]);
    }
  });

  it('lets the application reach nothing of it, and the medical role nothing else but what it is named', async () => {
    for (const { name } of await tables()) {
      expect([name, await refusal(database.db, `SELECT FROM medical.${name}`)]).toEqual([
        name,
        PERMISSION_DENIED,
      ]);
    }
    const statement = 'SET ROLE regie_medical; SELECT FROM medical.cabinets';
    expect(await refusal(database.db, statement)).toBe(PERMISSION_DENIED);
    expect(await refusal(database.db, `RESET ROLE; RESET ALL; ${statement}`)).toBe(PERMISSION_DENIED);
    const readable: { name: string }[] = await medical.query(
      `SELECT relname AS name FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
         AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT')) ORDER BY 1`,
    );
    expect(readable.map(({ name }) => name)).toEqual([
      'codes_cim10',
      'idempotence',
      'seconds_facteurs',
      'sessions',
      'techniciens',
      'user_sites',
      'users',
    ]);
    for (const refused of [
      'SELECT mot_de_passe FROM users',
      'SELECT email FROM users',
      'UPDATE users SET role = role',
      'SELECT FROM refresh_tokens',
      'SELECT secret FROM seconds_facteurs',
      'SELECT FROM interventions',
      'SELECT FROM messages',
      'SELECT FROM historique',
      'SET ROLE regie_application; SELECT FROM messages',
      'DELETE FROM medical.cabinets',
      'CREATE TABLE medical.autre ()',
      'ALTER TABLE medical.cabinets NO FORCE ROW LEVEL SECURITY',
      'DROP POLICY cabinets_cabinet ON medical.cabinets',
    ]) {
      expect([refused, await refusal(medical, refused)]).toEqual([refused, PERMISSION_DENIED]);
    }
  });
});

describe('a transaction', () => {
  const cabinet = async (): Promise<number> => {
    const [{ id }] = await database.owner.query(
      `INSERT INTO medical.cabinets (nom, fuseau_horaire, pays) VALUES ($1, 'Africa/Casablanca', 'MA') RETURNING id`,
      [randomBytes(6).toString('hex')],
    );
    return id;
  };
  const member = (cabinetId: number, userId: number) =>
    database.owner.query(
      `INSERT INTO medical.membres_cabinet (cabinet_id, user_id, fonction, date_debut) VALUES ($1, $2, 'medecin', '2020-01-01')`,
      [cabinetId, userId],
    );
  const seen = async (
    opening: { userId?: number; cabinets?: number[]; administre?: boolean } | null,
    table: string,
    column: string,
  ): Promise<number[]> =>
    medical.transaction(async (tx) => {
      const { userId = 0, cabinets = [], administre = false } = opening ?? {};
      if (opening !== null) await openCabinets(tx, { userId, cabinets, administre });
      const rows: { found: number }[] = await tx.query(
        `SELECT DISTINCT ${column} AS found FROM medical.${table} ORDER BY 1`,
      );
      return rows.map(({ found }) => found);
    });

  it('sees the rows of the practices that it has opened, and of no other, and so until it ends', async () => {
    const [one, other] = [await cabinet(), await cabinet()];
    const [nadia, omar] = [await makeUser(database.db), await makeUser(database.db)];
    await member(one, nadia.id);
    await member(other, omar.id);
    const both = (opening: Parameters<typeof seen>[0]) =>
      Promise.all([
        seen(opening, 'cabinets', 'id'),
        seen(opening, 'membres_cabinet', 'cabinet_id'),
        seen(opening, 'praticiens', 'cabinet_id'),
      ]);
    const { owner } = database;
    await owner.query('INSERT INTO medical.praticiens (cabinet_id, user_id) VALUES ($1, $2), ($3, $4)', [
      one,
      nadia.id,
      other,
      omar.id,
    ]);
    expect(await both({ cabinets: [one] })).toEqual([[one], [one], [one]]);
    // The connection is the same: nothing of the transaction before is left.
    expect(await both(null)).toEqual([[], [], []]);
    expect(await both({ cabinets: [] })).toEqual([[], [], []]);
    expect(await both({ userId: omar.id })).toEqual([[other], [other], []]);
    const [practices, people, doctors] = await both({ administre: true });
    expect([practices, people]).toEqual([
      expect.arrayContaining([one, other]),
      expect.arrayContaining([one]),
    ]);
    expect(doctors).toEqual([]);
  });

  it('writes no row of a practice that it has not opened, nor gives one of its own away', async () => {
    const [one, other] = [await cabinet(), await cabinet()];
    const { id } = await makeUser(database.db);
    const write = (statement: string) =>
      medical
        .transaction(async (tx) => {
          await openCabinets(tx, { userId: 0, cabinets: [one], administre: false });
          await tx.query(statement, []);
        })
        .then(
          () => null,
          (error) => error.driverError.code,
        );
    const insert = (where: number) =>
      `INSERT INTO medical.praticiens (cabinet_id, user_id) VALUES (${where}, ${id})`;
    expect(await write(insert(other))).toBe(PERMISSION_DENIED);
    expect(await write(insert(one))).toBeNull();
    expect(await write(`UPDATE medical.praticiens SET cabinet_id = ${other}`)).toBe(PERMISSION_DENIED);
  });

  it('adds to the history of the house who belongs to a practice, and nothing of a patient', async () => {
    const add = (entite: string) =>
      refusal(
        medical,
        `INSERT INTO historique (entite, action, date) VALUES ('${entite}', 'creation', now())`,
      );
    expect(await add('membre_cabinet')).toBeNull();
    expect(await add('patient')).toBe(PERMISSION_DENIED);
  });
});
