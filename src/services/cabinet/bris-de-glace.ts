import sql, { raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { BRIS_COLUMNS, ouvert } from '../../auth/columns';
import { query, queryOne } from '../../db/sql';
import { type Conclusion, DUREE_BRIS, type EtatBris } from '../../domain/cabinet/bris-de-glace';
import { forbidden, notFound, RegieError, type Texte } from '../../domain/errors';
import { oneOf } from '../conditions';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import type { PatientMontre } from './acces';
import { visiblePatient } from './dossiers';
import type { AskedOfPatients } from './patients';
import { type ClePatient, open, openClesPatient, type Place, seal } from './sceau';
import { drawId } from './tirage';

/**
 * Records that are not shared, opened all the same by a doctor of the practice, with a reason and for an hour. What it opens is
 * what `DOSSIER_COLUMNS` says of an open row; what a doctor keeps for themselves stays closed, since no rule of theirs asks
 * this table. The patient is told, and somebody else of those who run the practice reviews it (docs/decisions/067).
 */

/** As it is answered. What was written of the patient is opened with their key. */
export interface BrisDeGlace<Instant = Date> {
  id: number;
  cabinet_id: number;
  patient_id: number;
  user_id: number;
  auteur: { nom: string; prenom: string };
  motif: string;
  date_debut: Instant;
  date_fin: Instant;
  etat: EtatBris;
  averti_le: Instant | null;
  revue: {
    auteur: { nom: string; prenom: string };
    date: Instant;
    conclusion: Conclusion;
    commentaire: string | null;
  } | null;
}

interface Stored<Instant = Date> extends Omit<BrisDeGlace<Instant>, 'motif' | 'revue'> {
  /** In base64, as the next one. */
  motif: string;
  commentaire: string | null;
  revue_le: Instant | null;
  conclusion: Conclusion | null;
  relecteur: { nom: string; prenom: string } | null;
  version: number;
}

const ETAT = `CASE WHEN b.revue_le IS NOT NULL THEN 'revu' WHEN ${ouvert('b')} THEN 'ouvert' ELSE 'a_revoir' END`;

const COLUMNS = sql`b.id, b.cabinet_id, b.patient_id, b.user_id, json_build_object('nom', u.nom, 'prenom', u.prenom) AS auteur,
  encode(b.motif, 'base64') AS motif, b.date_debut, b.date_fin, ${raw(ETAT)} AS etat, b.averti_le, b.revue_le, b.conclusion,
  encode(b.commentaire, 'base64') AS commentaire,
  CASE WHEN r.id IS NOT NULL THEN json_build_object('nom', r.nom, 'prenom', r.prenom) END AS relecteur, p.version`;
const FROM = sql`medical.bris_de_glace b JOIN users u ON u.id = b.user_id LEFT JOIN users r ON r.id = b.revue_par
  JOIN medical.patients p ON p.cabinet_id = b.cabinet_id AND p.id = b.patient_id`;

export const BRIS_LIST: ListSpec = {
  columns: COLUMNS,
  from: FROM,
  alias: 'b',
  sortable: {
    id: { expression: 'b.id', cast: 'integer' },
    date_debut: { expression: 'b.date_debut', cast: 'timestamptz' },
  },
  defaultSort: '-date_debut',
};

export interface BrisFilters {
  cabinet_id?: number[] | undefined;
  patient_id?: number[] | undefined;
  user_id?: number[] | undefined;
  etat?: EtatBris[] | undefined;
}

/** Those of the practices that the caller runs, and their own. */
export async function listBris(
  asked: Omit<AskedOfPatients, 'actor'>,
  { cabinet_id, patient_id, user_id, etat }: BrisFilters,
  page: PageRequest,
): Promise<{
  page: Omit<Page<unknown>, 'rows'> & { rows: BrisDeGlace<string>[] };
  patients: PatientMontre[];
}> {
  const conditions: Sql[] = [
    asked.access.where('read', 'BrisDeGlace', BRIS_COLUMNS),
    ...(cabinet_id === undefined ? [] : [oneOf('b.cabinet_id', cabinet_id)]),
    ...(patient_id === undefined ? [] : [oneOf('b.patient_id', patient_id)]),
    ...(user_id === undefined ? [] : [oneOf('b.user_id', user_id)]),
    ...(etat === undefined ? [] : [sql`${raw(ETAT)} = ANY(${etat}::text[])`]),
  ];
  const found = await list<Stored>(asked.tx, BRIS_LIST, conditions, page);
  const keys = await openClesPatient(asked.tx, asked.secrets, [
    ...new Set(found.rows.map(({ patient_id: id }) => id)),
  ]);
  const rows = found.rows.map((row) => opened(row, keys.get(row.patient_id)!));
  return { page: { ...found, rows }, patients: found.rows.map(patientOf) };
}

/** One, and whose it is. @throws {RegieError} `INTROUVABLE` for one that the caller may not see */
export async function readBris(
  { tx, access, secrets }: Omit<AskedOfPatients, 'actor'>,
  id: number,
): Promise<{ bris: BrisDeGlace; patient: PatientMontre }> {
  const row = await queryOne<Stored>(
    tx,
    sql`SELECT ${COLUMNS} FROM ${FROM} WHERE b.id = ${id} AND ${access.where('read', 'BrisDeGlace', BRIS_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  const cle = (await openClesPatient(tx, secrets, [row.patient_id])).get(row.patient_id)!;
  return { bris: opened(row, cle), patient: patientOf(row) };
}

function patientOf({
  patient_id,
  cabinet_id,
  version,
}: Pick<Stored, 'patient_id' | 'cabinet_id' | 'version'>): PatientMontre {
  return { id: patient_id, cabinet_id, version };
}

function opened<Instant>(row: Stored<Instant>, cle: ClePatient): BrisDeGlace<Instant> {
  const { motif, commentaire, revue_le, conclusion, relecteur, version: _, ...rest } = row;
  const read = (champ: 'motif' | 'commentaire', sealed: string) =>
    open(cle, placeOf(row, champ), Buffer.from(sealed, 'base64')) as string;
  return {
    ...rest,
    motif: read('motif', motif),
    revue:
      revue_le === null
        ? null
        : {
            auteur: relecteur!,
            date: revue_le,
            conclusion: conclusion!,
            commentaire: commentaire === null ? null : read('commentaire', commentaire),
          },
  };
}

const placeOf = (
  { id, cabinet_id, patient_id }: Pick<Stored, 'id' | 'cabinet_id' | 'patient_id'>,
  champ: 'motif' | 'commentaire',
): Place => ({ cabinet_id, patient_id, table: 'bris_de_glace', ligne: id, champ });

/**
 * Opens the record of a patient to the caller for an hour.
 * @param motif why; sealed.
 * @throws {RegieError} `INTROUVABLE` for a patient whom the caller may not see, `INTERDIT` to whoever treats nobody there,
 *   `DEJA_EXISTANT` when the record is open to them already
 */
export async function ouvrirDossier(
  asked: AskedOfPatients,
  patientId: number,
  motif: string,
): Promise<{ bris: BrisDeGlace; patient: PatientMontre }> {
  const { tx, access, actor, secrets } = asked;
  // Of two at once the second finds it open.
  await query(tx, sql`SELECT id FROM medical.patients WHERE id = ${patientId} FOR NO KEY UPDATE`);
  await access.confirm(tx);
  const row = await visiblePatient(tx, access, patientId);
  const { userId } = access.principal;
  access.require('create', 'BrisDeGlace', { cabinet_id: row.cabinet_id, user_id: userId });
  if (access.may('read', 'Dossier', row)) throw new RegieError('DEJA_EXISTANT', { detail: OPEN_ALREADY });
  const key = (await openClesPatient(tx, secrets, [row.id])).get(row.id)!;
  const place = { cabinet_id: row.cabinet_id, patient_id: row.id };
  const fin = new Date(actor.now.getTime() + DUREE_BRIS);
  const id = await insert(tx, key, {
    ...place,
    user_id: userId,
    motif,
    date_debut: actor.now,
    date_fin: fin,
  });
  return readBris(asked, id);
}

/** Under an id that nobody has: drawn, so that it tells of nobody else's. */
async function insert(
  tx: EntityManager,
  key: ClePatient,
  given: Pick<BrisDeGlace, 'cabinet_id' | 'patient_id' | 'user_id' | 'motif' | 'date_debut' | 'date_fin'>,
): Promise<number> {
  const { cabinet_id, patient_id, user_id, motif, date_debut, date_fin } = given;
  const id = drawId();
  const sealed = seal(key, placeOf({ ...given, id }, 'motif'), motif);
  const inserted = await queryOne<{ id: number }>(
    tx,
    sql`INSERT INTO medical.bris_de_glace (id, cabinet_id, patient_id, user_id, motif, date_debut, date_fin, suivi_le)
        VALUES (${id}, ${cabinet_id}, ${patient_id}, ${user_id}, ${sealed}, ${date_debut}, ${date_fin}, ${date_debut})
        ON CONFLICT (id) DO NOTHING RETURNING id`,
  );
  return inserted?.id ?? insert(tx, key, given);
}

/**
 * Closes it before its time; one that is over already stays as it is.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`
 */
export async function fermerDossier(
  asked: AskedOfPatients,
  id: number,
): Promise<{ bris: BrisDeGlace; patient: PatientMontre }> {
  const { tx, access, actor } = asked;
  const row = await lockBris(asked, id);
  access.require('cancel', 'BrisDeGlace', row);
  await query(
    tx,
    sql`UPDATE medical.bris_de_glace b SET date_fin = greatest(b.date_debut, least(${actor.now}::timestamptz, now())),
          suivi_le = now()
        WHERE b.id = ${id} AND b.cabinet_id = ${row.cabinet_id} AND ${raw(ouvert('b'))}`,
  );
  return readBris(asked, id);
}

/**
 * Says whether it was right to open the record: once, and never by whoever opened it.
 * @param commentaire sealed.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `DEJA_EXISTANT` when it was reviewed before
 */
export async function revoirBris(
  asked: AskedOfPatients,
  id: number,
  { conclusion, commentaire }: { conclusion: Conclusion; commentaire: string | null },
): Promise<{ bris: BrisDeGlace; patient: PatientMontre }> {
  const { tx, access, actor, secrets } = asked;
  const row = await lockBris(asked, id);
  access.require('update', 'BrisDeGlace', row);
  if (row.user_id === access.principal.userId) throw forbidden(THEIR_OWN);
  if (row.revue_le !== null) throw new RegieError('DEJA_EXISTANT', { detail: REVIEWED_ALREADY });
  const key = (await openClesPatient(tx, secrets, [row.patient_id])).get(row.patient_id)!;
  const sealed = commentaire === null ? null : seal(key, placeOf({ ...row, id }, 'commentaire'), commentaire);
  await query(
    tx,
    sql`UPDATE medical.bris_de_glace SET revue_par = ${access.principal.userId}, revue_le = ${actor.now},
          conclusion = ${conclusion}, commentaire = ${sealed}, suivi_le = now()
        WHERE id = ${id} AND cabinet_id = ${row.cabinet_id}`,
  );
  return readBris(asked, id);
}

type Locked = Pick<Stored, 'cabinet_id' | 'patient_id' | 'user_id' | 'revue_le'>;

/** @throws {RegieError} `INTROUVABLE` for one that the caller may not see */
async function lockBris({ tx, access }: AskedOfPatients, id: number): Promise<Locked> {
  await query(tx, sql`SELECT id FROM medical.bris_de_glace WHERE id = ${id} FOR UPDATE`);
  await access.confirm(tx);
  const row = await queryOne<Locked>(
    tx,
    sql`SELECT b.cabinet_id, b.patient_id, b.user_id, b.revue_le FROM medical.bris_de_glace b
        WHERE b.id = ${id} AND ${access.where('read', 'BrisDeGlace', BRIS_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  return row;
}

const OPEN_ALREADY: Texte = {
  fr: 'Ce dossier vous est ouvert : rien à forcer',
  en: 'This record is open to you: there is nothing to force',
};
const REVIEWED_ALREADY: Texte = { fr: 'Déjà revu', en: 'Reviewed already' };
const THEIR_OWN: Texte = {
  fr: 'Qui a ouvert un dossier ne juge pas s’il le fallait',
  en: 'Whoever opened a record does not judge whether they should have',
};
