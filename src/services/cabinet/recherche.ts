import sql, { join, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { PATIENT_COLUMNS } from '../../auth/columns';
import type { Secrets } from '../../auth/secrets';
import { query } from '../../db/sql';
import {
  normalisedIdentifiant,
  type Sexe,
  type StatutIdentite,
  TYPES_IDENTIFIANT,
} from '../../domain/cabinet/identites';
import { formatNaissance, type Naissance, parseNaissance } from '../../domain/cabinet/naissances';
import { ecart, motsDuNom } from '../../domain/cabinet/recherche';
import { invalid } from '../../domain/errors';
import { toE164 } from '../../domain/identite/telephone';
import type { AskedOfPatients } from './patients';
import { Index } from './sceau';

/** Finding a patient at a desk: by names as they were heard, by birth date, by a number. */

export interface Recherche {
  q?: string | undefined;
  date_naissance?: string | undefined;
  identifiant?: string | undefined;
  cabinet_id?: number | undefined;
}

export interface PatientTrouve {
  id: number;
  cabinet_id: number;
  nom_naissance: string;
  nom_usage: string | null;
  prenoms: string;
  sexe: Sexe;
  date_naissance: string;
  /** A day; null for who lives. */
  date_deces: string | null;
  statut_identite: StatutIdentite;
  actif: boolean;
  version: number;
}

/** What of the patient `p` is shown of one who is found, and by what they were. */
export const TROUVE = sql`p.id, p.cabinet_id, p.nom_naissance, p.nom_usage, p.prenoms, p.sexe,
  p.date_naissance::text AS naissance, p.precision_naissance, p.date_deces::text AS date_deces, p.statut_identite, p.actif, p.version, p.recherche,
  p.fusionne_dans_id`;

export type TrouveRow = Omit<PatientTrouve, 'date_naissance'> & {
  naissance: string;
  precision_naissance: Naissance['precision'];
  recherche: string;
  fusionne_dans_id: number | null;
};

export function trouveOf(row: TrouveRow): PatientTrouve {
  const { id, cabinet_id, nom_naissance, nom_usage, prenoms, sexe } = row;
  const { date_deces, statut_identite, actif, version } = row;
  const date_naissance = formatNaissance({ date: row.naissance, precision: row.precision_naissance });
  return {
    ...{ id, cabinet_id, nom_naissance, nom_usage, prenoms, sexe },
    ...{ date_naissance, date_deces, statut_identite, actif, version },
  };
}

/** Answered at most: each is on record. */
export const MAX_TROUVES = 20;
/** Looked at at most, the likest first. */
const MAX_CANDIDATS = 300;
/** Words of a search that are looked for. */
const MAX_MOTS = 6;
/** What a word has in common with a name, as a share of its letters in threes, to be looked at. */
const SIMILAR = 0.3;

/**
 * Patients of the caller's practices that may be meant, the likeliest first, {@link MAX_TROUVES} at most.
 * @throws {RegieError} `VALIDATION` when nothing is said to find them by
 */
export async function searchPatients(
  { tx, access, secrets }: Omit<AskedOfPatients, 'actor'>,
  { q, date_naissance, identifiant, cabinet_id }: Recherche,
): Promise<PatientTrouve[]> {
  const words = q === undefined ? [] : motsDuNom(q).slice(0, MAX_MOTS);
  const naissance = date_naissance === undefined ? null : parseNaissance(date_naissance);
  if (date_naissance !== undefined && naissance === null)
    throw invalid({ champ: 'date_naissance', message: NO_DATE });
  if (words.length === 0 && naissance === null && identifiant === undefined) {
    throw invalid({ champ: 'q', message: NOTHING_SAID });
  }
  const conditions: Sql[] = [
    access.where('read', 'Patient', PATIENT_COLUMNS),
    ...(cabinet_id === undefined ? [] : [sql`p.cabinet_id = ${cabinet_id}`]),
    ...(naissance === null ? [] : [bornOn(naissance)]),
    ...(identifiant === undefined
      ? []
      : [await known(tx, secrets, access.principal.appartenances ?? [], identifiant)]),
  ];
  // What each word has in common with a name is worked out once a patient.
  const common = words.map((word) => sql`word_similarity(${word}, p.recherche)`);
  const meant = words.map(
    (word, rank) => sql`(c.commun[${rank + 2}] >= ${SIMILAR} OR strpos(c.recherche, ${word}) > 0)`,
  );
  const found = await query<TrouveRow & { commun: number[] }>(
    tx,
    sql`SELECT c.* FROM (
          SELECT ${TROUVE}, ARRAY[${join([sql`0::real`, ...common])}] AS commun
          FROM medical.patients p WHERE ${join(conditions, ' AND ')} OFFSET 0) c
        WHERE ${join([sql`TRUE`, ...meant], ' AND ')}
        ORDER BY (SELECT sum(mot) FROM unnest(c.commun) mot) DESC, c.id LIMIT ${MAX_CANDIDATS}`,
  );
  const meantOnes = found
    .map((row) => ({ row, gap: ecart(words, row.recherche) }))
    .filter(({ gap }) => gap !== null)
    .sort((one, other) => one.gap! - other.gap! || one.row.id - other.row.id)
    .map(({ row }) => row);
  return (await ledOn(tx, meantOnes)).slice(0, MAX_TROUVES).map(trouveOf);
}

/** In the place of those who were merged into others, those: what they were known by still finds them. Each once. */
async function ledOn(tx: EntityManager, rows: TrouveRow[]): Promise<TrouveRow[]> {
  const merged = rows.filter(({ fusionne_dans_id }) => fusionne_dans_id !== null).map(({ id }) => id);
  if (merged.length === 0) return rows;
  const heads = await query<TrouveRow & { origine: number }>(
    tx,
    sql`WITH RECURSIVE suite (origine, cabinet_id, id) AS (
          SELECT id, cabinet_id, fusionne_dans_id FROM medical.patients WHERE id = ANY(${merged}::integer[])
          UNION ALL
          SELECT s.origine, p.cabinet_id, p.fusionne_dans_id FROM suite s
          JOIN medical.patients p ON p.cabinet_id = s.cabinet_id AND p.id = s.id WHERE p.fusionne_dans_id IS NOT NULL)
        SELECT s.origine, ${TROUVE} FROM suite s
        JOIN medical.patients p ON p.cabinet_id = s.cabinet_id AND p.id = s.id WHERE p.fusionne_dans_id IS NULL`,
  );
  const headOf = new Map(heads.map((head) => [head.origine, head]));
  return [...new Map(rows.map((row) => headOf.get(row.id) ?? row).map((row) => [row.id, row])).values()];
}

/** Born then, or at a time that is not known as exactly and may be then. */
function bornOn({ date, precision }: Naissance): Sql {
  const [year, month] = [`${date.slice(0, 4)}-01-01`, `${date.slice(0, 7)}-01`];
  const until = { jour: '1 day', mois: '1 month', annee: '1 year' }[precision];
  const within = sql`(p.date_naissance >= ${date} AND p.date_naissance < CAST(${date} AS date) + ${until}::interval)`;
  return sql`(${within}
    OR (p.precision_naissance = 'annee' AND p.date_naissance = ${year})
    OR (p.precision_naissance = 'mois' AND p.date_naissance = ${month}))`;
}

/** Has this number, of whatever kind, or is reached by it. */
async function known(
  tx: EntityManager,
  secrets: Secrets,
  appartenances: readonly { cabinetId: number }[],
  given: string,
): Promise<Sql> {
  const valeur = normalisedIdentifiant(given);
  const pays = await query<{ id: number; pays: string }>(
    tx,
    sql`SELECT id, pays FROM medical.cabinets
        WHERE id = ANY(${[...new Set(appartenances.map(({ cabinetId }) => cabinetId))]}::integer[]) ORDER BY id`,
  );
  const alternatives: Sql[] = [];
  for (const cabinet of pays) {
    const index = await Index.of(tx, secrets, cabinet.id);
    const digests = TYPES_IDENTIFIANT.map((type) => index.empreinte(type, valeur));
    const telephone = index.empreinte('telephone', toE164(given, cabinet.pays) ?? '');
    const email = index.empreinte('email', given.trim().toLowerCase());
    alternatives.push(sql`(p.cabinet_id = ${cabinet.id} AND (
      p.telephone_empreinte = ${telephone} OR p.email_empreinte = ${email}
      OR p.id IN (SELECT i.patient_id FROM medical.identifiants_patient i
                  WHERE i.cabinet_id = ${cabinet.id} AND i.empreinte = ANY(${digests}::bytea[]))))`);
  }
  return alternatives.length === 0 ? sql`FALSE` : sql`(${join(alternatives, ' OR ')})`;
}

const NO_DATE = {
  fr: 'Date attendue : 1962-03-14, 1962-03 ou 1962',
  en: 'A date is expected: 1962-03-14, 1962-03 or 1962',
};
const NOTHING_SAID = {
  fr: 'Un nom, une date de naissance ou un identifiant est attendu',
  en: 'A name, a birth date or an identifier is expected',
};
