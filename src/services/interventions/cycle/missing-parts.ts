import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { queryOne } from '../../../db/sql';

/** A part that the technicien does not have yet. */
export interface MissingPart {
  id: number;
  reference: string;
  designation: string;
  /** Units that are not in hand, be they on the shelf or still to come. */
  quantite: number;
}

/** Parts that the technicien of the intervention `i` still waits for, as JSON. */
export const MISSING_PARTS = sql`(
  SELECT coalesce(json_agg(json_build_object('id', b.id, 'reference', p.reference, 'designation', p.designation,
    'quantite', b.quantite - b.quantite_recue) ORDER BY b.id), '[]')
  FROM besoins_pieces b JOIN pieces p ON p.id = b.piece_id
  WHERE b.intervention_id = i.id AND b.statut IN ('demandee', 'reservee'))`;

/** Whether the intervention `i` has ever needed parts. */
export const HAS_PARTS = sql`EXISTS (SELECT FROM besoins_pieces b WHERE b.intervention_id = i.id)`;

/** Whether something became of its parts of which it has not taken note. */
export const PARTS_SIGNALLED = sql`EXISTS (
  SELECT FROM besoins_pieces b WHERE b.intervention_id = i.id AND b.signal IS NOT NULL)`;

/** Reads them again, after they were changed. */
export async function readMissingParts(tx: EntityManager, interventionId: number): Promise<MissingPart[]> {
  const row = await queryOne<{ parts: MissingPart[] }>(
    tx,
    sql`SELECT ${MISSING_PARTS} AS parts FROM interventions i WHERE i.id = ${interventionId}`,
  );
  return row!.parts;
}
