import sql, { raw } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { DOSSIER_COLUMNS, PATIENT_COLUMNS } from '../../auth/columns';
import type { Secrets } from '../../auth/secrets';
import { query, queryOne } from '../../db/sql';
import { notFound, RegieError } from '../../domain/errors';
import { SOIGNANTS } from '../../domain/roles';
import type { Asked } from '../crud';
import type { PatientMontre } from './acces';
import { type ClePatient, openClesPatient } from './sceau';

/** Whose record may be opened, and the key to it: the one way there. */

/** That somebody may not open the record of a patient whom they may see: it is put on record of that patient. */
export class DossierRefuse extends RegieError {
  constructor(
    code: 'DOSSIER_NON_PARTAGE' | 'INTERDIT',
    readonly patient: PatientMontre,
  ) {
    super(code);
  }
}

/** A record that the caller may open. */
export interface Dossier {
  patient: PatientMontre;
  cle: ClePatient;
}

/** By what permissions decide who opens the record of a patient. */
export interface PatientVisible extends PatientMontre {
  partage_cabinet: boolean;
  soignants: number[];
  ouvert_a: number[];
}

/**
 * Opens a record, for the rest of the transaction.
 * @throws {RegieError} `INTROUVABLE` for a patient whom the caller may not see, `DOSSIER_NON_PARTAGE` for a doctor of the
 *   practice who does not treat them, `INTERDIT`
 */
export async function openDossier(
  { tx, access, secrets }: Pick<Asked, 'tx' | 'access'> & { secrets: Secrets },
  patientId: number,
  action: 'read' | 'update',
): Promise<Dossier> {
  const patient = await requireDossier(tx, access, patientId, action);
  const cle = (await openClesPatient(tx, secrets, [patient.id])).get(patient.id)!;
  return { patient, cle };
}

/** The same without the key, for what does not read what is sealed. */
export async function requireDossier(
  tx: EntityManager,
  access: Access,
  patientId: number,
  action: 'read' | 'update',
): Promise<PatientMontre> {
  const row = await visiblePatient(tx, access, patientId);
  const patient = { id: row.id, cabinet_id: row.cabinet_id, version: row.version };
  if (access.may(action, 'Dossier', row)) return patient;
  throw new DossierRefuse(isSoignant(access, row.cabinet_id) ? 'DOSSIER_NON_PARTAGE' : 'INTERDIT', patient);
}

/** @throws {RegieError} `INTROUVABLE` for a patient whom the caller may not see */
export async function visiblePatient(
  tx: EntityManager,
  access: Access,
  patientId: number,
): Promise<PatientVisible> {
  const row = await queryOne<PatientVisible>(
    tx,
    sql`SELECT p.id, p.cabinet_id, p.version, p.partage_cabinet, ${raw(DOSSIER_COLUMNS.soignants)} AS soignants,
          ${raw(DOSSIER_COLUMNS.ouvert_a)} AS ouvert_a
        FROM medical.patients p
        WHERE p.id = ${patientId} AND ${access.where('read', 'Patient', PATIENT_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  return row;
}

/** Whether somebody treats people in a practice. */
export function isSoignant(access: Access, cabinetId: number): boolean {
  const { appartenances = [] } = access.principal;
  return appartenances.some((one) => one.cabinetId === cabinetId && SOIGNANTS.includes(one.fonction));
}

/** From then on somebody treats a patient: they may open the record, whether it is shared or not. */
export async function becomeSoignant(
  tx: EntityManager,
  { id, cabinet_id }: Pick<PatientMontre, 'id' | 'cabinet_id'>,
  userId: number,
  now: Date,
): Promise<void> {
  await query(
    tx,
    sql`INSERT INTO medical.soignants_patient (cabinet_id, patient_id, user_id, depuis)
        VALUES (${cabinet_id}, ${id}, ${userId}, ${now}) ON CONFLICT DO NOTHING`,
  );
}

/**
 * The same of whoever writes in a record that is shared; whoever opened one with a reason alone treats nobody by that, and is
 * outside again when the time is over.
 */
export async function becomeSoignantOfShared(
  tx: EntityManager,
  { id, cabinet_id }: Pick<PatientMontre, 'id' | 'cabinet_id'>,
  userId: number,
  now: Date,
): Promise<void> {
  await query(
    tx,
    sql`INSERT INTO medical.soignants_patient (cabinet_id, patient_id, user_id, depuis)
        SELECT p.cabinet_id, p.id, ${userId}::integer, ${now}::timestamptz FROM medical.patients p
        WHERE p.cabinet_id = ${cabinet_id} AND p.id = ${id} AND p.partage_cabinet ON CONFLICT DO NOTHING`,
  );
}
