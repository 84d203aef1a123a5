import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { ModeleEtapes } from '../../db/interventions/etapes';
import { type Executor, query, queryOne } from '../../db/sql';
import { invalid, notFound } from '../../domain/errors';
import type { Actor } from '../actor';
import { refuseDuplicate } from '../duplicates';
import { difference, record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';
import { requireSound } from './etapes';

/**
 * Templates of steps. They are of the house, as levels of service are. An intervention has a copy: what becomes of a
 * template afterwards changes no work that was given its steps.
 */

export type ModeleFields = Pick<ModeleEtapes, 'nom' | 'type_equipement' | 'automatique' | 'etapes'>;

const COLUMNS = sql`m.id, m.nom, m.type_equipement, m.automatique, m.etapes, m.date_creation, m.date_modification, m.version`;

export const MODELE_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`modeles_etapes m`,
  alias: 'm',
  sortable: {
    id: { expression: 'm.id', cast: 'integer' },
    nom: { expression: 'm.nom::text', cast: 'text' },
    date_creation: { expression: 'm.date_creation', cast: 'timestamptz' },
  },
  defaultSort: 'nom',
};

export function listModeles(
  executor: Executor,
  access: Access,
  page: PageRequest,
): Promise<Page<ModeleEtapes>> {
  return list<ModeleEtapes>(executor, MODELE_LIST, [access.where('read', 'ModeleEtapes', {})], page);
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readModele(executor: Executor, access: Access, id: number): Promise<ModeleEtapes> {
  const modele = await queryOne<ModeleEtapes>(
    executor,
    sql`SELECT ${COLUMNS} FROM modeles_etapes m
        WHERE m.id = ${id} AND ${access.where('read', 'ModeleEtapes', {})}`,
  );
  if (modele === null) throw notFound();
  return modele;
}

/** @throws {RegieError} `INTERDIT`, `DEJA_EXISTANT`, `VALIDATION` with every fault of its steps */
export async function createModele(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: ModeleFields,
): Promise<ModeleEtapes> {
  await access.confirm(tx);
  access.require('create', 'ModeleEtapes', fields);
  requireWhole(fields);
  const inserted = await refuseSecond(() => tx.insert(ModeleEtapes, fields));
  const id = inserted.identifiers[0]!.id as number;
  await record(tx, actor, {
    entite: 'modele_etapes',
    entiteId: id,
    action: 'creation',
    apres: { ...fields },
  });
  return readModele(tx, access, id);
}

/**
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `DEJA_EXISTANT`, `VALIDATION`
 */
export async function updateModele(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  changes: Partial<ModeleFields>,
  expected: number | null,
): Promise<ModeleEtapes> {
  const modele = await lockModele(tx, access, id);
  const { avant, apres } = difference<Partial<ModeleFields>>(modele, changes);
  access.require('update', 'ModeleEtapes', modele, Object.keys(apres));
  requireVersion(modele, expected);
  if (Object.keys(apres).length === 0) return modele;
  requireWhole({ ...modele, ...changes });
  await refuseSecond(() => tx.update(ModeleEtapes, { id }, changes));
  await record(tx, actor, { entite: 'modele_etapes', entiteId: id, action: 'modification', avant, apres });
  return readModele(tx, access, id);
}

/** @throws {RegieError} `INTROUVABLE`, `INTERDIT` */
export async function deleteModele(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
): Promise<void> {
  const modele = await lockModele(tx, access, id);
  access.require('delete', 'ModeleEtapes', modele);
  await tx.delete(ModeleEtapes, { id });
  await record(tx, actor, {
    entite: 'modele_etapes',
    entiteId: id,
    action: 'suppression',
    avant: { ...modele },
  });
}

async function lockModele(tx: EntityManager, access: Access, id: number): Promise<ModeleEtapes> {
  await query(tx, sql`SELECT id FROM modeles_etapes WHERE id = ${id} FOR UPDATE`);
  await access.confirm(tx);
  return readModele(tx, access, id);
}

function requireWhole({ automatique, type_equipement, etapes }: ModeleFields): void {
  requireSound(etapes);
  if (!automatique || type_equipement !== null) return;
  throw invalid({
    champ: 'type_equipement',
    message: { fr: 'Requis pour un modèle automatique', en: 'Required of an automatic template' },
  });
}

function refuseSecond<Result>(write: () => Promise<Result>): Promise<Result> {
  const sameName = { fr: 'Un modèle porte déjà ce nom', en: 'A template has this name already' };
  const sameType = {
    fr: 'Un autre modèle est déjà automatique pour ce type d’équipement',
    en: 'Another template is automatic for this kind of equipment already',
  };
  return refuseDuplicate('modeles_etapes_automatique_unique', sameType, () =>
    refuseDuplicate('modeles_etapes_nom_unique', sameName, write),
  );
}
