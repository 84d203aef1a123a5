import sql, { raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { DOSSIER_COLUMNS, PATIENT_COLUMNS } from '../../auth/columns';
import type { Secrets } from '../../auth/secrets';
import { query, queryOne } from '../../db/sql';
import { notFound, RegieError } from '../../domain/errors';
import { SOIGNANTS } from '../../domain/roles';
import type { Asked } from '../crud';
import type { PatientMontre } from './acces';
import { type ClePatient, clesOf, clesSql, type KeyRow } from './sceau';

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

/** Beside what is said of a patient, a key that opens rows of theirs. */
interface Scellee extends Pick<KeyRow, 'tete' | 'patient_id'> {
  cle_scellee: Buffer | null;
  version_cle: number;
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
  const rows = await query<PatientVisible & Scellee>(
    tx,
    sql`SELECT v.*, k.tete, k.patient_id, k.cle AS cle_scellee, k.version AS version_cle
        FROM (${visibleSql(access, patientId)}) v LEFT JOIN (${clesSql([patientId])}) k ON k.tete = v.id ORDER BY k.rang`,
  );
  const patient = requireOpen(access, rows[0] ?? null, action);
  const sealed = rows.flatMap(({ cle_scellee, version_cle, ...row }) =>
    cle_scellee === null ? [] : [{ ...row, cle: cle_scellee, version: version_cle }],
  );
  return { patient, cle: clesOf(secrets, sealed, [patient.id]).get(patient.id)! };
}

/** The same without the key, for what does not read what is sealed. */
export async function requireDossier(
  tx: EntityManager,
  access: Access,
  patientId: number,
  action: 'read' | 'update',
): Promise<PatientMontre> {
  return requireOpen(access, await visiblePatient(tx, access, patientId), action);
}

function requireOpen(access: Access, row: PatientVisible | null, action: 'read' | 'update'): PatientMontre {
  if (row === null) throw notFound();
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
  const row = await queryOne<PatientVisible>(tx, visibleSql(access, patientId));
  if (row === null) throw notFound();
  return row;
}

function visibleSql(access: Access, patientId: number): Sql {
  return sql`SELECT p.id, p.cabinet_id, p.version, p.partage_cabinet, ${raw(DOSSIER_COLUMNS.soignants)} AS soignants,
      ${raw(DOSSIER_COLUMNS.ouvert_a)} AS ouvert_a
    FROM medical.patients p
    WHERE p.id = ${patientId} AND ${access.where('read', 'Patient', PATIENT_COLUMNS)}`;
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
