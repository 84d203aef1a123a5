import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { type Executor, queryOne } from '../../db/sql';
import { MouvementStock, Piece } from '../../db/stock/pieces';
import { notFound } from '../../domain/errors';
import { formatMontant } from '../../domain/stock/pieces';
import type { StoreRoom } from '../../domain/stock/store-room';
import type { Actor } from '../actor';
import { containsWords } from '../conditions';
import { difference, record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';
import { closeStoreRoom, openStoreRoom } from './store-room';

export interface PieceFilters {
  q?: string;
  /** Only parts of which no more are free than their alert threshold. */
  en_alerte?: boolean;
}

/** A part as it is answered. */
export type PieceRow = Omit<Piece, 'alerte_dite'> & { disponible: number };

export type PieceFields = Pick<
  Piece,
  'reference' | 'designation' | 'stock' | 'seuil_alerte' | 'prix_unitaire' | 'unite'
>;

const COLUMNS = sql`p.id, p.reference, p.designation, p.unite, p.prix_unitaire, p.stock, p.reserve,
  p.stock - p.reserve AS disponible, p.seuil_alerte, p.date_creation, p.date_modification, p.version`;

export const PIECE_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`pieces p`,
  alias: 'p',
  sortable: {
    id: { expression: 'p.id', cast: 'integer' },
    reference: { expression: 'p.reference', cast: 'text' },
    designation: { expression: 'p.designation', cast: 'text' },
    stock: { expression: 'p.stock', cast: 'integer' },
    disponible: { expression: '(p.stock - p.reserve)', cast: 'integer' },
  },
  defaultSort: 'reference',
};

export async function listPieces(
  executor: Executor,
  access: Access,
  filters: PieceFilters,
  page: PageRequest,
): Promise<Page<PieceRow>> {
  const conditions = [access.where('read', 'Piece', {})];
  if (filters.q !== undefined) conditions.push(containsWords('p.recherche', filters.q));
  // Written out, not a parameter: the index of those that run low serves only so.
  if (filters.en_alerte !== undefined)
    conditions.push(
      filters.en_alerte
        ? sql`p.stock - p.reserve <= p.seuil_alerte`
        : sql`p.stock - p.reserve > p.seuil_alerte`,
    );
  const found = await list<PieceRow>(executor, PIECE_LIST, conditions, page);
  return { ...found, rows: found.rows.map(priced) };
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readPiece(executor: Executor, access: Access, id: number): Promise<PieceRow> {
  const piece = await queryOne<PieceRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM pieces p WHERE p.id = ${id} AND ${access.where('read', 'Piece', {})}`,
  );
  if (piece === null) throw notFound();
  return priced(piece);
}

/** PostgreSQL fills decimals up with zeros. */
function priced<Row extends { prix_unitaire: string }>(row: Row): Row {
  return { ...row, prix_unitaire: formatMontant(row.prix_unitaire) };
}

/**
 * A new part; what there is of it opens its book. Whoever adds one of which few are left knows it: that is not told.
 * @throws {RegieError} `INTERDIT`
 */
export async function createPiece(
  manager: EntityManager,
  access: Access,
  actor: Actor,
  fields: PieceFields,
): Promise<PieceRow> {
  await access.confirm(manager);
  access.require('create', 'Piece', fields);
  const { stock, seuil_alerte } = fields;
  const { id } = await manager.save(manager.create(Piece, { ...fields, alerte_dite: stock <= seuil_alerte }));
  await manager.insert(MouvementStock, {
    piece_id: id,
    type: 'inventaire',
    quantite: stock,
    variation: stock,
    stock,
    motif: OPENING,
    auteur_id: actor.userId,
    date_creation: actor.now,
  });
  await record(manager, actor, { entite: 'piece', entiteId: id, action: 'creation', apres: { ...fields } });
  return readPiece(manager, access, id);
}

/** What the first line of the book of a part says. */
const OPENING = 'Ouverture';

/** What becomes of a part, and which interventions are to be woken after the commit. */
export interface PieceChanged {
  piece: PieceRow;
  toWake: number[];
}

/**
 * Changes what is given. A stock that is given has been counted: the difference is a movement, and what has come goes to
 * those who wait.
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
): Promise<PieceChanged> {
  const room = await openPiece(manager, access, id);
  const piece = await readPiece(manager, access, id);
  access.require('update', 'Piece', piece, Object.keys(changes));
  requireVersion(piece, expected);
  const { avant, apres } = difference<PieceFields>(piece, {
    ...changes,
    ...(changes.prix_unitaire !== undefined && { prix_unitaire: formatMontant(changes.prix_unitaire) }),
  });
  if (Object.keys(apres).length === 0) return { piece, toWake: [] };
  const { stock, seuil_alerte, ...fields } = apres as Partial<PieceFields>;
  if (seuil_alerte !== undefined) room.shelf(id).seuil_alerte = seuil_alerte;
  if (stock !== undefined) room.count(id, stock);
  const held = difference(piece, { reserve: room.reserve(id) });
  if (Object.keys(fields).length > 0) await manager.update(Piece, { id }, fields);
  const toWake = await closeStoreRoom(manager, actor, room, { isRecorded: true });
  // Once it is written: what is told of it bears the version that it then has.
  await record(manager, actor, {
    entite: 'piece',
    entiteId: id,
    action: 'modification',
    avant: { ...avant, ...held.avant },
    apres: { ...apres, ...held.apres },
  });
  return { piece: await readPiece(manager, access, id), toWake };
}

/** @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `DEPENDANCES` while an intervention has needed it. */
export async function deletePiece(
  manager: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
): Promise<void> {
  // Nobody begins to need it meanwhile.
  await queryOne(manager, sql`SELECT id FROM pieces WHERE id = ${id} FOR UPDATE`);
  await access.confirm(manager);
  const piece = await readPiece(manager, access, id);
  access.require('delete', 'Piece', piece);
  await manager.delete(Piece, { id });
  await record(manager, actor, { entite: 'piece', entiteId: id, action: 'suppression', avant: { ...piece } });
}

/**
 * Locks a part, confirms who asks, and reads who needs it.
 * @throws {RegieError} `INTROUVABLE` when there is none.
 */
export async function openPiece(manager: EntityManager, access: Access, id: number): Promise<StoreRoom> {
  const room = await openStoreRoom(manager, { pieces: [id] });
  await access.confirm(manager);
  if (!room.has(id)) throw notFound();
  return room;
}
