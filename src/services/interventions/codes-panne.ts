import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { CodePanne } from '../../db/interventions/codes-panne';
import { type Executor, query, queryOne } from '../../db/sql';
import { invalid, notFound, unknownReference } from '../../domain/errors';
import { MAX_PROFONDEUR, type NaturePanne } from '../../domain/interventions/pannes';
import type { Actor } from '../actor';
import { oneOf } from '../conditions';
import { refuseDuplicate } from '../duplicates';
import { difference, record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';

/** The codes of what fails: a small tree each of problems, causes and remedies, of the house. */

export type CodeFields = Pick<CodePanne, 'nature' | 'code' | 'libelle' | 'parent_id' | 'actif'>;
/** A code stays in its tree. */
export type CodeChanges = Partial<Omit<CodeFields, 'nature'>>;

const COLUMNS = sql`c.id, c.nature, c.code, c.libelle, c.parent_id, c.actif, c.date_creation, c.date_modification, c.version`;

export const CODE_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`codes_panne c`,
  alias: 'c',
  sortable: {
    id: { expression: 'c.id', cast: 'integer' },
    code: { expression: 'c.code::text', cast: 'text' },
    libelle: { expression: 'c.libelle', cast: 'text' },
  },
  defaultSort: 'code',
};

export interface CodeFilters {
  nature?: NaturePanne[];
  parent_id?: number[];
  actif?: boolean;
}

export function listCodes(
  executor: Executor,
  access: Access,
  { nature, parent_id, actif }: CodeFilters,
  page: PageRequest,
): Promise<Page<CodePanne>> {
  const conditions = [access.where('read', 'CodePanne', {})];
  if (nature) conditions.push(oneOf('c.nature', nature));
  if (parent_id) conditions.push(oneOf('c.parent_id', parent_id));
  if (actif !== undefined) conditions.push(sql`c.actif = ${actif}`);
  return list<CodePanne>(executor, CODE_LIST, conditions, page);
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readCode(executor: Executor, access: Access, id: number): Promise<CodePanne> {
  const code = await queryOne<CodePanne>(
    executor,
    sql`SELECT ${COLUMNS} FROM codes_panne c WHERE c.id = ${id} AND ${access.where('read', 'CodePanne', {})}`,
  );
  if (code === null) throw notFound();
  return code;
}

/** @throws {RegieError} `INTERDIT`, `DEJA_EXISTANT`, `VALIDATION` for a parent that is none */
export async function createCode(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: CodeFields,
): Promise<CodePanne> {
  await lockTrees(tx);
  await access.confirm(tx);
  access.require('create', 'CodePanne', fields);
  await requireParent(tx, fields, null);
  const inserted = await refuseSecond(() => tx.insert(CodePanne, fields));
  const id = inserted.identifiers[0]!.id as number;
  await record(tx, actor, {
    entite: 'code_panne',
    entiteId: id,
    action: 'creation',
    apres: { ...fields },
  });
  return readCode(tx, access, id);
}

/**
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `DEJA_EXISTANT`, `VALIDATION`
 */
export async function updateCode(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  changes: CodeChanges,
  expected: number | null,
): Promise<CodePanne> {
  await lockTrees(tx);
  await query(tx, sql`SELECT id FROM codes_panne WHERE id = ${id} FOR UPDATE`);
  await access.confirm(tx);
  const code = await readCode(tx, access, id);
  const { avant, apres } = difference<CodeChanges>(code, changes);
  access.require('update', 'CodePanne', code, Object.keys(apres));
  requireVersion(code, expected);
  if (Object.keys(apres).length === 0) return code;
  if ('parent_id' in apres) await requireParent(tx, { ...code, ...changes }, id);
  await refuseSecond(() => tx.update(CodePanne, { id }, changes));
  await record(tx, actor, { entite: 'code_panne', entiteId: id, action: 'modification', avant, apres });
  return readCode(tx, access, id);
}

/** @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `DEPENDANCES` while it has children, or work was given it */
export async function deleteCode(tx: EntityManager, access: Access, actor: Actor, id: number): Promise<void> {
  await lockTrees(tx);
  await query(tx, sql`SELECT id FROM codes_panne WHERE id = ${id} FOR UPDATE`);
  await access.confirm(tx);
  const code = await readCode(tx, access, id);
  access.require('delete', 'CodePanne', code);
  await tx.delete(CodePanne, { id });
  await record(tx, actor, { entite: 'code_panne', entiteId: id, action: 'suppression', avant: { ...code } });
}

/** Two changes that are each sound would together make a circle: one after the other. */
async function lockTrees(tx: EntityManager): Promise<void> {
  await query(tx, sql`SELECT pg_advisory_xact_lock(hashtext('codes_panne'))`);
}

/** A parent is of the same tree and does not stand below the code; no branch is longer than {@link MAX_PROFONDEUR}. */
async function requireParent(
  tx: EntityManager,
  { nature, parent_id }: Pick<CodeFields, 'nature' | 'parent_id'>,
  id: number | null,
): Promise<void> {
  if (parent_id === null) return;
  const above = await query<{ id: number; nature: NaturePanne }>(
    tx,
    sql`WITH RECURSIVE above AS (
          SELECT id, nature, parent_id FROM codes_panne WHERE id = ${parent_id}
          UNION SELECT c.id, c.nature, c.parent_id FROM codes_panne c JOIN above a ON c.id = a.parent_id)
        SELECT id, nature FROM above`,
  );
  if (above.length === 0) throw unknownReference('parent_id');
  const below = await queryOne<{ depth: number }>(
    tx,
    sql`WITH RECURSIVE below AS (
          SELECT id, 1 AS depth FROM codes_panne WHERE id = ${id}::integer
          UNION ALL SELECT c.id, b.depth + 1 FROM codes_panne c JOIN below b ON c.parent_id = b.id)
        SELECT coalesce(max(depth), 1) AS depth FROM below`,
  );
  if (above.some((code) => code.nature !== nature)) {
    throw invalid({
      champ: 'parent_id',
      message: { fr: 'Un code d’un autre arbre', en: 'A code of another tree' },
    });
  }
  if (above.some((code) => code.id === id)) {
    throw invalid({
      champ: 'parent_id',
      message: { fr: 'Il est au-dessous de celui-ci', en: 'It stands below this one' },
    });
  }
  if (above.length + below!.depth > MAX_PROFONDEUR) {
    throw invalid({
      champ: 'parent_id',
      message: {
        fr: `Un arbre a au plus ${MAX_PROFONDEUR} niveaux`,
        en: `A tree has at most ${MAX_PROFONDEUR} levels`,
      },
    });
  }
}

function refuseSecond<Result>(write: () => Promise<Result>): Promise<Result> {
  const detail = { fr: 'Ce code existe déjà dans cet arbre', en: 'This tree has this code already' };
  return refuseDuplicate('codes_panne_code_unique', detail, write);
}
