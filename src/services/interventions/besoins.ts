import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { type Executor, query } from '../../db/sql';
import { RegieError } from '../../domain/errors';
import { formatMontant, LIVE, type StatutBesoin } from '../../domain/stock/pieces';
import type { StoreRoom } from '../../domain/stock/store-room';
import type { Actor } from '../actor';
import { record } from '../historique';
import { closeStoreRoom, openStoreRoom } from '../stock/store-room';
import { type Demande, needParts } from './cycle/pieces';
import {
  type InterventionRow,
  LOCK_TO_CHANGE,
  lockIntervention,
  permissionSubject,
  readIntervention,
} from './interventions';
import { requireRoomForEvent } from './limites';
import { requireOpen } from './refusal';

/** A part that an intervention needs, with what it is. */
export interface BesoinRow {
  id: number;
  piece_id: number;
  reference: string;
  designation: string;
  quantite: number;
  /** Of these on the shelf, set aside. */
  quantite_reservee: number;
  /** Of these in the hands of the technicien. */
  quantite_recue: number;
  statut: StatutBesoin;
  /** What one of them cost when it was used. */
  prix_unitaire: string | null;
}

/** @throws {RegieError} `INTROUVABLE` when there is no such intervention that the caller may see. */
export async function listBesoins(
  executor: Executor,
  access: Access,
  interventionId: number,
): Promise<BesoinRow[]> {
  await readIntervention(executor, access, interventionId);
  return readBesoins(executor, interventionId);
}

async function readBesoins(executor: Executor, interventionId: number): Promise<BesoinRow[]> {
  const rows = await query<BesoinRow>(
    executor,
    sql`SELECT b.id, b.piece_id, p.reference, p.designation, b.quantite, b.quantite_reservee, b.quantite_recue, b.statut,
          b.prix_unitaire
        FROM besoins_pieces b JOIN pieces p ON p.id = b.piece_id
        WHERE b.intervention_id = ${interventionId} ORDER BY b.id`,
  );
  return rows.map((row) => ({
    ...row,
    prix_unitaire: row.prix_unitaire && formatMontant(row.prix_unitaire),
  }));
}

/** What an intervention needs by now, and which ones are to be woken after the commit. */
export interface BesoinsChanged {
  besoins: BesoinRow[];
  toWake: number[];
}

/**
 * Parts are needed, or were used: at any state that is open. What nobody has been promised is set aside at once.
 * @returns the needs of these parts, as they stand.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `CLOTUREE`, `LIMITE_ATTEINTE`, `VALIDATION` for a part that does not exist
 */
export async function addBesoins(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  interventionId: number,
  demandes: readonly Demande[],
): Promise<BesoinsChanged> {
  const row = await openToSupply(tx, access, actor, interventionId);
  const room = await needParts(tx, row, demandes, '');
  const changed = await write(tx, actor, interventionId, room, demandes);
  const pieces = new Set(demandes.map(({ piece_id }) => piece_id));
  const isLive = ({ statut }: BesoinRow) => LIVE.includes(statut);
  return {
    ...changed,
    besoins: changed.besoins.filter((besoin) => isLive(besoin) && pieces.has(besoin.piece_id)),
  };
}

/**
 * A need comes to another quantity; to none at all, it is removed. What is not needed any more goes to the next in line.
 * @throws {RegieError} `INTROUVABLE` also for a need that is over, `INTERDIT`, `CLOTUREE`, `LIMITE_ATTEINTE`
 */
export async function changeBesoin(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  interventionId: number,
  besoinId: number,
  quantite: number,
): Promise<BesoinsChanged> {
  await openToSupply(tx, access, actor, interventionId);
  const room = await openStoreRoom(tx, { interventionId });
  const besoin = room.needsFor(interventionId).find(({ id }) => id === besoinId);
  if (besoin === undefined) {
    throw new RegieError('INTROUVABLE', {
      detail: { fr: 'Aucun besoin en cours de ce numéro', en: 'There is no open need of that number' },
    });
  }
  if (quantite === besoin.quantite) {
    return { besoins: await readBesoins(tx, interventionId), toWake: [] };
  }
  room.change(besoin, quantite);
  return write(tx, actor, interventionId, room, [{ piece_id: besoin.piece_id, quantite }]);
}

async function openToSupply(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  interventionId: number,
): Promise<InterventionRow> {
  await lockIntervention(tx, interventionId, LOCK_TO_CHANGE);
  await access.confirm(tx);
  const row = await readIntervention(tx, access, interventionId);
  access.require('supply', 'Intervention', permissionSubject(row));
  requireOpen(row, actor.now);
  await requireRoomForEvent(tx, interventionId);
  return row;
}

/**
 * Parts that a new intervention is known to need, before anybody else sees it. One that is gone by now is left out: the work is
 * due all the same.
 */
export async function supplyNew(
  tx: EntityManager,
  actor: Actor,
  row: InterventionRow,
  demandes: readonly Demande[],
): Promise<void> {
  if (demandes.length === 0) return;
  const found = await query<{ id: number }>(
    tx,
    sql`SELECT id FROM pieces WHERE id = ANY(${demandes.map(({ piece_id }) => piece_id)}::integer[])`,
  );
  const known = new Set(found.map(({ id }) => id));
  const left = demandes.filter(({ piece_id }) => known.has(piece_id));
  if (left.length === 0) return;
  const room = await needParts(tx, row, left, '');
  await closeStoreRoom(tx, actor, room);
  await recordBesoins(tx, actor, row.id, room, left);
}

async function write(
  tx: EntityManager,
  actor: Actor,
  interventionId: number,
  room: StoreRoom,
  demandes: readonly Demande[],
): Promise<BesoinsChanged> {
  const toWake = await closeStoreRoom(tx, actor, room);
  // Whoever reads the row at this moment, to carry an order out, sees by its new version that they have to look again.
  await query(tx, sql`UPDATE interventions SET version = version WHERE id = ${interventionId}`);
  await recordBesoins(tx, actor, interventionId, room, demandes);
  return { besoins: await readBesoins(tx, interventionId), toWake };
}

async function recordBesoins(
  tx: EntityManager,
  actor: Actor,
  interventionId: number,
  room: StoreRoom,
  demandes: readonly Demande[],
): Promise<void> {
  const pieces = demandes.map(({ piece_id, quantite }) => ({
    reference: room.shelf(piece_id).reference,
    quantite,
  }));
  await record(tx, actor, {
    entite: 'intervention',
    entiteId: interventionId,
    action: 'besoins',
    apres: { pieces },
  });
}
