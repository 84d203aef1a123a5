import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { JourFerie } from '../../db/planification/feries';
import { type Executor, query, queryOne } from '../../db/sql';
import { notFound } from '../../domain/errors';
import { feriesBetween, type StatutFerie, YEARS_AHEAD } from '../../domain/planification/feries';
import { type Actor, systemActor } from '../actor';
import { oneOf } from '../conditions';
import { refuseDuplicate } from '../duplicates';
import { difference, record, recordAll } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requestRecalcul } from '../parc/recalculs';
import { requireVersion } from '../versions';

export interface FerieFilters {
  pays?: string[];
  statut?: StatutFerie[];
  /** A day, included. */
  date_debut?: string;
  date_fin?: string;
}

export type FerieFields = Pick<JourFerie, 'pays' | 'date' | 'libelle' | 'statut' | 'demi_journee'>;

const COLUMNS = sql`f.id, f.pays, f.date::text AS date, f.libelle, f.statut, f.demi_journee,
  f.date_creation, f.date_modification, f.version`;

export const FERIE_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`jours_feries f`,
  alias: 'f',
  sortable: {
    id: { expression: 'f.id', cast: 'integer' },
    // As text: a day sorts by its letters.
    date: { expression: 'f.date::text', cast: 'text' },
    pays: { expression: 'f.pays', cast: 'text' },
    libelle: { expression: 'f.libelle', cast: 'text' },
  },
  defaultSort: 'date',
};

export function listFeries(
  executor: Executor,
  access: Access,
  { pays, statut, date_debut, date_fin }: FerieFilters,
  page: PageRequest,
): Promise<Page<JourFerie>> {
  const conditions: Sql[] = [access.where('read', 'JourFerie', {})];
  if (pays) conditions.push(oneOf('f.pays', pays));
  if (statut) conditions.push(oneOf('f.statut', statut));
  if (date_debut !== undefined) conditions.push(sql`f.date >= ${date_debut}`);
  if (date_fin !== undefined) conditions.push(sql`f.date <= ${date_fin}`);
  return list<JourFerie>(executor, FERIE_LIST, conditions, page);
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readFerie(executor: Executor, access: Access, id: number): Promise<JourFerie> {
  const ferie = await queryOne<JourFerie>(
    executor,
    sql`SELECT ${COLUMNS} FROM jours_feries f WHERE f.id = ${id} AND ${access.where('read', 'JourFerie', {})}`,
  );
  if (ferie === null) throw notFound();
  return ferie;
}

/** @throws {RegieError} `INTERDIT`, `DEJA_EXISTANT` */
export async function createFerie(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: FerieFields,
): Promise<JourFerie> {
  await access.confirm(tx);
  access.require('create', 'JourFerie', fields);
  const inserted = await refuseDuplicateFerie(() => tx.insert(JourFerie, fields));
  const id = inserted.identifiers[0]!.id as number;
  await record(tx, actor, { entite: 'jour_ferie', entiteId: id, action: 'creation', apres: { ...fields } });
  await requestRecalcul(tx);
  return readFerie(tx, access, id);
}

/**
 * Changes what is given.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `DEJA_EXISTANT`
 */
export async function updateFerie(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  changes: Partial<FerieFields>,
  expected: number | null,
): Promise<JourFerie> {
  const ferie = await lockFerie(tx, access, id);
  const { avant, apres } = difference(ferie, changes);
  access.require('update', 'JourFerie', ferie, Object.keys(apres));
  requireVersion(ferie, expected);
  if (Object.keys(apres).length === 0) return ferie;
  await refuseDuplicateFerie(() => tx.update(JourFerie, { id }, changes));
  await record(tx, actor, { entite: 'jour_ferie', entiteId: id, action: 'modification', avant, apres });
  await requestRecalcul(tx);
  return readFerie(tx, access, id);
}

/** @throws {RegieError} `INTROUVABLE`, `INTERDIT` */
export async function deleteFerie(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
): Promise<void> {
  const ferie = await lockFerie(tx, access, id);
  access.require('delete', 'JourFerie', ferie);
  await tx.delete(JourFerie, { id });
  await record(tx, actor, { entite: 'jour_ferie', entiteId: id, action: 'suppression', avant: { ...ferie } });
  await requestRecalcul(tx);
}

async function lockFerie(tx: EntityManager, access: Access, id: number): Promise<JourFerie> {
  await query(tx, sql`SELECT id FROM jours_feries WHERE id = ${id} FOR UPDATE`);
  await access.confirm(tx);
  return readFerie(tx, access, id);
}

/**
 * Adds the holidays of this year and of three more that were never added. What somebody has moved, confirmed, renamed or
 * deleted since stays as they left it; a day that somebody has entered already is not entered twice.
 */
export async function shipFeries(tx: EntityManager, now: Date): Promise<void> {
  const year = now.getUTCFullYear();
  const feries = feriesBetween(year, year + YEARS_AHEAD);
  const added = await query<FerieFields & { id: number }>(
    tx,
    sql`WITH shipped AS (
          INSERT INTO jours_feries_livres (cle)
          SELECT cle FROM jsonb_to_recordset(${JSON.stringify(feries)}::jsonb) AS f (cle text)
          ON CONFLICT DO NOTHING RETURNING cle)
        INSERT INTO jours_feries (pays, date, libelle, statut, demi_journee)
        SELECT f.pays, f.date, f.libelle, f.statut, f.demi_journee
        FROM jsonb_to_recordset(${JSON.stringify(feries)}::jsonb)
          AS f (cle text, pays text, date date, libelle text, statut text, demi_journee text)
        JOIN shipped USING (cle) ORDER BY f.date, f.cle
        ON CONFLICT DO NOTHING
        RETURNING id, pays, date::text AS date, libelle, statut, demi_journee`,
  );
  if (added.length === 0) return;
  await requestRecalcul(tx);
  await recordAll(
    tx,
    systemActor(now, 'setup'),
    added.map(({ id, ...apres }) => ({ entite: 'jour_ferie', entiteId: id, action: 'creation', apres })),
  );
}

function refuseDuplicateFerie<Result>(write: () => Promise<Result>): Promise<Result> {
  const detail = {
    fr: 'Ce pays a déjà un jour férié de ce nom à cette date',
    en: 'This country has a public holiday of this name on this day already',
  };
  return refuseDuplicate('jours_feries_unique', detail, write);
}
