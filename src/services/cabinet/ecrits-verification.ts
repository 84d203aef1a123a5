import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Secrets } from '../../auth/secrets';
import { openAdministration } from '../../db/medical';
import { query } from '../../db/sql';
import {
  ECRIT_ROW,
  type EcritSigne,
  openContenu,
  openDocument,
  openSignature,
  placeOf,
} from './ecrits-lignes';
import { open, openClesPatient } from './sceau';
import { inCabinet } from './transactions';

/** Finds ordonnances and certificates that are not what was signed. It says which, and nothing that stands there. */

export interface EcritFault {
  cabinet_id: number;
  id: number;
  /** What differs, or does not open. */
  fault: string;
}

/** Documents opened at a time, each some tens of kilobytes. */
const BATCH = 100;

/** Checks everything that was signed, in every practice. */
export async function verifyEcrits(
  medical: DataSource,
  secrets: Secrets,
  report: (fault: EcritFault) => void,
): Promise<{ signes: number }> {
  const cabinets = await medical.transaction(openAdministration);
  let signes = 0;
  for (const cabinet of cabinets) {
    for (let after = 0; ; ) {
      const page = await inCabinet(medical, cabinet, (tx) => verifyPage(tx, secrets, after, report));
      signes += page.length;
      if (page.length < BATCH) break;
      after = page.at(-1)!;
    }
  }
  return { signes };
}

type Row = EcritSigne & { pdf: Buffer; pdf_ar: Buffer | null };

/** @returns the ids that were looked at. */
async function verifyPage(
  tx: EntityManager,
  secrets: Secrets,
  after: number,
  report: (fault: EcritFault) => void,
): Promise<number[]> {
  const rows = await query<Row>(
    tx,
    sql`SELECT ${ECRIT_ROW}, e.pdf, e.pdf_ar FROM medical.ecrits e
        WHERE e.statut <> 'brouillon' AND e.id > ${after} ORDER BY e.id LIMIT ${BATCH}`,
  );
  for (const row of rows) {
    try {
      await verifyRow(tx, secrets, row);
    } catch (error) {
      report({ cabinet_id: row.cabinet_id, id: row.id, fault: (error as Error).message });
    }
  }
  return rows.map(({ id }) => id);
}

/** @throws {Error} that names what differs */
async function verifyRow(tx: EntityManager, secrets: Secrets, row: Row): Promise<void> {
  const cle = (await openClesPatient(tx, secrets, [row.patient_id])).get(row.patient_id)!;
  const signe = openSignature(row, cle)!;
  openContenu(row, cle, signe);
  openDocument(row, cle, signe, 'pdf', row.pdf);
  if (row.pdf_ar !== null) openDocument(row, cle, signe, 'pdf_ar', row.pdf_ar);
  if (row.motif_invalidation !== null) open(cle, placeOf(row, 'motif_invalidation'), row.motif_invalidation);
}
