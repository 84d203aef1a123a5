import { isDeepStrictEqual } from 'node:util';
import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query, queryOne } from '../../db/sql';
import { requireStatut } from '../../domain/cabinet/consultations';
import {
  type Contenus,
  type Contexte,
  ELEMENTS,
  type EtatAllergies,
  elementFaults,
  endedByAllergie,
  etatAllergies,
  type Nature,
  requireChangeable,
  type StatutElement,
} from '../../domain/cabinet/elements';
import type { Naissance } from '../../domain/cabinet/naissances';
import { invalid, notFound, RegieError } from '../../domain/errors';
import type { Actor } from '../actor';
import { oneOf } from '../conditions';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';
import type { PatientMontre } from './acces';
import { requireOwnOf, type Scellement, scellementOfConsultation } from './consultations-lignes';
import { type Dossier, openDossier } from './dossiers';
import { placeOfElement, placeOfVersion } from './elements-places';
import { type AskedOfPatients, requirePatient, updatePatient } from './patients';
import { type ClePatient, empreinteOf, open, openClesPatient, type Place, seal } from './sceau';
import { drawId } from './tirage';

/**
 * The entries of records: one mechanism for all kinds of them (`domain/cabinet/elements.ts`). What an entry says is sealed
 * under the key of its patient, bound to its row, version, state and instant; each version is kept beside it. Nothing is
 * removed.
 */

/** An entry, open. */
export interface Element<N extends Nature = Nature> {
  id: number;
  cabinet_id: number;
  patient_id: number;
  nature: N;
  /** In which it was measured or found. */
  consultation_id: number | null;
  statut: StatutElement;
  /** When it was measured or said, otherwise when it was entered. */
  date_effet: Date;
  auteur: { id: number; nom: string; prenom: string };
  contenu: Contenus[N];
  /** Why it is one in error. */
  motif_erreur: string | null;
  date_creation: Date;
  date_modification: Date;
  version: number;
}

/** A record that is open in a transaction: a patient and their key. */
export interface DossierOuvert extends Dossier {
  tx: EntityManager;
}

interface Stored extends Omit<Element, 'contenu' | 'motif_erreur'> {
  contenu: Buffer;
}

interface Sealed {
  contenu: Contenus[Nature];
  motif_erreur: string | null;
}

const AUTEUR = sql`json_build_object('id', u.id, 'nom', u.nom, 'prenom', u.prenom) AS auteur`;
const COLUMNS = sql`e.id, e.cabinet_id, e.patient_id, e.nature, e.consultation_id, e.statut, e.date_effet, ${AUTEUR}, e.contenu,
  e.date_creation, e.date_modification, e.version`;
const FROM = sql`medical.elements_dossier e JOIN users u ON u.id = e.auteur_id`;

type Located = Pick<
  Stored,
  'id' | 'cabinet_id' | 'patient_id' | 'nature' | 'consultation_id' | 'statut' | 'version'
> & {
  date_effet: Date | string;
  auteur: { id: number };
};

/** Where what an entry says stands, with all that is clear beside it. */
function placeOf({ id, cabinet_id, patient_id, auteur, ...row }: Located): Place {
  const place = placeOfElement({ ...row, auteur_id: auteur.id });
  return { cabinet_id, patient_id, table: 'elements_dossier', ligne: id, ...place };
}

/** The same of a version that is kept, by whom it was written. */
function placeOfVersionKept({ id, cabinet_id, patient_id, ...row }: Located, userId: number): Place {
  const place = placeOfVersion({ ...row, user_id: userId });
  return { cabinet_id, patient_id, table: 'elements_dossier_versions', ligne: id, ...place };
}

function opened<N extends Nature>(cle: ClePatient, row: Stored): Element<N> {
  const { contenu, motif_erreur } = open(cle, placeOf(row), row.contenu) as Sealed;
  return { ...row, contenu, motif_erreur } as Element<N>;
}

/**
 * The entries of some kinds in a record that is open, as one statement: those in error and those that hold no more too, the
 * latest first.
 */
export async function lireElements<N extends Nature>(
  { tx, cle, patient }: DossierOuvert,
  natures: readonly N[],
  { statut }: { statut?: StatutElement } = {},
): Promise<Element<N>[]> {
  const rows = await query<Stored>(
    tx,
    sql`SELECT ${COLUMNS} FROM ${FROM}
        WHERE e.cabinet_id = ${patient.cabinet_id} AND e.patient_id = ${patient.id} AND ${oneOf('e.nature', natures)}
          AND (${statut ?? null}::text IS NULL OR e.statut = ${statut ?? null})
        ORDER BY e.date_effet DESC, e.id DESC`,
  );
  return rows.map((row) => opened<N>(cle, row));
}

/** So many of each kind are read of each of several records at once, the latest. */
export const LUS_ENSEMBLE = 100;

/** The entries that hold, of several records of which the keys are open, as one statement: the latest of each kind. */
export async function lireElementsDe<N extends Nature>(
  tx: EntityManager,
  cles: ReadonlyMap<number, ClePatient>,
  natures: readonly N[],
): Promise<Element<N>[]> {
  const rows = await query<Stored>(
    tx,
    sql`SELECT ${COLUMNS} FROM (
          SELECT e.*, row_number() OVER (PARTITION BY e.patient_id, e.nature ORDER BY e.date_effet DESC, e.id DESC) AS rang
          FROM medical.elements_dossier e
          WHERE e.patient_id = ANY(${[...cles.keys()]}::integer[]) AND ${oneOf('e.nature', natures)} AND e.statut = 'actif'
        ) AS e JOIN users u ON u.id = e.auteur_id
        WHERE e.rang <= ${LUS_ENSEMBLE} ORDER BY e.date_effet DESC, e.id DESC`,
  );
  return rows.map((row) => opened<N>(cles.get(row.patient_id)!, row));
}

/** Of entries that tell themselves apart by what they are of, such as vital signs, the last that holds of each. */
export async function lireDerniers<N extends 'constante' | 'consentement'>(
  { tx, cle, patient }: DossierOuvert,
  nature: N,
  groupes: readonly string[],
): Promise<Element<N>[]> {
  const rows = await query<Stored>(
    tx,
    sql`SELECT ${COLUMNS} FROM (${derniersSql({ cle, patient }, nature, groupes)}) e JOIN users u ON u.id = e.auteur_id
        ORDER BY e.date_effet DESC, e.id DESC`,
  );
  return rows.map((row) => opened<N>(cle, row));
}

function derniersSql(
  { cle, patient }: Dossier,
  nature: 'constante' | 'consentement',
  groupes: readonly string[],
): Sql {
  // What was entered of somebody who was merged into the patient has a digest of theirs.
  const keys = [cle, ...cle.fusionnes];
  const which = groupes.flatMap((_, n) => keys.map(() => n));
  const digests = groupes.flatMap((one) => keys.map((key) => groupeOf(key, nature, one)));
  // One look in the index for each digest: what there is nothing of costs nothing.
  return sql`SELECT DISTINCT ON (a.n) e.*
    FROM unnest(${which}::integer[], ${digests}::bytea[]) AS a (n, groupe)
    CROSS JOIN LATERAL (
      SELECT * FROM medical.elements_dossier
      WHERE cabinet_id = ${patient.cabinet_id} AND patient_id = ${patient.id} AND nature = ${nature}
        AND groupe = a.groupe AND statut = 'actif'
      ORDER BY date_effet DESC, id DESC LIMIT 1) AS e
    ORDER BY a.n, e.date_effet DESC, e.id DESC`;
}

/** What is looked at of a record at a glance. */
export interface Courants<N extends Nature> {
  /** Those that hold of some kinds, the latest first. */
  actifs: Element<N>[];
  /** The last vital sign of each kind, the latest first. */
  constantes: Element<'constante'>[];
  /** What was measured and found in consultations, as {@link lireElementsOf} has it. */
  consultations: Element<'constante' | 'diagnostic'>[];
}

/** All of it in one statement: who opens a record waits for each. */
export async function lireCourants<N extends Nature>(
  { tx, cle, patient }: DossierOuvert,
  natures: readonly N[],
  constantes: readonly string[],
  consultationIds: readonly number[],
): Promise<Courants<N>> {
  const rows = await query<Stored & { part: keyof Courants<N> }>(
    tx,
    sql`SELECT ${COLUMNS}, e.part FROM (
          SELECT 'actifs' AS part, a.* FROM medical.elements_dossier a
          WHERE a.cabinet_id = ${patient.cabinet_id} AND a.patient_id = ${patient.id} AND ${oneOf('a.nature', natures)}
            AND a.statut = 'actif'
          UNION ALL
          SELECT 'constantes', d.* FROM (${derniersSql({ cle, patient }, 'constante', constantes)}) d
          UNION ALL
          SELECT 'consultations', c.* FROM medical.elements_dossier c
          WHERE c.cabinet_id = ${patient.cabinet_id} AND c.consultation_id = ANY(${[...consultationIds]}::integer[])
        ) e JOIN users u ON u.id = e.auteur_id ORDER BY e.date_effet DESC, e.id DESC`,
  );
  const of = <M extends Nature>(part: keyof Courants<N>) =>
    rows.flatMap(({ part: own, ...row }) => (own === part ? [opened<M>(cle, row)] : []));
  return {
    actifs: of<N>('actifs'),
    constantes: of<'constante'>('constantes'),
    consultations: of<'constante' | 'diagnostic'>('consultations').reverse(),
  };
}

function groupeOf(cle: Pick<ClePatient, 'cle'>, nature: Nature, groupe: string): Buffer {
  return empreinteOf(cle, 'elements_dossier', nature, groupe);
}

/** The allergies that hold, and whether there are any at all or nobody has asked. */
export async function allergiesConnues(
  dossier: DossierOuvert,
): Promise<{ etat: EtatAllergies; allergies: Element<'allergie'>[] }> {
  return allergiesOf(await lireElements(dossier, ['allergie'], { statut: 'actif' }));
}

/** The same of entries that were read. */
export function allergiesOf(elements: readonly Element<'allergie'>[]): {
  etat: EtatAllergies;
  allergies: Element<'allergie'>[];
} {
  const allergies = elements.filter(({ statut, contenu }) => statut === 'actif' && !contenu.aucune_connue);
  return { etat: etatAllergies(elements), allergies };
}

export const ELEMENT_LIST: ListSpec = {
  columns: sql`e.id, e.cabinet_id, e.patient_id, e.nature, e.consultation_id, e.statut, e.date_effet, ${AUTEUR},
    encode(e.contenu, 'base64') AS contenu, e.date_creation, e.date_modification, e.version`,
  from: FROM,
  alias: 'e',
  sortable: {
    id: { expression: 'e.id', cast: 'integer' },
    date_effet: { expression: 'e.date_effet', cast: 'timestamptz' },
    date_modification: { expression: 'e.date_modification', cast: 'timestamptz' },
  },
  defaultSort: '-date_effet',
};

export interface ElementFilters {
  statut?: StatutElement[] | undefined;
}

/**
 * The entries of one kind, and the patient whose they are.
 * @throws {RegieError} as {@link openDossier}; of what is administrative `INTROUVABLE` for a patient whom one may not see
 */
export async function listElements<N extends Nature>(
  asked: AskedOfPatients,
  nature: N,
  patientId: number,
  { statut }: ElementFilters,
  page: PageRequest,
): Promise<{ page: Page<Element<N>>; patient: PatientMontre }> {
  const { patient, cle } = await entered(asked, nature, patientId, 'read');
  const conditions: Sql[] = [
    sql`e.cabinet_id = ${patient.cabinet_id}`,
    sql`e.patient_id = ${patient.id}`,
    sql`e.nature = ${nature}`,
    ...(statut === undefined ? [] : [oneOf('e.statut', statut)]),
  ];
  const found = await list<Omit<Stored, 'contenu'> & { contenu: string }>(
    asked.tx,
    ELEMENT_LIST,
    conditions,
    page,
  );
  const rows = found.rows.map((row) =>
    opened<N>(cle, { ...row, contenu: Buffer.from(row.contenu, 'base64') } as unknown as Stored),
  );
  return { page: { ...found, rows: rows as unknown as Page<Element<N>>['rows'] }, patient };
}

/** One entry, for whoever entered it and asks again. @throws {RegieError} `INTROUVABLE` and as {@link listElements} */
export async function readElement<N extends Nature>(
  asked: AskedOfPatients,
  nature: N,
  id: number,
): Promise<{ element: Element<N>; patient: PatientMontre }> {
  const row = await queryOne<Stored>(
    asked.tx,
    sql`SELECT ${COLUMNS} FROM ${FROM} WHERE e.id = ${id} AND e.nature = ${nature}`,
  );
  if (row === null) throw notFound();
  const { patient, cle } = await entered(asked, nature, row.patient_id, 'read');
  return { element: opened<N>(cle, row), patient };
}

/** What somebody enters. */
export interface ElementSaisi<N extends Nature> {
  contenu: Contenus[N];
  /** When it was measured or said; null for now. */
  date_effet: Date | null;
  /** The draft in which it is measured or found. */
  consultation_id?: number | null | undefined;
}

/**
 * Enters something in a record.
 * @throws {RegieError} as {@link listElements}; `VALIDATION`, `ALLERGIE_CONNUE` for the statement that there are none
 */
export async function createElement<N extends Nature>(
  asked: AskedOfPatients,
  nature: N,
  patientId: number,
  saisi: ElementSaisi<N>,
): Promise<{ element: Element<N>; patient: PatientMontre }> {
  const { dossier, contexte } = await enteredToWrite(asked, nature, patientId);
  const element = await addElement(asked, dossier, contexte, nature, saisi);
  if (nature !== 'consentement') return { element, patient: dossier.patient };
  return { element, patient: await followConsentement(asked, element as Element<'consentement'>, dossier) };
}

/**
 * Whether others of the practice may read a record follows from what the patient last said of it, by the same act: what is
 * entered late of an earlier day changes nothing of what was said since.
 */
async function followConsentement(
  asked: AskedOfPatients,
  { contenu: { objet } }: Element<'consentement'>,
  { patient, cle }: Dossier,
): Promise<PatientMontre> {
  if (objet !== 'partage_cabinet') return patient;
  const [last] = await lireDerniers({ tx: asked.tx, cle, patient }, 'consentement', [objet]);
  const partage_cabinet = last!.contenu.decision === 'donne';
  return updatePatient(asked, patient.id, { partage_cabinet }, null);
}

/** The same in a record that is open and locked, judged by what is known of its patient. */
async function addElement<N extends Nature>(
  { tx, actor }: AskedOfPatients,
  { patient, cle }: Dossier,
  contexte: Contexte,
  nature: N,
  { contenu: given, date_effet, consultation_id = null }: ElementSaisi<N>,
): Promise<Element<N>> {
  const pour = await scellementFor({ tx, patient, cle }, consultation_id, actor);
  const effet = date_effet ?? actor.now;
  const contenu = judged(nature, given, effet, contexte);
  const { statuts } = ELEMENTS[nature];
  const row = {
    ...{ cabinet_id: patient.cabinet_id, patient_id: patient.id, nature, statut: statuts[0]!, version: 1 },
    ...{ date_effet: effet, auteur: { id: actor.userId! }, consultation_id },
  };
  if (nature === 'allergie') {
    await endStatements({ tx, cle, patient }, actor, contenu as Contenus['allergie'], null);
  }
  const sealed: Sealed = { contenu, motif_erreur: null };
  const id = await insert(tx, pour, row, sealed, actor);
  await keepVersion(tx, pour, { ...row, id }, sealed, actor);
  return read<N>({ tx, cle, patient }, id);
}

/** For whom an entry is sealed: of a consultation, for whom that is. @throws {RegieError} `VALIDATION`, `SIGNEE`, `TRANSITION_INVALIDE` */
async function scellementFor(
  { tx, ...dossier }: DossierOuvert,
  consultationId: number | null,
  { userId }: Actor,
): Promise<Scellement> {
  if (consultationId === null) return { cle: dossier.cle, patient_id: dossier.patient.id };
  const { statut, scellement } = await requireOwnOf(tx, dossier, consultationId, userId!);
  requireStatut('modifier', statut);
  return scellement;
}

/**
 * Changes what is given of an entry, or its state.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} as {@link createElement}; `INTROUVABLE`, `VERSION_PERIMEE`, `TRANSITION_INVALIDE` for one in error
 */
export async function updateElement<N extends Nature>(
  asked: AskedOfPatients,
  nature: N,
  patientId: number,
  id: number,
  changes: Partial<Contenus[N]> & {
    statut?: StatutElement | undefined;
    motif_erreur?: string | null | undefined;
    date_effet?: Date | undefined;
  },
  expected: number | null,
): Promise<{ element: Element<N>; patient: PatientMontre }> {
  const { tx, actor } = asked;
  const { dossier, contexte } = await enteredToWrite(asked, nature, patientId);
  const { patient, cle } = dossier;
  const row = await stored({ tx, patient }, id);
  if (row === null || row.nature !== nature) throw notFound();
  requireVersion(row, expected);
  const before = opened<N>(cle, row);
  const { statut = before.statut, motif_erreur = null, date_effet = before.date_effet, ...fields } = changes;
  const given = { ...before.contenu, ...fields } as Contenus[N];
  const same = isDeepStrictEqual(
    [given, statut, date_effet.getTime()],
    [before.contenu, before.statut, before.date_effet.getTime()],
  );
  if (same && !('motif_erreur' in changes)) return { element: before, patient };
  requireChangeable(before.statut);
  await requireUnsigned(dossier, tx, before, isDeepStrictEqual(given, before.contenu) ? statut : null);
  if (motif_erreur !== null && statut !== 'erreur')
    throw invalid({ champ: 'motif_erreur', message: NO_ERROR });
  // What was entered in error need not be right: it is only said to be so.
  const contenu = statut === 'erreur' ? before.contenu : judged(nature, given, date_effet, contexte);
  if (nature === 'allergie' && statut === 'actif') {
    await endStatements({ tx, cle, patient }, actor, contenu as Contenus['allergie'], id);
  }
  const next = { ...row, statut, date_effet, version: row.version + 1 };
  await rewrite({ tx, cle, patient }, next, { contenu, motif_erreur }, actor);
  return { element: await read<N>({ tx, cle, patient }, id), patient };
}

/**
 * What was measured and found in a consultation is signed with it, but that a disease may end.
 * @param statut what it becomes; null where what it says changes too. @throws {RegieError} `SIGNEE`
 */
async function requireUnsigned(
  { patient }: Dossier,
  tx: EntityManager,
  { consultation_id, nature }: Element,
  statut: StatutElement | null,
): Promise<void> {
  if (consultation_id === null || (nature === 'diagnostic' && statut === 'resolu')) return;
  const signed = await queryOne(
    tx,
    sql`SELECT id FROM medical.consultations WHERE cabinet_id = ${patient.cabinet_id} AND id = ${consultation_id}
          AND statut IN ('signee', 'invalidee')`,
  );
  if (signed !== null) throw new RegieError('SIGNEE');
}

/** What was measured and found in consultations, and holds or was an error, in its order. */
export async function lireElementsOf(
  { tx, cle, patient }: DossierOuvert,
  consultationIds: readonly number[],
): Promise<Element<'constante' | 'diagnostic'>[]> {
  const rows = await query<Stored>(
    tx,
    sql`SELECT ${COLUMNS} FROM ${FROM}
        WHERE e.cabinet_id = ${patient.cabinet_id} AND e.consultation_id = ANY(${[...consultationIds]}::integer[])
        ORDER BY e.date_effet, e.id`,
  );
  return rows.map((row) => opened<'constante' | 'diagnostic'>(cle, row));
}

/** Says of all that was measured and found in a consultation that does not hold that it was an error too. */
export async function invaliderElements(
  dossier: DossierOuvert,
  actor: Actor,
  consultationId: number,
  motif_erreur: string,
): Promise<void> {
  for (const element of await lireElementsOf(dossier, [consultationId])) {
    if (element.statut === 'erreur') continue;
    const next = { ...element, statut: 'erreur' as const, version: element.version + 1 };
    await rewrite(dossier, next, { contenu: element.contenu, motif_erreur }, actor);
  }
}

/** @throws {RegieError} `VALIDATION` with every fault */
function judged<N extends Nature>(
  nature: N,
  given: Contenus[N],
  effet: Date,
  contexte: Contexte,
): Contenus[N] {
  const contenu = ELEMENTS[nature].normalise?.(given, contexte) ?? given;
  const faults = elementFaults(nature, contenu, effet, contexte);
  if (faults.length > 0) throw invalid(...faults);
  return contenu;
}

/** Ends the statements of no known allergy that an entry takes the place of. @param id of the entry; null for a new one. */
async function endStatements(
  dossier: DossierOuvert,
  actor: Actor,
  allergie: Contenus['allergie'],
  id: number | null,
): Promise<void> {
  const others = (await lireElements(dossier, ['allergie'], { statut: 'actif' })).filter(
    (one) => one.id !== id,
  );
  for (const ended of endedByAllergie(allergie, others)) {
    const next = { ...ended, statut: 'resolu' as const, version: ended.version + 1 };
    await rewrite(dossier, next, { contenu: ended.contenu, motif_erreur: null }, actor);
  }
}

/** @throws {RegieError} see {@link openDossier} */
async function entered(
  asked: AskedOfPatients,
  nature: Nature,
  patientId: number,
  action: 'read' | 'update',
): Promise<Dossier> {
  if (!ELEMENTS[nature].administratif) return openDossier(asked, patientId, action);
  const { tx, access, secrets } = asked;
  const patient = await requirePatient(asked, patientId);
  access.require(action, 'Patient', patient);
  return { patient, cle: (await openClesPatient(tx, secrets, [patientId])).get(patientId)! };
}

/** The same, one at a time for each patient. */
async function enteredToWrite(
  asked: AskedOfPatients,
  nature: Nature,
  patientId: number,
): Promise<{ dossier: Dossier; contexte: Contexte }> {
  const { tx, access, actor } = asked;
  const contexte = await lockContexte(tx, patientId, actor.now);
  await access.confirm(tx);
  const dossier = await entered(asked, nature, patientId, 'update');
  return { dossier, contexte: contexte! };
}

/** By what entries are judged, once nobody else writes in the same record. @returns null for nobody */
export async function lockContexte(
  tx: EntityManager,
  patientId: number,
  now: Date,
): Promise<Contexte | null> {
  const row = await queryOne<{ date: string; precision: Naissance['precision']; pays: string }>(
    tx,
    sql`SELECT p.date_naissance::text AS date, p.precision_naissance AS precision, c.pays
        FROM medical.patients p JOIN medical.cabinets c ON c.id = p.cabinet_id
        WHERE p.id = ${patientId} FOR NO KEY UPDATE OF p`,
  );
  if (row === null) return null;
  const { date, precision, pays } = row;
  return { naissance: { date, precision }, pays, now: now.getTime() };
}

async function stored(
  { tx, patient }: Pick<DossierOuvert, 'tx' | 'patient'>,
  id: number,
): Promise<Stored | null> {
  return queryOne<Stored>(
    tx,
    sql`SELECT ${COLUMNS} FROM ${FROM}
        WHERE e.cabinet_id = ${patient.cabinet_id} AND e.patient_id = ${patient.id} AND e.id = ${id}`,
  );
}

async function read<N extends Nature>(dossier: DossierOuvert, id: number): Promise<Element<N>> {
  return opened<N>(dossier.cle, (await stored(dossier, id))!);
}

type Written = Omit<Located, 'date_effet'> & { date_effet: Date };

/** Under an id that nobody has: drawn, so that it tells of nobody else's. */
async function insert(
  tx: EntityManager,
  pour: Scellement,
  row: Omit<Written, 'id'>,
  sealed: Sealed,
  { now }: Actor,
): Promise<number> {
  const id = drawId();
  const { cle, patient_id } = pour;
  const contenu = seal(cle, placeOf({ ...row, id, patient_id }), sealed);
  const inserted = await queryOne<{ id: number }>(
    tx,
    sql`INSERT INTO medical.elements_dossier (id, cabinet_id, patient_id, nature, consultation_id, statut, date_effet,
          auteur_id, contenu, groupe, date_creation, date_modification)
        VALUES (${id}, ${row.cabinet_id}, ${row.patient_id}, ${row.nature}, ${row.consultation_id}, ${row.statut},
                ${row.date_effet}, ${row.auteur.id}, ${contenu}, ${groupeOfContenu(cle, row.nature, sealed)}::bytea, ${now}, ${now})
        ON CONFLICT (id) DO NOTHING RETURNING id`,
  );
  return inserted?.id ?? insert(tx, pour, row, sealed, { now } as Actor);
}

async function rewrite(
  { tx, ...dossier }: DossierOuvert,
  row: Written,
  sealed: Sealed,
  actor: Actor,
): Promise<void> {
  const { consultation_id: of } = row;
  const own = { cle: dossier.cle, patient_id: row.patient_id };
  const pour = of === null ? own : await scellementOfConsultation(tx, dossier, of);
  const { cle, patient_id } = pour;
  await query(
    tx,
    sql`UPDATE medical.elements_dossier SET statut = ${row.statut}, date_effet = ${row.date_effet},
          contenu = ${seal(cle, placeOf({ ...row, patient_id }), sealed)},
          groupe = ${groupeOfContenu(cle, row.nature, sealed)}::bytea, date_modification = ${actor.now},
          version = ${row.version}
        WHERE cabinet_id = ${row.cabinet_id} AND id = ${row.id}`,
  );
  await keepVersion(tx, pour, row, sealed, actor);
}

function groupeOfContenu(cle: ClePatient, nature: Nature, { contenu }: Sealed): Buffer | null {
  const { groupe } = ELEMENTS[nature] as { groupe?(contenu: Contenus[Nature]): string };
  return groupe === undefined ? null : groupeOf(cle, nature, groupe(contenu));
}

async function keepVersion(
  tx: EntityManager,
  pour: Scellement,
  row: Written,
  sealed: Sealed,
  { userId, correlationId, now }: Actor,
): Promise<void> {
  await query(
    tx,
    sql`INSERT INTO medical.elements_dossier_versions (cabinet_id, element_id, version, patient_id, statut, date_effet,
          contenu, user_id, correlation_id, date)
        VALUES (${row.cabinet_id}, ${row.id}, ${row.version}, ${row.patient_id}, ${row.statut}, ${row.date_effet},
                ${seal(pour.cle, placeOfVersionKept({ ...row, patient_id: pour.patient_id }, userId!), sealed)},
                ${userId}, ${correlationId}, ${now})`,
  );
}

const NO_ERROR = { fr: 'Avec le statut erreur', en: 'Together with the statut erreur' };
