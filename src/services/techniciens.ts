import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../auth/access';
import type { Columns } from '../auth/sql';
import { type Executor, query, queryOne } from '../db/sql';
import { Technicien } from '../db/techniciens';
import type { User } from '../db/users';
import { invalid, notFound, unknownReference } from '../domain/errors';
import type { NiveauExperience } from '../domain/techniciens';
import type { Actor } from './actor';
import { containsText, oneOf } from './conditions';
import { refuseDuplicate } from './duplicates';
import { difference, record } from './historique';
import { type ListSpec, list, type Page, type PageRequest } from './list';
import { requireVersion } from './versions';

export interface TechnicienRow extends Technicien {
  user: Pick<User, 'id' | 'nom' | 'prenom' | 'email'>;
}

export type TechnicienFields = Omit<
  Technicien,
  'id' | 'user_id' | 'date_creation' | 'date_modification' | 'version'
>;

export interface TechnicienFilters {
  specialite?: string;
  /** All of them. */
  competences?: string[];
  niveau_experience?: NiveauExperience[];
  disponibilite?: boolean;
  q?: string;
}

const COLUMNS = sql`t.id, t.user_id, t.specialite, t.competences, t.niveau_experience, t.disponibilite, t.telephone,
  t.localisation_base, t.latitude, t.longitude, t.horaires, t.absences,
  t.date_creation, t.date_modification, t.version,
  json_build_object('id', u.id, 'nom', u.nom, 'prenom', u.prenom, 'email', u.email) AS "user"`;

const FROM = sql`techniciens t JOIN users u ON u.id = t.user_id`;

/** Where the permissions of a technicien find their fields. */
export const TECHNICIEN_COLUMNS: Columns = { user_id: 't.user_id' };

export const TECHNICIEN_LIST: ListSpec = {
  columns: COLUMNS,
  from: FROM,
  alias: 't',
  sortable: {
    id: { expression: 't.id', cast: 'integer' },
    nom: { expression: 'u.nom', cast: 'text' },
    prenom: { expression: 'u.prenom', cast: 'text' },
    specialite: { expression: 't.specialite', cast: 'text' },
    // By seniority, not by alphabet.
    niveau_experience: {
      expression: `array_position(ARRAY['junior', 'confirme', 'senior', 'expert'], t.niveau_experience)`,
      cast: 'integer',
    },
    disponibilite: { expression: 't.disponibilite', cast: 'boolean' },
    date_creation: { expression: 't.date_creation', cast: 'timestamptz' },
  },
  defaultSort: 'id',
};

export function listTechniciens(
  executor: Executor,
  access: Access,
  filters: TechnicienFilters,
  page: PageRequest,
): Promise<Page<TechnicienRow>> {
  const conditions = [access.where('read', 'Technicien', TECHNICIEN_COLUMNS)];
  const { specialite, competences, niveau_experience, disponibilite, q } = filters;
  if (specialite !== undefined) {
    conditions.push(sql`texte_cherchable(t.specialite) = texte_cherchable(${specialite})`);
  }
  if (competences) {
    conditions.push(sql`NOT EXISTS (
      SELECT 1 FROM unnest(${competences}::text[]) AS wanted
      WHERE texte_cherchable(wanted) <> ALL (SELECT texte_cherchable(had) FROM unnest(t.competences) AS had))`);
  }
  if (niveau_experience) conditions.push(oneOf('t.niveau_experience', niveau_experience));
  if (disponibilite !== undefined) conditions.push(sql`t.disponibilite = ${disponibilite}`);
  if (q !== undefined) conditions.push(containsText(SEARCHED, q));
  return list<TechnicienRow>(executor, TECHNICIEN_LIST, conditions, page);
}

/** The name twice, so that it is found in either order. */
const SEARCHED = `u.nom || ' ' || u.prenom || ' ' || u.nom || ' ' || u.email::text || ' ' || t.specialite || ' ' ||
  array_to_string(t.competences, ' ') || ' ' || coalesce(t.localisation_base, '')`;

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readTechnicien(executor: Executor, access: Access, id: number): Promise<TechnicienRow> {
  const technicien = await queryOne<TechnicienRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM ${FROM}
        WHERE t.id = ${id} AND ${access.where('read', 'Technicien', TECHNICIEN_COLUMNS)}`,
  );
  if (technicien === null) throw notFound();
  return technicien;
}

/** @throws {RegieError} `VALIDATION` unless the person exists and is a technicien, `DEJA_EXISTANT` */
export async function createTechnicien(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: TechnicienFields & { user_id: number },
): Promise<TechnicienRow> {
  const user = await lockUserOf(tx, fields.user_id);
  await access.confirm(tx);
  access.require('create', 'Technicien', fields);
  requireRoleTechnicien(user);
  const inserted = await refuseDuplicate(
    'techniciens_user_unique',
    { fr: 'Cette personne a déjà une fiche de technicien', en: 'This person has a technicien row already' },
    () => tx.insert(Technicien, fields),
  );
  const id = inserted.identifiers[0]!.id as number;
  await record(tx, actor, { entite: 'technicien', entiteId: id, action: 'creation', apres: { ...fields } });
  return readTechnicien(tx, access, id);
}

/**
 * Changes what is given.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `VALIDATION` for another user
 */
export async function updateTechnicien(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  { user_id, ...changes }: Partial<TechnicienFields> & { user_id?: number },
  expected: number | null,
): Promise<TechnicienRow> {
  await lockTechnicien(tx, id);
  await access.confirm(tx);
  const technicien = await readTechnicien(tx, access, id);
  const { avant, apres } = difference<Partial<TechnicienFields>>(technicien, changes);
  access.require('update', 'Technicien', technicien, Object.keys(apres));
  if (user_id !== undefined && user_id !== technicien.user_id) {
    throw invalid({ champ: 'user_id', message: { fr: 'Ne change pas', en: 'Does not change' } });
  }
  requireVersion(technicien, expected);
  if (Object.keys(apres).length === 0) return technicien;
  await tx.update(Technicien, { id }, changes);
  await record(tx, actor, { entite: 'technicien', entiteId: id, action: 'modification', avant, apres });
  return readTechnicien(tx, access, id);
}

/** @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `DEPENDANCES` while an intervention or a visit is theirs. */
export async function deleteTechnicien(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
): Promise<void> {
  await lockTechnicien(tx, id);
  await access.confirm(tx);
  const { user, ...technicien } = await readTechnicien(tx, access, id);
  access.require('delete', 'Technicien', technicien);
  await tx.delete(Technicien, { id });
  await record(tx, actor, { entite: 'technicien', entiteId: id, action: 'suppression', avant: technicien });
}

async function lockTechnicien(tx: EntityManager, id: number): Promise<void> {
  await query(tx, sql`SELECT id FROM techniciens WHERE id = ${id} FOR NO KEY UPDATE`);
}

/** The person keeps their role until the transaction ends. */
function lockUserOf(tx: EntityManager, userId: number): Promise<Pick<User, 'role'> | null> {
  return queryOne<Pick<User, 'role'>>(tx, sql`SELECT role FROM users WHERE id = ${userId} FOR SHARE`);
}

function requireRoleTechnicien(user: Pick<User, 'role'> | null): void {
  if (user === null) throw unknownReference('user_id');
  if (user.role !== 'technicien') {
    throw invalid({
      champ: 'user_id',
      message: {
        fr: "Cette personne n'a pas le rôle technicien",
        en: 'This person does not have the role technicien',
      },
    });
  }
}
