import sql, { raw } from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import { PURGE_COLUMNS } from '../../auth/columns';
import { query, queryOne } from '../../db/sql';
import { DELAI_PURGE } from '../../domain/cabinet/conservation';
import { forbidden, notFound, RegieError, type Texte } from '../../domain/errors';
import type { ObjectStore } from '../../storage/objects';
import type { Asked } from '../crud';
import type { PatientMontre } from './acces';
import { patientOf, standingOf } from './conservation';
import { type Destruction, destructionsOf, OBJETS, RESTENT } from './conservation-regles';
import { REGLES } from './fusion-regles';
import { type AskedOfPatients, refuseFusionne } from './patients';
import { drawId } from './tirage';
import { inCabinet, inEveryCabinet } from './transactions';

/**
 * That the record of a patient be destroyed: asked for by who runs the practice, signed by a doctor of it who is somebody else,
 * carried out thirty days later by the workflow of the purge, unless somebody stops it, something keeps the record, or it is not
 * due any more. The key goes first, and with it whatever copy there is of what it sealed; then rows and objects; then it is
 * counted what is left.
 */

export const STATUTS_PURGE = ['demandee', 'signee', 'detruite', 'faite', 'arretee'] as const;
export type StatutPurge = (typeof STATUTS_PURGE)[number];

export interface Purge {
  id: number;
  cabinet_id: number;
  patient_id: number;
  statut: StatutPurge;
  /** The last day on which the record was kept. */
  echeance: string;
  demandee_par: number;
  demandee_le: Date;
  signee_par: number | null;
  signee_le: Date | null;
  /** From when on it is carried out. */
  execution_le: Date | null;
  detruite_le: Date | null;
  faite_le: Date | null;
  arretee_le: Date | null;
  raison_arret: 'demande' | 'retenue' | 'plus_due' | null;
  bilan: Bilan | null;
}

export interface Bilan {
  /** Rows that were destroyed, by table. */
  detruites: Record<string, number>;
  objets: number;
  /** What is left, and why. */
  restent: Record<string, { nombre: number; pourquoi: string }>;
}

export interface PurgeLue {
  purge: Purge;
  /** Nobody any more once it is done. */
  patients: PatientMontre[];
}

const COLUMNS = sql`x.id, x.cabinet_id, x.patient_id, x.statut, x.echeance::text AS echeance, x.demandee_par, x.demandee_le,
  x.signee_par, x.signee_le, x.execution_le, x.detruite_le, x.faite_le, x.arretee_le, x.raison_arret,
  CASE WHEN x.statut = 'faite' THEN x.bilan END AS bilan`;

/** Told at most, the latest first. */
export const MAX_PURGES = 200;

export async function listPurges({
  tx,
  access,
}: Pick<Asked, 'tx' | 'access'>): Promise<{ purges: Purge[]; patients: PatientMontre[] }> {
  const purges = await query<Purge>(
    tx,
    sql`SELECT ${COLUMNS} FROM medical.purges x WHERE ${access.where('read', 'Purge', PURGE_COLUMNS)}
        ORDER BY x.demandee_le DESC, x.id LIMIT ${MAX_PURGES}`,
  );
  return { purges, patients: await shownOf(tx, purges) };
}

/** @throws {RegieError} `INTROUVABLE` */
export async function readPurge({ tx, access }: Pick<Asked, 'tx' | 'access'>, id: number): Promise<PurgeLue> {
  const purge = await queryOne<Purge>(
    tx,
    sql`SELECT ${COLUMNS} FROM medical.purges x WHERE x.id = ${id} AND ${access.where('read', 'Purge', PURGE_COLUMNS)}`,
  );
  if (purge === null) throw notFound();
  return { purge, patients: await shownOf(tx, [purge]) };
}

function shownOf(tx: EntityManager, purges: readonly Purge[]): Promise<PatientMontre[]> {
  const ids = purges.map(({ patient_id }) => patient_id);
  return query<PatientMontre>(
    tx,
    sql`SELECT id, cabinet_id, version FROM medical.patients WHERE id = ANY(${ids}::integer[]) ORDER BY id`,
  );
}

/**
 * Asks that a record that is due be destroyed: the first signature.
 * @throws {RegieError} `VALIDATION` for a patient whom the caller may not see, `INTERDIT`, `PATIENT_FUSIONNE`,
 *   `PURGE_IMPOSSIBLE`, `DEJA_EXISTANT`
 */
export async function demanderPurge(asked: AskedOfPatients, patientId: number): Promise<PurgeLue> {
  const { tx, access, actor } = asked;
  await query(tx, sql`SELECT id FROM medical.patients WHERE id = ${patientId} FOR UPDATE`);
  await access.confirm(tx);
  const patient = await patientOf(asked, patientId);
  access.require('create', 'Purge', patient);
  refuseFusionne(patient);
  const { echeance, purge_id } = await requireDue(tx, patient, actor.now);
  if (purge_id !== null) throw new RegieError('DEJA_EXISTANT', { detail: ALREADY, extensions: { purge_id } });
  for (;;) {
    const purge = await queryOne<Purge>(
      tx,
      sql`INSERT INTO medical.purges AS x (id, cabinet_id, patient_id, statut, echeance, demandee_par, demandee_le)
          VALUES (${drawId()}, ${patient.cabinet_id}, ${patientId}, 'demandee', ${echeance}, ${actor.userId},
                  ${actor.now})
          ON CONFLICT (id) DO NOTHING RETURNING ${COLUMNS}`,
    );
    if (purge !== null) return { purge, patients: await shownOf(tx, [purge]) };
  }
}

/** @throws {RegieError} `PURGE_IMPOSSIBLE` */
async function requireDue(
  tx: EntityManager,
  patient: Pick<PatientMontre, 'id' | 'cabinet_id'>,
  now: Date,
): Promise<{ echeance: string; purge_id: number | null }> {
  const standing = await standingOf(tx, patient, now);
  if (standing === null || !standing.due) throw impossible(NOT_DUE);
  if (standing.retenues.length > 0) throw impossible(KEPT, { retenues: standing.retenues });
  return standing;
}

/**
 * The second signature, of a doctor who is somebody else than whoever asked for it: from then on the thirty days run.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `TRANSITION_INVALIDE`, `PURGE_IMPOSSIBLE`
 */
export async function signerPurge(asked: Asked, id: number): Promise<PurgeLue> {
  const { tx, access, actor } = asked;
  const purge = await locked(asked, id);
  access.require('update', 'Purge', purge);
  if (purge.statut !== 'demandee') throw new RegieError('TRANSITION_INVALIDE');
  if (purge.demandee_par === actor.userId) throw forbidden(TWO_PEOPLE);
  await requireDue(tx, { id: purge.patient_id, cabinet_id: purge.cabinet_id }, actor.now);
  const execution = new Date(actor.now.getTime() + DELAI_PURGE * DAY);
  await query(
    tx,
    sql`UPDATE medical.purges SET statut = 'signee', signee_par = ${actor.userId}, signee_le = ${actor.now},
          execution_le = ${execution} WHERE id = ${id}`,
  );
  return readPurge(asked, id);
}

const DAY = 24 * 3600 * 1000;

/** Stops it, until it is carried out. @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `TRANSITION_INVALIDE` */
export async function arreterPurge(asked: Asked, id: number): Promise<PurgeLue> {
  const { tx, access, actor } = asked;
  const purge = await locked(asked, id);
  access.require('cancel', 'Purge', purge);
  if (purge.statut !== 'demandee' && purge.statut !== 'signee') throw new RegieError('TRANSITION_INVALIDE');
  await stop(tx, id, 'demande', actor.now, actor.userId);
  return readPurge(asked, id);
}

/** Whoever changes it does so one after the other, the patient first, as everybody else. */
async function locked(asked: Asked, id: number): Promise<Purge> {
  const { tx, access } = asked;
  const { purge } = await readPurge(asked, id);
  await lock(tx, purge);
  await access.confirm(tx);
  return (await readPurge(asked, id)).purge;
}

async function lock(
  tx: EntityManager,
  { id, cabinet_id, patient_id }: Pick<Purge, 'id' | 'cabinet_id' | 'patient_id'>,
): Promise<void> {
  await query(
    tx,
    sql`SELECT id FROM medical.patients WHERE cabinet_id = ${cabinet_id} AND id = ${patient_id} FOR UPDATE`,
  );
  await query(tx, sql`SELECT id FROM medical.purges WHERE id = ${id} FOR UPDATE`);
}

async function stop(
  tx: EntityManager,
  id: number,
  raison: NonNullable<Purge['raison_arret']>,
  now: Date,
  userId: number | null,
): Promise<void> {
  await query(
    tx,
    sql`UPDATE medical.purges SET statut = 'arretee', arretee_le = ${now}, arretee_par = ${userId}::integer,
          raison_arret = ${raison} WHERE id = ${id}`,
  );
}

/** For so long after it was signed it is seen to that a purge has a workflow; what is due always is. Milliseconds. */
const NEW = 10 * 60_000;

/** Those whose workflow has something to do or has yet to begin, in the order of their ids. */
export async function purgesEnCours(
  medical: DataSource,
  now: Date,
  after: number,
  limit: number,
): Promise<{ id: number; cabinet_id: number }[]> {
  return inEveryCabinet(medical, (tx) =>
    query(
      tx,
      sql`SELECT id, cabinet_id FROM medical.purges
          WHERE statut IN ('signee', 'detruite') AND id > ${after}
            AND (statut = 'detruite' OR execution_le <= ${now} OR signee_le > ${new Date(now.getTime() - NEW)})
          ORDER BY id LIMIT ${limit}`,
    ),
  );
}

/** What a purge waits for, in milliseconds; null when nothing comes of it any more. */
export type Attente = number | null;

/**
 * Does what is due of a purge: waits for its time, destroys, removes what lies in the store, counts. Each step is one
 * transaction or can be done again: killed anywhere, it goes on from what its row says.
 */
export async function suivrePurge(
  { medical, store }: { medical: DataSource; store: ObjectStore },
  { id, cabinet_id }: { id: number; cabinet_id: number },
  now: Date,
): Promise<Attente> {
  const waits = await inCabinet(medical, cabinet_id, (tx) => detruire(tx, id, now));
  if (waits !== 'detruite') return waits;
  const objets = await inCabinet(medical, cabinet_id, (tx) => objetsOf(tx, id));
  for (const objet of objets) await store.remove(objet);
  await inCabinet(medical, cabinet_id, (tx) => compter(tx, id, objets.length, now));
  return null;
}

async function purgeOf(tx: EntityManager, id: number): Promise<Purge | null> {
  return queryOne<Purge>(tx, sql`SELECT ${COLUMNS} FROM medical.purges x WHERE x.id = ${id}`);
}

/** Destroys, in one transaction, once it is time and nothing speaks against it. */
async function detruire(tx: EntityManager, id: number, now: Date): Promise<Attente | 'detruite'> {
  const known = await purgeOf(tx, id);
  if (known === null) return null;
  await lock(tx, known);
  const purge = (await purgeOf(tx, id))!;
  if (purge.statut === 'detruite') return 'detruite';
  if (purge.statut !== 'signee') return null;
  const wait = purge.execution_le!.getTime() - now.getTime();
  if (wait > 0) return wait;
  const { cabinet_id, patient_id } = purge;
  const standing = await standingOf(tx, { id: patient_id, cabinet_id }, now);
  const against =
    standing === null || !standing.due ? 'plus_due' : standing.retenues.length > 0 ? 'retenue' : null;
  if (against !== null) {
    await stop(tx, id, against, now, null);
    return null;
  }
  const whole = await wholeOf(tx, purge);
  const plan = await destructionsOf(tx);
  const rows = await rowsOf(tx, purge, plan, whole);
  const objets = await objectsIn(tx, purge, rows);
  const detruites: Record<string, number> = {};
  for (const { table, colonne, ids } of rows) {
    const done = await queryOne<{ nombre: string }>(
      tx,
      sql`SELECT medical.detruire(${id}::integer, ${table}, ${colonne}, ${ids}::bigint[], ${now}::timestamptz) AS nombre`,
    );
    const nombre = Number(done!.nombre);
    if (nombre > 0) detruites[table] = (detruites[table] ?? 0) + nombre;
  }
  await query(tx, sql`SELECT medical.effacer(${id}::integer, ${whole}::integer[], ${now}::timestamptz)`);
  detruites.patients = whole.length;
  const bilan: Bilan = { detruites, objets: objets.length, restent: {} };
  await query(
    tx,
    sql`UPDATE medical.purges SET statut = 'detruite', detruite_le = ${now}, objets = ${objets}::text[],
          bilan = ${JSON.stringify({ ...bilan, patients: whole })}::jsonb WHERE id = ${id}`,
  );
  return 'detruite';
}

/** The patient, and whoever was merged into them, by way of others too. */
async function wholeOf(tx: EntityManager, { cabinet_id, patient_id }: Purge): Promise<number[]> {
  const found = await query<{ id: number }>(
    tx,
    sql`WITH RECURSIVE reunis (id) AS (
          SELECT ${patient_id}::integer
          UNION
          SELECT p.id FROM reunis r JOIN medical.patients p ON p.cabinet_id = ${cabinet_id} AND p.fusionne_dans_id = r.id)
        SELECT id FROM reunis ORDER BY id`,
  );
  return found.map(({ id }) => id);
}

interface Going extends Destruction {
  /** What its column names of what goes. */
  ids: number[];
}

/** What is destroyed, with the ids by which it is found: those of parts are read before what they are a part of is gone. */
async function rowsOf(
  tx: EntityManager,
  { cabinet_id }: Purge,
  plan: readonly Destruction[],
  patients: number[],
): Promise<Going[]> {
  const idsOf = async (table: string): Promise<number[]> => {
    const one = plan.find((each) => each.table === table)!;
    const parents = one.parent === null ? patients : await idsOf(one.parent);
    const found = await query<{ id: string }>(
      tx,
      sql`SELECT id::text AS id FROM medical.${raw(table)}
          WHERE cabinet_id = ${cabinet_id} AND ${raw(one.colonne)} = ANY(${parents}::bigint[])`,
    );
    return found.map(({ id }) => Number(id));
  };
  const going: Going[] = [];
  for (const one of plan) {
    going.push({ ...one, ids: one.parent === null ? patients : await idsOf(one.parent) });
  }
  return going;
}

/** The names of objects that rows name which go. */
async function objectsIn(
  tx: EntityManager,
  { cabinet_id }: Purge,
  going: readonly Going[],
): Promise<string[]> {
  const names: string[] = [];
  for (const { table, colonne, ids } of going) {
    const objet = OBJETS[table];
    if (objet === undefined) continue;
    const found = await query<{ objet: string }>(
      tx,
      sql`SELECT ${raw(objet)} AS objet FROM medical.${raw(table)}
          WHERE cabinet_id = ${cabinet_id} AND ${raw(colonne)} = ANY(${ids}::bigint[]) AND ${raw(objet)} IS NOT NULL`,
    );
    names.push(...found.map((row) => row.objet));
  }
  return names;
}

async function objetsOf(tx: EntityManager, id: number): Promise<string[]> {
  const row = await queryOne<{ objets: string[] }>(
    tx,
    sql`SELECT objets FROM medical.purges WHERE id = ${id}`,
  );
  return row!.objets;
}

/**
 * Reads again what there is of the patient, table by table, and says what is left, and why.
 * @throws {Error} when something is left that nothing says why: then it is not done
 */
async function compter(tx: EntityManager, id: number, objets: number, now: Date): Promise<void> {
  await query(tx, sql`SELECT id FROM medical.purges WHERE id = ${id} FOR UPDATE`);
  const purge = (await purgeOf(tx, id))!;
  if (purge.statut !== 'detruite') return;
  const row = await queryOne<{ bilan: Bilan & { patients: number[] } }>(
    tx,
    sql`SELECT bilan FROM medical.purges WHERE id = ${id}`,
  );
  const { patients, ...bilan } = row!.bilan;
  for (const { table, colonne, parent } of await destructionsOf(tx)) {
    if (parent !== null) continue;
    const nombre = await count(tx, purge.cabinet_id, table, colonne, patients);
    if (nombre > 0) throw new Error(`${nombre} rows of ${table} are left of purge ${id}`);
  }
  const restent: Bilan['restent'] = {};
  for (const [table, pourquoi] of Object.entries(RESTENT)) {
    // Parts of what is counted already, which names the patient.
    if (REGLES[table]?.fait === 'suivre') continue;
    const nombre = await count(tx, purge.cabinet_id, table, 'patient_id', patients);
    if (nombre > 0) restent[table] = { nombre, pourquoi };
  }
  await query(
    tx,
    sql`UPDATE medical.purges SET statut = 'faite', faite_le = ${now}, objets = '{}',
          bilan = ${JSON.stringify({ ...bilan, objets, restent })}::jsonb WHERE id = ${id}`,
  );
}

async function count(
  tx: EntityManager,
  cabinetId: number,
  table: string,
  colonne: string,
  patients: readonly number[],
): Promise<number> {
  const row = await queryOne<{ nombre: number }>(
    tx,
    sql`SELECT count(*)::integer AS nombre FROM medical.${raw(table)}
        WHERE cabinet_id = ${cabinetId} AND ${raw(colonne)} = ANY(${[...patients]}::integer[])`,
  );
  return row!.nombre;
}

function impossible(detail: Texte, extensions?: Record<string, unknown>): RegieError {
  return new RegieError('PURGE_IMPOSSIBLE', { detail, ...(extensions && { extensions }) });
}

const NOT_DUE = {
  fr: 'Sa durée de conservation n’est pas écoulée, ou le cabinet n’en a déclaré aucune',
  en: 'Its period is not over, or the practice has declared none',
};
const KEPT = { fr: 'Quelque chose le retient', en: 'Something keeps it' };
const ALREADY = { fr: 'C’est déjà demandé', en: 'That is asked for already' };
const TWO_PEOPLE = { fr: 'Deux personnes doivent signer', en: 'Two people have to sign' };
