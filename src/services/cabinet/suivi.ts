import sql from 'sql-template-tag';
import type { DataSource } from 'typeorm';
import { loadAppartenances } from '../../auth/sessions';
import { openAdministration, openCabinets } from '../../db/medical';
import { query } from '../../db/sql';
import type { Appartenance } from '../../domain/roles';

/** Who is told what happens in a practice: whoever belongs to it at the moment when they are told. */

export interface PresenceCabinets {
  /** Of which practice each appointment is, by its id. */
  cabinets: ReadonlyMap<number, number>;
  /** What people do in practices today, by their ids. */
  appartenances: ReadonlyMap<number, readonly Appartenance[]>;
}

/**
 * Reads both, in one transaction, however many they are: only what happened where one of these people works is found.
 * @param medical with the rights to what is medical.
 */
export function presenceOf(
  medical: DataSource,
  rendezVousIds: readonly number[],
  userIds: readonly number[],
): Promise<PresenceCabinets> {
  return medical.transaction(async (tx) => {
    await openAdministration(tx);
    const appartenances = await loadAppartenances(tx, [...new Set(userIds)]);
    const theirs = [...appartenances.values()].flat().map(({ cabinetId }) => cabinetId);
    await openCabinets(tx, { userId: 0, cabinets: [...new Set(theirs)], administre: false });
    const rows = await query<{ id: number; cabinet_id: number }>(
      tx,
      sql`SELECT id, cabinet_id FROM medical.rendez_vous_patients
          WHERE id = ANY(${[...new Set(rendezVousIds)]}::integer[])`,
    );
    return { appartenances, cabinets: new Map(rows.map(({ id, cabinet_id }) => [id, cabinet_id])) };
  });
}
