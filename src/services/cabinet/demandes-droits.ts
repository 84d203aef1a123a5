import sql, { join, type Sql } from 'sql-template-tag';
import type { DataSource } from 'typeorm';
import { DEMANDE_DROITS_COLUMNS } from '../../auth/columns';
import { query, queryOne } from '../../db/sql';
import {
  delaisOf,
  type EtatDelai,
  type NatureDemande,
  type StatutDemande,
  situationOf,
} from '../../domain/cabinet/demandes-droits';
import { invalid, notFound, RegieError } from '../../domain/errors';
import { oneOf } from '../conditions';
import type { PatientMontre } from './acces';
import { patientOf } from './conservation';
import { type AskedOfPatients, refuseFusionne } from './patients';
import { open, openClesPatient, type Place, seal } from './sceau';
import { drawId } from './tirage';
import { inCabinet, inEveryCabinet } from './transactions';

/** What patients ask by right of a practice, and until when it is answered. Whoever is at the desk takes it, others answer. */

export interface DemandeListee {
  id: number;
  cabinet_id: number;
  patient_id: number;
  nature: NatureDemande;
  statut: StatutDemande;
  ancienne: boolean;
  recue_le: Date;
  pas_avant: Date | null;
  echeance: Date;
  /** How it stands by now; null once it is answered. */
  delai: EtatDelai | null;
  repondue_le: Date | null;
}

export interface Demande extends DemandeListee {
  /** What was asked, and answered; null for whoever does not answer. */
  demande: string | null;
  reponse: string | null;
}

interface Row extends Omit<DemandeListee, 'delai'> {
  demande: Buffer;
  reponse: Buffer | null;
  version_patient: number;
}

const LISTED = sql`y.id, y.cabinet_id, y.patient_id, y.nature, y.statut, y.ancienne, y.recue_le, y.pas_avant, y.echeance,
  y.repondue_le, p.version AS version_patient`;
const FROM = sql`medical.demandes_droits y JOIN medical.patients p ON p.cabinet_id = y.cabinet_id AND p.id = y.patient_id`;

/** Told at most, those that are to be answered first. */
export const MAX_DEMANDES = 200;

export interface DemandesFilters {
  cabinet_id?: number | undefined;
  statut?: StatutDemande[] | undefined;
}

export async function listDemandes(
  { tx, access, actor }: AskedOfPatients,
  { cabinet_id, statut }: DemandesFilters,
): Promise<{ demandes: DemandeListee[]; patients: PatientMontre[] }> {
  const conditions: Sql[] = [
    access.where('read', 'DemandeDroits', DEMANDE_DROITS_COLUMNS),
    ...(cabinet_id === undefined ? [] : [sql`y.cabinet_id = ${cabinet_id}`]),
    ...(statut === undefined ? [] : [oneOf('y.statut', statut)]),
  ];
  const rows = await query<Omit<Row, 'demande' | 'reponse'>>(
    tx,
    sql`SELECT ${LISTED} FROM ${FROM} WHERE ${join(conditions, ' AND ')}
        ORDER BY y.statut <> 'ouverte', y.echeance, y.id LIMIT ${MAX_DEMANDES}`,
  );
  return { demandes: rows.map((row) => listed(row, actor.now)), patients: rows.map(patientShown) };
}

function patientShown({
  patient_id,
  cabinet_id,
  version_patient,
}: Omit<Row, 'demande' | 'reponse'>): PatientMontre {
  return { id: patient_id, cabinet_id, version: version_patient };
}

function listed({ version_patient: _, ...row }: Omit<Row, 'demande' | 'reponse'>, now: Date): DemandeListee {
  const { pas_avant, echeance } = row;
  const delais = { pasAvant: pas_avant?.getTime() ?? null, echeance: echeance.getTime() };
  return { ...row, delai: row.statut === 'ouverte' ? situationOf(delais, now.getTime()).etat : null };
}

/** @throws {RegieError} `INTROUVABLE` */
export async function readDemande(
  asked: AskedOfPatients,
  id: number,
): Promise<{ demande: Demande; patient: PatientMontre }> {
  const { tx, access, actor, secrets } = asked;
  const row = await queryOne<Row>(
    tx,
    sql`SELECT ${LISTED}, y.demande, y.reponse FROM ${FROM}
        WHERE y.id = ${id} AND ${access.where('read', 'DemandeDroits', DEMANDE_DROITS_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  const { demande, reponse, ...rest } = row;
  const patient = patientShown(rest);
  const base = listed(rest, actor.now);
  // Whoever takes it at the desk does not read what it says of somebody's health.
  if (!access.may('update', 'DemandeDroits', base))
    return { demande: { ...base, demande: null, reponse: null }, patient };
  const cle = (await openClesPatient(tx, secrets, [row.patient_id])).get(row.patient_id)!;
  return {
    demande: {
      ...base,
      demande: open(cle, placeOf(row, 'demande'), demande) as string,
      reponse: reponse && (open(cle, placeOf(row, 'reponse'), reponse) as string),
    },
    patient,
  };
}

const placeOf = (
  { id, cabinet_id, patient_id }: Pick<Row, 'id' | 'cabinet_id' | 'patient_id'>,
  champ: 'demande' | 'reponse',
): Place => ({ cabinet_id, patient_id, table: 'demandes_droits', ligne: id, champ });

export interface DemandeSaisie {
  patient_id: number;
  nature: NatureDemande;
  demande: string;
  ancienne: boolean;
  /** Null for now. */
  recue_le: Date | null;
}

/**
 * Takes what a patient asks for.
 * @throws {RegieError} `VALIDATION` for a patient whom the caller may not see, `INTERDIT`, `PATIENT_FUSIONNE`
 */
export async function createDemande(
  asked: AskedOfPatients,
  { patient_id, nature, demande, ancienne, recue_le }: DemandeSaisie,
): Promise<{ demande: Demande; patient: PatientMontre }> {
  const { tx, access, actor } = asked;
  await query(tx, sql`SELECT id FROM medical.patients WHERE id = ${patient_id} FOR KEY SHARE`);
  await access.confirm(tx);
  const patient = await patientOf(asked, patient_id);
  access.require('create', 'DemandeDroits', patient);
  refuseFusionne(patient);
  const recue = recue_le ?? actor.now;
  if (recue.getTime() > actor.now.getTime()) throw invalid({ champ: 'recue_le', message: TO_COME });
  return readDemande(asked, await ouvrirDemande(asked, patient, { nature, demande, ancienne, recue }));
}

/**
 * Writes down what is asked; its clocks run from when it was received. Whether the caller may is asked before.
 * @returns its id
 */
export async function ouvrirDemande(
  { tx, actor, secrets }: Pick<AskedOfPatients, 'tx' | 'actor' | 'secrets'>,
  patient: Pick<PatientMontre, 'id' | 'cabinet_id'>,
  {
    nature,
    demande,
    ancienne,
    recue,
  }: Pick<DemandeSaisie, 'nature' | 'demande' | 'ancienne'> & { recue: Date },
): Promise<number> {
  const patient_id = patient.id;
  const cabinet = await queryOne<{ fuseau_horaire: string }>(
    tx,
    sql`SELECT fuseau_horaire FROM medical.cabinets WHERE id = ${patient.cabinet_id}`,
  );
  const { pasAvant, echeance } = delaisOf(nature, recue.getTime(), ancienne, cabinet!.fuseau_horaire);
  const cle = (await openClesPatient(tx, secrets, [patient_id])).get(patient_id)!;
  for (;;) {
    const row = { id: drawId(), cabinet_id: patient.cabinet_id, patient_id };
    const inserted = await queryOne(
      tx,
      sql`INSERT INTO medical.demandes_droits (id, cabinet_id, patient_id, nature, ancienne, recue_le, pas_avant, echeance,
            demande, user_id, date_modification)
          VALUES (${row.id}, ${row.cabinet_id}, ${patient_id}, ${nature}, ${ancienne}, ${recue},
                  ${pasAvant === null ? null : new Date(pasAvant)}::timestamptz, ${new Date(echeance)},
                  ${seal(cle, placeOf(row, 'demande'), demande)}, ${actor.userId}, ${actor.now})
          ON CONFLICT (id) DO NOTHING RETURNING id`,
    );
    if (inserted !== null) return row.id;
  }
}

/**
 * Says what became of it.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `TRANSITION_INVALIDE` when it is answered, or a copy would be given before
 *   the time of reflection is over
 */
export async function repondreDemande(
  asked: AskedOfPatients,
  id: number,
  { statut, reponse }: { statut: Exclude<StatutDemande, 'ouverte'>; reponse: string },
): Promise<{ demande: Demande; patient: PatientMontre }> {
  const { tx, access, actor, secrets } = asked;
  const before = await readDemande(asked, id);
  // The patient first, as everybody does who writes of them.
  await query(tx, sql`SELECT id FROM medical.patients WHERE id = ${before.patient.id} FOR KEY SHARE`);
  await query(tx, sql`SELECT id FROM medical.demandes_droits WHERE id = ${id} FOR UPDATE`);
  await access.confirm(tx);
  const { demande } = await readDemande(asked, id);
  access.require('update', 'DemandeDroits', demande);
  if (demande.statut !== 'ouverte') throw new RegieError('TRANSITION_INVALIDE', { detail: ANSWERED });
  if (statut === 'honoree' && demande.delai === 'reflexion') {
    throw new RegieError('TRANSITION_INVALIDE', {
      detail: TOO_EARLY,
      extensions: { pas_avant: demande.pas_avant },
    });
  }
  const cle = (await openClesPatient(tx, secrets, [demande.patient_id])).get(demande.patient_id)!;
  await query(
    tx,
    sql`UPDATE medical.demandes_droits SET statut = ${statut}, reponse = ${seal(cle, placeOf(demande, 'reponse'), reponse)},
          repondue_le = ${actor.now}, repondue_par = ${actor.userId}, date_modification = ${actor.now}
        WHERE id = ${id}`,
  );
  return readDemande(asked, id);
}

/** What operators see of one: what it is, how it stands, and until when. */
export interface SuiviDemande {
  nature: NatureDemande;
  etat: EtatDelai;
  /** Milliseconds. */
  echeance: number;
  /** When it stands otherwise, in milliseconds; null when nothing comes any more but its answer. */
  jusqua: number | null;
}

/** Looks how one stands, and writes down that somebody did. @returns null once it is answered, or is not there any more */
export async function suivreDemande(
  medical: DataSource,
  { id, cabinet_id }: { id: number; cabinet_id: number },
  now: Date,
): Promise<SuiviDemande | null> {
  return inCabinet(medical, cabinet_id, async (tx) => {
    const row = await queryOne<Pick<Row, 'nature' | 'statut' | 'pas_avant' | 'echeance'>>(
      tx,
      sql`SELECT nature, statut, pas_avant, echeance FROM medical.demandes_droits WHERE id = ${id} FOR UPDATE`,
    );
    if (row === null) return null;
    const echeance = row.echeance.getTime();
    const situation = situationOf({ pasAvant: row.pas_avant?.getTime() ?? null, echeance }, now.getTime());
    const jusqua = row.statut === 'ouverte' ? situation.jusqua : null;
    await query(
      tx,
      sql`UPDATE medical.demandes_droits SET suivi_le = greatest(${now}, date_modification),
            prochain_le = ${jusqua === null ? null : new Date(jusqua)}::timestamptz WHERE id = ${id}`,
    );
    return row.statut === 'ouverte' ? { nature: row.nature, etat: situation.etat, echeance, jusqua } : null;
  });
}

/** Those whose workflow has not seen what they are by now, in the order of their ids. */
export async function demandesOubliees(
  medical: DataSource,
  now: Date,
  after: number,
  limit: number,
): Promise<{ id: number; cabinet_id: number }[]> {
  return inEveryCabinet(medical, (tx) =>
    query(
      tx,
      sql`SELECT id, cabinet_id FROM medical.demandes_droits
          WHERE id > ${after} AND (suivi_le IS NULL OR suivi_le < date_modification OR prochain_le <= ${now})
          ORDER BY id LIMIT ${limit}`,
    ),
  );
}

const TO_COME = { fr: 'C’est encore à venir', en: 'That is still to come' };
const ANSWERED = { fr: 'Cette demande a sa réponse', en: 'This request has its answer' };
const TOO_EARLY = {
  fr: 'Un délai de réflexion de 48 heures court encore',
  en: 'A time of reflection of 48 hours is not over yet',
};
