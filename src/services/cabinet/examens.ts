import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { DOSSIER_COLUMNS, EXAMEN_NON_RATTACHE_COLUMNS, PATIENT_COLUMNS } from '../../auth/columns';
import { query, queryOne } from '../../db/sql';
import {
  type Decision,
  type EtatExamen,
  prochainDe,
  type StatutExamen,
  statutApresDecision,
  statutApresResultat,
} from '../../domain/cabinet/examens';
import { forbidden, invalid, notFound, RegieError, unknownReference } from '../../domain/errors';
import { endOfDay } from '../../domain/local-time';
import { oneOf } from '../conditions';
import type { Asked } from '../crud';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';
import type { PatientMontre } from './acces';
import { isSoignant, openDossier } from './dossiers';
import { type AskedOfPatients, requirePatient } from './patients';
import {
  type ClePatient,
  open,
  openCleDePersonne,
  openClesPatient,
  PERSONNE,
  type Place,
  seal,
} from './sceau';
import { drawId } from './tirage';

/**
 * What doctors asked for and what came back. What it says is sealed under the key of the patient, or under one of the practice
 * while nobody knows whose it is; states and instants are clear, so that a result that nobody looks at is found.
 */

export interface ContenuExamen {
  libelle: string;
  indication: string | null;
  laboratoire: string | null;
}

/** Who a result says that it is of, as it was written. */
export interface IdentiteLue {
  nom: string;
  prenoms: string | null;
  date_naissance: string | null;
}

export interface NouveauResultat {
  texte: string;
  partiel: boolean;
  critique: boolean;
}

export interface DecisionPrise {
  decision: Decision;
  commentaire: string | null;
}

interface Personne {
  id: number;
  nom: string;
  prenom: string;
}

export interface Resultat {
  numero: number;
  texte: string;
  partiel: boolean;
  critique: boolean;
  auteur: Personne;
  date: Date;
  vu_le: Date | null;
  vu_par: Personne | null;
  decision: DecisionPrise | null;
}

export interface Examen extends ContenuExamen {
  id: number;
  cabinet_id: number;
  patient_id: number | null;
  /** Who is told of it first. */
  medecin: Personne | null;
  statut: StatutExamen;
  identite: IdentiteLue | null;
  attendu_le: string | null;
  /** Of what came last. */
  critique: boolean;
  recu_le: Date | null;
  /** All that came, in the order in which it did. */
  resultats: Resultat[];
  vu_le: Date | null;
  vu_par: Personne | null;
  /** What was decided last. */
  decision: DecisionPrise | null;
  date_creation: Date;
  date_modification: Date;
  version: number;
}

export interface ExamenOuvert {
  examen: Examen;
  /** Empty while it is nobody's. */
  patients: PatientMontre[];
}

interface Row {
  id: number;
  cabinet_id: number;
  patient_id: number | null;
  auteur_id: number | null;
  medecin: Personne | null;
  statut: StatutExamen;
  contenu: Buffer;
  identite: Buffer | null;
  attendu_le: string | null;
  attendu_fin: Date | null;
  numero: number;
  critique: boolean;
  recu_le: Date | null;
  retard_dit_le: Date | null;
  niveau: number;
  vu_le: Date | null;
  vu_par: Personne | null;
  decision: Buffer | null;
  date_creation: Date;
  date_modification: Date;
  version: number;
}

const personne = (column: Sql) =>
  sql`(SELECT json_build_object('id', u.id, 'nom', u.nom, 'prenom', u.prenom) FROM users u WHERE u.id = ${column})`;
const COLUMNS = sql`e.id, e.cabinet_id, e.patient_id, e.auteur_id, ${personne(sql`e.auteur_id`)} AS medecin, e.statut, e.contenu, e.identite,
  e.attendu_le::text AS attendu_le, e.attendu_fin, e.numero, e.critique, e.recu_le, e.retard_dit_le, e.niveau,
  e.vu_le, ${personne(sql`e.vu_par`)} AS vu_par, e.decision, e.date_creation, e.date_modification, e.version`;

type Located = Pick<Row, 'id' | 'cabinet_id' | 'patient_id'>;

function placeOf({ id, cabinet_id, patient_id }: Located, champ: 'contenu' | 'identite' | 'decision'): Place {
  return { cabinet_id, patient_id: patient_id ?? PERSONNE, table: 'examens', ligne: id, champ };
}

function placeOfResultat(
  { cabinet_id, patient_id }: Located,
  ligne: number,
  champ: 'contenu' | 'decision',
): Place {
  return { cabinet_id, patient_id: patient_id ?? PERSONNE, table: 'resultats_examen', ligne, champ };
}

/** What a list holds: nothing of what was asked or came. */
export interface ExamenListe {
  id: number;
  cabinet_id: number;
  patient_id: number;
  medecin: Personne | null;
  statut: StatutExamen;
  attendu_le: string | null;
  critique: boolean;
  recu_le: Date | null;
  date_creation: Date;
  date_modification: Date;
  version: number;
}

export interface ExamenFilters {
  patient_id?: number[] | undefined;
  statut?: StatutExamen[] | undefined;
  medecin_id?: number[] | undefined;
}

const SORTABLE: ListSpec['sortable'] = {
  id: { expression: 'e.id', cast: 'integer' },
  date_creation: { expression: 'e.date_creation', cast: 'timestamptz' },
  date_modification: { expression: 'e.date_modification', cast: 'timestamptz' },
};

export const EXAMEN_LIST: ListSpec = {
  columns: sql`e.id, e.cabinet_id, e.patient_id, ${personne(sql`e.auteur_id`)} AS medecin, e.statut, e.attendu_le::text AS attendu_le,
    e.critique, e.recu_le, e.date_creation, e.date_modification, e.version, p.version AS _patient_version`,
  from: sql`medical.examens e JOIN medical.patients p ON p.cabinet_id = e.cabinet_id AND p.id = e.patient_id`,
  alias: 'e',
  sortable: SORTABLE,
  defaultSort: '-date_creation',
};

/** Those of the records that the caller may open. */
export async function listExamens(
  { tx, access }: Pick<Asked, 'tx' | 'access'>,
  { patient_id, statut, medecin_id }: ExamenFilters,
  page: PageRequest,
): Promise<{ page: Page<ExamenListe>; patients: PatientMontre[] }> {
  const conditions: Sql[] = [
    access.where('read', 'Dossier', DOSSIER_COLUMNS),
    ...(patient_id === undefined ? [] : [oneOf('e.patient_id', patient_id)]),
    ...(statut === undefined ? [] : [oneOf('e.statut', statut)]),
    ...(medecin_id === undefined ? [] : [oneOf('e.auteur_id', medecin_id)]),
  ];
  const found = await list<ExamenListe & { _patient_version: number }>(tx, EXAMEN_LIST, conditions, page);
  const patients = found.rows.map(({ patient_id: id, cabinet_id, _patient_version: version }) => ({
    id,
    cabinet_id,
    version,
  }));
  return { page: { ...found, rows: found.rows.map(({ _patient_version: _, ...row }) => row) }, patients };
}

/** A result that is nobody's yet, as the desk sees it: whose it says that it is, and nothing that it says. */
export interface ExamenNonRattache {
  id: number;
  cabinet_id: number;
  identite: IdentiteLue;
  critique: boolean;
  recu_le: Date;
  date_creation: Date;
  date_modification: Date;
  version: number;
}

export const NON_RATTACHES_LIST: ListSpec = {
  columns: sql`e.id, e.cabinet_id, encode(e.identite, 'base64') AS identite, e.critique, e.recu_le, e.date_creation,
    e.date_modification, e.version`,
  from: sql`medical.examens e`,
  alias: 'e',
  sortable: SORTABLE,
  defaultSort: 'date_creation',
};

/** The inbox of the caller's practices. */
export async function listNonRattaches(
  { tx, access, secrets }: Pick<AskedOfPatients, 'tx' | 'access' | 'secrets'>,
  page: PageRequest,
): Promise<Page<ExamenNonRattache>> {
  const found = await list<Omit<ExamenNonRattache, 'identite'> & { identite: string }>(
    tx,
    NON_RATTACHES_LIST,
    [
      sql`e.patient_id IS NULL`,
      sql`e.statut <> 'vu'`,
      access.where('read', 'ExamenNonRattache', EXAMEN_NON_RATTACHE_COLUMNS),
    ],
    page,
  );
  const cles = new Map<number, ClePatient>();
  for (const id of new Set(found.rows.map(({ cabinet_id }) => cabinet_id))) {
    cles.set(id, await openCleDePersonne(tx, secrets, id));
  }
  const rows = found.rows.map(({ identite, ...row }) => {
    const place = placeOf({ ...row, patient_id: null }, 'identite');
    const opened = open(cles.get(row.cabinet_id)!, place, Buffer.from(identite, 'base64')) as IdentiteLue;
    return { ...row, identite: opened };
  });
  return { ...found, rows };
}

interface Ouvert {
  row: Row;
  cle: ClePatient;
  patients: PatientMontre[];
}

/**
 * Opens one, with the record that it is a part of; one that is nobody's yet for any doctor of the practice.
 * @throws {RegieError} `INTROUVABLE`, as `openDossier`
 */
async function openRow(
  asked: Pick<AskedOfPatients, 'tx' | 'access' | 'secrets'>,
  id: number,
  { action = 'read', lock = false }: { action?: 'read' | 'update'; lock?: boolean } = {},
): Promise<Ouvert> {
  const { tx, access, secrets } = asked;
  const row = await visibleRow(asked, id, lock);
  if (row.patient_id === null) {
    if (!isSoignant(access, row.cabinet_id)) throw forbidden();
    return { row, cle: await openCleDePersonne(tx, secrets, row.cabinet_id), patients: [] };
  }
  const { patient, cle } = await openDossier(asked, row.patient_id, action);
  return { row, cle, patients: [patient] };
}

/** One of a patient or of an inbox that the caller may know of. @throws {RegieError} `INTROUVABLE` */
async function visibleRow(
  { tx, access }: Pick<AskedOfPatients, 'tx' | 'access'>,
  id: number,
  lock: boolean,
): Promise<Row> {
  if (lock) {
    await query(tx, sql`SELECT id FROM medical.examens WHERE id = ${id} FOR UPDATE`);
    await access.confirm(tx);
  }
  const row = await queryOne<Row>(
    tx,
    sql`SELECT ${COLUMNS} FROM medical.examens e
          LEFT JOIN medical.patients p ON p.cabinet_id = e.cabinet_id AND p.id = e.patient_id
        WHERE e.id = ${id} AND CASE WHEN e.patient_id IS NULL
          THEN ${access.where('read', 'ExamenNonRattache', EXAMEN_NON_RATTACHE_COLUMNS)}
          ELSE ${access.where('read', 'Patient', PATIENT_COLUMNS)} END`,
  );
  if (row === null) throw notFound();
  return row;
}

/** @throws {RegieError} `INTROUVABLE`, as `openDossier` */
export async function readExamen(
  asked: Pick<AskedOfPatients, 'tx' | 'access' | 'secrets'>,
  id: number,
): Promise<ExamenOuvert> {
  const { row, cle, patients } = await openRow(asked, id);
  return { examen: await opened(asked.tx, row, cle), patients };
}

interface ResultatRow extends Omit<Resultat, 'texte' | 'decision'> {
  id: number;
  contenu: Buffer;
  decision: Buffer | null;
}

function resultatsOf(tx: EntityManager, { id, cabinet_id }: Located): Promise<ResultatRow[]> {
  return query<ResultatRow>(
    tx,
    sql`SELECT r.id, r.numero, r.contenu, r.partiel, r.critique, ${personne(sql`r.auteur_id`)} AS auteur, r.date, r.vu_le,
          ${personne(sql`r.vu_par`)} AS vu_par, r.decision
        FROM medical.resultats_examen r WHERE r.cabinet_id = ${cabinet_id} AND r.examen_id = ${id} ORDER BY r.numero`,
  );
}

async function opened(tx: EntityManager, row: Row, cle: ClePatient): Promise<Examen> {
  const resultats = (await resultatsOf(tx, row)).map(({ id, contenu, decision, ...rest }) => ({
    ...rest,
    texte: open(cle, placeOfResultat(row, id, 'contenu'), contenu) as string,
    decision: decision && (open(cle, placeOfResultat(row, id, 'decision'), decision) as DecisionPrise),
  }));
  const { id, cabinet_id, patient_id, medecin, statut, attendu_le, critique, recu_le, vu_le, vu_par } = row;
  const { date_creation, date_modification, version } = row;
  return {
    ...(open(cle, placeOf(row, 'contenu'), row.contenu) as ContenuExamen),
    ...{
      id,
      cabinet_id,
      patient_id,
      medecin,
      statut,
      attendu_le,
      critique,
      recu_le,
      resultats,
      vu_le,
      vu_par,
    },
    identite: row.identite && (open(cle, placeOf(row, 'identite'), row.identite) as IdentiteLue),
    decision: row.decision && (open(cle, placeOf(row, 'decision'), row.decision) as DecisionPrise),
    ...{ date_creation, date_modification, version },
  };
}

/** What somebody asks for, of a patient. */
export interface DemandeExamen {
  patient_id: number;
  contenu: ContenuExamen;
  attendu_le: string | null;
}

/** What came without anybody knowing yet whose it is. */
export interface ExamenRecu {
  cabinet_id: number | null;
  contenu: ContenuExamen;
  identite: IdentiteLue;
  resultat: NouveauResultat;
}

/** Asks for one. @throws {RegieError} as `openDossier` */
export async function demanderExamen(
  asked: AskedOfPatients,
  { patient_id, contenu, attendu_le }: DemandeExamen,
): Promise<ExamenOuvert> {
  const { tx, access, actor } = asked;
  await access.confirm(tx);
  const { patient, cle } = await openDossier(asked, patient_id, 'update');
  const { cabinet_id } = patient;
  const fin = await endOf(tx, cabinet_id, attendu_le);
  const id = await insertExamen(tx, drawId(), (drawnId) => ({
    ...{ cabinet_id, patient_id, auteur_id: access.principal.userId, statut: statutSans(attendu_le) },
    contenu: seal(cle, placeOf({ id: drawnId, cabinet_id, patient_id }, 'contenu'), contenu),
    ...{ identite: null, attendu_le, attendu_fin: fin, now: actor.now },
  }));
  await follow(tx, id);
  return readExamen(asked, id);
}

const statutSans = (attendu_le: string | null): StatutExamen => (attendu_le === null ? 'demande' : 'attendu');

/** When the day of a practice has ended. */
async function endOf(tx: EntityManager, cabinetId: number, jour: string | null): Promise<Date | null> {
  if (jour === null) return null;
  const cabinet = await queryOne<{ fuseau_horaire: string }>(
    tx,
    sql`SELECT fuseau_horaire FROM medical.cabinets WHERE id = ${cabinetId}`,
  );
  return new Date(endOfDay(jour, cabinet!.fuseau_horaire));
}

interface NewRow {
  cabinet_id: number;
  patient_id: number | null;
  auteur_id: number | null;
  statut: StatutExamen;
  contenu: Buffer;
  identite: Buffer | null;
  attendu_le: string | null;
  attendu_fin: Date | null;
  /** Of a result that came with it. */
  recu?: { critique: boolean };
  now: Date;
}

/** Under an id that nobody has. */
async function insertExamen(tx: EntityManager, id: number, rowOf: (id: number) => NewRow): Promise<number> {
  const { cabinet_id, patient_id, auteur_id, statut, contenu, identite, attendu_le, attendu_fin, recu, now } =
    rowOf(id);
  const inserted = await queryOne(
    tx,
    sql`INSERT INTO medical.examens (id, cabinet_id, patient_id, auteur_id, statut, contenu, identite, attendu_le, attendu_fin,
          numero, critique, recu_le, date_creation, date_modification)
        VALUES (${id}, ${cabinet_id}, ${patient_id}::integer, ${auteur_id}::integer, ${statut}, ${contenu}, ${identite}, ${attendu_le},
                ${attendu_fin}::timestamptz, ${recu === undefined ? 0 : 1}, ${recu?.critique ?? false},
                ${recu === undefined ? null : now}::timestamptz, ${now}, ${now})
        ON CONFLICT (id) DO NOTHING RETURNING id`,
  );
  return inserted === null ? insertExamen(tx, drawId(), rowOf) : id;
}

/**
 * Puts a result into the inbox of a practice.
 * @returns under which number.
 * @throws {RegieError} `INTERDIT`, `VALIDATION`
 */
export async function recevoirExamen(asked: AskedOfPatients, given: ExamenRecu): Promise<number> {
  const { tx, access, actor, secrets } = asked;
  await access.confirm(tx);
  const cabinet_id = cabinetFor(asked, given.cabinet_id);
  const cle = await openCleDePersonne(tx, secrets, cabinet_id);
  const { contenu, identite, resultat } = given;
  const id = await insertExamen(tx, drawId(), (drawnId) => {
    const place = { id: drawnId, cabinet_id, patient_id: null };
    return {
      ...{ cabinet_id, patient_id: null, auteur_id: null, statut: statutApresResultat(resultat.partiel) },
      contenu: seal(cle, placeOf(place, 'contenu'), contenu),
      identite: seal(cle, placeOf(place, 'identite'), identite),
      ...{ attendu_le: null, attendu_fin: null, recu: { critique: resultat.critique }, now: actor.now },
    };
  });
  await insertResultat(asked, { id, cabinet_id, patient_id: null }, cle, 1, resultat);
  await follow(tx, id);
  return id;
}

/** The practice whose inbox it is. */
function cabinetFor({ access }: Pick<Asked, 'access'>, cabinetId: number | null): number {
  const { appartenances = [] } = access.principal;
  const theirs = [...new Set(appartenances.map((one) => one.cabinetId))];
  if (cabinetId === null && theirs.length !== 1) throw invalid({ champ: 'cabinet_id', message: WHICH });
  const id = cabinetId ?? theirs[0]!;
  // One that is somebody else's is none.
  if (!theirs.includes(id)) throw unknownReference('cabinet_id');
  access.require('create', 'ExamenNonRattache', { cabinet_id: id });
  return id;
}

async function insertResultat(
  { tx, actor }: Pick<Asked, 'tx' | 'actor'>,
  of: Located,
  cle: ClePatient,
  numero: number,
  { texte, partiel, critique }: NouveauResultat,
): Promise<void> {
  const id = drawId();
  const inserted = await queryOne(
    tx,
    sql`INSERT INTO medical.resultats_examen (id, cabinet_id, patient_id, examen_id, numero, partiel, critique, contenu, auteur_id, date)
        VALUES (${id}, ${of.cabinet_id}, ${of.patient_id}::integer, ${of.id}, ${numero}, ${partiel}, ${critique},
                ${seal(cle, placeOfResultat(of, id, 'contenu'), texte)}, ${actor.userId}, ${actor.now})
        ON CONFLICT (id) DO NOTHING RETURNING id`,
  );
  if (inserted === null) await insertResultat({ tx, actor }, of, cle, numero, { texte, partiel, critique });
}

/**
 * Changes when it is expected, or who is told of it.
 * @throws {RegieError} `INTROUVABLE`, as `openDossier`; `VERSION_PERIMEE`, `VALIDATION`
 */
export async function updateExamen(
  asked: AskedOfPatients,
  id: number,
  { attendu_le, medecin_id }: { attendu_le?: string | null; medecin_id?: number },
  expected: number | null,
): Promise<ExamenOuvert> {
  const { tx, actor } = asked;
  const { row } = await openRow(asked, id, { action: 'update', lock: true });
  requireVersion(row, expected);
  if (medecin_id !== undefined) await requireMedecin(tx, row.cabinet_id, medecin_id);
  const jour = attendu_le === undefined ? row.attendu_le : attendu_le;
  const waits = row.statut === 'demande' || row.statut === 'attendu';
  await query(
    tx,
    sql`UPDATE medical.examens SET attendu_le = ${jour}, attendu_fin = ${await endOf(tx, row.cabinet_id, jour)}::timestamptz,
          statut = ${waits ? statutSans(jour) : row.statut}, auteur_id = ${medecin_id ?? row.auteur_id}::integer,
          retard_dit_le = ${jour === row.attendu_le ? row.retard_dit_le : null}::timestamptz,
          date_modification = ${actor.now}, version = version + 1
        WHERE id = ${id} AND cabinet_id = ${row.cabinet_id}`,
  );
  await follow(tx, id);
  return readExamen(asked, id);
}

/** @throws {RegieError} `VALIDATION` for who never was a doctor of the practice */
async function requireMedecin(tx: EntityManager, cabinetId: number, userId: number): Promise<void> {
  const found = await queryOne(
    tx,
    sql`SELECT FROM medical.membres_cabinet WHERE cabinet_id = ${cabinetId} AND user_id = ${userId}
          AND fonction IN ('medecin', 'remplacant') LIMIT 1`,
  );
  if (found === null) throw unknownReference('medecin_id');
}

/**
 * Adds what came: each time a version of its own, and each waits until it is seen.
 * @throws {RegieError} `INTROUVABLE`, as `openDossier`
 */
export async function ajouterResultat(
  asked: AskedOfPatients,
  id: number,
  resultat: NouveauResultat,
): Promise<ExamenOuvert> {
  const { tx, actor } = asked;
  const { row, cle } = await openRow(asked, id, { action: 'update', lock: true });
  const numero = row.numero + 1;
  await insertResultat(asked, row, cle, numero, resultat);
  await query(
    tx,
    sql`UPDATE medical.examens SET statut = ${statutApresResultat(resultat.partiel)}, numero = ${numero},
          critique = ${resultat.critique}, recu_le = ${actor.now}, niveau = 0, date_modification = ${actor.now},
          version = version + 1
        WHERE id = ${id} AND cabinet_id = ${row.cabinet_id}`,
  );
  await follow(tx, id);
  return readExamen(asked, id);
}

/**
 * Says that a doctor has seen what came, and what they do about it.
 * @param numero of the result that they saw; null for what never came, and is not waited for any more.
 * @throws {RegieError} `INTROUVABLE`, as `openDossier`; `VERSION_PERIMEE` when something has come since,
 *   `TRANSITION_INVALIDE` when it was decided on already, or nothing has come
 */
export async function deciderExamen(
  asked: AskedOfPatients,
  id: number,
  numero: number | null,
  prise: DecisionPrise,
): Promise<ExamenOuvert> {
  const { tx, actor, access } = asked;
  const { row, cle } = await openRow(asked, id, { action: 'update', lock: true });
  const waits = row.statut === 'recu' || row.statut === 'partiel';
  if (row.statut === 'vu') throw new RegieError('TRANSITION_INVALIDE', { detail: DECIDED });
  if (!waits && prise.decision !== 'sans_objet')
    throw new RegieError('TRANSITION_INVALIDE', { detail: NOTHING_CAME });
  if (waits && numero !== row.numero) throw new RegieError('VERSION_PERIMEE', { detail: NOT_THE_LAST });
  const { userId } = access.principal;
  if (waits) {
    const last = (await resultatsOf(tx, row)).at(-1)!;
    await query(
      tx,
      sql`UPDATE medical.resultats_examen SET vu_le = ${actor.now}, vu_par = ${userId},
            decision = ${seal(cle, placeOfResultat(row, last.id, 'decision'), prise)}
          WHERE cabinet_id = ${row.cabinet_id} AND id = ${last.id}`,
    );
  }
  await query(
    tx,
    sql`UPDATE medical.examens SET statut = ${statutApresDecision(row.statut, prise.decision, row.attendu_le !== null)},
          vu_le = ${actor.now}, vu_par = ${userId}, decision = ${seal(cle, placeOf(row, 'decision'), prise)}, niveau = 0,
          date_modification = ${actor.now}, version = version + 1
        WHERE id = ${id} AND cabinet_id = ${row.cabinet_id}`,
  );
  await follow(tx, id);
  return readExamen(asked, id);
}

/**
 * Says whose a result is: from then on it is sealed under their key, and waits for a doctor as any other. Who does so at the desk
 * reads nothing of it.
 * @param medecinId who is told of it first; null for the caller, who is a doctor then.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VALIDATION`, `TRANSITION_INVALIDE` when it is somebody's already
 */
export async function rattacherExamen(
  asked: AskedOfPatients,
  id: number,
  patientId: number,
  medecinId: number | null,
): Promise<Rattachement> {
  const { tx, access, actor, secrets } = asked;
  const row = await visibleRow(asked, id, true);
  const { cabinet_id } = row;
  if (row.patient_id !== null) throw new RegieError('TRANSITION_INVALIDE', { detail: ATTACHED });
  access.require('update', 'ExamenNonRattache', row);
  const patient = await queryOne<PatientMontre>(
    tx,
    sql`SELECT p.id, p.cabinet_id, p.version FROM medical.patients p
        WHERE p.id = ${patientId} AND p.cabinet_id = ${cabinet_id} AND ${access.where('read', 'Patient', PATIENT_COLUMNS)}`,
  );
  if (patient === null) throw unknownReference('patient_id');
  const own = isSoignant(access, cabinet_id) ? access.principal.userId : null;
  const medecin = medecinId ?? own;
  if (medecin === null) throw invalid({ champ: 'medecin_id', message: WHICH_DOCTOR });
  await requireMedecin(tx, cabinet_id, medecin);
  const from = await openCleDePersonne(tx, secrets, cabinet_id);
  const to = (await openClesPatient(tx, secrets, [patient.id])).get(patient.id)!;
  const after = { id, cabinet_id, patient_id: patient.id };
  const resealed = (champ: 'contenu' | 'identite', sealed: Buffer) =>
    seal(to, placeOf(after, champ), open(from, placeOf(row, champ), sealed));
  await query(
    tx,
    sql`UPDATE medical.examens SET patient_id = ${patient.id}, auteur_id = ${medecin},
          contenu = ${resealed('contenu', row.contenu)}, identite = ${resealed('identite', row.identite!)},
          date_modification = ${actor.now}, version = version + 1
        WHERE id = ${id} AND cabinet_id = ${cabinet_id}`,
  );
  for (const resultat of await resultatsOf(tx, row)) {
    const texte = open(from, placeOfResultat(row, resultat.id, 'contenu'), resultat.contenu);
    await query(
      tx,
      sql`UPDATE medical.resultats_examen SET patient_id = ${patient.id},
            contenu = ${seal(to, placeOfResultat(after, resultat.id, 'contenu'), texte)}
          WHERE cabinet_id = ${cabinet_id} AND id = ${resultat.id}`,
    );
  }
  await follow(tx, id);
  return { id, version: row.version + 1, patients: [patient] };
}

/** That a result is somebody's, and whose. */
export interface Rattachement {
  id: number;
  version: number;
  patients: PatientMontre[];
}

/** For whoever said whose it is and asks again. @throws {RegieError} `INTROUVABLE` */
export async function readRattachement(
  asked: Pick<AskedOfPatients, 'tx' | 'access'>,
  id: number,
): Promise<Rattachement> {
  const { patient_id, version } = await visibleRow(asked, id, false);
  if (patient_id === null) throw notFound();
  return { id, version, patients: [await requirePatient(asked, patient_id)] };
}

type Suivi = Pick<Row, 'statut' | 'critique' | 'attendu_fin' | 'recu_le' | 'retard_dit_le' | 'niveau'>;

/** What comes next of a row, in milliseconds. */
export function etatOf({ statut, critique, attendu_fin, recu_le, retard_dit_le, niveau }: Suivi): EtatExamen {
  return {
    ...{ statut, critique, niveau },
    attendu: attendu_fin?.getTime() ?? null,
    recu: recu_le?.getTime() ?? null,
    retard_dit: retard_dit_le !== null,
  };
}

/** Writes when something comes next of it by itself. */
export async function follow(tx: EntityManager, id: number): Promise<void> {
  const row = (await queryOne<Suivi>(
    tx,
    sql`SELECT statut, critique, attendu_fin, recu_le, retard_dit_le, niveau FROM medical.examens WHERE id = ${id}`,
  ))!;
  const prochain = prochainDe(etatOf(row));
  await query(
    tx,
    sql`UPDATE medical.examens SET suivi_le = ${prochain === null ? null : new Date(prochain.date)}::timestamptz WHERE id = ${id}`,
  );
}

const WHICH = { fr: 'Dites dans quel cabinet', en: 'Say in which practice' };
const WHICH_DOCTOR = { fr: 'Dites quel médecin en est averti', en: 'Say which doctor is told of it' };
const DECIDED = { fr: 'Une décision a déjà été prise', en: 'It has been decided on already' };
const NOTHING_CAME = {
  fr: 'Rien n’est arrivé : seul `sans_objet` met fin à l’attente',
  en: 'Nothing has come: only `sans_objet` ends the wait',
};
const NOT_THE_LAST = { fr: 'Un autre résultat est arrivé depuis', en: 'Another result has come since' };
const ATTACHED = { fr: 'Ce résultat est déjà celui de quelqu’un', en: 'This result is somebody’s already' };
