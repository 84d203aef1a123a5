import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query } from '../../db/sql';
import { referencesToPatients } from './fusion-catalogue';
import { REGLES } from './fusion-regles';

/** What keeping and destroying records has to know of each table, said once a table; the catalogue says which there are. */

/**
 * Of tables whose rows merges move, the column with the instant at which a row was an act, from the last of which a record is
 * kept; null where rows are none. That somebody was entered is one always.
 */
export const ACTES: Readonly<Record<string, string | null>> = {
  attentes_patients: null,
  bris_de_glace: null,
  consultations: 'date_creation',
  demandes_droits: null,
  ecrits: 'date_creation',
  elements_dossier: 'date_creation',
  elements_dossier_versions: 'date',
  examens: 'date_creation',
  identifiants_patient: null,
  rendez_vous_patients: 'debut',
  resultats_examen: 'date',
  retenues_conservation: null,
  soignants_patient: null,
};

/** What a purge leaves, and why; everything else that names the patient is destroyed. */
export const RESTENT: Readonly<Record<string, string>> = {
  acces_dossier: 'qui a lu quoi, et quand : sans contenu, chaîné, effacé à son propre terme',
  actes_consultation: 'les signatures, chaînées ; sans la clé leur contenu ne s’ouvre plus',
  bris_de_glace:
    'que le dossier fut ouvert, ce que nomment les accès ; sans la clé son motif ne s’ouvre plus',
  consultation_versions: 'scellées ; sans la clé elles ne s’ouvrent plus',
  consultations: 'que nomment les signatures ; sans la clé leur contenu ne s’ouvre plus',
  publications_consultation:
    'quand le patient put lire une consultation, ce que nomment celles-ci ; sans contenu',
  purges: 'ce qui a été détruit, et par qui',
};

/** Columns of tables with the names of objects of the store, which go with their rows. */
export const OBJETS: Readonly<Record<string, string>> = { exports_dossier: 'cle_stockage' };

/** Rows that go: those of a table that name a patient in a column, or another row that goes. */
export interface Destruction {
  table: string;
  colonne: string;
  /** The table whose rows the column names; patients themselves unless said. */
  parent: string | null;
}

interface Key {
  de: string;
  vers: string;
}

/**
 * What is destroyed of a patient, in an order in which each can be: the key first, by which everything else is read, then
 * parts before what they are a part of.
 */
export async function destructionsOf(tx: EntityManager): Promise<Destruction[]> {
  const { destructions, faults } = await planOf(tx);
  if (faults.length > 0) throw new Error(`Records cannot be purged:\n  ${faults.join('\n  ')}`);
  return destructions;
}

/** What is wrong between the catalogue and what is said here. */
export async function faultsOfConservation(tx: EntityManager): Promise<string[]> {
  const { faults } = await planOf(tx);
  return faults;
}

async function planOf(tx: EntityManager): Promise<{ destructions: Destruction[]; faults: string[] }> {
  const keys = await query<Key>(
    tx,
    sql`SELECT DISTINCT c.relname AS de, f.relname AS vers FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        JOIN pg_class f ON f.oid = k.confrelid
        WHERE k.contype = 'f' AND f.relnamespace = 'medical'::regnamespace AND k.conrelid <> k.confrelid`,
  );
  const own = (await referencesToPatients(tx))
    .filter(({ table }) => RESTENT[table] === undefined && table !== 'patients')
    .map(({ table, colonne }) => ({ table, colonne, parent: null }));
  const parts = Object.entries(REGLES).flatMap(([table, regle]) =>
    regle.fait === 'suivre' && RESTENT[table] === undefined
      ? [{ table, colonne: regle.parent.colonne, parent: regle.parent.table }]
      : [],
  );
  const all: Destruction[] = [...parts, ...own];
  const going = new Set(all.map(({ table }) => table));
  const faults = keys
    .filter(({ de, vers }) => going.has(vers) && !going.has(de))
    .map(({ de, vers }) => `Rows of ${de} name some of ${vers}, which is destroyed, and stay`);
  for (const [table, regle] of Object.entries(REGLES)) {
    if (regle.fait === 'deplacer' && ACTES[table] === undefined)
      faults.push(`Nothing says whether rows of ${table} are acts`);
  }
  return { destructions: ordered(all, keys), faults };
}

function ordered(all: readonly Destruction[], keys: readonly Key[]): Destruction[] {
  const first = all.filter(({ table }) => table === 'cles_patient');
  const rest = all.filter(({ table }) => table !== 'cles_patient');
  const done: Destruction[] = [];
  while (rest.length > 0) {
    const free = rest.filter(
      ({ table }) =>
        !rest.some(
          (other) =>
            other.table !== table && keys.some(({ de, vers }) => de === other.table && vers === table),
        ),
    );
    // Rows that name each other in a ring: the database says so when it comes to them.
    const next = free.length > 0 ? free : [...rest];
    done.push(...next);
    for (const one of next) rest.splice(rest.indexOf(one), 1);
  }
  return [...first, ...done];
}
