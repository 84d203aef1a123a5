import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { NiveauService } from '../../db/parc/niveaux';
import { type Executor, query, queryOne } from '../../db/sql';
import { notFound } from '../../domain/errors';
import { requireSound } from '../../domain/parc/niveaux';
import type { Actor } from '../actor';
import { refuseDuplicate } from '../duplicates';
import { difference, record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';
import { requestRecalcul } from './recalculs';

/** Service levels. They are of the house: a change concerns every site whose contracts name them (docs/decisions/031). */

export type NiveauFields = Pick<
  NiveauService,
  'nom' | 'calendrier' | 'delais' | 'niveaux' | 'attente_motifs'
>;

const COLUMNS = sql`n.id, n.nom, n.calendrier, n.delais, n.niveaux, n.attente_motifs,
  n.date_creation, n.date_modification, n.version`;

export const NIVEAU_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`niveaux_service n`,
  alias: 'n',
  sortable: {
    id: { expression: 'n.id', cast: 'integer' },
    nom: { expression: 'n.nom::text', cast: 'text' },
    date_creation: { expression: 'n.date_creation', cast: 'timestamptz' },
  },
  defaultSort: 'nom',
};

export function listNiveaux(
  executor: Executor,
  access: Access,
  page: PageRequest,
): Promise<Page<NiveauService>> {
  return list<NiveauService>(executor, NIVEAU_LIST, [access.where('read', 'NiveauService', {})], page);
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readNiveau(executor: Executor, access: Access, id: number): Promise<NiveauService> {
  const niveau = await queryOne<NiveauService>(
    executor,
    sql`SELECT ${COLUMNS} FROM niveaux_service n
        WHERE n.id = ${id} AND ${access.where('read', 'NiveauService', {})}`,
  );
  if (niveau === null) throw notFound();
  return niveau;
}

/** @throws {RegieError} `INTERDIT`, `DEJA_EXISTANT`, `VALIDATION` with every fault of its delays and levels */
export async function createNiveau(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: NiveauFields,
): Promise<NiveauService> {
  await access.confirm(tx);
  access.require('create', 'NiveauService', fields);
  requireSound(fields);
  const inserted = await refuseDuplicateName(() => tx.insert(NiveauService, fields));
  const id = inserted.identifiers[0]!.id as number;
  await record(tx, actor, {
    entite: 'niveau_service',
    entiteId: id,
    action: 'creation',
    apres: { ...fields },
  });
  return readNiveau(tx, access, id);
}

/**
 * Changes what is given. Open interventions that are served by it follow, as after any change of the rules: what has passed
 * and what was told stays.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `DEJA_EXISTANT`, `VALIDATION`
 */
export async function updateNiveau(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  changes: Partial<NiveauFields>,
  expected: number | null,
): Promise<NiveauService> {
  const niveau = await lockNiveau(tx, access, id);
  const { avant, apres } = difference<Partial<NiveauFields>>(niveau, changes);
  access.require('update', 'NiveauService', niveau, Object.keys(apres));
  requireVersion(niveau, expected);
  if (Object.keys(apres).length === 0) return niveau;
  requireSound({ ...niveau, ...changes });
  await refuseDuplicateName(() => tx.update(NiveauService, { id }, changes));
  await record(tx, actor, { entite: 'niveau_service', entiteId: id, action: 'modification', avant, apres });
  await requestRecalcul(tx);
  return readNiveau(tx, access, id);
}

/** @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `DEPENDANCES` while a contract or an intervention is served by it */
export async function deleteNiveau(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
): Promise<void> {
  const niveau = await lockNiveau(tx, access, id);
  access.require('delete', 'NiveauService', niveau);
  await tx.delete(NiveauService, { id });
  await record(tx, actor, {
    entite: 'niveau_service',
    entiteId: id,
    action: 'suppression',
    avant: { ...niveau },
  });
}

async function lockNiveau(tx: EntityManager, access: Access, id: number): Promise<NiveauService> {
  await query(tx, sql`SELECT id FROM niveaux_service WHERE id = ${id} FOR UPDATE`);
  await access.confirm(tx);
  return readNiveau(tx, access, id);
}

function refuseDuplicateName<Result>(write: () => Promise<Result>): Promise<Result> {
  const detail = {
    fr: 'Un niveau de service porte déjà ce nom',
    en: 'A service level has this name already',
  };
  return refuseDuplicate('niveaux_service_nom_unique', detail, write);
}
