import { isDeepStrictEqual } from 'node:util';
import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query } from '../../db/sql';
import { writeTogether } from '../../db/write';
import { formatMontant, LIVE } from '../../domain/stock/pieces';
import { type Besoin, type Shelf, type Signal, StoreRoom } from '../../domain/stock/store-room';
import type { Actor } from '../actor';
import { difference, recordAll } from '../historique';
import { announce } from '../messages/messages';

/**
 * The parts that a transaction is about, and everybody who needs them (`domain/stock/store-room.ts` has the rules).
 *
 * Whatever changes of a part, and of any need of it, changes under the lock of the part; parts are locked in the order of
 * their ids, after the intervention that it is about, if any. So two transactions cannot wait for each other, and what one
 * gives away no other has given.
 */

export interface Wanted {
  /** Parts by id; one that does not exist is not there afterwards. */
  pieces?: readonly number[];
  /** Those that an intervention needs. It is locked, so that these stay all. */
  interventionId?: number;
}

/** A part as it stands in the database. */
type Row = Shelf & { reserve: number };

/** What stands in the database, beside what is to become of it. */
interface Opened {
  shelves: ReadonlyMap<number, Row & { version: number }>;
  besoins: ReadonlyMap<number, Besoin>;
}

const opened = new WeakMap<StoreRoom, Opened>();

/** Locks parts and reads who needs them, in two statements. */
export async function openStoreRoom(tx: EntityManager, wanted: Wanted): Promise<StoreRoom> {
  const { pieces = [], interventionId = null } = wanted;
  const shelves = await query<Row & { version: number }>(
    tx,
    sql`SELECT id, reference, designation, stock, reserve, seuil_alerte, alerte_dite, version FROM pieces
        WHERE id IN (
          SELECT unnest(${pieces}::integer[])
          UNION SELECT piece_id FROM besoins_pieces
          WHERE intervention_id = ${interventionId}::integer AND statut = ANY(${LIVE}))
        ORDER BY id FOR NO KEY UPDATE`,
  );
  const besoins = await query<Besoin & { id: number }>(
    tx,
    sql`SELECT b.id, b.intervention_id, b.piece_id, b.quantite, b.quantite_reservee, b.quantite_recue, b.statut, b.signal,
          i.priorite, i.urgence, i.statut = 'attente_pieces' AS attend
        FROM besoins_pieces b JOIN interventions i ON i.id = b.intervention_id
        WHERE b.piece_id = ANY(${shelves.map(({ id }) => id)}::integer[]) AND b.statut = ANY(${LIVE})
        ORDER BY b.id`,
  );
  const room = new StoreRoom(
    shelves.map(({ reserve: _, version: __, ...shelf }) => shelf),
    besoins,
  );
  opened.set(room, {
    shelves: new Map(shelves.map((shelf) => [shelf.id, { ...shelf }])),
    besoins: new Map(besoins.map((besoin) => [besoin.id, { ...besoin }])),
  });
  return room;
}

/**
 * Writes what has become of the parts: stock, movements, needs, history, and whose attention it asks for.
 * @param options `isRecorded` where the history tells of it already.
 * @returns interventions that have something to take note of now: their workflows are to be woken after the commit, and the
 *   reconciler wakes those that are not.
 */
export async function closeStoreRoom(
  tx: EntityManager,
  actor: Actor,
  room: StoreRoom,
  { isRecorded = false } = {},
): Promise<number[]> {
  const before = opened.get(room)!;
  const low: Shelf[] = [];
  const pieces = room.pieces.flatMap((shelf) => {
    const { version: _, ...was } = before.shelves.get(shelf.id)!;
    const isLow = room.isLow(shelf.id);
    if (isLow && !shelf.alerte_dite) low.push(shelf);
    shelf.alerte_dite = isLow;
    const now = { ...shelf, reserve: room.reserve(shelf.id) };
    return isDeepStrictEqual(now, was) ? [] : [{ was, now }];
  });
  const changed = room.besoins.filter(
    (besoin) => besoin.id === null || !isDeepStrictEqual(besoin, before.besoins.get(besoin.id)),
  );
  if (pieces.length === 0 && changed.length === 0 && room.mouvements.length === 0) return [];

  await writeTogether(tx, {
    shelves: updatePieces(
      actor,
      pieces.map(({ now }) => now),
    ),
    book: insertMouvements(actor, room),
    needs: updateBesoins(
      actor,
      changed.filter(({ id }) => id !== null),
    ),
    fresh: insertBesoins(
      actor,
      changed.filter(({ id }) => id === null),
    ),
  });
  await recordAll(tx, actor, isRecorded ? [] : pieces.flatMap(({ was, now }) => changeOf(was, now)));
  for (const { id: piece_id, reference, designation, seuil_alerte } of low) {
    const { version } = before.shelves.get(piece_id)!;
    await announce(tx, actor, `piece:${piece_id}:${version + 1}`, {
      modele: 'stock_bas',
      audience: { everyResponsable: true, admins: true },
      donnees: {
        piece_id,
        reference,
        designation,
        stock: room.shelf(piece_id).stock,
        disponible: room.disponible(piece_id),
        seuil_alerte,
      },
    });
  }
  return [...new Set(changed.filter(isSignalled).map(({ intervention_id }) => intervention_id))];
}

function isSignalled({ signal }: Besoin): boolean {
  return signal !== null;
}

/** What the history says of a part; where it is told, and what its threshold is, is no movement. */
function changeOf(was: Row, now: Row) {
  const { avant, apres } = difference(was, { stock: now.stock, reserve: now.reserve });
  if (Object.keys(apres).length === 0) return [];
  const action = was.stock === now.stock ? 'reservation' : 'mouvement_stock';
  return [{ entite: 'piece', entiteId: now.id, action, avant, apres }];
}

function updatePieces(actor: Actor, rows: readonly Row[]): Sql {
  return sql`UPDATE pieces p SET stock = c.stock, reserve = c.reserve, alerte_dite = c.alerte_dite,
      seuil_alerte = c.seuil_alerte, version = p.version + 1, date_modification = ${actor.now}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS c (id integer, stock integer, reserve integer, alerte_dite boolean, seuil_alerte integer)
    WHERE p.id = c.id`;
}

function insertMouvements(actor: Actor, { mouvements }: StoreRoom): Sql {
  const rows = mouvements.map((mouvement, n) => ({ ...mouvement, n }));
  return sql`INSERT INTO mouvements_stock
      (piece_id, type, quantite, variation, stock, motif, intervention_id, auteur_id, date_creation)
    SELECT piece_id, type, quantite, variation, stock, motif, intervention_id, ${actor.userId}::integer, ${actor.now}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS c (n integer, piece_id integer, type text, quantite integer,
      variation integer, stock integer, motif text, intervention_id integer)
    ORDER BY n`;
}

/** What has been used keeps the price that it had then. */
function updateBesoins(actor: Actor, rows: readonly Besoin[]): Sql {
  return sql`UPDATE besoins_pieces b SET quantite = c.quantite, quantite_reservee = c.quantite_reservee,
      quantite_recue = c.quantite_recue, statut = c.statut, signal = c.signal,
      prix_unitaire = CASE WHEN c.statut = 'consommee' THEN p.prix_unitaire END,
      version = b.version + 1, date_modification = ${actor.now}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS c (id integer, quantite integer, quantite_reservee integer,
      quantite_recue integer, statut text, signal text), pieces p
    WHERE b.id = c.id AND p.id = b.piece_id`;
}

function insertBesoins(actor: Actor, rows: readonly Besoin[]): Sql {
  return sql`INSERT INTO besoins_pieces
      (intervention_id, piece_id, quantite, quantite_reservee, quantite_recue, statut, date_creation, date_modification)
    SELECT intervention_id, piece_id, quantite, quantite_reservee, quantite_recue, statut,
      ${actor.now}::timestamptz, ${actor.now}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS c (intervention_id integer, piece_id integer, quantite integer,
      quantite_reservee integer, quantite_recue integer, statut text)
    ORDER BY piece_id`;
}

/** An intervention has taken note of what became of its parts, whose locks are held. */
export async function takeNote(
  tx: EntityManager,
  interventionId: number,
  signals: readonly Signal[],
): Promise<void> {
  await query(
    tx,
    sql`UPDATE besoins_pieces SET signal = NULL
        WHERE intervention_id = ${interventionId} AND signal = ANY(${signals}::text[])`,
  );
}

/** What the parts that an intervention used have cost, each at the price of then: an exact decimal, as text. */
export async function costOfParts(tx: EntityManager, interventionId: number): Promise<string> {
  const rows = await query<{ cout: string }>(
    tx,
    sql`SELECT coalesce(sum(quantite * prix_unitaire), 0)::numeric(24, 4) AS cout FROM besoins_pieces
        WHERE intervention_id = ${interventionId} AND statut = 'consommee'`,
  );
  return formatMontant(rows[0]!.cout);
}
