import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { type Executor, query, queryOne } from '../../db/sql';
import { Piece } from '../../db/stock/pieces';
import { notFound } from '../../domain/errors';
import type { Actor } from '../actor';
import { containsWords } from '../conditions';
import { difference, record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';

export interface PieceFilters {
  q?: string;
  /** Only parts at or below their alert threshold. */
  en_alerte?: boolean;
}

export type PieceFields = Pick<Piece, 'reference' | 'designation' | 'stock' | 'seuil_alerte'>;

const COLUMNS = sql`p.id, p.reference, p.designation, p.stock, p.seuil_alerte, p.date_creation, p.date_modification, p.version`;

export const PIECE_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`pieces p`,
  alias: 'p',
  sortable: {
    id: { expression: 'p.id', cast: 'integer' },
    reference: { expression: 'p.reference', cast: 'text' },
    designation: { expression: 'p.designation', cast: 'text' },
    stock: { expression: 'p.stock', cast: 'integer' },
  },
  defaultSort: 'reference',
};

export function listPieces(
  executor: Executor,
  access: Access,
  filters: PieceFilters,
  page: PageRequest,
): Promise<Page<Piece>> {
  const conditions = [access.where('read', 'Piece', {})];
  if (filters.q !== undefined) conditions.push(containsWords('p.recherche', filters.q));
  // Written out, not a parameter: the index of those that run low serves only so.
  if (filters.en_alerte !== undefined)
    conditions.push(filters.en_alerte ? sql`p.stock <= p.seuil_alerte` : sql`p.stock > p.seuil_alerte`);
  return list<Piece>(executor, PIECE_LIST, conditions, page);
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readPiece(executor: Executor, access: Access, id: number): Promise<Piece> {
  const piece = await queryOne<Piece>(
    executor,
    sql`SELECT ${COLUMNS} FROM pieces p WHERE p.id = ${id} AND ${access.where('read', 'Piece', {})}`,
  );
  if (piece === null) throw notFound();
  return piece;
}

/** @throws {RegieError} `INTERDIT` */
export async function createPiece(
  manager: EntityManager,
  access: Access,
  actor: Actor,
  fields: PieceFields,
): Promise<Piece> {
  await access.confirm(manager);
  access.require('create', 'Piece', fields);
  const piece = await manager.save(manager.create(Piece, fields));
  await record(manager, actor, {
    entite: 'piece',
    entiteId: piece.id,
    action: 'creation',
    apres: { ...fields },
  });
  return piece;
}

/**
 * Changes what is given.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`
 */
export async function updatePiece(
  manager: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  changes: Partial<PieceFields>,
  expected: number | null,
): Promise<Piece> {
  const piece = await lockPiece(manager, access, id);
  access.require('update', 'Piece', piece, Object.keys(changes));
  requireVersion(piece, expected);
  const { avant, apres } = difference(piece, changes);
  if (Object.keys(apres).length === 0) return piece;
  const saved = await manager.save(Object.assign(piece, changes));
  await record(manager, actor, { entite: 'piece', entiteId: id, action: 'modification', avant, apres });
  return saved;
}

/** @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `DEPENDANCES` while an intervention has needed it. */
export async function deletePiece(
  manager: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
): Promise<void> {
  const piece = await lockPiece(manager, access, id);
  access.require('delete', 'Piece', piece);
  await manager.delete(Piece, { id });
  await record(manager, actor, { entite: 'piece', entiteId: id, action: 'suppression', avant: { ...piece } });
}

async function lockPiece(manager: EntityManager, access: Access, id: number): Promise<Piece> {
  const piece = await manager.findOne(Piece, { where: { id }, lock: { mode: 'pessimistic_write' } });
  await access.confirm(manager);
  if (piece === null || !access.may('read', 'Piece', piece)) throw notFound();
  return piece;
}

/**
 * Puts so many into the stock, or takes them out where it is negative.
 * @throws the database's refusal of a stock below zero: whoever takes has looked, and holds the row.
 */
export async function moveStock(
  tx: EntityManager,
  actor: Actor,
  pieceId: number,
  quantity: number,
): Promise<void> {
  const moved = await query<{ stock: number }>(
    tx,
    sql`UPDATE pieces SET stock = stock + ${quantity}, version = version + 1, date_modification = ${actor.now}
        WHERE id = ${pieceId} RETURNING stock`,
  );
  const { stock } = moved[0]!;
  await record(tx, actor, {
    entite: 'piece',
    entiteId: pieceId,
    action: 'mouvement_stock',
    avant: { stock: stock - quantity },
    apres: { stock },
  });
}
