import sql, { empty, join, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { type Executor, queryOne, queryWire, type Wire } from '../../db/sql';
import { notFound } from '../../domain/errors';
import type { Role } from '../../domain/roles';
import type { Actor } from '../actor';
import { oneOf } from '../conditions';
import { record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';

/** The record of everything that was done, and refused, across resources. */

export interface AuditRow {
  id: number;
  entite: string;
  entite_id: number | null;
  action: string;
  auteur_id: number | null;
  /** Null when the system itself acted, or somebody who was not known. */
  auteur: { nom: string; prenom: string; role: Role } | null;
  cle_api_id: number | null;
  adresse: string | null;
  date: Date;
  avant: Record<string, unknown> | null;
  apres: Record<string, unknown> | null;
  correlation_id: string | null;
}

export interface AuditFilters {
  entite?: string[];
  entite_id?: number[];
  action?: string[];
  auteur_id?: number[];
  cle_api_id?: number[];
  adresse?: string[];
  correlation_id?: string;
  /** The period: from this instant, and before the other. */
  debut?: Date;
  fin?: Date;
}

const COLUMNS = sql`h.id, h.entite, h.entite_id, h.action, h.auteur_id,
  CASE WHEN u.id IS NOT NULL THEN json_build_object('nom', u.nom, 'prenom', u.prenom, 'role', u.role) END AS auteur,
  h.cle_api_id, h.adresse, h.date, h.avant, h.apres, h.correlation_id`;

const JOINS = sql`LEFT JOIN users u ON u.id = h.auteur_id`;
const FROM = sql`historique h ${JOINS}`;

/** By date rather than id: the indexes behind the filters end in it, so that a period is a part of each. */
export const AUDIT_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`historique h`,
  rows: sql`JOIN historique h ON h.id = page._id ${JOINS}`,
  alias: 'h',
  sortable: {
    id: { expression: 'h.id', cast: 'integer' },
    date: { expression: 'h.date', cast: 'timestamptz' },
  },
  defaultSort: '-date',
};

export function listAudit(
  executor: Executor,
  access: Access,
  filters: AuditFilters,
  page: PageRequest,
): Promise<Page<AuditRow>> {
  return list<AuditRow>(executor, AUDIT_LIST, conditionsOf(access, filters), page);
}

/** @throws {RegieError} `INTROUVABLE` */
export async function readAudit(executor: Executor, access: Access, id: number): Promise<Wire<AuditRow>> {
  const [row] = await queryWire<AuditRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM ${FROM} WHERE h.id = ${id} AND ${access.where('read', 'Audit', {})}`,
  );
  if (row === undefined) throw notFound();
  return row;
}

/** Records that the audit is about to be taken out of the application, and which part of it. */
export function recordExport(manager: EntityManager, actor: Actor, filtres: object): Promise<void> {
  return record(manager, actor, { entite: 'audit', entiteId: null, action: 'export', apres: { filtres } });
}

/** Rows read at a time: all that an export of any length holds in memory. */
const EXPORT_BATCH = 1_000;

/**
 * All rows that meet the filters, from the first to the last there is at this moment. Page by page, since one long
 * statement would hold a transaction open for as long as somebody takes to download.
 */
export async function* exportAudit(
  executor: Executor,
  access: Access,
  filters: AuditFilters,
): AsyncGenerator<Wire<AuditRow>[]> {
  const newest = await queryOne<{ id: number | null }>(executor, sql`SELECT max(id) AS id FROM historique`);
  const conditions = [...conditionsOf(access, filters), sql`h.id <= ${newest!.id ?? 0}`];
  let after: Sql = empty;
  for (;;) {
    const rows = await queryWire<AuditRow>(
      executor,
      sql`SELECT ${COLUMNS} FROM ${FROM} WHERE ${join(conditions, ' AND ')} ${after}
          ORDER BY h.date, h.id LIMIT ${EXPORT_BATCH}`,
    );
    if (rows.length > 0) yield rows;
    if (rows.length < EXPORT_BATCH) return;
    const last = rows.at(-1)!;
    after = sql`AND (h.date, h.id) > (${last.date}::timestamptz, ${last.id})`;
  }
}

function conditionsOf(access: Access, filters: AuditFilters): Sql[] {
  const { entite, entite_id, action, auteur_id, cle_api_id, adresse, correlation_id, debut, fin } = filters;
  const conditions = [access.where('read', 'Audit', {})];
  if (entite) conditions.push(oneOf('h.entite', entite));
  if (entite_id) conditions.push(oneOf('h.entite_id', entite_id));
  if (action) conditions.push(oneOf('h.action', action));
  if (auteur_id) conditions.push(oneOf('h.auteur_id', auteur_id));
  if (cle_api_id) conditions.push(oneOf('h.cle_api_id', cle_api_id));
  if (adresse) conditions.push(oneOf('h.adresse', adresse));
  if (correlation_id !== undefined) conditions.push(sql`h.correlation_id = ${correlation_id}`);
  if (debut) conditions.push(sql`h.date >= ${debut}`);
  if (fin) conditions.push(sql`h.date < ${fin}`);
  return conditions;
}
