import { isDeepStrictEqual } from 'node:util';
import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { PATIENT_COLUMNS } from '../../auth/columns';
import type { Secrets } from '../../auth/secrets';
import { query, queryOne } from '../../db/sql';
import {
  changedIdentite,
  type Identifiant,
  type Identite,
  identiteFaults,
  normalisedIdentifiant,
  type StatutIdentite,
} from '../../domain/cabinet/identites';
import {
  decesFault,
  formatNaissance,
  isToCome,
  type Naissance,
  parseNaissance,
} from '../../domain/cabinet/naissances';
import { texteDeRecherche } from '../../domain/cabinet/recherche';
import { PATIENT_DECEDE } from '../../domain/cabinet/rendez-vous';
import {
  type FieldFault,
  forbidden,
  invalid,
  notFound,
  RegieError,
  unknownReference,
} from '../../domain/errors';
import { telephoneFault, toE164 } from '../../domain/identite/telephone';
import { dayAt } from '../../domain/local-time';
import { oneOf } from '../conditions';
import type { Asked } from '../crud';
import { difference } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';
import type { PatientMontre } from './acces';
import { becomeSoignant, isSoignant } from './dossiers';
import { type ClePatient, createClePatient, Index, open, openClesPatient, type Place, seal } from './sceau';
import { drawId } from './tirage';

/**
 * Patients of a practice. Names, sex and birth date are clear, so that a desk finds people; how they are reached and by what
 * numbers others know them is sealed. Somebody who is seen in two practices is two patients, and neither shows the other.
 */

/** Who asks, and the ring. */
export interface AskedOfPatients extends Asked {
  secrets: Secrets;
}

/** How somebody is reached: sealed together. */
export interface Coordonnees {
  telephone: string | null;
  email: string | null;
  adresse: string | null;
  profession: string | null;
}
const COORDONNEES = ['telephone', 'email', 'adresse', 'profession'] as const;

export interface PatientFields extends Identite, Coordonnees {
  nom_usage: string | null;
  /** A day; null for who lives. */
  date_deces: string | null;
  partage_cabinet: boolean;
  actif: boolean;
  identifiants: Identifiant[];
}

export interface Patient extends PatientFields {
  id: number;
  cabinet_id: number;
  /** Whom they turned out to be: what was theirs is read there. */
  fusionne_dans_id: number | null;
  /** Whether they have an account; which one is nobody's business but theirs. */
  compte: boolean;
  date_creation: Date;
  date_modification: Date;
  version: number;
}

/** What a list of patients holds: no name. */
export interface PatientListe {
  id: number;
  cabinet_id: number;
  statut_identite: StatutIdentite;
  actif: boolean;
  fusionne_dans_id: number | null;
  date_creation: Date;
  date_modification: Date;
  version: number;
}

export interface PatientFilters {
  cabinet_id?: number[] | undefined;
  statut_identite?: StatutIdentite[] | undefined;
  actif?: boolean | undefined;
  /** Those who were merged into others, who are in no list otherwise. */
  fusionne?: boolean | undefined;
}

/** Sorted by nothing that says who somebody is: what a list is sorted by stands in the addresses of its pages. */
export const PATIENT_LIST: ListSpec = {
  columns: sql`p.id, p.cabinet_id, p.statut_identite, p.actif, p.fusionne_dans_id, p.date_creation, p.date_modification, p.version`,
  from: sql`medical.patients p`,
  alias: 'p',
  sortable: {
    id: { expression: 'p.id', cast: 'integer' },
    date_creation: { expression: 'p.date_creation', cast: 'timestamptz' },
    date_modification: { expression: 'p.date_modification', cast: 'timestamptz' },
  },
  defaultSort: '-date_creation',
};

export function listPatients(
  { tx, access }: Pick<Asked, 'tx' | 'access'>,
  { cabinet_id, statut_identite, actif, fusionne = false }: PatientFilters,
  page: PageRequest,
): Promise<Page<PatientListe>> {
  const conditions: Sql[] = [
    access.where('read', 'Patient', PATIENT_COLUMNS),
    fusionne ? sql`p.fusionne_dans_id IS NOT NULL` : sql`p.fusionne_dans_id IS NULL`,
    ...(cabinet_id === undefined ? [] : [oneOf('p.cabinet_id', cabinet_id)]),
    ...(statut_identite === undefined ? [] : [oneOf('p.statut_identite', statut_identite)]),
    ...(actif === undefined ? [] : [sql`p.actif = ${actif}`]),
  ];
  return list<PatientListe>(tx, PATIENT_LIST, conditions, page);
}

export type Stored = Omit<Patient, keyof Coordonnees | 'identifiants' | 'date_naissance'> & {
  naissance: string;
  precision_naissance: Naissance['precision'];
  coordonnees: Buffer | null;
};

const COLUMNS = sql`p.id, p.cabinet_id, p.nom_naissance, p.nom_usage, p.prenoms, p.sexe,
  p.date_naissance::text AS naissance, p.precision_naissance, p.lieu_naissance, p.date_deces::text AS date_deces, p.statut_identite,
  p.justificatif, p.partage_cabinet, p.actif, p.fusionne_dans_id, p.user_id IS NOT NULL AS compte,
  p.coordonnees, p.date_creation, p.date_modification, p.version`;

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readPatient(asked: Omit<AskedOfPatients, 'actor'>, id: number): Promise<Patient> {
  return opened(asked, await stored(asked, id));
}

/** That there is one, without what is sealed. @throws {RegieError} `INTROUVABLE` */
export async function requirePatient(
  asked: Pick<Asked, 'tx' | 'access'>,
  id: number,
): Promise<PatientMontre> {
  const { cabinet_id, version } = await stored(asked, id);
  return { id, cabinet_id, version };
}

/** Of a patient whom a body names: that the caller sees none is a fault of the body. @throws {RegieError} `VALIDATION` */
export function ofNamed<Found>(found: Promise<Found>): Promise<Found> {
  return found.catch((error: unknown) => {
    throw error instanceof RegieError && error.code === 'INTROUVABLE'
      ? unknownReference('patient_id')
      : error;
  });
}

/**
 * A patient whom the body of a request names, who is to come to this practice.
 * @throws {RegieError} `VALIDATION` for nobody of it, and who has died, `PATIENT_FUSIONNE`
 */
export async function requirePatientOf(
  asked: Pick<Asked, 'tx' | 'access'>,
  cabinetId: number,
  id: number,
): Promise<PatientMontre> {
  const { cabinet_id, version, date_deces } = await ofNamed(stored(asked, id));
  if (cabinet_id !== cabinetId) throw unknownReference('patient_id');
  if (date_deces !== null) throw invalid({ champ: 'patient_id', message: PATIENT_DECEDE });
  return { id, cabinet_id, version };
}

/**
 * Whom a patient is read as: themselves, or whoever they were merged into, by way of others too.
 * @param hold keeps them from being merged until the transaction ends. @returns null when there is none that the caller may see
 */
export async function headOf(
  { tx, access }: Pick<Asked, 'tx' | 'access'>,
  id: number,
  { hold }: { hold: boolean },
): Promise<number | null> {
  const row = await queryOne<{ cabinet_id: number; fusionne_dans_id: number | null }>(
    tx,
    sql`SELECT p.cabinet_id, p.fusionne_dans_id FROM medical.patients p
        WHERE p.id = ${id} AND ${access.where('read', 'Patient', PATIENT_COLUMNS)} ${hold ? sql`FOR KEY SHARE` : sql``}`,
  );
  if (row === null || row.fusionne_dans_id === null) return row && id;
  const head = await queryOne<{ id: number }>(
    tx,
    sql`WITH RECURSIVE suite (id, dans) AS (
          SELECT id, fusionne_dans_id FROM medical.patients WHERE cabinet_id = ${row.cabinet_id} AND id = ${id}
          UNION ALL
          SELECT p.id, p.fusionne_dans_id FROM suite s
          JOIN medical.patients p ON p.cabinet_id = ${row.cabinet_id} AND p.id = s.dans)
        SELECT id FROM suite WHERE dans IS NULL`,
  );
  return head!.id;
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function stored({ tx, access }: Pick<Asked, 'tx' | 'access'>, id: number): Promise<Stored> {
  const row = await queryOne<Stored>(
    tx,
    sql`SELECT ${COLUMNS} FROM medical.patients p
        WHERE p.id = ${id} AND ${access.where('read', 'Patient', PATIENT_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  return row;
}

async function opened(
  { tx, secrets }: Pick<AskedOfPatients, 'tx' | 'secrets'>,
  row: Stored,
  key?: ClePatient,
): Promise<Patient> {
  const cle = key ?? (await openClesPatient(tx, secrets, [row.id])).get(row.id)!;
  const found = await openIdentifiants(tx, row, cle);
  const identifiants = found.map(({ type, valeur }) => ({ type, valeur }));
  const { coordonnees, naissance, precision_naissance, ...rest } = row;
  const contact = openCoordonnees(row, cle, coordonnees);
  const date_naissance = formatNaissance({ date: naissance, precision: precision_naissance });
  return { ...rest, date_naissance, ...contact, identifiants };
}

/** By what numbers others know a patient, each with the id of its row. */
export async function openIdentifiants(
  tx: EntityManager,
  somebody: Somebody,
  cle: ClePatient,
): Promise<(Identifiant & { id: number })[]> {
  const found = await query<{ id: number; type: Identifiant['type']; valeur: Buffer }>(
    tx,
    sql`SELECT id, type, valeur FROM medical.identifiants_patient
        WHERE cabinet_id = ${somebody.cabinet_id} AND patient_id = ${somebody.id} ORDER BY type, id`,
  );
  return found.map(({ id, type, valeur }) => ({
    id,
    type,
    valeur: open(cle, placeOfIdentifiant(somebody, id, type), valeur) as string,
  }));
}

/** How a patient is reached, for whoever tells them something; the practice is open. */
export async function coordonneesDe(
  { tx, secrets }: Pick<AskedOfPatients, 'tx' | 'secrets'>,
  somebody: Somebody,
): Promise<Coordonnees> {
  const row = await queryOne<{ coordonnees: Buffer | null }>(
    tx,
    sql`SELECT coordonnees FROM medical.patients WHERE id = ${somebody.id} AND cabinet_id = ${somebody.cabinet_id}`,
  );
  const cle = (await openClesPatient(tx, secrets, [somebody.id])).get(somebody.id)!;
  return openCoordonnees(somebody, cle, row?.coordonnees ?? null);
}

/** How somebody is reached, as it is kept. @throws {Error} when it was not sealed for them */
export function openCoordonnees(somebody: Somebody, cle: ClePatient, sealed: Buffer | null): Coordonnees {
  return sealed === null ? NOWHERE : (open(cle, placeOf(somebody), sealed) as Coordonnees);
}

const NOWHERE: Coordonnees = { telephone: null, email: null, adresse: null, profession: null };

export type Somebody = Pick<Patient, 'id' | 'cabinet_id'>;

const placeOf = ({ id, cabinet_id }: Somebody): Place => ({
  cabinet_id,
  patient_id: id,
  table: 'patients',
  ligne: 0,
  champ: 'coordonnees',
});
const placeOfIdentifiant = ({ id, cabinet_id }: Somebody, ligne: number, type: string): Place => ({
  cabinet_id,
  patient_id: id,
  table: 'identifiants_patient',
  ligne,
  champ: `valeur ${type}`,
});
const placeOfChange = ({ id, cabinet_id }: Somebody, version: number): Place => ({
  cabinet_id,
  patient_id: id,
  table: 'historique_patient',
  ligne: version,
  champ: 'contenu',
});

/**
 * Enters a patient.
 * @param cabinetId null for the one practice that the caller belongs to.
 * @throws {RegieError} `INTERDIT`, `VALIDATION`
 */
export async function createPatient(
  asked: AskedOfPatients,
  cabinetId: number | null,
  given: PatientFields,
): Promise<Patient> {
  const { tx, access, actor, secrets } = asked;
  await access.confirm(tx);
  const cabinet = await cabinetFor(asked, cabinetId);
  const fields = judged(given, cabinet, actor.now);
  const index = await Index.of(tx, secrets, cabinet.id);
  const id = await insert(tx, cabinet.id, fields);
  const somebody = { id, cabinet_id: cabinet.id };
  const key = await createClePatient(tx, secrets, cabinet.id, id);
  if (isSoignant(access, cabinet.id)) await becomeSoignant(tx, somebody, access.principal.userId, actor.now);
  await writeSealed(tx, somebody, key, index, fields);
  await writeIdentifiants(tx, somebody, key, index, [], fields.identifiants);
  await recordChange(asked, somebody, key, {
    version: 1,
    action: 'creation',
    avant: null,
    apres: { ...fields },
  });
  return opened(asked, await stored(asked, id), key);
}

/** What of a practice says what may be written in it. */
interface Cabinet {
  id: number;
  /** Of telephone numbers without the code of their country. */
  pays: string;
  /** By whose clocks it is today. */
  fuseau_horaire: string;
}

/** The practice that somebody is entered in. */
async function cabinetFor({ tx, access }: Asked, cabinetId: number | null): Promise<Cabinet> {
  const { appartenances = [] } = access.principal;
  const theirs = [...new Set(appartenances.map((one) => one.cabinetId))];
  if (cabinetId === null && theirs.length !== 1) throw invalid({ champ: 'cabinet_id', message: WHICH });
  const id = cabinetId ?? theirs[0]!;
  // One that is somebody else's is none.
  if (!theirs.includes(id)) throw unknownReference('cabinet_id');
  if (!access.may('create', 'Patient', { cabinet_id: id })) throw forbidden();
  return cabinetOf(tx, id);
}

async function cabinetOf(tx: EntityManager, id: number): Promise<Cabinet> {
  const row = await queryOne<Cabinet>(
    tx,
    sql`SELECT id, pays, fuseau_horaire FROM medical.cabinets WHERE id = ${id}`,
  );
  return row!;
}

/** Under an id that nobody has: drawn, so that it tells of nobody else's. */
async function insert(tx: EntityManager, cabinetId: number, fields: PatientFields): Promise<number> {
  const { date, precision } = parseNaissance(fields.date_naissance)!;
  const inserted = await queryOne<{ id: number }>(
    tx,
    sql`INSERT INTO medical.patients (id, cabinet_id, nom_naissance, nom_usage, prenoms, sexe, date_naissance,
          precision_naissance, lieu_naissance, statut_identite, justificatif, partage_cabinet, actif, recherche)
        VALUES (${drawId()}, ${cabinetId}, ${fields.nom_naissance}, ${fields.nom_usage}, ${fields.prenoms},
                ${fields.sexe}, ${date}, ${precision}, ${fields.lieu_naissance}, ${fields.statut_identite},
                ${fields.justificatif}, ${fields.partage_cabinet}, ${fields.actif}, ${rechercheOf(fields)})
        ON CONFLICT (id) DO NOTHING RETURNING id`,
  );
  return inserted?.id ?? insert(tx, cabinetId, fields);
}

function rechercheOf({
  nom_naissance,
  nom_usage,
  prenoms,
}: Pick<PatientFields, 'nom_naissance' | 'nom_usage' | 'prenoms'>): string {
  return texteDeRecherche(nom_naissance, nom_usage, prenoms);
}

/** Writes how somebody is reached, and by what they are found. */
async function writeSealed(
  tx: EntityManager,
  somebody: Somebody,
  key: ClePatient,
  index: Index,
  { telephone, email, adresse, profession }: Coordonnees,
): Promise<void> {
  const coordonnees = seal(key, placeOf(somebody), { telephone, email, adresse, profession });
  await query(
    tx,
    sql`UPDATE medical.patients SET coordonnees = ${coordonnees},
          telephone_empreinte = ${telephone === null ? null : index.empreinte('telephone', telephone)}::bytea,
          email_empreinte = ${email === null ? null : index.empreinte('email', email)}::bytea
        WHERE id = ${somebody.id} AND cabinet_id = ${somebody.cabinet_id}`,
  );
}

/** Takes away those that are no more, adds those that are new: the others keep their rows. */
async function writeIdentifiants(
  tx: EntityManager,
  somebody: Somebody,
  key: ClePatient,
  index: Index,
  before: readonly Identifiant[],
  after: readonly Identifiant[],
): Promise<void> {
  const digestOf = ({ type, valeur }: Identifiant) => index.empreinte(type, normalisedIdentifiant(valeur));
  const same = (one: Identifiant) => (other: Identifiant) => isDeepStrictEqual(one, other);
  const gone = before.filter((one) => !after.some(same(one)));
  const added = after.filter((one) => !before.some(same(one)));
  for (const one of gone) {
    await query(
      tx,
      sql`DELETE FROM medical.identifiants_patient WHERE cabinet_id = ${somebody.cabinet_id}
            AND patient_id = ${somebody.id} AND type = ${one.type} AND empreinte = ${digestOf(one)}`,
    );
  }
  for (const one of added) await insertIdentifiant(tx, somebody, key, one, digestOf(one));
}

async function insertIdentifiant(
  tx: EntityManager,
  somebody: Somebody,
  key: ClePatient,
  one: Identifiant,
  empreinte: Buffer,
): Promise<void> {
  const id = drawId();
  const sealed = seal(key, placeOfIdentifiant(somebody, id, one.type), one.valeur);
  const inserted = await queryOne(
    tx,
    sql`INSERT INTO medical.identifiants_patient (id, cabinet_id, patient_id, type, valeur, empreinte)
        VALUES (${id}, ${somebody.cabinet_id}, ${somebody.id}, ${one.type}, ${sealed}, ${empreinte})
        ON CONFLICT (id) DO NOTHING RETURNING id`,
  );
  if (inserted === null) await insertIdentifiant(tx, somebody, key, one, empreinte);
}

/**
 * Changes what is given. A strict trait of an identity that changes takes its state away.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `VALIDATION`
 */
export async function updatePatient(
  asked: AskedOfPatients,
  id: number,
  changes: Partial<PatientFields>,
  expected: number | null,
): Promise<Patient> {
  const { tx, access, actor, secrets } = asked;
  await query(tx, sql`SELECT id FROM medical.patients WHERE id = ${id} FOR UPDATE`);
  await access.confirm(tx);
  const row = await stored(asked, id);
  access.require('update', 'Patient', row);
  refuseFusionne(row);
  requireVersion(row, expected);
  const key = (await openClesPatient(tx, secrets, [id])).get(id)!;
  const patient = await opened(asked, row, key);
  const cabinet = await cabinetOf(tx, row.cabinet_id);
  const next = judged(changedIdentite(patient, changes), cabinet, actor.now, changes);
  const { avant, apres } = difference<PatientFields>(patient, fieldsOf(next));
  if (Object.keys(apres).length === 0) return patient;
  const { date, precision } = parseNaissance(next.date_naissance)!;
  await query(
    tx,
    sql`UPDATE medical.patients SET nom_naissance = ${next.nom_naissance}, nom_usage = ${next.nom_usage},
          prenoms = ${next.prenoms}, sexe = ${next.sexe}, date_naissance = ${date},
          precision_naissance = ${precision}, lieu_naissance = ${next.lieu_naissance}, date_deces = ${next.date_deces},
          statut_identite = ${next.statut_identite}, justificatif = ${next.justificatif},
          partage_cabinet = ${next.partage_cabinet}, actif = ${next.actif}, recherche = ${rechercheOf(next)},
          date_modification = ${actor.now}, version = version + 1
        WHERE id = ${id} AND cabinet_id = ${row.cabinet_id}`,
  );
  const index = await Index.of(tx, secrets, row.cabinet_id);
  if (COORDONNEES.some((champ) => champ in apres)) await writeSealed(tx, row, key, index, next);
  if ('identifiants' in apres) {
    await writeIdentifiants(tx, row, key, index, patient.identifiants, next.identifiants);
  }
  await recordChange(asked, row, key, { version: row.version + 1, action: 'modification', avant, apres });
  return opened(asked, await stored(asked, id), key);
}

/**
 * Nothing is written of somebody who was merged into another.
 * @throws {RegieError} `PATIENT_FUSIONNE`, which says into whom
 */
export function refuseFusionne({ fusionne_dans_id }: { fusionne_dans_id: number | null }): void {
  if (fusionne_dans_id !== null) {
    throw new RegieError('PATIENT_FUSIONNE', { extensions: { fusionne_dans_id } });
  }
}

function fieldsOf(patient: PatientFields): PatientFields {
  const { nom_naissance, nom_usage, prenoms, sexe, date_naissance, lieu_naissance, date_deces } = patient;
  const { statut_identite, justificatif, partage_cabinet, actif, identifiants } = patient;
  const { telephone, email, adresse, profession } = patient;
  return {
    ...{ nom_naissance, nom_usage, prenoms, sexe, date_naissance, lieu_naissance, date_deces },
    ...{ statut_identite, justificatif, partage_cabinet, actif, identifiants },
    ...{ telephone, email, adresse, profession },
  };
}

/**
 * What was given as it is kept, once nothing speaks against it.
 * @param written what of it is new: what was kept before is not judged again.
 * @throws {RegieError} `VALIDATION` with every fault
 */
function judged<Given extends PatientFields>(
  given: Given,
  { pays, fuseau_horaire }: Cabinet,
  now: Date,
  written: Partial<PatientFields> = given,
): Given {
  const faults: FieldFault[] = identiteFaults(given, given.identifiants);
  const naissance = parseNaissance(given.date_naissance);
  if (naissance === null) faults.push({ champ: 'date_naissance', message: NO_DATE });
  else if (isToCome(naissance, now.getTime())) faults.push({ champ: 'date_naissance', message: TO_COME });
  if (naissance !== null && given.date_deces !== null) {
    const today = dayAt(now.getTime(), fuseau_horaire);
    const fault = decesFault(given.date_deces, naissance, today);
    if (fault !== null) faults.push({ champ: 'date_deces', message: fault });
  }
  let { telephone } = given;
  if (written.telephone != null) {
    telephone = toE164(written.telephone, pays);
    if (telephone === null) faults.push({ champ: 'telephone', message: telephoneFault(pays) });
  }
  const known = given.identifiants.map(({ type, valeur }) => `${type} ${normalisedIdentifiant(valeur)}`);
  const empty = given.identifiants.findIndex(({ valeur }) => normalisedIdentifiant(valeur) === '');
  if (empty >= 0) faults.push({ champ: `identifiants.${empty}.valeur`, message: NO_IDENTIFIER });
  if (new Set(known).size < known.length) faults.push({ champ: 'identifiants', message: TWICE });
  if (faults.length > 0) throw invalid(...faults);
  const identifiants = [...given.identifiants].sort(byType);
  return { ...given, telephone, identifiants };
}

function byType(one: Identifiant, other: Identifiant): number {
  return one.type < other.type ? -1 : one.type > other.type ? 1 : 0;
}

/** That a patient was tied to an account, or parted from it; which one is sealed as everything is that was changed. */
export async function recordLiaison(
  asked: AskedOfPatients,
  somebody: Somebody,
  version: number,
  { avant, apres }: { avant: number | null; apres: number | null },
): Promise<void> {
  const key = (await openClesPatient(asked.tx, asked.secrets, [somebody.id])).get(somebody.id)!;
  await recordChange(asked, somebody, key, {
    version,
    action: 'modification',
    avant: { user_id: avant },
    apres: { user_id: apres },
  });
}

interface PatientChange {
  version: number;
  action: 'creation' | 'modification' | 'fusion' | 'separation';
  avant: object | null;
  apres: object;
}

/** Keeps which fields were changed, and sealed what they held: the history of the house holds nothing of it. */
export async function recordChange(
  { tx, actor }: Asked,
  somebody: Somebody,
  key: ClePatient,
  { version, action, avant, apres }: PatientChange,
): Promise<void> {
  const contenu = seal(key, placeOfChange(somebody, version), { avant, apres });
  await query(
    tx,
    sql`INSERT INTO medical.historique_patient (cabinet_id, patient_id, version, action, champs, contenu, user_id,
          correlation_id, date)
        VALUES (${somebody.cabinet_id}, ${somebody.id}, ${version}, ${action}, ${Object.keys(apres)}::text[], ${contenu},
                ${actor.userId}, ${actor.correlationId}, ${actor.now})`,
  );
}

const WHICH = { fr: 'Dites dans quel cabinet', en: 'Say in which practice' };
const NO_DATE = {
  fr: 'Date attendue : 1962-03-14, 1962-03 ou 1962, après 1850',
  en: 'A date is expected: 1962-03-14, 1962-03 or 1962, after 1850',
};
const TO_COME = { fr: 'Cette date est à venir', en: 'This date is still to come' };
const TWICE = { fr: 'Le même identifiant deux fois', en: 'The same identifier twice' };
const NO_IDENTIFIER = { fr: 'Identifiant vide', en: 'An empty identifier' };
