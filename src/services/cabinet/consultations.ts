import { isDeepStrictEqual } from 'node:util';
import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { CONSULTATION_COLUMNS, PATIENT_COLUMNS } from '../../auth/columns';
import { query, queryOne } from '../../db/sql';
import { instantFaults } from '../../domain/cabinet/constantes';
import {
  isVisible,
  type Note,
  PARTIES,
  relancesAt,
  requireStatut,
  type StatutConsultation,
  signatureFaults,
  type TypeActe,
} from '../../domain/cabinet/consultations';
import type { Contexte } from '../../domain/cabinet/elements';
import { invalid, notFound } from '../../domain/errors';
import type { Actor } from '../actor';
import { oneOf } from '../conditions';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';
import type { PatientMontre } from './acces';
import {
  type ActeRow,
  COLUMNS,
  type ConsultationRow,
  empreinteObjet,
  empreinteOf,
  empreintesOf,
  FROM,
  openNote,
  openNotes,
  type Personne,
  placeOf,
  placeOfActe,
  placeOfVersion,
  readActes,
  requireIntact,
  requireRendezVousOf,
  type Scellement,
  type Signature,
  type Situee,
  scellementOf,
} from './consultations-lignes';
import { becomeSoignantOfShared, type Dossier, openDossier } from './dossiers';
import { type Element, invaliderElements, lireElementsOf, lockContexte } from './elements';
import { type AskedOfPatients, ofNamed } from './patients';
import { open, seal } from './sceau';
import { drawId } from './tirage';

/**
 * Consultations. What a doctor writes is sealed, version by version, and theirs alone until they sign it; signing is one
 * transaction, so that there is a signature and what it signs or neither. From then on it is only added to. Whether its patient
 * reads it stands beside what is signed: it is its author's to say, and to take back.
 */

export interface Acte {
  numero: number;
  auteur: Personne;
  date: Date;
}

export interface Consultation extends Note {
  id: number;
  cabinet_id: number;
  patient_id: number;
  auteur: Personne;
  rendez_vous: string | null;
  date: Date;
  statut: StatutConsultation;
  /** Of whoever wrote them, for themselves; null for everybody else. */
  notes_personnelles: string | null;
  constantes: Element<'constante'>[];
  diagnostics: Element<'diagnostic'>[];
  signature: (Acte & Pick<Signature, 'methode'> & { empreinte: string }) | null;
  addenda: (Acte & { texte: string })[];
  invalidation: (Acte & { motif: string }) | null;
  /** Since when its patient may read it; null while they may not. */
  publiee_le: Date | null;
  date_creation: Date;
  date_modification: Date;
  version: number;
}

export interface ConsultationFields extends Note {
  /** Null for now. */
  date: Date | null;
  rendez_vous: string | null;
  notes_personnelles: string | null;
}

/** A consultation, and the patient who is on record for it. */
export interface ConsultationMontree {
  consultation: Consultation;
  patient: PatientMontre;
}

/** What a list holds: that there is one. */
export interface ConsultationListe
  extends Pick<
    Consultation,
    | 'id'
    | 'cabinet_id'
    | 'patient_id'
    | 'auteur'
    | 'rendez_vous'
    | 'date'
    | 'statut'
    | 'date_creation'
    | 'date_modification'
    | 'version'
  > {
  date_signature: Date | null;
}

export const CONSULTATION_LIST: ListSpec = {
  columns: sql`s.id, s.cabinet_id, s.patient_id, json_build_object('id', u.id, 'nom', u.nom, 'prenom', u.prenom) AS auteur,
    s.rendez_vous_uid AS rendez_vous, s.date, s.statut, s.date_signature, s.date_creation, s.date_modification, s.version`,
  from: FROM,
  alias: 's',
  sortable: {
    id: { expression: 's.id', cast: 'integer' },
    date: { expression: 's.date', cast: 'timestamptz' },
    date_modification: { expression: 's.date_modification', cast: 'timestamptz' },
  },
  defaultSort: '-date',
};

/** That a patient was seen, by whom and when, and how it stands. @throws {RegieError} `INTROUVABLE`, `INTERDIT` */
export async function listConsultations(
  { tx, access }: Pick<AskedOfPatients, 'tx' | 'access'>,
  patientId: number,
  { statut }: { statut?: StatutConsultation[] | undefined },
  page: PageRequest,
): Promise<{ page: Page<ConsultationListe>; patient: PatientMontre }> {
  const patient = await queryOne<PatientMontre>(
    tx,
    sql`SELECT p.id, p.cabinet_id, p.version FROM medical.patients p
        WHERE p.id = ${patientId} AND ${access.where('read', 'Patient', PATIENT_COLUMNS)}`,
  );
  if (patient === null) throw notFound();
  access.require('read', 'Consultation', { cabinet_id: patient.cabinet_id });
  const conditions: Sql[] = [
    sql`s.cabinet_id = ${patient.cabinet_id}`,
    sql`s.patient_id = ${patient.id}`,
    access.where('read', 'Consultation', CONSULTATION_COLUMNS),
    ...(statut === undefined ? [] : [oneOf('s.statut', statut)]),
  ];
  return { page: await list<ConsultationListe>(tx, CONSULTATION_LIST, conditions, page), patient };
}

interface Opened {
  row: ConsultationRow;
  dossier: Dossier;
  contexte: Contexte;
}

/**
 * A consultation whose record the caller may open.
 * @throws {RegieError} `INTROUVABLE`, also for a draft of somebody else; as `openDossier`
 */
async function opened(asked: AskedOfPatients, id: number): Promise<Omit<Opened, 'contexte'>> {
  const { tx, access } = asked;
  const row = await stored(tx, id);
  if (row === null) throw notFound();
  const dossier = await openDossier(asked, row.patient_id, 'read');
  if (!isVisible(row.statut, row.auteur_id, access.principal.userId)) throw notFound();
  return { row, dossier };
}

/** The same to write, one at a time for each patient. @throws {RegieError} `INTERDIT` for one of somebody else too */
async function openedToWrite(asked: AskedOfPatients, id: number): Promise<Opened> {
  const { tx, access, actor } = asked;
  const found = await queryOne<{ patient_id: number }>(
    tx,
    sql`SELECT patient_id FROM medical.consultations WHERE id = ${id}`,
  );
  if (found === null) throw notFound();
  const contexte = (await lockContexte(tx, found.patient_id, actor.now))!;
  await access.confirm(tx);
  const { row } = await opened(asked, id);
  // It went with a patient who was merged meanwhile: the other one is to be locked.
  if (row.patient_id !== found.patient_id) return openedToWrite(asked, id);
  const dossier = await openDossier(asked, row.patient_id, 'update');
  access.require('update', 'Consultation', row);
  return { row, dossier, contexte };
}

function stored(tx: EntityManager, id: number): Promise<ConsultationRow | null> {
  return queryOne<ConsultationRow>(tx, sql`SELECT ${COLUMNS} FROM ${FROM} WHERE s.id = ${id}`);
}

/** @throws {RegieError} as {@link opened} */
export async function readConsultation(asked: AskedOfPatients, id: number): Promise<ConsultationMontree> {
  const { row, dossier } = await opened(asked, id);
  return shown(asked, dossier, row);
}

async function shown(
  asked: AskedOfPatients,
  dossier: Dossier,
  row: ConsultationRow,
): Promise<ConsultationMontree> {
  const [consultation] = await renderConsultations(asked, dossier, [row]);
  return { consultation: consultation!, patient: dossier.patient };
}

/** The last of a patient that the caller may see, the latest first. */
export function lireDernieresConsultations(
  { tx, access }: Pick<AskedOfPatients, 'tx' | 'access'>,
  { patient }: Dossier,
  nombre: number,
): Promise<ConsultationRow[]> {
  return query<ConsultationRow>(
    tx,
    sql`SELECT ${COLUMNS} FROM ${FROM}
        WHERE s.cabinet_id = ${patient.cabinet_id} AND s.patient_id = ${patient.id}
          AND (s.statut IN ('signee', 'invalidee') OR s.statut = 'brouillon' AND s.auteur_id = ${access.principal.userId})
        ORDER BY s.date DESC, s.id DESC LIMIT ${nombre}`,
  );
}

/**
 * What consultations of one patient say, with all that was added to them: two statements, however many they are. Whoever comes
 * as the patient whom they are has no notes, also of what they wrote of themselves.
 * @param found what was measured and found in them, where it was read along.
 * @throws {Error} when one is not what was signed
 */
export async function renderConsultations(
  { tx, access }: Pick<AskedOfPatients, 'tx' | 'access'>,
  { patient, cle }: Dossier,
  rows: readonly ConsultationRow[],
  found?: Element<'constante' | 'diagnostic'>[],
): Promise<Consultation[]> {
  const ids = rows.map(({ id }) => id);
  const actes = byConsultation(await readActes(tx, patient, ids));
  const elements = byConsultation(found ?? (await lireElementsOf({ tx, patient, cle }, ids)));
  return rows.map((row): Consultation => {
    const own = actes.get(row.id) ?? [];
    const within = elements.get(row.id) ?? [];
    const signature = requireIntact(cle, row, own);
    requireWhole(row.id, signature, within);
    const said = <Sealed>(type: TypeActe) =>
      own
        .filter((acte) => acte.type === type)
        .map((acte) => ({ ...acteOf(acte), ...(open(cle, placeOfActe(row, acte), acte.contenu) as Sealed) }));
    const signed = own.find(({ type }) => type === 'signature');
    const { userId, enPatient = false } = access.principal;
    const mine = row.auteur_id === userId && !enPatient;
    const { id, cabinet_id, patient_id, auteur, date, statut } = row;
    return {
      ...{ id, cabinet_id, patient_id, auteur, rendez_vous: row.rendez_vous_uid, date, statut },
      ...openNote(cle, row),
      notes_personnelles: mine ? openNotes(cle, row) : null,
      constantes: within.filter((one): one is Element<'constante'> => one.nature === 'constante'),
      diagnostics: within.filter((one): one is Element<'diagnostic'> => one.nature === 'diagnostic'),
      signature:
        signature === null
          ? null
          : { ...acteOf(signed!), methode: signature.methode, empreinte: signature.contenu },
      addenda: said<{ texte: string }>('addendum'),
      invalidation: said<{ motif: string }>('invalidation')[0] ?? null,
      publiee_le: row.publiee_le,
      date_creation: row.date_creation,
      date_modification: row.date_modification,
      version: row.version,
    };
  });
}

function byConsultation<Row extends { consultation_id: number | null }>(rows: readonly Row[]) {
  const groups = new Map<number | null, Row[]>();
  for (const row of rows) groups.set(row.consultation_id, [...(groups.get(row.consultation_id) ?? []), row]);
  return groups;
}

/** That nothing was taken out of a consultation, or put into it, since it was signed. */
function requireWhole(id: number, signature: Signature | null, within: readonly Element[]): void {
  if (signature === null) return;
  const now = within.map((one) => one.id).sort((a, b) => a - b);
  const then = signature.elements.map((one) => one.id).sort((a, b) => a - b);
  if (!isDeepStrictEqual(now, then)) throw new Error(`Consultation ${id} is not what was signed: elements`);
}

function acteOf({ numero, auteur, date }: ActeRow): Acte {
  return { numero, auteur, date };
}

/**
 * Begins a consultation, as a draft.
 * @throws {RegieError} `VALIDATION`, for a patient whom the caller may not see and an appointment that is not theirs too; as
 *   `openDossier`
 */
export async function createConsultation(
  asked: AskedOfPatients,
  patientId: number,
  given: ConsultationFields,
): Promise<ConsultationMontree> {
  const { tx, access, actor } = asked;
  const contexte = await lockContexte(tx, patientId, actor.now);
  await access.confirm(tx);
  const dossier = await ofNamed(openDossier(asked, patientId, 'update'));
  const { patient } = dossier;
  access.require('create', 'Consultation', { cabinet_id: patient.cabinet_id });
  const fields = judged({ ...given, date: given.date ?? actor.now }, contexte!);
  if (fields.rendez_vous !== null) await requireRendezVousOf(tx, patient, fields.rendez_vous);
  const auteur_id = actor.userId!;
  const pour = { cle: dossier.cle, patient_id: patient.id };
  const row = await insert(tx, dossier, { ...fields, auteur_id }, actor);
  await keepVersion(tx, pour, row, fields, actor);
  await becomeSoignantOfShared(tx, patient, auteur_id, actor.now);
  return shown(asked, dossier, row);
}

type Fields = ConsultationFields & { date: Date };

/** @throws {RegieError} `VALIDATION` */
function judged(fields: Fields, { naissance, now }: Contexte): Fields {
  const faults = instantFaults('date', fields.date, naissance, now);
  if (faults.length > 0) throw invalid(...faults);
  return fields;
}

function noteOf(fields: Note): Note {
  return Object.fromEntries(PARTIES.map((partie) => [partie, fields[partie]])) as Note;
}

/** Under an id that nobody has: drawn, so that it tells of nobody else's. */
async function insert(
  tx: EntityManager,
  dossier: Dossier,
  fields: Fields & { auteur_id: number },
  actor: Actor,
): Promise<ConsultationRow> {
  const { patient, cle } = dossier;
  const { date, rendez_vous: rendez_vous_uid, auteur_id } = fields;
  const at = {
    ...{ id: drawId(), cabinet_id: patient.cabinet_id, patient_id: patient.id },
    ...{ auteur_id, rendez_vous_uid, date, version_contenu: 1 },
  };
  const { now } = actor;
  const { contenu, notes } = sealedAt({ cle, patient_id: patient.id }, at, fields);
  const suivi = new Date(relancesAt(now.getTime(), now.getTime()).prochaine!);
  const inserted = await queryOne(
    tx,
    sql`INSERT INTO medical.consultations (id, cabinet_id, patient_id, auteur_id, rendez_vous_uid, date, statut, contenu,
          notes, version_contenu, suivi_le, date_creation, date_modification)
        VALUES (${at.id}, ${at.cabinet_id}, ${at.patient_id}, ${auteur_id}, ${rendez_vous_uid}, ${date}, 'brouillon',
                ${contenu}, ${notes}::bytea, 1, ${suivi}, ${now}, ${now})
        ON CONFLICT (id) DO NOTHING RETURNING id`,
  );
  return inserted === null ? insert(tx, dossier, fields, actor) : (await stored(tx, at.id))!;
}

/** What is written of a consultation, sealed for whom it was begun of. */
function sealedAt(pour: Scellement, at: Situee, fields: Fields): { contenu: Buffer; notes: Buffer | null } {
  const there = { ...at, patient_id: pour.patient_id };
  const { notes_personnelles: notes } = fields;
  return {
    contenu: seal(pour.cle, placeOf(there, 'contenu'), noteOf(fields)),
    notes: notes === null ? null : seal(pour.cle, placeOf(there, 'notes'), notes),
  };
}

async function keepVersion(
  tx: EntityManager,
  pour: Scellement,
  row: ConsultationRow,
  fields: Fields,
  { userId, correlationId, now }: Actor,
): Promise<void> {
  const there = { ...row, patient_id: pour.patient_id };
  const version = { version: row.version, date_consultation: row.date, user_id: userId! };
  const { notes_personnelles: notes } = fields;
  const contenu = seal(pour.cle, placeOfVersion(there, version, 'contenu'), noteOf(fields));
  const kept = notes === null ? null : seal(pour.cle, placeOfVersion(there, version, 'notes'), notes);
  await query(
    tx,
    sql`INSERT INTO medical.consultation_versions (cabinet_id, consultation_id, version, statut, date_consultation, contenu,
          notes, user_id, correlation_id, date)
        VALUES (${row.cabinet_id}, ${row.id}, ${row.version}, ${row.statut}, ${row.date}, ${contenu}, ${kept}::bytea,
                ${userId}, ${correlationId}, ${now})`,
  );
}

export type ConsultationChanges = Partial<Omit<Fields, 'date'>> & {
  date?: Date | undefined;
  abandonner?: boolean | undefined;
};

/**
 * Changes a draft, or gives it up.
 * @param expected version that the caller has seen. @throws {RegieError} as {@link opened}; `VERSION_PERIMEE`, `SIGNEE`,
 *   `TRANSITION_INVALIDE`, `VALIDATION` without the version that it was made on, or of an appointment of somebody else
 */
export async function updateConsultation(
  asked: AskedOfPatients,
  id: number,
  { abandonner = false, ...changes }: ConsultationChanges,
  expected: number | null,
): Promise<ConsultationMontree> {
  const { tx, actor } = asked;
  const { row, dossier, contexte } = await openedToWrite(asked, id);
  requireStatut(abandonner ? 'abandonner' : 'modifier', row.statut);
  if (expected === null) throw invalid({ champ: 'If-Match', message: VERSION_WANTED });
  requireVersion(row, expected);
  const before = fieldsOf(dossier, row);
  const fields = judged({ ...before, ...withoutUndefined(changes) }, contexte);
  // Of what is named already the appointment may be somebody else's again, since two patients were told apart.
  const named = fields.rendez_vous === before.rendez_vous ? null : fields.rendez_vous;
  if (named !== null) await requireRendezVousOf(tx, dossier.patient, named);
  const statut = abandonner ? 'abandonnee' : row.statut;
  if (statut === row.statut && isDeepStrictEqual(fields, before)) return shown(asked, dossier, row);
  const next = await rewrite(tx, dossier, { ...row, statut }, fields, actor);
  await becomeSoignantOfShared(tx, dossier.patient, row.auteur_id, actor.now);
  return shown(asked, dossier, next);
}

function withoutUndefined<Given extends object>(given: Given): Given {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Given;
}

function fieldsOf({ cle }: Dossier, row: ConsultationRow): Fields {
  return {
    ...openNote(cle, row),
    date: row.date,
    rendez_vous: row.rendez_vous_uid,
    notes_personnelles: openNotes(cle, row),
  };
}

/** Writes a draft anew, sealed at its next version. */
async function rewrite(
  tx: EntityManager,
  dossier: Dossier,
  row: ConsultationRow,
  fields: Fields,
  actor: Actor,
): Promise<ConsultationRow> {
  const version = row.version + 1;
  const pour = scellementOf(dossier.cle, row);
  const next = {
    ...row,
    ...{ version, version_contenu: version, date: fields.date, rendez_vous_uid: fields.rendez_vous },
  };
  const { contenu, notes } = sealedAt(pour, next, fields);
  await query(
    tx,
    sql`UPDATE medical.consultations SET statut = ${next.statut},
          suivi_le = CASE WHEN ${next.statut} = 'brouillon' THEN suivi_le END, date = ${next.date},
          rendez_vous_uid = ${next.rendez_vous_uid}, version = ${version}, version_contenu = ${version},
          contenu = ${contenu}, notes = ${notes}::bytea, date_modification = ${actor.now}
        WHERE cabinet_id = ${row.cabinet_id} AND id = ${row.id}`,
  );
  await keepVersion(tx, pour, next, fields, actor);
  return (await stored(tx, row.id))!;
}

/**
 * Signs a draft as it is. The caller has just shown who they are.
 * @param expected version that the caller has seen, or null.
 * @throws {RegieError} as {@link opened}; `VERSION_PERIMEE`, `SIGNEE`, `TRANSITION_INVALIDE`, `VALIDATION` of one that says
 *   nothing
 */
export async function signConsultation(
  asked: AskedOfPatients,
  id: number,
  methode: Signature['methode'],
  expected: number | null,
): Promise<ConsultationMontree> {
  const { tx, actor } = asked;
  const { row, dossier } = await openedToWrite(asked, id);
  requireStatut('signer', row.statut);
  requireVersion(row, expected);
  const faults = signatureFaults(openNote(dossier.cle, row));
  if (faults.length > 0) throw invalid(...faults);
  const version = row.version + 1;
  const next: ConsultationRow = { ...row, statut: 'signee', date_signature: actor.now, version };
  const signature: Signature = {
    ...{ signataire: actor.userId!, methode, date: actor.now.toISOString(), version },
    ...empreintesOf(next),
    elements: await elementsOf(tx, row),
  };
  await addActe(asked, dossier, next, 'signature', signature, empreinteObjet(next));
  await query(
    tx,
    sql`UPDATE medical.consultations SET statut = 'signee', date_signature = ${actor.now}, suivi_le = NULL,
          date_modification = ${actor.now}, version = ${version}
        WHERE cabinet_id = ${row.cabinet_id} AND id = ${id}`,
  );
  return shown(asked, dossier, (await stored(tx, id))!);
}

/** What was measured and found in a consultation, each as it is kept now. */
async function elementsOf(
  tx: EntityManager,
  { id, cabinet_id }: Pick<ConsultationRow, 'id' | 'cabinet_id'>,
): Promise<Signature['elements']> {
  const rows = await query<{ id: number; version: number; contenu: Buffer }>(
    tx,
    sql`SELECT e.id, e.version, v.contenu FROM medical.elements_dossier e
        JOIN medical.elements_dossier_versions v
          ON v.cabinet_id = e.cabinet_id AND v.element_id = e.id AND v.version = e.version
        WHERE e.cabinet_id = ${cabinet_id} AND e.consultation_id = ${id} ORDER BY e.id`,
  );
  return rows.map(({ id: one, version, contenu }) => ({ id: one, version, empreinte: empreinteOf(contenu) }));
}

/** Adds an act to a consultation. */
async function addActe(
  { tx, actor }: Pick<AskedOfPatients, 'tx' | 'actor'>,
  { cle }: Dossier,
  row: ConsultationRow,
  type: TypeActe,
  contenu: object,
  objet: Buffer | null = null,
): Promise<void> {
  const [{ numero }] = (await query<{ numero: number }>(
    tx,
    sql`SELECT count(*)::integer + 1 AS numero FROM medical.actes_consultation
        WHERE cabinet_id = ${row.cabinet_id} AND consultation_id = ${row.id}`,
  )) as [{ numero: number }];
  const acte = { numero, type, user_id: actor.userId!, date: actor.now };
  const pour = scellementOf(cle, row);
  const sealed = seal(pour.cle, placeOfActe({ ...row, patient_id: pour.patient_id }, acte), contenu);
  await query(
    tx,
    sql`INSERT INTO medical.actes_consultation (cabinet_id, consultation_id, numero, type, contenu, empreinte_objet, user_id,
          correlation_id, date)
        VALUES (${row.cabinet_id}, ${row.id}, ${numero}, ${type}, ${sealed}, ${objet}::bytea, ${acte.user_id}, ${actor.correlationId}, ${actor.now})`,
  );
}

/** Adds to one that is signed. @throws {RegieError} as {@link opened}; `TRANSITION_INVALIDE` */
export async function addAddendum(
  asked: AskedOfPatients,
  id: number,
  texte: string,
): Promise<ConsultationMontree> {
  const { row, dossier } = await openedToWrite(asked, id);
  requireStatut('ajouter', row.statut);
  await addActe(asked, dossier, row, 'addendum', { texte });
  return shown(asked, dossier, row);
}

/**
 * Says that one that is signed does not hold: it is shown all the same, and what was measured and found in it is an error
 * too. @throws {RegieError} as {@link opened}; `TRANSITION_INVALIDE`
 */
export async function invalidateConsultation(
  asked: AskedOfPatients,
  id: number,
  motif: string,
): Promise<ConsultationMontree> {
  const { tx, actor } = asked;
  const { row, dossier } = await openedToWrite(asked, id);
  requireStatut('invalider', row.statut);
  await addActe(asked, dossier, row, 'invalidation', { motif });
  await query(
    tx,
    sql`UPDATE medical.consultations SET statut = 'invalidee', date_invalidation = ${actor.now},
          date_modification = ${actor.now}, version = version + 1
        WHERE cabinet_id = ${row.cabinet_id} AND id = ${id}`,
  );
  await invaliderElements({ tx, ...dossier }, actor, id, motif);
  return shown(asked, dossier, (await stored(tx, id))!);
}

/**
 * Has the patient read one that is signed, with what is added to it later, or takes that back. It is the author's to say, and no
 * part of what is signed; each time is on record.
 * @param expected version that the caller has seen, or null.
 * @throws {RegieError} as {@link opened}; `VERSION_PERIMEE`, `TRANSITION_INVALIDE`
 */
export async function publishConsultation(
  asked: AskedOfPatients,
  id: number,
  publiee: boolean,
  expected: number | null,
): Promise<ConsultationMontree> {
  const { tx, actor } = asked;
  const { row, dossier } = await openedToWrite(asked, id);
  requireStatut(publiee ? 'publier' : 'retirer', row.statut);
  requireVersion(row, expected);
  if (publiee === (row.publiee_le !== null)) return shown(asked, dossier, row);
  const { cabinet_id } = row;
  const { now, userId, correlationId } = actor;
  await query(
    tx,
    sql`INSERT INTO medical.publications_consultation (cabinet_id, consultation_id, numero, publiee, user_id, correlation_id, date)
        SELECT ${cabinet_id}::integer, ${id}::integer, count(*) + 1, ${publiee}, ${userId}::integer, ${correlationId}, ${now}
        FROM medical.publications_consultation WHERE cabinet_id = ${cabinet_id} AND consultation_id = ${id}`,
  );
  await query(
    tx,
    sql`UPDATE medical.consultations SET publiee_le = ${publiee ? now : null}, date_modification = ${now},
          version = version + 1
        WHERE cabinet_id = ${cabinet_id} AND id = ${id}`,
  );
  return shown(asked, dossier, (await stored(tx, id))!);
}

const VERSION_WANTED = {
  fr: 'Dites sur quelle version : If-Match avec l’ETag de ce qui a été lu',
  en: 'Say on which version: If-Match with the ETag of what was read',
};
