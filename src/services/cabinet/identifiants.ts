import { isDeepStrictEqual } from 'node:util';
import sql from 'sql-template-tag';
import { query, queryOne } from '../../db/sql';
import { type Identifiant, normalisedIdentifiant } from '../../domain/cabinet/identites';
import { invalid, notFound, RegieError } from '../../domain/errors';
import type { PatientMontre } from './acces';
import { type AskedOfPatients, openIdentifiants, requirePatient, updatePatient } from './patients';
import { openClesPatient } from './sceau';

/**
 * The numbers by which others know somebody, one by one. They are part of the identity: who changes one changes the patient,
 * whose version and history say so.
 */

type Reader = Omit<AskedOfPatients, 'actor'>;

export type IdentifiantLigne = Identifiant & { id: number };

export interface IdentifiantTenu {
  identifiant: IdentifiantLigne;
  patient: PatientMontre;
}

/** @throws {RegieError} `INTROUVABLE` for a patient whom the caller may not see */
export async function listIdentifiants(
  { tx, access, secrets }: Reader,
  patientId: number,
): Promise<{ patient: PatientMontre; identifiants: IdentifiantLigne[] }> {
  const patient = await requirePatient({ tx, access }, patientId);
  const cle = (await openClesPatient(tx, secrets, [patientId])).get(patientId)!;
  return { patient, identifiants: await openIdentifiants(tx, patient, cle) };
}

/** @throws {RegieError} `INTROUVABLE` */
export async function readIdentifiant(asked: Reader, id: number): Promise<IdentifiantTenu> {
  const row = await queryOne<{ patient_id: number }>(
    asked.tx,
    sql`SELECT patient_id FROM medical.identifiants_patient WHERE id = ${id}`,
  );
  if (row === null) throw notFound();
  const { patient, identifiants } = await listIdentifiants(asked, row.patient_id);
  return { patient, identifiant: identifiants.find((one) => one.id === id)! };
}

/** @throws {RegieError} as `updatePatient` */
export async function addIdentifiant(
  asked: AskedOfPatients,
  patientId: number,
  added: Identifiant,
  expected: number | null,
): Promise<IdentifiantTenu> {
  const identifiants = await lockIdentifiants(asked, patientId);
  return written(asked, patientId, identifiants, added, expected);
}

/** @throws {RegieError} as `updatePatient`; `INTROUVABLE` for one that the patient does not have */
export async function changeIdentifiant(
  asked: AskedOfPatients,
  patientId: number,
  id: number,
  changes: Partial<Identifiant>,
  expected: number | null,
): Promise<IdentifiantTenu> {
  const identifiants = await lockIdentifiants(asked, patientId);
  const before = identifiants.find((one) => one.id === id);
  if (before === undefined) throw notFound();
  const { type, valeur } = { ...before, ...changes };
  const others = identifiants.filter((one) => one.id !== id);
  return written(asked, patientId, others, { type, valeur }, expected);
}

/** As they stay until the end of the transaction: nobody takes away what somebody else adds meanwhile. */
async function lockIdentifiants(asked: AskedOfPatients, patientId: number): Promise<IdentifiantLigne[]> {
  const { tx, access } = asked;
  await query(tx, sql`SELECT id FROM medical.patients WHERE id = ${patientId} FOR UPDATE`);
  await access.confirm(tx);
  const { identifiants } = await listIdentifiants(asked, patientId);
  return identifiants;
}

async function written(
  asked: AskedOfPatients,
  patientId: number,
  others: readonly IdentifiantLigne[],
  one: Identifiant,
  expected: number | null,
): Promise<IdentifiantTenu> {
  const identifiants = [...others.map(({ type, valeur }) => ({ type, valeur })), one];
  await updatePatient(asked, patientId, { identifiants }, expected).catch((error) => {
    throw ofTheOne(error);
  });
  const after = await listIdentifiants(asked, patientId);
  const digest = ({ type, valeur }: Identifiant) => [type, normalisedIdentifiant(valeur)];
  const identifiant = after.identifiants.find((row) => isDeepStrictEqual(digest(row), digest(one)))!;
  return { identifiant, patient: after.patient };
}

/** The request named one, not a list of them. */
function ofTheOne(error: unknown): unknown {
  if (!(error instanceof RegieError) || error.details.erreurs === undefined) return error;
  const faults = error.details.erreurs.map(({ champ, message }) => ({
    champ: champ.startsWith('identifiants') ? 'valeur' : champ,
    message,
  }));
  return invalid(...faults);
}
