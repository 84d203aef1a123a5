import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { TECHNICIEN_COLUMNS, USER_SITE_IDS } from '../../auth/columns';
import { Technicien } from '../../db/identite/techniciens';
import type { User } from '../../db/identite/users';
import { type Executor, query, queryOne } from '../../db/sql';
import { forbidden, invalid, notFound, unknownReference } from '../../domain/errors';
import type { NiveauExperience } from '../../domain/identite/techniciens';
import { motsOf } from '../../domain/recherche';
import type { Actor } from '../actor';
import { containsWords, oneOf } from '../conditions';
import { refuseDuplicate } from '../duplicates';
import { difference, record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';

export interface TechnicienRow extends Technicien {
  user: Pick<User, 'id' | 'nom' | 'prenom' | 'email' | 'tous_sites'> & { site_ids: number[] };
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

const FROM = sql`techniciens t JOIN users u ON u.id = t.user_id`;

/** Whether the technicien `t`, who is the user `u`, does any work at all. */
export const CAN_WORK = sql`(t.disponibilite AND u.is_active AND u.role = 'technicien')`;

/** Why not, or null when they do. */
export const WHY_LEFT = sql`CASE WHEN NOT u.is_active THEN 'compte_desactive' WHEN u.role <> 'technicien' THEN 'autre_role'
  WHEN NOT t.disponibilite THEN 'indisponible' END`;

/** Why somebody is away is for them and for whoever arranges their time; colleagues read when. */
function columnsFor(access: Access): Sql {
  return sql`t.id, t.user_id, t.specialite, t.competences, t.niveau_experience, t.disponibilite, t.telephone,
    t.localisation_base, t.latitude, t.longitude, t.horaires,
    CASE WHEN ${access.where('update', 'Technicien', TECHNICIEN_COLUMNS)} THEN t.absences
      ELSE (SELECT coalesce(jsonb_agg(a.absence - 'motif' ORDER BY a.rang), '[]')
            FROM jsonb_array_elements(t.absences) WITH ORDINALITY AS a (absence, rang)) END AS absences,
    t.date_creation, t.date_modification, t.version,
    json_build_object('id', u.id, 'nom', u.nom, 'prenom', u.prenom, 'email', u.email,
      'tous_sites', u.tous_sites, 'site_ids', ${raw(USER_SITE_IDS)}) AS "user"`;
}

export const TECHNICIEN_LIST: Omit<ListSpec, 'columns'> = {
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
    conditions.push(sql`texte_recherche(t.specialite) = texte_recherche(${specialite})`);
  }
  if (competences) {
    conditions.push(sql`t.competences_recherche @> textes_recherche(${competences}::text[])`);
  }
  if (niveau_experience) conditions.push(oneOf('t.niveau_experience', niveau_experience));
  if (disponibilite !== undefined) conditions.push(sql`t.disponibilite = ${disponibilite}`);
  if (q !== undefined) conditions.push(naming(motsOf(q)));
  const spec: ListSpec = { ...TECHNICIEN_LIST, columns: columnsFor(access) };
  return list<TechnicienRow>(executor, spec, conditions, page);
}

/** Each word is one of the person or of what they do. */
function naming(words: readonly string[]): Sql {
  const each = words.map(
    (word) => sql`(${containsWords('t.recherche', word)} OR ${containsWords('u.recherche', word)})`,
  );
  return each.length === 0 ? sql`FALSE` : join(each, ' AND ');
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readTechnicien(executor: Executor, access: Access, id: number): Promise<TechnicienRow> {
  const technicien = await queryOne<TechnicienRow>(
    executor,
    sql`SELECT ${columnsFor(access)} FROM ${FROM}
        WHERE t.id = ${id} AND ${access.where('read', 'Technicien', TECHNICIEN_COLUMNS)}`,
  );
  if (technicien === null) throw notFound();
  return technicien;
}

/**
 * @throws {RegieError} `VALIDATION` unless the person exists and is a technicien, `INTERDIT` when they work where the
 * caller oversees nothing, `DEJA_EXISTANT`
 */
export async function createTechnicien(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: TechnicienFields & { user_id: number },
): Promise<TechnicienRow> {
  const user = await lockUserOf(tx, fields.user_id);
  await access.confirm(tx);
  // Of a role that may never do it nobody learns who exists.
  if (!access.mayEver('create', 'Technicien')) throw forbidden();
  const technicien = requireRoleTechnicien(user);
  access.require('create', 'Technicien', { ...fields, user: technicien });
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
  access.require('delete', 'Technicien', { ...technicien, user });
  await tx.delete(Technicien, { id });
  await record(tx, actor, { entite: 'technicien', entiteId: id, action: 'suppression', avant: technicien });
}

async function lockTechnicien(tx: EntityManager, id: number): Promise<void> {
  await query(tx, sql`SELECT id FROM techniciens WHERE id = ${id} FOR NO KEY UPDATE`);
}

type FutureTechnicien = TechnicienRow['user'] & Pick<User, 'role'>;

/** The person keeps their role and their sites until the transaction ends. */
function lockUserOf(tx: EntityManager, userId: number): Promise<FutureTechnicien | null> {
  return queryOne<FutureTechnicien>(
    tx,
    sql`SELECT u.id, u.nom, u.prenom, u.email, u.role, u.tous_sites, ${raw(USER_SITE_IDS)} AS site_ids
        FROM users u WHERE u.id = ${userId} FOR SHARE OF u`,
  );
}

function requireRoleTechnicien(user: FutureTechnicien | null): FutureTechnicien {
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
  return user;
}
