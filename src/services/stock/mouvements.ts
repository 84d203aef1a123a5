import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { INTERVENTION_COLUMNS } from '../../auth/columns';
import { type Executor, queryOne } from '../../db/sql';
import type { MouvementStock } from '../../db/stock/pieces';
import type { TypeMouvement } from '../../domain/stock/pieces';
import type { Actor } from '../actor';
import { oneOf } from '../conditions';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { openPiece, readPiece } from './pieces';
import { closeStoreRoom } from './store-room';

/** The book of a part: its stock is the sum of what stands in it. */

export type MouvementRow = MouvementStock;

const COLUMNS = sql`m.id, m.piece_id, m.type, m.quantite, m.variation, m.stock, m.motif, m.auteur_id, m.date_creation`;

export const MOUVEMENT_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`mouvements_stock m`,
  alias: 'm',
  sortable: { id: { expression: 'm.id', cast: 'integer' } },
  defaultSort: '-id',
};

/** @throws {RegieError} `INTROUVABLE` when there is no such part that the caller may see. */
export async function listMouvements(
  executor: Executor,
  access: Access,
  pieceId: number,
  { type }: { type?: TypeMouvement[] },
  page: PageRequest,
): Promise<Page<MouvementRow>> {
  await readPiece(executor, access, pieceId);
  const conditions = [sql`m.piece_id = ${pieceId}`];
  if (type !== undefined) conditions.push(oneOf('m.type', type));
  // Which intervention it was for is said to those who may see that one.
  const columns = sql`${COLUMNS}, (
    SELECT i.id FROM interventions i JOIN equipements e ON e.id = i.equipement_id
    WHERE i.id = m.intervention_id AND ${access.where('read', 'Intervention', INTERVENTION_COLUMNS)}) AS intervention_id`;
  return list<MouvementRow>(executor, { ...MOUVEMENT_LIST, columns }, conditions, page);
}

export interface NewMouvement {
  type: TypeMouvement;
  /** Of an `inventaire` how many there are, else how many come or go. */
  quantite: number;
  motif: string | null;
}

/**
 * Units come, go, or have been counted. What comes goes to those who wait.
 * @returns the line of the book, and which interventions are to be woken after the commit.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `STOCK_INSUFFISANT`, `LIMITE_ATTEINTE`
 */
export async function addMouvement(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  pieceId: number,
  { type, quantite, motif }: NewMouvement,
): Promise<{ mouvement: MouvementRow; toWake: number[] }> {
  const room = await openPiece(tx, access, pieceId);
  access.require('update', 'Piece', await readPiece(tx, access, pieceId), ['stock']);
  switch (type) {
    case 'entree':
    case 'retour':
      room.add(type, pieceId, quantite, { motif });
      break;
    case 'sortie':
      room.take(pieceId, quantite, { motif });
      break;
    case 'inventaire':
      room.count(pieceId, quantite, { motif });
  }
  const toWake = await closeStoreRoom(tx, actor, room);
  const mouvement = await queryOne<MouvementRow>(
    tx,
    sql`SELECT ${COLUMNS}, NULL::integer AS intervention_id FROM mouvements_stock m
        WHERE m.piece_id = ${pieceId} ORDER BY m.id DESC LIMIT 1`,
  );
  return { mouvement: mouvement!, toWake };
}
