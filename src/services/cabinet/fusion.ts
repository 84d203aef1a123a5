import sql, { join, raw } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { PATIENT_COLUMNS } from '../../auth/columns';
import { exclusionViolation, uniqueViolation } from '../../db/errors';
import { query, queryOne } from '../../db/sql';
import { annulableJusquA, isAnnulable } from '../../domain/cabinet/fusions';
import { invalid, notFound, RegieError, type Texte, unknownReference } from '../../domain/errors';
import type { Asked } from '../crud';
import type { PatientMontre } from './acces';
import { cleOf, clesUniquesOf, requireRegles } from './fusion-catalogue';
import { type Ligne, REGLES, type Regle, type Regles } from './fusion-regles';
import {
  type AskedOfPatients,
  recordChange,
  refuseFusionne,
  type Somebody,
  type Stored,
  stored,
} from './patients';
import { type ClePatient, open, openClesPatient, type Place, seal } from './sceau';
import { drawId } from './tirage';

/**
 * Says that two patients of a practice are one person, and takes it back. The rows of the one who is merged become those of
 * the one who is kept, whatever table they stand in (`fusion-regles.ts`), and keep every byte: what was sealed for somebody
 * opens with their key, which is one of those of the other from then on. So nothing is sealed anew, and what is signed stays as
 * it was signed. Each fusion lists the rows it moved; taken back, they go back, and what was added since stays.
 */

export interface Fusion {
  id: number;
  cabinet_id: number;
  /** Who is kept. */
  patient_id: number;
  /** Who was merged into them. */
  avec: number;
  /** How many rows were moved, by table. */
  deplacees: Record<string, number>;
  date: Date;
  annulable_jusqu_a: Date;
  annulee_le: Date | null;
}

/** A fusion, and the two whose data an answer about it shows. */
export interface FusionLue {
  fusion: Fusion;
  patients: PatientMontre[];
}

/** @param regles what becomes of each table; the ones of all tables unless said. */
export type AskedToMerge = AskedOfPatients & { regles?: Regles };

/** What tells a row of its table apart. */
type Cle = readonly (number | string)[];
/** Keys of rows, by table. */
type Lignes = Record<string, Cle[]>;

interface FusionRow {
  id: number;
  cabinet_id: number;
  receveur_id: number;
  absorbe_id: number;
  lignes: Lignes;
  rang: number;
  /** Whether who is kept took the day of their death from the other. */
  deces_repris: boolean;
  date: Date;
  annulee_le: Date | null;
}

const COLUMNS = sql`f.id, f.cabinet_id, f.receveur_id, f.absorbe_id, f.lignes, f.rang, f.deces_repris, f.date, f.annulee_le`;

function fusionOf({ id, cabinet_id, receveur_id, absorbe_id, lignes, date, annulee_le }: FusionRow): Fusion {
  const deplacees = Object.fromEntries(Object.entries(lignes).map(([table, ids]) => [table, ids.length]));
  return {
    ...{ id, cabinet_id, patient_id: receveur_id, avec: absorbe_id, deplacees, date },
    annulable_jusqu_a: annulableJusquA(date),
    annulee_le,
  };
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see */
export async function readFusion(
  { tx, access }: Pick<Asked, 'tx' | 'access'>,
  id: number,
): Promise<FusionLue> {
  const row = await queryOne<FusionRow>(
    tx,
    sql`SELECT ${COLUMNS} FROM medical.fusions f JOIN medical.patients p ON p.cabinet_id = f.cabinet_id AND p.id = f.receveur_id
        WHERE f.id = ${id} AND ${access.where('read', 'Patient', PATIENT_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  return { fusion: fusionOf(row), patients: await bothOf(tx, row) };
}

/** How many merges of a patient are told at most, the latest first. */
export const MAX_FUSIONS = 100;

/**
 * The merges that a patient was in, either way, the latest first.
 * @throws {RegieError} `INTROUVABLE`
 */
export async function listFusions(
  asked: Pick<Asked, 'tx' | 'access'>,
  patientId: number,
): Promise<{ fusions: Fusion[]; patients: PatientMontre[] }> {
  const { id, cabinet_id, version } = await stored(asked, patientId);
  const rows = await query<FusionRow>(
    asked.tx,
    sql`SELECT ${COLUMNS} FROM medical.fusions f WHERE f.cabinet_id = ${cabinet_id}
          AND (f.receveur_id = ${id} OR f.absorbe_id = ${id}) ORDER BY f.date DESC, f.rang DESC LIMIT ${MAX_FUSIONS}`,
  );
  return { fusions: rows.map(fusionOf), patients: [{ id, cabinet_id, version }] };
}

async function bothOf(
  tx: EntityManager,
  { cabinet_id, receveur_id, absorbe_id }: FusionRow,
): Promise<PatientMontre[]> {
  return query<PatientMontre>(
    tx,
    sql`SELECT id, cabinet_id, version FROM medical.patients
        WHERE cabinet_id = ${cabinet_id} AND id IN (${receveur_id}, ${absorbe_id}) ORDER BY id`,
  );
}

/** One after the other whoever merges one of them, or writes of them: always in the same order. */
async function lockBoth(tx: EntityManager, one: number, other: number): Promise<void> {
  await query(tx, sql`SELECT id FROM medical.patients WHERE id IN (${one}, ${other}) ORDER BY id FOR UPDATE`);
}

/**
 * Merges a patient into another one of the same practice.
 * @param receveurId who is kept. @param absorbeId who turned out to be them.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VALIDATION`, `PATIENT_FUSIONNE`, `FUSION_IMPOSSIBLE`
 */
export async function fusionner(
  asked: AskedToMerge,
  receveurId: number,
  absorbeId: number,
): Promise<FusionLue> {
  const { tx, access, actor, secrets, regles = REGLES } = asked;
  await lockBoth(tx, receveurId, absorbeId);
  await access.confirm(tx);
  const receveur = await stored(asked, receveurId);
  access.require('merge', 'Patient', receveur);
  if (receveurId === absorbeId) throw invalid({ champ: 'avec', message: THEMSELVES });
  const absorbe = await partnerOf(asked, receveur, absorbeId);
  refuseFusionne(receveur);
  refuseFusionne(absorbe);
  if (receveur.partage_cabinet !== absorbe.partage_cabinet) throw impossible(NOT_SHARED_ALIKE);
  const deces_repris = reprendDeces(receveur, absorbe);
  await requireRegles(tx, regles);
  await refuseThoseWhoHave(tx, regles, absorbe);
  const lignes: Lignes = {};
  for (const [table, regle] of deplacees(regles)) {
    const found = await movableOf(tx, table, regle, absorbe, receveur);
    if (found.length > 0) lignes[table] = found;
  }
  const cles = await openClesPatient(tx, secrets, [receveurId, absorbeId]);
  await openAll(tx, regles, lignes, absorbe, cles.get(absorbeId)!);
  const fusion = await insertFusion(tx, {
    ...{ cabinet_id: receveur.cabinet_id, receveur_id: receveurId, absorbe_id: absorbeId, lignes },
    ...{ rang: receveur.version + 1, deces_repris, date: actor.now, annulee_le: null },
    userId: actor.userId!,
  });
  for (const [table, ids] of Object.entries(lignes)) await move(tx, table, ids, absorbeId, receveurId);
  await setFusionne(asked, absorbe, receveurId);
  await setFusionne(asked, receveur, null);
  if (deces_repris) await setDeces(tx, receveur, absorbe.date_deces);
  const told = { fusion: fusion.id };
  await recordBoth(asked, 'fusion', cles, [absorbe, receveur], told);
  return { fusion: fusionOf(fusion), patients: await bothOf(tx, fusion) };
}

/** Who is to be merged: one of the same practice, or nobody. */
async function partnerOf(asked: AskedOfPatients, receveur: Stored, absorbeId: number): Promise<Stored> {
  const found = await stored(asked, absorbeId).catch((error) => {
    if (error instanceof RegieError && error.code === 'INTROUVABLE') return null;
    throw error;
  });
  if (found === null || found.cabinet_id !== receveur.cabinet_id) throw unknownReference('avec');
  return found;
}

/**
 * Somebody who has died has, by whatever name they were entered: who is kept takes the day from the other, or nobody would know.
 * @throws {RegieError} `FUSION_IMPOSSIBLE` where the two died on different days, or one before the other was born
 */
function reprendDeces(receveur: Stored, absorbe: Stored): boolean {
  if (absorbe.date_deces === null) return false;
  if (absorbe.date_deces < receveur.naissance) throw impossible(DIED_BEFORE);
  if (receveur.date_deces === null) return true;
  if (receveur.date_deces !== absorbe.date_deces) throw impossible(DIED_TWICE);
  return false;
}

async function setDeces(tx: EntityManager, { id, cabinet_id }: Somebody, date: string | null): Promise<void> {
  await query(
    tx,
    sql`UPDATE medical.patients SET date_deces = ${date} WHERE cabinet_id = ${cabinet_id} AND id = ${id}`,
  );
}

type Deplacer = Extract<Regle, { fait: 'deplacer' }>;

function deplacees(regles: Regles): [string, Deplacer][] {
  return Object.entries(regles).filter((entry): entry is [string, Deplacer] => entry[1].fait === 'deplacer');
}

/** @throws {RegieError} `FUSION_IMPOSSIBLE` */
async function refuseThoseWhoHave(
  tx: EntityManager,
  regles: Regles,
  { id, cabinet_id }: Somebody,
): Promise<void> {
  for (const [name, regle] of Object.entries(regles)) {
    if (regle.fait !== 'refuser') continue;
    const [table, colonne = 'patient_id'] = name.split('.');
    const found = await queryOne(
      tx,
      sql`SELECT FROM medical.${raw(table!)} WHERE cabinet_id = ${cabinet_id} AND ${raw(colonne)} = ${id}
            AND ${raw(regle.quand ?? 'TRUE')} LIMIT 1`,
    );
    if (found !== null) throw impossible(regle.dit);
  }
}

/** The rows of a table that are to be moved: all but those that the other has already, where the rule lets those stay. */
async function movableOf(
  tx: EntityManager,
  table: string,
  { identiquesRestent = false }: Deplacer,
  absorbe: Somebody,
  receveur: Somebody,
): Promise<Cle[]> {
  const cle = await cleOf(tx, table);
  const uniques = identiquesRestent ? await clesUniquesOf(tx, table) : [];
  const same = uniques.map(({ expressions, condition }) => {
    const rows = (
      patientId: number,
    ) => sql`SELECT ${cle} AS cle, ${raw(expressions.map((expression, rank) => `${expression} AS c${rank}`).join(', '))}
      FROM medical.${raw(table)} WHERE cabinet_id = ${absorbe.cabinet_id} AND patient_id = ${patientId}
        AND ${raw(condition ?? 'TRUE')}`;
    const alike = expressions.map((_, rank) => `a.c${rank} = b.c${rank}`).join(' AND ');
    return sql`SELECT a.cle FROM (${rows(absorbe.id)}) a JOIN (${rows(receveur.id)}) b ON ${raw(alike)}`;
  });
  const staying = same.length === 0 ? sql`SELECT NULL::jsonb WHERE FALSE` : join(same, ' UNION ');
  const found = await query<{ cle: Cle }>(
    tx,
    sql`SELECT ${cle} AS cle FROM medical.${raw(table)}
        WHERE cabinet_id = ${absorbe.cabinet_id} AND patient_id = ${absorbe.id} AND ${cle} NOT IN (${staying})
        ORDER BY 1`,
  );
  return found.map((row) => row.cle);
}

/** Sees to it that what is moved can be read by whom it is moved to: what cannot be opened is not moved, but told. */
async function openAll(
  tx: EntityManager,
  regles: Regles,
  lignes: Lignes,
  absorbe: Somebody,
  cle: ClePatient,
): Promise<void> {
  for await (const sealed of sealedOf(tx, regles, lignes, absorbe)) open(cle, sealed.place, sealed.valeur);
}

interface Sealed {
  table: string;
  ligne: Cle;
  colonne: string;
  place: Place;
  valeur: Buffer;
}

/** What is sealed in rows of these keys, and in what is a part of them, as if it were sealed for a patient. */
async function* sealedOf(
  tx: EntityManager,
  regles: Regles,
  lignes: Lignes,
  { id: patient_id, cabinet_id }: Somebody,
): AsyncGenerator<Sealed> {
  const keys = new Map(Object.entries(lignes));
  for (const [table, regle] of Object.entries(regles)) {
    if (regle.fait !== 'deplacer' && regle.fait !== 'suivre') continue;
    const cle = await cleOf(tx, table);
    const own = keys.get(table) ?? [];
    const owners = regle.fait === 'suivre' ? idsOf(keys.get(regle.parent.table)) : [];
    if (own.length === 0 && owners.length === 0) continue;
    const which =
      regle.fait === 'suivre'
        ? sql`${raw(regle.parent.colonne)} = ANY(${owners}::bigint[])`
        : sql`${cle} IN (SELECT jsonb_array_elements(${JSON.stringify(own)}::jsonb))`;
    const rows = await query<Ligne & { cle_de_ligne: Cle }>(
      tx,
      sql`SELECT ${cle} AS cle_de_ligne, t.* FROM medical.${raw(table)} t WHERE cabinet_id = ${cabinet_id} AND ${which}`,
    );
    if (regle.fait === 'suivre') {
      keys.set(
        table,
        rows.map(({ cle_de_ligne }) => cle_de_ligne),
      );
    }
    for (const { cle_de_ligne: ligne, ...row } of rows) {
      for (const [colonne, champ] of Object.entries(regle.scelles)) {
        const valeur = (row as Ligne)[colonne] as Buffer | null;
        if (valeur === null) continue;
        const there = typeof champ === 'string' ? { champ } : champ(row);
        const place = { cabinet_id, patient_id, table, ligne: Number(ligne[0]), ...there };
        yield { table, ligne, colonne, valeur, place };
      }
    }
  }
}

/** Of rows that are told apart by one number. */
function idsOf(keys: readonly Cle[] = []): number[] {
  return keys.map(([id]) => Number(id));
}

/** Under an id that nobody has. */
async function insertFusion(
  tx: EntityManager,
  given: Omit<FusionRow, 'id'> & { userId: number },
): Promise<FusionRow> {
  const { cabinet_id, receveur_id, absorbe_id, lignes, rang, deces_repris, date, userId } = given;
  const inserted = await queryOne<FusionRow>(
    tx,
    sql`INSERT INTO medical.fusions AS f (id, cabinet_id, receveur_id, absorbe_id, lignes, rang, deces_repris, user_id, date)
        VALUES (${drawId()}, ${cabinet_id}, ${receveur_id}, ${absorbe_id}, ${JSON.stringify(lignes)}::jsonb,
                ${rang}, ${deces_repris}, ${userId}, ${date})
        ON CONFLICT (id) DO NOTHING RETURNING ${COLUMNS}`,
  );
  return inserted ?? insertFusion(tx, given);
}

/** @throws {RegieError} `FUSION_IMPOSSIBLE` when the two have what nobody may have twice */
async function move(
  tx: EntityManager,
  table: string,
  lignes: readonly Cle[],
  de: number,
  vers: number,
): Promise<void> {
  try {
    await query(
      tx,
      sql`SELECT medical.deplacer(${table}, ${JSON.stringify(lignes)}::jsonb, ${de}::integer, ${vers}::integer)`,
    );
  } catch (cause) {
    const constraint = uniqueViolation(cause) ?? exclusionViolation(cause);
    if (constraint === null) throw cause;
    throw new RegieError('FUSION_IMPOSSIBLE', {
      detail: {
        fr: `Les deux ont dans « ${table} » ce qu’un patient ne peut avoir qu’une fois`,
        en: `Both have in “${table}” what a patient can have only once`,
      },
      cause,
    });
  }
}

/** Says into whom a patient is merged, or that they are not; either way there is more to read of them than there was. */
async function setFusionne(
  { tx, actor }: Asked,
  { id, cabinet_id }: Somebody,
  dans: number | null,
): Promise<void> {
  await query(
    tx,
    sql`UPDATE medical.patients SET fusionne_dans_id = ${dans}::integer, version = version + 1,
          date_modification = ${actor.now}
        WHERE cabinet_id = ${cabinet_id} AND id = ${id}`,
  );
}

async function recordBoth(
  asked: AskedOfPatients,
  action: 'fusion' | 'separation',
  cles: Map<number, ClePatient>,
  [absorbe, receveur]: readonly [Stored, Stored],
  told: { fusion: number },
): Promise<void> {
  for (const [one, other] of [
    [absorbe, receveur],
    [receveur, absorbe],
  ] as const) {
    const apres = { ...told, avec: other.id };
    const change = { version: one.version + 1, action, avant: null, apres };
    await recordChange(asked, one, cles.get(one.id)!, change);
  }
}

/**
 * Takes a fusion back: the rows that it moved go back to whom they were of, with what was written in them since, and
 * whatever is a part of one of them; what was added otherwise stays with whom it was written of.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `FUSION_DEFINITIVE` after thirty days, `PATIENT_FUSIONNE` when the one who
 *   was kept has been merged into somebody meanwhile, `TRANSITION_INVALIDE` when it was taken back, or a later one was not
 */
export async function annulerFusion(asked: AskedToMerge, id: number): Promise<FusionLue> {
  const { tx, access, actor, secrets, regles = REGLES } = asked;
  const { fusion: known } = await readFusion(asked, id);
  await lockBoth(tx, known.patient_id, known.avec);
  await access.confirm(tx);
  const [receveur, absorbe] = [await stored(asked, known.patient_id), await stored(asked, known.avec)];
  access.require('merge', 'Patient', receveur);
  const row = await queryOne<FusionRow>(
    tx,
    sql`SELECT ${COLUMNS} FROM medical.fusions f WHERE f.id = ${id} FOR UPDATE`,
  );
  const fusion = row!;
  if (fusion.annulee_le !== null) throw new RegieError('TRANSITION_INVALIDE', { detail: UNDONE });
  if (!isAnnulable(fusion.date, actor.now)) throw new RegieError('FUSION_DEFINITIVE', { detail: TOO_LATE });
  refuseFusionne(receveur);
  await refuseLater(tx, fusion);
  await requireRegles(tx, regles);
  const annulee = await queryOne<FusionRow>(
    tx,
    sql`UPDATE medical.fusions f SET annulee_le = ${actor.now}, annulee_par = ${actor.userId} WHERE f.id = ${id}
        RETURNING ${COLUMNS}`,
  );
  const lignes = await goingBack(tx, regles, fusion);
  for (const [table, ids] of Object.entries(lignes)) {
    await move(tx, table, ids, fusion.receveur_id, fusion.absorbe_id);
  }
  const cles = await openClesPatient(tx, secrets, [fusion.receveur_id, fusion.absorbe_id]);
  await setFusionne(asked, absorbe, null);
  await setFusionne(asked, receveur, null);
  // What was said of who was kept since is theirs, and stays.
  if (fusion.deces_repris && receveur.date_deces === absorbe.date_deces) await setDeces(tx, receveur, null);
  await resealAll(tx, regles, fusion, lignes, await openClesPatient(tx, secrets, [fusion.absorbe_id]), cles);
  await recordBoth(asked, 'separation', cles, [absorbe, receveur], { fusion: id });
  return { fusion: fusionOf(annulee!), patients: await bothOf(tx, fusion) };
}

/** The last is taken back first: what each found was as the ones before it had left it. */
async function refuseLater(tx: EntityManager, { cabinet_id, receveur_id, rang }: FusionRow): Promise<void> {
  const later = await query<{ id: number }>(
    tx,
    sql`SELECT id FROM medical.fusions WHERE cabinet_id = ${cabinet_id} AND receveur_id = ${receveur_id}
          AND annulee_le IS NULL AND rang > ${rang} ORDER BY rang DESC`,
  );
  if (later.length === 0) return;
  throw new RegieError('TRANSITION_INVALIDE', {
    detail: LATER,
    extensions: { fusions: later.map(({ id }) => id) },
  });
}

/** The keys of what goes back, by table: what was moved, and parts of it that were added since. */
async function goingBack(tx: EntityManager, regles: Regles, fusion: FusionRow): Promise<Lignes> {
  const { cabinet_id, receveur_id, lignes } = fusion;
  const back: Lignes = { ...lignes };
  const parts = deplacees(regles).filter(([, { avec }]) => avec !== undefined);
  // A part of a part is found once what it is a part of is: as many rounds as there are such tables are enough.
  for (const _ of parts) {
    for (const [table, { avec }] of parts) {
      const owners = idsOf(back[avec!.table]);
      if (owners.length === 0) continue;
      const cle = await cleOf(tx, table);
      const found = await query<{ cle: Cle }>(
        tx,
        sql`SELECT ${cle} AS cle FROM medical.${raw(table)} WHERE cabinet_id = ${cabinet_id}
              AND patient_id = ${receveur_id} AND ${raw(avec!.colonne)} = ANY(${owners}::bigint[])`,
      );
      const all = [...(back[table] ?? []), ...found.map((row) => row.cle)];
      back[table] = [...new Map(all.map((key) => [JSON.stringify(key), key])).values()];
    }
  }
  return back;
}

/** Seals for whom it goes back to what was written in their rows while they were the other's, whose key may go one day. */
async function resealAll(
  tx: EntityManager,
  regles: Regles,
  fusion: FusionRow,
  lignes: Lignes,
  own: Map<number, ClePatient>,
  both: Map<number, ClePatient>,
): Promise<void> {
  const absorbe = { id: fusion.absorbe_id, cabinet_id: fusion.cabinet_id };
  const cle = own.get(absorbe.id)!;
  for await (const { table, ligne, colonne, place, valeur } of sealedOf(tx, regles, lignes, absorbe)) {
    if (opens(cle, place, valeur)) continue;
    const clear = open(both.get(fusion.receveur_id)!, { ...place, patient_id: fusion.receveur_id }, valeur);
    const sealed = seal(cle, place, clear);
    await query(
      tx,
      sql`SELECT medical.resceller(${fusion.id}::integer, ${table}, ${JSON.stringify(ligne)}::jsonb, ${colonne},
            ${sealed}::bytea)`,
    );
  }
}

function opens(cle: ClePatient, place: Place, valeur: Buffer): boolean {
  try {
    open(cle, place, valeur);
    return true;
  } catch {
    return false;
  }
}

function impossible(detail: Texte): RegieError {
  return new RegieError('FUSION_IMPOSSIBLE', { detail });
}

const THEMSELVES = { fr: 'C’est le même patient', en: 'It is the same patient' };
const NOT_SHARED_ALIKE = {
  fr: 'Un seul des deux partage son dossier avec les autres médecins du cabinet : accordez d’abord ce choix',
  en: 'Only one of them shares their record with the other doctors of the practice: settle that first',
};
const DIED_TWICE = {
  fr: 'Les deux ont une date de décès, et ce n’est pas la même : corrigez d’abord l’une des deux',
  en: 'Both have a day of death, and it is not the same: correct one of them first',
};
const DIED_BEFORE = {
  fr: 'L’un est mort avant la naissance de l’autre : corrigez d’abord l’une des deux dates',
  en: 'One died before the other was born: correct one of the two dates first',
};
const UNDONE = { fr: 'Cette fusion est déjà annulée', en: 'This merge has been undone already' };
const TOO_LATE = { fr: 'Trente jours ont passé', en: 'Thirty days have passed' };
const LATER = {
  fr: 'Annulez d’abord les fusions plus récentes dans ce patient',
  en: 'Undo the later merges into this patient first',
};
