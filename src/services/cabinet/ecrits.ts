import sql, { type Sql } from 'sql-template-tag';
import { ECRIT_COLUMNS, PATIENT_COLUMNS } from '../../auth/columns';
import { query, queryOne } from '../../db/sql';
import type { StatutEcrit } from '../../domain/cabinet/ordonnances';
import { type FieldFault, forbidden, invalid, notFound, RegieError } from '../../domain/errors';
import { oneOf } from '../conditions';
import type { Asked } from '../crud';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';
import type { PatientMontre } from './acces';
import { type AlerteRepondue, type Forcer, repondre, type Verification } from './alertes';
import { type Dossier, isSoignant, openDossier } from './dossiers';
import {
  AUTEUR,
  COLUMNS,
  type EcritRow,
  FROM,
  openContenu,
  openDocument,
  openSignature,
  type Personne,
  placeOf,
} from './ecrits-lignes';
import { type Contenus, GENRES, type Genre } from './genres-ecrits';
import type { AskedOfPatients } from './patients';
import { type ClePatient, open, openClesPatient, seal } from './sceau';
import { drawId } from './tirage';

/**
 * Ordonnances and certificates. What they say is sealed under the key of their patient; a draft is its author's alone, and once
 * signed (`signatures.ts`) nothing of it changes any more.
 */

export interface Ecrit<G extends Genre = Genre> {
  id: number;
  cabinet_id: number;
  patient_id: number;
  genre: G;
  auteur: Personne;
  statut: StatutEcrit;
  contenu: Contenus[G];
  /** Known allergies that its author prescribes against, and why. */
  alertes: AlerteRepondue[];
  /** With what known allergies were compared when it was last written or signed; null where none are asked. */
  verification: Verification | null;
  a_remettre: boolean;
  copie_arabe: boolean;
  date_signature: Date | null;
  /** SHA-256 of the document, in hexadecimal; null of a draft. */
  empreinte: string | null;
  /** Why, since when and by whom it is said not to hold any more. */
  invalidation: { motif: string; date: Date; par: Personne } | null;
  date_creation: Date;
  date_modification: Date;
  version: number;
}

/** What stands sealed in `contenu`. */
export interface Scelle<G extends Genre = Genre> {
  contenu: Contenus[G];
  alertes: AlerteRepondue[];
  verification: Verification | null;
}

/** An écrit in a record that is open. */
export interface EcritOuvert<G extends Genre = Genre> {
  row: EcritRow;
  dossier: Dossier;
  ecrit: Ecrit<G>;
}

/** What a list holds: nothing that was written. */
export interface EcritListe {
  id: number;
  cabinet_id: number;
  patient_id: number;
  auteur: Personne;
  statut: StatutEcrit;
  a_remettre: boolean;
  copie_arabe: boolean;
  date_signature: Date | null;
  date_creation: Date;
  date_modification: Date;
  version: number;
}

export interface EcritFilters {
  patient_id?: number[] | undefined;
  statut?: StatutEcrit[] | undefined;
  auteur_id?: number[] | undefined;
}

export const ECRIT_LIST: ListSpec = {
  columns: sql`e.id, e.cabinet_id, e.patient_id, ${AUTEUR}, e.statut, e.a_remettre, e.copie_arabe, e.date_signature,
    e.date_creation, e.date_modification, e.version, p.version AS _patient_version`,
  from: FROM,
  alias: 'e',
  sortable: {
    id: { expression: 'e.id', cast: 'integer' },
    date_creation: { expression: 'e.date_creation', cast: 'timestamptz' },
    date_modification: { expression: 'e.date_modification', cast: 'timestamptz' },
  },
  defaultSort: '-date_creation',
};

/** Those that the caller may have, and the patients whose they are. */
export async function listEcrits(
  { tx, access }: Pick<Asked, 'tx' | 'access'>,
  genre: Genre,
  { patient_id, statut, auteur_id }: EcritFilters,
  page: PageRequest,
): Promise<{ page: Page<EcritListe>; patients: PatientMontre[] }> {
  const conditions: Sql[] = [
    sql`e.genre = ${genre}`,
    access.where('read', 'Ecrit', ECRIT_COLUMNS),
    ...(patient_id === undefined ? [] : [oneOf('e.patient_id', patient_id)]),
    ...(statut === undefined ? [] : [oneOf('e.statut', statut)]),
    ...(auteur_id === undefined ? [] : [oneOf('e.auteur_id', auteur_id)]),
  ];
  const found = await list<EcritListe & { _patient_version: number }>(tx, ECRIT_LIST, conditions, page);
  const patients = found.rows.map(({ patient_id: id, cabinet_id, _patient_version: version }) => ({
    id,
    cabinet_id,
    version,
  }));
  const rows = found.rows.map(({ _patient_version: _, ...row }) => row);
  return { page: { ...found, rows }, patients };
}

/**
 * Opens one, with the record that it is a part of.
 * @param lock keeps it as it is until the transaction ends.
 * @throws {RegieError} `INTROUVABLE`, as `openDossier`
 * @throws {Error} when it is not what was signed
 */
export async function openEcrit<G extends Genre>(
  asked: Pick<AskedOfPatients, 'tx' | 'access' | 'secrets'>,
  genre: G,
  id: number,
  { action = 'read', lock = false }: { action?: 'read' | 'update'; lock?: boolean } = {},
): Promise<EcritOuvert<G>> {
  const { tx, access } = asked;
  if (lock) {
    await query(tx, sql`SELECT id FROM medical.ecrits WHERE id = ${id} AND genre = ${genre} FOR UPDATE`);
    await access.confirm(tx);
  }
  const known = await queryOne<{ patient_id: number }>(
    tx,
    sql`SELECT e.patient_id FROM ${FROM}
        WHERE e.id = ${id} AND e.genre = ${genre} AND ${access.where('read', 'Patient', PATIENT_COLUMNS)}`,
  );
  if (known === null) throw notFound();
  const dossier = await openDossier(asked, known.patient_id, action);
  const row = await queryOne<EcritRow>(
    tx,
    sql`SELECT ${COLUMNS} FROM ${FROM}
        WHERE e.id = ${id} AND e.genre = ${genre} AND ${access.where('read', 'Ecrit', ECRIT_COLUMNS)}`,
  );
  // A draft of somebody else's is theirs.
  if (row === null) throw notFound();
  return { row, dossier, ecrit: opened<G>(row, dossier.cle) };
}

function opened<G extends Genre>(row: EcritRow, cle: ClePatient): Ecrit<G> {
  const signe = openSignature(row, cle);
  const { contenu, alertes, verification } = openContenu(row, cle, signe) as Scelle<G>;
  const { id, cabinet_id, patient_id, auteur, statut, a_remettre, copie_arabe, date_signature } = row;
  const { date_creation, date_modification, version, motif_invalidation } = row;
  return {
    ...{ id, cabinet_id, patient_id, genre: row.genre as G, auteur, statut, contenu, alertes, verification },
    ...{ a_remettre, copie_arabe, date_signature, empreinte: signe?.document ?? null },
    invalidation:
      motif_invalidation === null
        ? null
        : {
            motif: open(cle, placeOf(row, 'motif_invalidation'), motif_invalidation) as string,
            date: row.date_invalidation!,
            par: row.invalide_par!,
          },
    ...{ date_creation, date_modification, version },
  };
}

/** What somebody writes. */
export interface EcritFields<G extends Genre> {
  contenu: Contenus[G];
  a_remettre: boolean;
  copie_arabe: boolean;
}

/**
 * Begins one.
 * @param forcer answers the allergies that it is written against.
 * @throws {RegieError} as `openDossier`; `VALIDATION`, `ALLERGIE_CONNUE`
 */
export async function createEcrit<G extends Genre>(
  asked: AskedOfPatients,
  genre: G,
  patientId: number,
  fields: EcritFields<G>,
  forcer: Forcer | null,
): Promise<EcritOuvert<G>> {
  const { tx, access } = asked;
  await access.confirm(tx);
  const dossier = await openDossier(asked, patientId, 'update');
  requireSound(GENRES[genre].fautes(fields.contenu));
  const scelle = await repondre(asked, dossier, {
    ...{ contenu: fields.contenu, medicaments: GENRES[genre].medicaments(fields.contenu) },
    ...{ alertes: [], forcer },
  });
  const id = await insert(asked, dossier, genre, fields, scelle);
  return openEcrit(asked, genre, id);
}

async function insert<G extends Genre>(
  asked: AskedOfPatients,
  dossier: Dossier,
  genre: G,
  fields: EcritFields<G>,
  scelle: Scelle<G>,
): Promise<number> {
  const { tx, access, actor } = asked;
  const { patient, cle } = dossier;
  const id = drawId();
  const place = placeOf({ id, cabinet_id: patient.cabinet_id, patient_id: patient.id }, 'contenu');
  const inserted = await queryOne(
    tx,
    sql`INSERT INTO medical.ecrits (id, cabinet_id, patient_id, genre, auteur_id, statut, contenu, a_remettre, copie_arabe,
          date_creation, date_modification)
        VALUES (${id}, ${patient.cabinet_id}, ${patient.id}, ${genre}, ${access.principal.userId}, 'brouillon',
                ${seal(cle, place, scelle)}, ${fields.a_remettre}, ${fields.copie_arabe}, ${actor.now}, ${actor.now})
        ON CONFLICT (id) DO NOTHING RETURNING id`,
  );
  return inserted === null ? insert(asked, dossier, genre, fields, scelle) : id;
}

/**
 * Changes a draft of the caller's.
 * @param expected version named by the caller, who has to name one: two windows on one draft do not undo each other.
 * @throws {RegieError} `INTROUVABLE`, as `openDossier`; `SIGNEE`, `VERSION_PERIMEE`, `VALIDATION`, `ALLERGIE_CONNUE`
 */
export async function updateEcrit<G extends Genre>(
  asked: AskedOfPatients,
  genre: G,
  id: number,
  {
    contenu: changes,
    ...fields
  }: Partial<Omit<EcritFields<G>, 'contenu'>> & { contenu: Partial<Contenus[G]> },
  { expected, forcer }: { expected: number | null; forcer: Forcer | null },
): Promise<EcritOuvert<G>> {
  const { tx, actor } = asked;
  const { row, dossier, ecrit } = await openEcrit(asked, genre, id, { action: 'update', lock: true });
  requireDraft(ecrit);
  if (expected === null) throw invalid({ champ: 'If-Match', message: NO_VERSION });
  requireVersion(row, expected);
  const contenu = { ...ecrit.contenu, ...changes };
  requireSound(GENRES[genre].fautes(contenu));
  const scelle = await repondre(asked, dossier, {
    ...{ contenu, medicaments: GENRES[genre].medicaments(contenu) },
    ...{ alertes: ecrit.alertes, forcer },
  });
  const { a_remettre = row.a_remettre, copie_arabe = row.copie_arabe } = fields;
  await query(
    tx,
    sql`UPDATE medical.ecrits SET contenu = ${seal(dossier.cle, placeOf(row, 'contenu'), scelle)},
          a_remettre = ${a_remettre}, copie_arabe = ${copie_arabe}, date_modification = ${actor.now},
          version = version + 1
        WHERE id = ${id} AND cabinet_id = ${row.cabinet_id}`,
  );
  return openEcrit(asked, genre, id);
}

/** @throws {RegieError} `SIGNEE` */
export function requireDraft({ statut }: Pick<Ecrit, 'statut'>): void {
  if (statut !== 'brouillon') throw new RegieError('SIGNEE');
}

/** @throws {RegieError} `VALIDATION` */
export function requireSound(faults: readonly FieldFault[]): void {
  if (faults.length > 0) throw invalid(...faults);
}

/**
 * Says that one that was signed does not hold any more: it stays to be read as it is.
 * @throws {RegieError} `INTROUVABLE`, as `openDossier`; `INTERDIT` to whoever did not sign it, `TRANSITION_INVALIDE`
 */
export async function invaliderEcrit<G extends Genre>(
  asked: AskedOfPatients,
  genre: G,
  id: number,
  motif: string,
): Promise<EcritOuvert<G>> {
  const { tx, access, actor } = asked;
  const { row, dossier, ecrit } = await openEcrit(asked, genre, id, { action: 'update', lock: true });
  const { userId } = access.principal;
  if (ecrit.statut !== 'signee') throw new RegieError('TRANSITION_INVALIDE', { detail: NOT_SIGNED });
  if (ecrit.auteur.id !== userId) throw forbidden();
  await query(
    tx,
    sql`UPDATE medical.ecrits SET statut = 'invalidee', date_invalidation = ${actor.now}, invalide_par = ${userId},
          motif_invalidation = ${seal(dossier.cle, placeOf(row, 'motif_invalidation'), motif)},
          date_modification = ${actor.now}, version = version + 1
        WHERE id = ${id} AND cabinet_id = ${row.cabinet_id}`,
  );
  return openEcrit(asked, genre, id);
}

/**
 * The document, byte for byte as it was signed: for doctors, and for the desk while it is to be handed over.
 * @throws {RegieError} `INTROUVABLE`, as `openDossier`
 * @throws {Error} when it is not what was signed
 */
export async function readDocument(
  asked: Pick<AskedOfPatients, 'tx' | 'access' | 'secrets'>,
  genre: Genre,
  id: number,
  langue: 'fr' | 'ar',
): Promise<{ octets: Buffer; patient: PatientMontre }> {
  const { tx, access } = asked;
  const row = await queryOne<
    EcritRow & { pdf: Buffer | null; pdf_ar: Buffer | null; _patient_version: number; _visible: boolean }
  >(
    tx,
    sql`SELECT ${COLUMNS}, e.pdf, e.pdf_ar, p.version AS _patient_version,
          ${access.where('read', 'Ecrit', ECRIT_COLUMNS)} AS _visible
        FROM ${FROM} WHERE e.id = ${id} AND e.genre = ${genre} AND ${access.where('read', 'Patient', PATIENT_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  const { patient, cle } = await openToRead(asked, row);
  const sealed = langue === 'ar' ? row.pdf_ar : row.pdf;
  if (!row._visible || sealed === null) throw notFound();
  const signe = openSignature(row, cle)!;
  const octets = openDocument(row, cle, signe, langue === 'ar' ? 'pdf_ar' : 'pdf', sealed);
  return { octets, patient };
}

/**
 * A doctor opens the record. The desk does not: of it, it has this one document, and only while it is to be handed over.
 */
async function openToRead(
  asked: Pick<AskedOfPatients, 'tx' | 'access' | 'secrets'>,
  row: EcritRow & { _patient_version: number; _visible: boolean },
): Promise<Dossier> {
  const { tx, access, secrets } = asked;
  const { patient_id: id, cabinet_id, _patient_version: version } = row;
  if (!row._visible || isSoignant(access, cabinet_id)) return openDossier(asked, id, 'read');
  return { patient: { id, cabinet_id, version }, cle: (await openClesPatient(tx, secrets, [id])).get(id)! };
}

const NO_VERSION = {
  fr: 'La version que l’on modifie est à nommer',
  en: 'The version that one changes is to be named',
};
const NOT_SIGNED = {
  fr: 'Seul ce qui est signé et tient encore peut être invalidé',
  en: 'Only what is signed and holds can be invalidated',
};
