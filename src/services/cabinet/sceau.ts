import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { decryptBound, encryptBound, OVERHEAD } from '../../auth/bound-encryption';
import type { Secrets } from '../../auth/secrets';
import { query, queryOne } from '../../db/sql';
import { isDeplacee } from './fusion-regles';
import type { Place } from './places';

export type { Place } from './places';

/**
 * What of a patient nobody may read who reads the database. Each patient has a random key of their own, which the ring seals;
 * from it one key is derived for each field. A value is bound to its place: moved to another row, field or patient it opens
 * nowhere. Without the patient's key every copy of theirs is noise, in backups too. What was sealed for somebody who was merged
 * into another stays as it is, and opens with the other's keys, which theirs is one of (`fusion.ts`).
 */

interface Cle {
  cle: Buffer;
  version: number;
}

/** A patient's key, open. */
export interface ClePatient extends Cle {
  /** Of those who were merged into them, also by way of others: their rows are the patient's, sealed as they were. */
  fusionnes: readonly (Cle & { patient_id: number })[];
}

const FORMAT = 1;
const KEY_LENGTH = 32;
const OF_PATIENT = 'cle de patient';
const OF_CABINET = 'cle de cabinet';

const keyPlace = (cabinetId: number, patientId: number) => `${cabinetId} ${patientId}`;

/** Makes the key of a patient who was just entered. */
export async function createClePatient(
  tx: EntityManager,
  secrets: Secrets,
  cabinetId: number,
  patientId: number,
): Promise<ClePatient> {
  const cle = randomBytes(KEY_LENGTH);
  const sealed = secrets.seal(OF_PATIENT, keyPlace(cabinetId, patientId), cle);
  await query(
    tx,
    sql`INSERT INTO medical.cles_patient (cabinet_id, patient_id, cle, cle_anneau)
        VALUES (${cabinetId}, ${patientId}, ${sealed}, ${secrets.current})`,
  );
  return { cle, version: 1, fusionnes: [] };
}

/**
 * The keys of patients, by their ids.
 * @throws {Error} where there is none, or the ring does not hold what it was sealed with: what cannot be read is never shown
 *   as if it were empty
 */
export async function openClesPatient(
  tx: EntityManager,
  secrets: Secrets,
  patientIds: readonly number[],
): Promise<Map<number, ClePatient>> {
  const rows = await query<KeyRow>(tx, sql`SELECT k.* FROM (${clesSql(patientIds)}) k ORDER BY k.rang`);
  return clesOf(secrets, rows, patientIds);
}

/** The keys of patients and of those who were merged into them, each after that of whom they are, as they are sealed. */
export function clesSql(patientIds: readonly number[]): Sql {
  return sql`WITH RECURSIVE reunis (tete, cabinet_id, id) AS (
      SELECT id, cabinet_id, id FROM medical.patients WHERE id = ANY(${[...patientIds]}::integer[])
      UNION ALL
      SELECT r.tete, p.cabinet_id, p.id FROM reunis r
      JOIN medical.patients p ON p.cabinet_id = r.cabinet_id AND p.fusionne_dans_id = r.id)
    SELECT r.tete, k.cabinet_id, k.patient_id, k.cle, k.version,
      row_number() OVER (ORDER BY k.patient_id <> r.tete, k.patient_id) AS rang
    FROM reunis r JOIN medical.cles_patient k ON k.patient_id = r.id`;
}

/**
 * Opens the keys of patients, by their ids.
 * @param rows as {@link clesSql} has them, in their order.
 * @throws {Error} as {@link openClesPatient}
 */
export function clesOf(
  secrets: Secrets,
  rows: readonly KeyRow[],
  patientIds: readonly number[],
): Map<number, ClePatient> {
  const keys = new Map<number, ClePatient & { fusionnes: (Cle & { patient_id: number })[] }>();
  // Of each patient their own comes first.
  for (const { tete, cabinet_id, patient_id, cle, version } of rows) {
    const key = { cle: secrets.open(OF_PATIENT, keyPlace(cabinet_id, patient_id), cle), version };
    if (patient_id === tete) keys.set(tete, { ...key, fusionnes: [] });
    else keys.get(tete)?.fusionnes.push({ ...key, patient_id });
  }
  const missing = patientIds.find((id) => !keys.has(id));
  if (missing !== undefined) throw new Error(`There is no key of patient ${missing}`);
  return keys;
}

/** A key as it is sealed. */
export interface KeyRow extends Cle {
  tete: number;
  cabinet_id: number;
  patient_id: number;
}

/** The same key, sealed with the key of the ring that encrypts now. @throws {Error} when the ring cannot open it */
export function resealPatient(
  secrets: Secrets,
  cabinetId: number,
  patientId: number,
  sealed: Buffer,
): Buffer {
  const place = keyPlace(cabinetId, patientId);
  return secrets.seal(OF_PATIENT, place, secrets.open(OF_PATIENT, place, sealed));
}

/** The same for the key of a practice. */
export function resealCabinet(secrets: Secrets, cabinetId: number, sealed: Buffer): Buffer {
  const place = String(cabinetId);
  return secrets.seal(OF_CABINET, place, secrets.open(OF_CABINET, place, sealed));
}

/** Seals a value for its place. */
export function seal({ cle, version }: ClePatient, place: Place, value: unknown): Buffer {
  const plain = Buffer.from(JSON.stringify(value));
  return Buffer.concat([
    Buffer.of(FORMAT),
    encryptBound(derived(cle, place), contextOf(place, version), plain),
  ]);
}

/** @throws {Error} when it was not sealed for this place with this key, or that of somebody who was merged into its owner. */
export function open(key: ClePatient, place: Place, sealed: Buffer): unknown {
  return openFor(key, place, sealed).valeur;
}

/**
 * The same, with whom it was sealed for: the patient of the place, or somebody who was merged into them. What is signed names
 * whom it was written of, whoever they turned out to be.
 */
export function openFor(
  key: ClePatient,
  place: Place,
  sealed: Buffer,
): { valeur: unknown; patient_id: number } {
  if (sealed[0] !== FORMAT || sealed.length < 1 + OVERHEAD) throw new Error(refusal(place));
  const candidates = [
    { ...key, patient_id: place.patient_id },
    ...(isDeplacee(place.table) ? key.fusionnes : []),
  ];
  let cause: unknown;
  for (const { cle, version, patient_id } of candidates) {
    try {
      const context = contextOf({ ...place, patient_id }, version);
      const plain = decryptBound(derived(cle, place), context, sealed.subarray(1));
      return { valeur: JSON.parse(plain.toString()), patient_id };
    } catch (error) {
      cause ??= error;
    }
  }
  throw new Error(refusal(place), { cause });
}

/** Names where it stands, never what it is. */
function refusal({ table, ligne, champ, patient_id }: Place): string {
  return `What stands in ${table}.${champ} of patient ${patient_id}, row ${ligne}, was not sealed for it`;
}

/** What was derived from a key while it is open: deriving takes longer than opening what it seals. */
const derivations = new WeakMap<Buffer, Map<string, Buffer>>();

function derived(cle: Buffer, { table, champ }: Pick<Place, 'table' | 'champ'>): Buffer {
  const own = derivations.get(cle) ?? new Map<string, Buffer>();
  derivations.set(cle, own);
  const info = `regie patient ${table} ${champ}`;
  const key = own.get(info) ?? Buffer.from(hkdfSync('sha256', cle, '', info, KEY_LENGTH));
  own.set(info, key);
  return key;
}

function contextOf(place: Place, version: number): string {
  const { cabinet_id, patient_id, table, ligne, champ, avec } = place;
  const beside = avec === undefined ? [] : [avec];
  return JSON.stringify([FORMAT, cabinet_id, table, ligne, champ, patient_id, version, ...beside]);
}

/**
 * Tells apart, without being read, values of a field of one patient: the same value has the same digest there, and another
 * one with everybody else.
 */
export function empreinteOf(
  { cle }: Pick<ClePatient, 'cle'>,
  table: string,
  champ: string,
  valeur: string,
): Buffer {
  const key = derived(cle, { table, champ: `empreinte ${champ}` });
  return createHmac('sha256', key).update(valeur).digest();
}

/** The key of a practice, made when it is asked for first. */
async function cleOfCabinet(tx: EntityManager, secrets: Secrets, cabinetId: number): Promise<Buffer> {
  const place = String(cabinetId);
  const read = () =>
    queryOne<{ cle: Buffer }>(tx, sql`SELECT cle FROM medical.cles_cabinet WHERE cabinet_id = ${cabinetId}`);
  const known = await read();
  if (known !== null) return secrets.open(OF_CABINET, place, known.cle);
  await query(
    tx,
    sql`INSERT INTO medical.cles_cabinet (cabinet_id, cle, cle_anneau)
        VALUES (${cabinetId}, ${secrets.seal(OF_CABINET, place, randomBytes(KEY_LENGTH))}, ${secrets.current})
        ON CONFLICT DO NOTHING`,
  );
  // Somebody else may have been first.
  const made = await read();
  return secrets.open(OF_CABINET, place, made!.cle);
}

/** The patient of a place that is nobody's yet. */
export const PERSONNE = 0;

/** The key to what a practice was sent and of which nobody knows yet whose it is; its places name {@link PERSONNE}. */
export async function openCleDePersonne(
  tx: EntityManager,
  secrets: Secrets,
  cabinetId: number,
): Promise<ClePatient> {
  const cle = await cleOfCabinet(tx, secrets, cabinetId);
  return {
    cle: Buffer.from(hkdfSync('sha256', cle, '', 'regie non rattache', KEY_LENGTH)),
    version: 1,
    fusionnes: [],
  };
}

/**
 * Finds what identifies people without reading it: the same value of the same field has the same digest in one practice, and
 * another one in every other.
 */
export class Index {
  private constructor(private readonly cle: Buffer) {}

  /** Of a practice; its key is made when it is asked for first. */
  static async of(tx: EntityManager, secrets: Secrets, cabinetId: number): Promise<Index> {
    return new Index(await cleOfCabinet(tx, secrets, cabinetId));
  }

  /** @param valeur as it is compared, normalised. */
  empreinte(champ: string, valeur: string): Buffer {
    const key = Buffer.from(hkdfSync('sha256', this.cle, '', `regie index ${champ}`, KEY_LENGTH));
    return createHmac('sha256', key).update(valeur).digest();
  }
}
