import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { RETENUE_CONSERVATION_COLUMNS } from '../../auth/columns';
import { query, queryOne } from '../../db/sql';
import {
  type Ancre,
  addMonths,
  echeanceOf,
  LIVREES,
  type Politique,
  politiquesOf,
} from '../../domain/cabinet/conservation';
import type { Naissance } from '../../domain/cabinet/naissances';
import { forbidden, invalid, notFound, unknownReference } from '../../domain/errors';
import { dayAt } from '../../domain/local-time';
import type { Asked } from '../crud';
import type { PatientMontre } from './acces';
import { ACTES } from './conservation-regles';
import { type AskedOfPatients, ofNamed, refuseFusionne, type Stored, stored } from './patients';
import { openClesPatient, type Place, seal } from './sceau';
import { drawId } from './tirage';

/** How long records are kept, which are due, and what keeps them longer. Nothing is destroyed here (`purges.ts`). */

export interface PolitiqueLue extends Politique {
  /** Whether it is shipped for the country, or declared by the practice. */
  origine: 'livree' | 'declaree';
}

export interface Echeance {
  patient_id: number;
  /** Day of the practice of the last act. */
  dernier_acte: string;
  /** The last day on which the record is kept. */
  echeance: string;
  /** What keeps it all the same, until it is lifted. */
  retenues: number[];
  /** That it be destroyed, where somebody has asked for it. */
  purge_id: number | null;
}

export interface Echeances {
  cabinet_id: number;
  politiques: PolitiqueLue[];
  echeances: Echeance[];
}

/** Told at a time, those that have been due for longest. */
export const MAX_ECHEANCES = 200;

interface Cabinet {
  id: number;
  pays: string;
  fuseau_horaire: string;
}

/**
 * The practice that is meant: the one of the caller where there is one.
 * @throws {RegieError} `VALIDATION`, `INTERDIT`
 */
async function practiceOf(
  { tx, access }: Pick<Asked, 'tx' | 'access'>,
  action: 'read' | 'update',
  given: number | null | undefined,
): Promise<Cabinet> {
  const { appartenances = [] } = access.principal;
  const theirs = [...new Set(appartenances.map((one) => one.cabinetId))];
  if (given == null && theirs.length !== 1) throw invalid({ champ: 'cabinet_id', message: WHICH });
  const id = given ?? theirs[0]!;
  if (!theirs.includes(id)) throw unknownReference('cabinet_id');
  if (!access.may(action, 'Conservation', { cabinet_id: id })) throw forbidden();
  return (await cabinetOf(tx, id))!;
}

function cabinetOf(tx: EntityManager, id: number): Promise<Cabinet | null> {
  return queryOne<Cabinet>(tx, sql`SELECT id, pays, fuseau_horaire FROM medical.cabinets WHERE id = ${id}`);
}

async function readPolitiques(tx: EntityManager, { id, pays }: Cabinet): Promise<PolitiqueLue[]> {
  const declared = await query<Politique>(
    tx,
    sql`SELECT ancre, duree_mois, source FROM medical.politiques_conservation WHERE cabinet_id = ${id} ORDER BY ancre`,
  );
  return politiquesOf(pays, declared).map((one) => ({
    ...one,
    origine: declared.some(({ ancre }) => ancre === one.ancre) ? 'declaree' : 'livree',
  }));
}

/**
 * What a practice keeps for how long, in the place of what is shipped for its country; null to go back to that.
 * @throws {RegieError} `VALIDATION`, `INTERDIT`
 */
export async function declarePolitique(
  asked: Asked,
  { cabinet_id, ancre, duree_mois, source }: Politique & { cabinet_id: number | null },
): Promise<{ cabinet_id: number; politiques: PolitiqueLue[] }> {
  const { tx, access, actor } = asked;
  await access.confirm(tx);
  const cabinet = await practiceOf(asked, 'update', cabinet_id);
  const shipped = LIVREES[cabinet.pays]?.find((one) => one.ancre === ancre);
  // What the authorities of a country say is the least.
  if (shipped !== undefined && duree_mois < shipped.duree_mois) {
    throw invalid({ champ: 'duree_mois', message: tooShort(shipped) });
  }
  await query(
    tx,
    sql`INSERT INTO medical.politiques_conservation (cabinet_id, ancre, duree_mois, source, user_id, date)
        VALUES (${cabinet.id}, ${ancre}, ${duree_mois}, ${source}, ${actor.userId}, ${actor.now})
        ON CONFLICT (cabinet_id, ancre) DO UPDATE SET duree_mois = excluded.duree_mois, source = excluded.source,
          user_id = excluded.user_id, date = excluded.date`,
  );
  return { cabinet_id: cabinet.id, politiques: await readPolitiques(tx, cabinet) };
}

const DAY = 24 * 3600 * 1000;

interface DueRow extends PatientMontre {
  naissance: string;
  precision_naissance: Naissance['precision'];
  deces: string | null;
  dernier_acte: Date;
  retenues: number[];
  purge_id: number | null;
}

/** The last act of the patient `p`, whatever table it stands in. */
function dernierActe(): Sql {
  const acts = Object.entries(ACTES).flatMap(([table, colonne]) =>
    colonne === null
      ? []
      : [
          sql`(SELECT max(a.${raw(colonne)}) FROM medical.${raw(table)} a
               WHERE a.cabinet_id = p.cabinet_id AND a.patient_id = p.id)`,
        ],
  );
  return sql`greatest(${join([sql`p.date_creation`, ...acts])})`;
}

const DUE = sql`p.id, p.cabinet_id, p.version, p.date_naissance::text AS naissance, p.precision_naissance,
  p.date_deces::text AS deces,
  ARRAY(SELECT h.id FROM medical.retenues_conservation h
        WHERE h.cabinet_id = p.cabinet_id AND h.patient_id = p.id AND h.levee_le IS NULL ORDER BY h.id) AS retenues,
  (SELECT x.id FROM medical.purges x
   WHERE x.cabinet_id = p.cabinet_id AND x.patient_id = p.id AND x.statut <> 'arretee') AS purge_id`;

/**
 * The records of a practice that are due today, those that have been for longest first, {@link MAX_ECHEANCES} at most.
 * @param cabinetId null for the one practice that the caller belongs to. @throws {RegieError} `VALIDATION`, `INTERDIT`
 */
export async function listEcheances(
  asked: Asked,
  cabinetId: number | null,
): Promise<{ echeances: Echeances; patients: PatientMontre[] }> {
  const { tx, actor } = asked;
  const cabinet = await practiceOf(asked, 'read', cabinetId);
  const politiques = await readPolitiques(tx, cabinet);
  const { id: cabinet_id } = cabinet;
  const least = politiques.find(({ ancre }) => ancre === 'dernier_acte');
  if (least === undefined) return { echeances: { cabinet_id, politiques, echeances: [] }, patients: [] };
  // Nobody whose last act is younger is due by it, in whatever zone.
  const today = dayAt(actor.now.getTime(), cabinet.fuseau_horaire);
  const before = new Date(Date.parse(addMonths(today, -least.duree_mois)) + 3 * DAY);
  const rows = await query<DueRow>(
    tx,
    sql`SELECT * FROM (
          SELECT ${DUE}, ${dernierActe()} AS dernier_acte FROM medical.patients p
          WHERE p.cabinet_id = ${cabinet_id} AND p.fusionne_dans_id IS NULL) d
        WHERE d.dernier_acte < ${before}
        ORDER BY d.dernier_acte, d.id`,
  );
  const due = rows
    .map((row) => ({ row, echeance: dueOf(politiques, row, cabinet) }))
    .filter(({ echeance }) => echeance !== null && echeance.echeance < today)
    .slice(0, MAX_ECHEANCES);
  return {
    echeances: { cabinet_id, politiques, echeances: due.map(({ echeance }) => echeance!) },
    patients: due.map(({ row: { id, version } }) => ({ id, cabinet_id, version })),
  };
}

function dueOf(
  politiques: readonly Politique[],
  { id, naissance, precision_naissance, deces, dernier_acte, retenues, purge_id }: DueRow,
  { fuseau_horaire }: Cabinet,
): Echeance | null {
  const day = dayAt(dernier_acte.getTime(), fuseau_horaire);
  const born = { date: naissance, precision: precision_naissance };
  const echeance = echeanceOf(politiques, { dernierActe: day, naissance: born, deces });
  return echeance === null ? null : { patient_id: id, dernier_acte: day, echeance, retenues, purge_id };
}

/** How a record stands by now. @returns null for a patient who is none any more, or of whom nothing says when they are due. */
export async function standingOf(
  tx: EntityManager,
  { id, cabinet_id }: Pick<PatientMontre, 'id' | 'cabinet_id'>,
  now: Date,
): Promise<(Echeance & { due: boolean }) | null> {
  const cabinet = (await cabinetOf(tx, cabinet_id))!;
  const politiques = await readPolitiques(tx, cabinet);
  const row = await queryOne<DueRow>(
    tx,
    sql`SELECT ${DUE}, ${dernierActe()} AS dernier_acte FROM medical.patients p
        WHERE p.cabinet_id = ${cabinet_id} AND p.id = ${id} AND p.fusionne_dans_id IS NULL`,
  );
  const echeance = row && dueOf(politiques, row, cabinet);
  return echeance && { ...echeance, due: echeance.echeance < dayAt(now.getTime(), cabinet.fuseau_horaire) };
}

export interface Retenue {
  id: number;
  cabinet_id: number;
  patient_id: number;
  date: Date;
  levee_le: Date | null;
}

const RETENUE = sql`h.id, h.cabinet_id, h.patient_id, h.date, h.levee_le`;

/** Why it is said is sealed with what else is known of the patient. */
const placeOf = ({
  id,
  cabinet_id,
  patient_id,
}: Pick<Retenue, 'id' | 'cabinet_id' | 'patient_id'>): Place => ({
  ...{ cabinet_id, patient_id },
  table: 'retenues_conservation',
  ligne: id,
  champ: 'motif',
});

/**
 * Has a record kept, whatever is due, until somebody lifts it. It stops a purge that has been signed, too.
 * @throws {RegieError} `VALIDATION` for a patient whom the caller may not see, `INTERDIT`, `PATIENT_FUSIONNE`
 */
export async function retenir(
  asked: AskedOfPatients,
  { patient_id, motif }: { patient_id: number; motif: string },
): Promise<{ retenue: Retenue; patient: PatientMontre }> {
  const { tx, access, actor, secrets } = asked;
  // Whoever destroys it waits, or it is too late.
  await query(tx, sql`SELECT id FROM medical.patients WHERE id = ${patient_id} FOR UPDATE`);
  await access.confirm(tx);
  const patient = await patientOf(asked, patient_id);
  access.require('create', 'Conservation', patient);
  refuseFusionne(patient);
  const cle = (await openClesPatient(tx, secrets, [patient_id])).get(patient_id)!;
  const { cabinet_id, version } = patient;
  for (;;) {
    const row = { id: drawId(), cabinet_id, patient_id };
    const inserted = await queryOne<Retenue>(
      tx,
      sql`INSERT INTO medical.retenues_conservation AS h (id, cabinet_id, patient_id, motif, user_id, date)
          VALUES (${row.id}, ${cabinet_id}, ${patient_id}, ${seal(cle, placeOf(row), motif)}, ${actor.userId}, ${actor.now})
          ON CONFLICT (id) DO NOTHING RETURNING ${RETENUE}`,
    );
    if (inserted !== null) return { retenue: inserted, patient: { id: patient_id, cabinet_id, version } };
  }
}

/** A patient whom a body names. @throws {RegieError} `VALIDATION` when the caller may see none */
export function patientOf(asked: AskedOfPatients, id: number): Promise<Stored> {
  return ofNamed(stored(asked, id));
}

/** @throws {RegieError} `INTROUVABLE` */
export async function readRetenue(
  { tx, access }: Pick<Asked, 'tx' | 'access'>,
  id: number,
): Promise<{ retenue: Retenue; patient: PatientMontre }> {
  const row = await queryOne<Retenue & { version: number }>(
    tx,
    sql`SELECT ${RETENUE}, p.version FROM medical.retenues_conservation h
        JOIN medical.patients p ON p.cabinet_id = h.cabinet_id AND p.id = h.patient_id
        WHERE h.id = ${id} AND ${access.where('read', 'Conservation', RETENUE_CONSERVATION_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  const { version, ...retenue } = row;
  return { retenue, patient: { id: row.patient_id, cabinet_id: row.cabinet_id, version } };
}

/** Lifts it; again it is lifted as it was. @throws {RegieError} `INTROUVABLE`, `INTERDIT` */
export async function leverRetenue(
  asked: Asked,
  id: number,
): Promise<{ retenue: Retenue; patient: PatientMontre }> {
  const { tx, access, actor } = asked;
  await query(tx, sql`SELECT id FROM medical.retenues_conservation WHERE id = ${id} FOR UPDATE`);
  await access.confirm(tx);
  const { retenue } = await readRetenue(asked, id);
  access.require('cancel', 'Conservation', retenue);
  await query(
    tx,
    sql`UPDATE medical.retenues_conservation SET levee_le = ${actor.now}, levee_par = ${actor.userId}
        WHERE id = ${id} AND levee_le IS NULL`,
  );
  return readRetenue(asked, id);
}

const WHICH = { fr: 'Dites dans quel cabinet', en: 'Say in which practice' };
const tooShort = ({ duree_mois, source }: Politique & { ancre: Ancre }) => ({
  fr: `Au moins ${duree_mois} mois (${source})`,
  en: `${duree_mois} months at least (${source})`,
});
