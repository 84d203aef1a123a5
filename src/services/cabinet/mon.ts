import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { MON_COLUMNS } from '../../auth/columns';
import type { Secrets } from '../../auth/secrets';
import { query } from '../../db/sql';
import { type Contenus, type EtatAllergies, etatAllergies, type Nature } from '../../domain/cabinet/elements';
import { formatNaissance, type Naissance } from '../../domain/cabinet/naissances';
import type { AnnulePar, StatutRendezVousCabinet } from '../../domain/cabinet/rendez-vous';
import { notFound } from '../../domain/errors';
import type { Fonction } from '../../domain/roles';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import type { ActionAcces, PatientMontre } from './acces';
import { type Element, lireElementsDe } from './elements';
import { type AskedOfPatients, type Coordonnees, openCoordonnees } from './patients';
import { placeOfRendezVous } from './rendez-vous-lignes';
import { open, openClesPatient } from './sceau';

/**
 * What is a patient's own, for themselves. An account may be a patient in several practices: each of those is one record, and
 * none of them learns of another. The transaction has opened no practice: whatever is asked here, the database shows of each
 * table the rows of these patients alone, and of most tables none (`db/migrations/1767380000002-patients-comptes.ts`).
 */

export type AskedOfMine = Omit<AskedOfPatients, 'actor'>;

/** The practice that a record is kept in. */
export interface Lieu {
  id: number;
  nom: string;
  adresse: string | null;
  telephone: string | null;
}

export interface MonDossier extends Coordonnees {
  patient_id: number;
  cabinet: Lieu;
  nom_naissance: string;
  nom_usage: string | null;
  prenoms: string;
  sexe: string;
  date_naissance: string;
  date_deces: string | null;
  partage_cabinet: boolean;
  /** Whether allergies are known, or that there are none, or that nobody has asked. */
  etat_allergies: EtatAllergies;
  allergies: MonElement<'allergie'>[];
  traitements: MonElement<'traitement'>[];
  /** Without what was learnt from others. */
  antecedents: MonElement<'antecedent'>[];
  constantes: MonElement<'constante'>[];
  couvertures: MonElement<'couverture'>[];
  consentements: MonElement<'consentement'>[];
}

/** An entry of a record, as its patient reads it: what it says, since when, and nothing of who else wrote what beside it. */
export type MonElement<N extends Nature> = Contenus[N] & { id: number; date_effet: Date };

const NATURES_LUES = [
  'allergie',
  'traitement',
  'antecedent',
  'constante',
  'couverture',
  'consentement',
] as const;
type NatureLue = (typeof NATURES_LUES)[number];

type Identite = Pick<
  MonDossier,
  | 'patient_id'
  | 'cabinet'
  | 'nom_naissance'
  | 'nom_usage'
  | 'prenoms'
  | 'sexe'
  | 'date_deces'
  | 'partage_cabinet'
>;

interface Stored extends Identite, PatientMontre {
  naissance: string;
  precision_naissance: Naissance['precision'];
  coordonnees: Buffer | null;
}

/** What each of their practices keeps of the caller. */
export async function mesDossiers(
  asked: AskedOfMine,
): Promise<{ dossiers: MonDossier[]; patients: PatientMontre[] }> {
  const { tx, access, secrets } = asked;
  const rows = await query<Stored>(
    tx,
    sql`SELECT p.id, p.id AS patient_id, p.cabinet_id, p.version, p.nom_naissance, p.nom_usage, p.prenoms, p.sexe,
          p.date_naissance::text AS naissance, p.precision_naissance, p.date_deces::text AS date_deces, p.partage_cabinet, p.coordonnees,
          json_build_object('id', c.id, 'nom', c.nom, 'adresse', c.adresse, 'telephone', c.telephone) AS cabinet
        FROM medical.patients p JOIN medical.cabinets c ON c.id = p.cabinet_id
        WHERE ${access.where('read', 'MonDossier', MON_COLUMNS)} AND p.fusionne_dans_id IS NULL ORDER BY c.nom, p.id`,
  );
  const keys = await openClesPatient(
    tx,
    secrets,
    rows.map(({ id }) => id),
  );
  const elements = await lireElementsDe(tx, keys, NATURES_LUES);
  const dossiers = rows.map((row): MonDossier => {
    const theirs = elements.filter(({ patient_id }) => patient_id === row.id);
    const { id, cabinet_id: _, version: __, naissance, precision_naissance, coordonnees, ...rest } = row;
    const date_naissance = formatNaissance({ date: naissance, precision: precision_naissance });
    return {
      ...rest,
      date_naissance,
      ...openCoordonnees(row, keys.get(id)!, coordonnees),
      etat_allergies: etatAllergies(theirs.filter(isOf('allergie'))),
      allergies: shown(theirs, 'allergie').filter(({ aucune_connue }) => !aucune_connue),
      traitements: shown(theirs, 'traitement'),
      antecedents: shown(theirs, 'antecedent').filter(({ source_tiers }) => !source_tiers),
      constantes: shown(theirs, 'constante'),
      couvertures: shown(theirs, 'couverture'),
      consentements: shown(theirs, 'consentement'),
    };
  });
  return { dossiers, patients: rows.map(({ id, cabinet_id, version }) => ({ id, cabinet_id, version })) };
}

const isOf =
  <N extends NatureLue>(nature: N) =>
  (element: Element<NatureLue>): element is Element<NatureLue> & Element<N> =>
    element.nature === nature;

function shown<N extends NatureLue>(elements: readonly Element<NatureLue>[], nature: N): MonElement<N>[] {
  return elements
    .filter(isOf(nature))
    .map(({ id, date_effet, contenu }) => ({ ...(contenu as Contenus[N]), id, date_effet }));
}

/** Who opened the record of the caller: a name, what they did there, and when. Not which pages, nor with whom beside. */
export interface MonAcces {
  id: number;
  patient_id: number;
  cabinet: { id: number; nom: string };
  date: Date;
  auteur: { nom: string; prenom: string };
  fonctions: Fonction[];
  action: ActionAcces;
  categories: string[];
  finalite: string;
  /** That it was opened in an emergency, though it is not shared. */
  bris_de_glace: boolean;
}

export const MON_ACCES_LIST: ListSpec = {
  columns: sql`a.id, a.patient_id, json_build_object('id', c.id, 'nom', c.nom) AS cabinet, a.date,
    json_build_object('nom', u.nom, 'prenom', u.prenom) AS auteur, a.fonctions, a.action, a.categories, a.finalite,
    a.bris_de_glace_id IS NOT NULL AS bris_de_glace`,
  from: sql`medical.acces_dossier a JOIN users u ON u.id = a.user_id
    JOIN medical.patients p ON p.cabinet_id = a.cabinet_id AND p.id = a.patient_id
    JOIN medical.cabinets c ON c.id = a.cabinet_id`,
  alias: 'a',
  sortable: {
    id: { expression: 'a.id', cast: 'integer' },
    date: { expression: 'a.date', cast: 'timestamptz' },
  },
  defaultSort: '-id',
};

/** Who read what of the caller, in all their practices; all of them are on record as shown. */
export async function mesAcces(
  { tx, access }: AskedOfMine,
  { patient_id }: OfMine,
  page: PageRequest,
): Promise<{ page: Page<MonAcces>; patients: PatientMontre[] }> {
  const mine = access.where('read', 'MonDossier', MON_COLUMNS);
  const patients = await patientsOf(tx, mine, patient_id);
  const conditions = [mine, ...(patient_id === undefined ? [] : [sql`a.patient_id = ${patient_id}`])];
  return { page: await list<MonAcces>(tx, MON_ACCES_LIST, conditions, page), patients };
}

export interface OfMine {
  /** The caller as this patient alone. */
  patient_id?: number | undefined;
}

/** Who the caller is, by a rule on `p`: whoever asks is told of all of them, also that there is nothing. */
export function patientsOf(
  tx: EntityManager,
  mine: Sql,
  patientId: number | undefined,
): Promise<(PatientMontre & { fusionne_dans_id: number | null })[]> {
  return query(
    tx,
    sql`SELECT p.id, p.cabinet_id, p.version, p.fusionne_dans_id FROM medical.patients p WHERE ${mine}
          AND (${patientId ?? null}::integer IS NULL OR p.id = ${patientId ?? null}::integer) ORDER BY p.id`,
  );
}

/**
 * An appointment, as whoever comes to it reads it: where, when, and who sees them. What kind it is of, and what those who see
 * them are doctors of, may say what they have: neither is told.
 */
export interface MonRendezVous {
  uid: string;
  patient_id: number;
  cabinet: Lieu & { fuseau_horaire: string };
  praticien: { nom: string; prenom: string };
  debut: Date;
  fin: Date;
  statut: StatutRendezVousCabinet;
  /** Why they come, as it was written down. */
  motif: string | null;
  annule_le: Date | null;
  annule_par: AnnulePar | null;
}

export const MES_RENDEZ_VOUS_LIST: ListSpec = {
  columns: sql`r.id, r.cabinet_id, r.uid, r.patient_id, json_build_object('id', c.id, 'nom', c.nom, 'adresse', c.adresse,
    'telephone', c.telephone, 'fuseau_horaire', c.fuseau_horaire) AS cabinet,
    json_build_object('nom', u.nom, 'prenom', u.prenom) AS praticien, r.debut, r.fin, r.statut,
    encode(r.motif, 'base64') AS motif, r.annule_le, r.annule_par`,
  from: sql`medical.rendez_vous_patients r JOIN medical.patients p ON p.cabinet_id = r.cabinet_id AND p.id = r.patient_id
    JOIN medical.cabinets c ON c.id = r.cabinet_id
    JOIN medical.praticiens d ON d.cabinet_id = r.cabinet_id AND d.id = r.praticien_id JOIN users u ON u.id = d.user_id`,
  alias: 'r',
  sortable: { debut: { expression: 'r.debut', cast: 'timestamptz' } },
  defaultSort: '-debut',
};

export const PERIODES = ['a_venir', 'passes'] as const;

/** When the caller comes, and came, in all their practices. @param now tells what is to come, until it is over. */
export async function mesRendezVous(
  { tx, access, secrets }: AskedOfMine,
  { patient_id, periode }: OfMine & { periode?: (typeof PERIODES)[number] | undefined },
  now: Date,
  page: PageRequest,
): Promise<{ page: Page<MonRendezVous>; patients: PatientMontre[] }> {
  const mine = sql`${access.where('read', 'MonDossier', MON_COLUMNS)} AND p.fusionne_dans_id IS NULL`;
  const patients = await patientsOf(tx, mine, patient_id);
  const conditions = [
    mine,
    STANDS,
    ...(patient_id === undefined ? [] : [sql`r.patient_id = ${patient_id}`]),
    ...(periode === undefined ? [] : [periode === 'passes' ? sql`r.fin <= ${now}` : sql`r.fin > ${now}`]),
  ];
  const found = await list<RendezVousStored>(tx, MES_RENDEZ_VOUS_LIST, conditions, page);
  return { page: { ...found, rows: await shownRendezVous(tx, secrets, found.rows) }, patients };
}

/** @throws {RegieError} `INTROUVABLE` */
export async function monRendezVous(
  { tx, access, secrets }: AskedOfMine,
  uid: string,
): Promise<MonRendezVous> {
  const rows = await query<RendezVousStored>(
    tx,
    sql`SELECT ${MES_RENDEZ_VOUS_LIST.columns} FROM ${MES_RENDEZ_VOUS_LIST.from}
        WHERE r.uid = ${uid} AND ${access.where('read', 'MonDossier', MON_COLUMNS)} AND p.fusionne_dans_id IS NULL AND ${STANDS}`,
  );
  const [shown] = await shownRendezVous(tx, secrets, rows);
  if (shown === undefined) throw notFound();
  return shown;
}

/** What was only offered to who waits stands there (`mon-attente.ts`). */
const STANDS = sql`(r.attente_id IS NULL OR r.accepte_le IS NOT NULL)`;

/** The reason is sealed, and in base 64. */
type RendezVousStored = MonRendezVous & { id: number; cabinet_id: number };

async function shownRendezVous<
  Stored extends Pick<RendezVousStored, 'id' | 'cabinet_id' | 'patient_id' | 'motif'>,
>(tx: EntityManager, secrets: Secrets, rows: readonly Stored[]) {
  const sealed = rows.filter(({ motif }) => motif !== null).map((row) => row.patient_id);
  const keys = await openClesPatient(tx, secrets, [...new Set(sealed)]);
  return rows.map(({ id, cabinet_id, motif, ...row }) => {
    const place = placeOfRendezVous(cabinet_id, row.patient_id, id, 'motif');
    const said = motif && (open(keys.get(row.patient_id)!, place, Buffer.from(motif, 'base64')) as string);
    return { ...row, motif: said };
  });
}
