import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query, queryOne } from '../../db/sql';
import type { Note, StatutConsultation, TypeActe } from '../../domain/cabinet/consultations';
import { unknownReference } from '../../domain/errors';
import type { PatientMontre } from './acces';
import {
  type ActeClair,
  placeOfActe as acteBeside,
  type ConsultationClaire,
  placeOfConsultation,
  placeOfConsultationVersion,
  type VersionClaire,
} from './consultations-places';
import { type ClePatient, open, openFor, type Place } from './sceau';

/**
 * Consultations as they stand in their tables, and what holds one that was signed together. What is sealed is bound to its row
 * and to all that is clear beside it; its signature, which only the patient's key could have made, holds the digests of it and of
 * what was measured and found in it. Whoever changes a byte, or puts another's in its place, gets an error and no content.
 */

export interface Personne {
  id: number;
  nom: string;
  prenom: string;
}

export interface ConsultationRow {
  id: number;
  cabinet_id: number;
  patient_id: number;
  auteur_id: number;
  auteur: Personne;
  rendez_vous_uid: string | null;
  date: Date;
  statut: StatutConsultation;
  contenu: Buffer;
  notes: Buffer | null;
  version_contenu: number;
  date_signature: Date | null;
  date_invalidation: Date | null;
  /** Since when its patient may read it; null while they may not. */
  publiee_le: Date | null;
  date_creation: Date;
  date_modification: Date;
  version: number;
}

export interface ActeRow {
  consultation_id: number;
  numero: number;
  type: TypeActe;
  contenu: Buffer;
  user_id: number;
  auteur: Personne;
  date: Date;
}

export const METHODES = ['mot_de_passe', 'code'] as const;

/** What is sealed of a signature. Digests are SHA-256, in hexadecimal. */
export interface Signature {
  signataire: number;
  methode: (typeof METHODES)[number];
  date: string;
  version: number;
  /** Of what is sealed of the consultation, and of what stands clear beside it. */
  contenu: string;
  notes: string | null;
  clair: string;
  /** What was measured and found in it, as it was then. */
  elements: { id: number; version: number; empreinte: string }[];
}

export const COLUMNS = sql`s.id, s.cabinet_id, s.patient_id, s.auteur_id,
  json_build_object('id', u.id, 'nom', u.nom, 'prenom', u.prenom) AS auteur, s.rendez_vous_uid, s.date, s.statut, s.contenu, s.notes,
  s.version_contenu, s.date_signature, s.date_invalidation, s.publiee_le, s.date_creation, s.date_modification, s.version`;
export const FROM = sql`medical.consultations s JOIN users u ON u.id = s.auteur_id`;

/** What tells a consultation apart, with what is clear beside it. */
export type Situee = Pick<ConsultationRow, 'id' | 'cabinet_id' | 'patient_id'> & ConsultationClaire;

/** Where what a doctor writes stands. */
export function placeOf(row: Situee, champ: 'contenu' | 'notes'): Place {
  const { id, cabinet_id, patient_id } = row;
  return { cabinet_id, patient_id, table: 'consultations', ligne: id, ...placeOfConsultation(row, champ) };
}

/** Where a version of it is kept. */
export function placeOfVersion(
  { id, cabinet_id, patient_id }: Situee,
  version: VersionClaire,
  champ: 'contenu' | 'notes',
): Place {
  const beside = placeOfConsultationVersion(version, champ);
  return { cabinet_id, patient_id, table: 'consultation_versions', ligne: id, ...beside };
}

/** Where what was done to one that is signed stands. */
export function placeOfActe(
  { id, cabinet_id, patient_id }: Pick<ConsultationRow, 'id' | 'cabinet_id' | 'patient_id'>,
  acte: ActeClair,
): Place {
  return { cabinet_id, patient_id, table: 'actes_consultation', ligne: id, ...acteBeside(acte) };
}

/** For whom a consultation is sealed, with all that belongs to it. */
export interface Scellement {
  cle: ClePatient;
  patient_id: number;
}

/**
 * For whom a consultation was begun: what is added to it is sealed for them too, whoever they turned out to be, so that it stays
 * as it is when they are told apart again.
 */
export function scellementOf(cle: ClePatient, row: ConsultationRow): Scellement {
  const { patient_id } = openFor(cle, placeOf(row, 'contenu'), row.contenu);
  const theirs = cle.fusionnes.find((one) => one.patient_id === patient_id);
  return { patient_id, cle: theirs === undefined ? cle : { ...theirs, fusionnes: [] } };
}

export function openNote(cle: ClePatient, row: ConsultationRow): Note {
  return open(cle, placeOf(row, 'contenu'), row.contenu) as Note;
}

export function openNotes(cle: ClePatient, row: ConsultationRow): string | null {
  return row.notes === null ? null : (open(cle, placeOf(row, 'notes'), row.notes) as string);
}

/** What was done to consultations, in its order. */
export function readActes(
  tx: EntityManager,
  { cabinet_id }: Pick<PatientMontre, 'cabinet_id'>,
  ids: readonly number[],
): Promise<ActeRow[]> {
  return query<ActeRow>(
    tx,
    sql`SELECT a.consultation_id, a.numero, a.type, a.contenu, a.user_id, a.date,
          json_build_object('id', u.id, 'nom', u.nom, 'prenom', u.prenom) AS auteur
        FROM medical.actes_consultation a JOIN users u ON u.id = a.user_id
        WHERE a.cabinet_id = ${cabinet_id} AND a.consultation_id = ANY(${[...ids]}::integer[])
        ORDER BY a.consultation_id, a.numero`,
  );
}

/** SHA-256, in hexadecimal. */
export function empreinteOf(octets: Uint8Array | string): string {
  return createHash('sha256').update(octets).digest('hex');
}

/** What is clear of a consultation and does not change once it is signed. */
function clairOf(row: ConsultationRow): string {
  const { id, cabinet_id, auteur_id, rendez_vous_uid, date, version_contenu, date_signature } = row;
  const dates = [date.toISOString(), date_signature!.toISOString(), row.date_creation.toISOString()];
  return empreinteOf(JSON.stringify([id, cabinet_id, auteur_id, rendez_vous_uid, version_contenu, ...dates]));
}

/** What a signature says of a consultation, as it stands. */
export function empreintesOf(row: ConsultationRow): Pick<Signature, 'contenu' | 'notes' | 'clair'> {
  return {
    contenu: empreinteOf(row.contenu),
    notes: row.notes === null ? null : empreinteOf(row.notes),
    clair: clairOf(row),
  };
}

/** SHA-256 of a consultation as it stands sealed, for its place in the chain. */
export function empreinteObjet(row: ConsultationRow): Buffer {
  return createHash('sha256')
    .update(row.contenu)
    .update(row.notes ?? '')
    .update(clairOf(row))
    .digest();
}

/**
 * What was signed of a consultation; null of one that is not.
 * @param actes its own.
 * @throws {Error} when it is not what was signed: it says where, and nothing that stands there
 */
export function requireIntact(
  cle: ClePatient,
  row: ConsultationRow,
  actes: readonly ActeRow[],
): Signature | null {
  const differs = (what: string) => new Error(`Consultation ${row.id} is not what was signed: ${what}`);
  const missing = actes.findIndex(({ numero }, index) => numero !== index + 1);
  if (missing >= 0) throw differs(`act ${missing + 1} is missing`);
  const signed = actes.find(({ type }) => type === 'signature');
  const invalidated = actes.some(({ type }) => type === 'invalidation');
  const statut = signed === undefined ? null : invalidated ? 'invalidee' : 'signee';
  const isSigned = row.statut === 'signee' || row.statut === 'invalidee';
  if (isSigned ? row.statut !== statut : statut !== null) throw differs('statut');
  if (signed === undefined) return null;
  const signature = open(cle, placeOfActe(row, signed), signed.contenu) as Signature;
  const now = empreintesOf(row);
  const changed = (['contenu', 'notes', 'clair'] as const).filter(
    (champ) => !isDeepStrictEqual(now[champ], signature[champ]),
  );
  if (changed.length > 0) throw differs(changed.join(', '));
  return signature;
}

/**
 * The consultation in which something is measured or found, and for whom it is sealed.
 * @throws {RegieError} `VALIDATION` for one that is not the caller's or not of that patient
 */
export async function requireOwnOf(
  tx: EntityManager,
  { patient, cle }: { patient: PatientMontre; cle: ClePatient },
  consultationId: number,
  userId: number,
): Promise<{ statut: StatutConsultation; scellement: Scellement }> {
  const row = await queryOne<ConsultationRow>(
    tx,
    sql`SELECT ${COLUMNS} FROM ${FROM}
        WHERE s.cabinet_id = ${patient.cabinet_id} AND s.patient_id = ${patient.id} AND s.id = ${consultationId}`,
  );
  if (row === null || row.auteur_id !== userId) throw unknownReference('consultation_id');
  return { statut: row.statut, scellement: scellementOf(cle, row) };
}

/** For whom the consultation is sealed in which something was measured or found. */
export async function scellementOfConsultation(
  tx: EntityManager,
  { patient, cle }: { patient: PatientMontre; cle: ClePatient },
  consultationId: number,
): Promise<Scellement> {
  const row = await queryOne<ConsultationRow>(
    tx,
    sql`SELECT ${COLUMNS} FROM ${FROM} WHERE s.cabinet_id = ${patient.cabinet_id} AND s.id = ${consultationId}`,
  );
  return scellementOf(cle, row!);
}

/**
 * That an appointment is one of the patient, whose those of everybody are who turned out to be them. Of whom else it may be is
 * not told.
 * @throws {RegieError} `VALIDATION`
 */
export async function requireRendezVousOf(
  tx: EntityManager,
  { id, cabinet_id }: Pick<PatientMontre, 'id' | 'cabinet_id'>,
  uid: string,
): Promise<void> {
  const found = await queryOne(
    tx,
    sql`SELECT FROM medical.rendez_vous_patients r
        WHERE r.cabinet_id = ${cabinet_id} AND r.patient_id = ${id} AND r.uid = ${uid}`,
  );
  if (found === null) throw unknownReference('rendez_vous');
}
