import sql from 'sql-template-tag';
import { type Executor, query } from '../../db/sql';
import type { StatutBesoin } from '../../domain/stock/pieces';

/** A part that an intervention needs, with what it is. */
export interface BesoinRow {
  id: number;
  piece_id: number;
  reference: string;
  designation: string;
  quantite: number;
  statut: StatutBesoin;
}

/** The parts of an intervention that the caller is known to see. */
export function listBesoins(executor: Executor, interventionId: number): Promise<BesoinRow[]> {
  return query<BesoinRow>(
    executor,
    sql`SELECT b.id, b.piece_id, p.reference, p.designation, b.quantite, b.statut
        FROM besoins_pieces b JOIN pieces p ON p.id = b.piece_id
        WHERE b.intervention_id = ${interventionId} ORDER BY b.id`,
  );
}
