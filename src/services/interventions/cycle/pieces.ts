import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query } from '../../../db/sql';
import { BesoinPiece } from '../../../db/stock/pieces';
import { invalid, unknownReference } from '../../../domain/errors';
import { MISSING } from '../../../domain/stock/pieces';
import type { Actor } from '../../actor';
import { moveStock } from '../../stock/pieces';
import { requireRoomForParts } from '../limites';
import { clock } from './clock';
import type { Evenement } from './evenement';
import type { LockedIntervention } from './locked';

/** Parts of an intervention: needed, received, used or brought back. Stock moves with them. */

export interface MissingPart {
  id: number;
  reference: string;
  designation: string;
  quantite: number;
}

/** Parts that the technicien still waits for. */
export function missingParts(tx: EntityManager, interventionId: number): Promise<MissingPart[]> {
  return query<MissingPart>(
    tx,
    sql`SELECT b.id, p.reference, p.designation, b.quantite
        FROM besoins_pieces b JOIN pieces p ON p.id = b.piece_id
        WHERE b.intervention_id = ${interventionId} AND b.statut = ANY(${MISSING}) ORDER BY b.id`,
  );
}

/**
 * Notes what is needed. What the stock holds is taken out of it and set aside; the rest is to be ordered.
 * @throws {RegieError} `VALIDATION` for a part that does not exist.
 */
export async function requestParts(
  tx: EntityManager,
  actor: Actor,
  interventionId: number,
  pieces: readonly { piece_id: number; quantite: number }[],
): Promise<void> {
  await requireRoomForParts(tx, interventionId, pieces.length);
  // In the order of their ids, so that two interventions that need the same parts cannot wait for each other.
  const ordered = pieces.map((piece, index) => ({ ...piece, index })).sort((a, b) => a.piece_id - b.piece_id);
  for (const { piece_id, quantite, index } of ordered) {
    const found = await query<{ stock: number }>(
      tx,
      sql`SELECT stock FROM pieces WHERE id = ${piece_id} FOR UPDATE`,
    );
    if (found[0] === undefined) throw unknownReference(`pieces.${index}.piece_id`);
    const inStock = found[0].stock >= quantite;
    if (inStock) await moveStock(tx, actor, piece_id, -quantite);
    await tx.insert(BesoinPiece, {
      intervention_id: interventionId,
      piece_id,
      quantite,
      statut: inStock ? 'reservee' : 'demandee',
    });
  }
}

/** Marks parts as received; when none is missing any more, a waiting intervention goes on by itself. */
export async function receiveParts(
  tx: EntityManager,
  actor: Actor,
  locked: LockedIntervention,
  besoins: readonly number[] | null,
): Promise<Omit<Evenement, 'cause'>> {
  const { intervention } = locked;
  const missing = await missingParts(tx, intervention.id);
  const received = besoins === null ? missing : missing.filter(({ id }) => besoins.includes(id));
  if (received.length === 0 || (besoins !== null && received.length < new Set(besoins).size)) {
    throw invalid({
      champ: 'besoins',
      message: {
        fr: "Désigne une pièce qui n'est pas attendue ici",
        en: 'Names a part that is not awaited here',
      },
    });
  }
  await tx
    .createQueryBuilder()
    .update(BesoinPiece)
    .set({ statut: 'recue' })
    .whereInIds(received.map(({ id }) => id))
    .execute();

  const details = { pieces_recues: received.map(({ reference, quantite }) => ({ reference, quantite })) };
  const resumes = intervention.statut === 'attente_pieces' && received.length === missing.length;
  if (!resumes) return { action: 'pieces_recues', changes: {}, details };
  return {
    action: 'reprise',
    changes: { statut: 'en_cours', niveau_escalade: 0, ...clock(locked, 'en_cours', actor.now) },
    details,
    annonces: [
      {
        modele: 'pieces_recues',
        audience: {
          users: [locked.technicien?.user_id ?? null, locked.clientId, intervention.createur_id],
        },
        donnees: { pieces: received },
      },
    ],
  };
}

/** At the end of the work: what was set aside or received has been used, what never came is not needed any more. */
export async function consumeParts(tx: EntityManager, interventionId: number): Promise<void> {
  await query(
    tx,
    sql`UPDATE besoins_pieces
        SET statut = CASE WHEN statut = 'demandee' THEN 'rendue' ELSE 'consommee' END,
            version = version + 1, date_modification = now()
        WHERE intervention_id = ${interventionId} AND statut IN ('demandee', 'reservee', 'recue')`,
  );
}

/** When the work is called off: what was set aside or received goes (back) into the stock. */
export async function returnParts(tx: EntityManager, actor: Actor, interventionId: number): Promise<void> {
  const returned = await query<{ piece_id: number; quantite: number; avant: string }>(
    tx,
    sql`UPDATE besoins_pieces b SET statut = 'rendue', version = b.version + 1, date_modification = now()
        FROM besoins_pieces old
        WHERE b.id = old.id AND b.intervention_id = ${interventionId} AND b.statut IN ('demandee', 'reservee', 'recue')
        RETURNING b.piece_id, b.quantite, old.statut AS avant`,
  );
  for (const { piece_id, quantite, avant } of [...returned].sort((a, b) => a.piece_id - b.piece_id)) {
    if (avant !== 'demandee') await moveStock(tx, actor, piece_id, quantite);
  }
}
