import sql, { raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query, queryOne } from '../../db/sql';
import type { Regles } from './fusion-regles';

/** What the database knows of the tables that refer to patients: what merges is driven by it, and not by a list that ages. */

interface Reference {
  table: string;
  colonne: string;
}

/** Every column with a key to `medical.patients`. */
export function referencesToPatients(tx: EntityManager): Promise<Reference[]> {
  return query<Reference>(
    tx,
    sql`SELECT c.relname AS "table", a.attname AS colonne
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND a.attname <> 'cabinet_id'
        WHERE k.contype = 'f' AND k.confrelid = 'medical.patients'::regclass ORDER BY 1, 2`,
  );
}

/** As rules name it. */
function nameOf({ table, colonne }: Reference): string {
  return colonne === 'patient_id' ? table : `${table}.${colonne}`;
}

/**
 * What is wrong between the catalogue and the rules: a key to patients without a rule, a rule for what is not there, sealed
 * columns that no rule names, rows that cannot be told apart.
 */
export async function faultsOfRegles(tx: EntityManager, regles: Regles): Promise<string[]> {
  const references = (await referencesToPatients(tx)).map(nameOf);
  const tables = await query<{ table: string; cle: string | null; opaques: string[]; colonnes: string[] }>(
    tx,
    sql`SELECT c.relname AS "table",
          medical.cle_de(c.relname) AS cle,
          ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND a.atttypid = 17 AND a.attname !~ '(empreinte|^cle$)' ORDER BY 1) AS opaques,
          ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
                AND NOT a.attisdropped) AS colonnes
        FROM pg_class c WHERE c.relnamespace = 'medical'::regnamespace AND c.relkind IN ('r', 'p')`,
  );
  const known = new Map(tables.map((table) => [table.table, table]));
  const faults = references
    .filter((name) => regles[name] === undefined)
    .map((name) => `${name} refers to patients, and no rule says what a merge does with it`);
  for (const [name, regle] of Object.entries(regles)) {
    const [table, colonne] = name.split('.') as [string, string?];
    const there = known.get(table);
    if (there === undefined || (colonne !== undefined && !there.colonnes.includes(colonne))) {
      faults.push(`${name} has a rule and is not there`);
      continue;
    }
    const refers = references.includes(name);
    if (regle.fait === 'garder') continue;
    if (refers === (regle.fait === 'suivre')) faults.push(`${name} refers to ${refers ? 'a' : 'no'} patient`);
    if (regle.fait === 'refuser') continue;
    if (there.cle === null) faults.push(`Nothing tells rows of ${name} apart`);
    const parent = regle.fait === 'suivre' ? regle.parent : regle.avec;
    if (parent !== undefined && !there.colonnes.includes(parent.colonne))
      faults.push(`${name} has no column ${parent.colonne}`);
    const others = (regle.fait === 'deplacer' && regle.autres) || [];
    for (const opaque of there.opaques.filter((one) => !others.includes(one))) {
      if (regle.scelles[opaque] === undefined) faults.push(`No rule says how ${name}.${opaque} is sealed`);
    }
    for (const scelle of Object.keys(regle.scelles)) {
      if (!there.opaques.includes(scelle)) faults.push(`${name} has no sealed column ${scelle}`);
    }
  }
  const told = new Set([...Object.keys(regles), 'patients']);
  for (const { table, opaques } of tables) {
    if (opaques.length > 0 && !told.has(table))
      faults.push(`No rule says whose ${table} is, which is sealed`);
  }
  return faults;
}

/** @throws {Error} so that nothing is left behind: no two patients are merged while a table is not declared */
export async function requireRegles(tx: EntityManager, regles: Regles): Promise<void> {
  const faults = await faultsOfRegles(tx, regles);
  if (faults.length > 0) throw new Error(`Patients cannot be merged:\n  ${faults.join('\n  ')}`);
}

/** What tells rows of a table apart, as an expression: the numbers of its primary key but for practice and patient. */
export async function cleOf(tx: EntityManager, table: string): Promise<Sql> {
  const row = await queryOne<{ cle: string }>(tx, sql`SELECT medical.cle_de(${table}) AS cle`);
  return raw(row!.cle);
}

/** A unique key of one patient's rows: what it compares, as expressions, and of which rows. */
export interface CleUnique {
  nom: string;
  expressions: string[];
  condition: string | null;
}

/** Those of a table in which a row of one patient can stand in the way of a row of another. */
export function clesUniquesOf(tx: EntityManager, table: string): Promise<CleUnique[]> {
  return query<CleUnique>(tx, uniquesSql(table));
}

function uniquesSql(table: string): Sql {
  return sql`SELECT n.relname AS nom, pg_get_expr(i.indpred, i.indrelid) AS condition,
      ARRAY(SELECT pg_get_indexdef(i.indexrelid, rang, true) FROM generate_series(1, i.indnkeyatts) AS rang
            WHERE pg_get_indexdef(i.indexrelid, rang, true) NOT IN ('patient_id', 'cabinet_id')) AS expressions
    FROM pg_index i JOIN pg_class n ON n.oid = i.indexrelid
    WHERE i.indrelid = ${`medical.${table}`}::regclass AND i.indisunique
      AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attname = 'patient_id'
                  AND a.attnum = ANY (i.indkey))`;
}
