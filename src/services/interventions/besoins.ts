import sql from 'sql-template-tag';
import type { Access } from '../../auth/access';
import { type Executor, query } from '../../db/sql';
import type { StatutBesoin } from '../../domain/stock/pieces';
import { readIntervention } from './interventions';

/** A part that an intervention needs, with what it is. */
export interface BesoinRow {
  id: number;
  piece_id: number;
  reference: string;
  designation: string;
  quantite: number;
  statut: StatutBesoin;
}

/** @throws {RegieError} `INTROUVABLE` when there is no such intervention that the caller may see. */
export async function listBesoins(
  executor: Executor,
  access: Access,
  interventionId: number,
): Promise<BesoinRow[]> {
  await readIntervention(executor, access, interventionId);
  return query<BesoinRow>(
    executor,
    sql`SELECT b.id, b.piece_id, p.reference, p.designation, b.quantite, b.statut
        FROM besoins_pieces b JOIN pieces p ON p.id = b.piece_id
        WHERE b.intervention_id = ${interventionId} ORDER BY b.id`,
  );
}
