import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Secrets } from '../../auth/secrets';
import { openAdministration } from '../../db/medical';
import { query } from '../../db/sql';
import { resignDebuts } from './acces-conservation';
import { resealCabinet, resealPatient } from './sceau';
import { inCabinet } from './transactions';

/** Keys sealed anew at a time: each batch is a transaction. */
const BATCH = 1_000;

/**
 * Seals the keys of patients and practices with the key of the ring that encrypts now, where another one did: from then on
 * that one may leave the ring. What they seal stays as it is. Safe to run again, and while others work.
 * @returns how many were sealed anew.
 * @throws {Error} when one cannot be opened: the ring has lost the key that it was sealed with
 */
export async function resealCles(medical: DataSource, secrets: Secrets): Promise<number> {
  const cabinets = await medical.transaction(openAdministration);
  let sealed = 0;
  for (const cabinet of cabinets) {
    for (let done = BATCH; done >= BATCH; sealed += done) {
      done = await inCabinet(medical, cabinet, (tx) => resealSome(tx, secrets, cabinet));
    }
    await inCabinet(medical, cabinet, (tx) => resignDebuts(tx, secrets, cabinet));
  }
  return sealed;
}

async function resealSome(tx: EntityManager, secrets: Secrets, cabinetId: number): Promise<number> {
  const own = await query<{ cle: Buffer }>(
    tx,
    sql`SELECT cle FROM medical.cles_cabinet WHERE cabinet_id = ${cabinetId} AND cle_anneau <> ${secrets.current} FOR UPDATE`,
  );
  for (const { cle } of own) {
    await query(
      tx,
      sql`UPDATE medical.cles_cabinet SET cle = ${resealCabinet(secrets, cabinetId, cle)}, cle_anneau = ${secrets.current}
          WHERE cabinet_id = ${cabinetId}`,
    );
  }
  const rows = await query<{ patient_id: number; cle: Buffer }>(
    tx,
    sql`SELECT patient_id, cle FROM medical.cles_patient
        WHERE cabinet_id = ${cabinetId} AND cle_anneau <> ${secrets.current} ORDER BY patient_id LIMIT ${BATCH} FOR UPDATE`,
  );
  if (rows.length === 0) return own.length;
  const ids = rows.map(({ patient_id }) => patient_id);
  const cles = rows.map(({ patient_id, cle }) => resealPatient(secrets, cabinetId, patient_id, cle));
  await query(
    tx,
    sql`UPDATE medical.cles_patient k SET cle = n.cle, cle_anneau = ${secrets.current}
        FROM unnest(${ids}::integer[], ${cles}::bytea[]) AS n (patient_id, cle)
        WHERE k.cabinet_id = ${cabinetId} AND k.patient_id = n.patient_id`,
  );
  return own.length + rows.length;
}
