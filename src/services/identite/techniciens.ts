import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { TECHNICIEN_COLUMNS, USER_SITE_IDS } from '../../auth/columns';
import { Technicien } from '../../db/identite/techniciens';
import type { User } from '../../db/identite/users';
import { type Executor, queryOne } from '../../db/sql';
import { forbidden, invalid, notFound, RegieError, unknownReference } from '../../domain/errors';
import {
  type Absence,
  MAX_ABSENCES,
  type NiveauExperience,
  withIds,
} from '../../domain/identite/techniciens';
import { motsOf } from '../../domain/recherche';
import type { Actor } from '../actor';
import { containsWords, oneOf } from '../conditions';
import { refuseDuplicate } from '../duplicates';
import { difference, record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requestVerification } from '../parc/recalculs';
import { requireVersion } from '../versions';
import { normalisedTelephone } from './telephones';

export interface TechnicienRow extends Omit<Technicien, 'derniere_absence'> {
  user: Pick<User, 'id' | 'nom' | 'prenom' | 'email' | 'tous_sites'> & { site_ids: number[] };
}

export type TechnicienFields = Omit<
  Technicien,
  'id' | 'user_id' | 'date_creation' | 'date_modification' | 'version' | 'derniere_absence'
>;

export interface TechnicienFilters {
  specialite?: string;
  /** All of them, valid that day. */
  competences?: { names: string[]; day: string };
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
  return sql`t.id, t.user_id, t.specialite, t.competences, t.habilitations, t.niveau_experience, t.disponibilite, t.telephone,
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
    const { names, day } = competences;
    conditions.push(
      sql`t.competences_recherche @> textes_recherche(${names}::text[])`,
      sql`(t.habilitations = '[]' OR habilitations_valides(t.habilitations, textes_recherche(${names}::text[]), ${day}))`,
    );
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
 * @param pays of telephone numbers without the code of their country.
 * @throws {RegieError} `VALIDATION` unless the person exists and is a technicien, `INTERDIT` when they work where the
 * caller oversees nothing, `DEJA_EXISTANT`
 */
export async function createTechnicien(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  given: TechnicienFields & { user_id: number },
  pays: string | null,
): Promise<TechnicienRow> {
  const user = await lockUserOf(tx, given.user_id);
  await access.confirm(tx);
  // Of a role that may never do it nobody learns who exists.
  if (!access.mayEver('create', 'Technicien')) throw forbidden();
  const technicien = requireRoleTechnicien(user);
  access.require('create', 'Technicien', { ...given, user: technicien });
  const owner = { siteIds: technicien.site_ids };
  const fields = { ...given, telephone: await normalisedTelephone(tx, given.telephone, owner, pays) };
  const { absences, last: derniere_absence } = withIds(fields.absences, [], 0);
  const row = { ...fields, absences };
  const inserted = await refuseDuplicate(
    'techniciens_user_unique',
    { fr: 'Cette personne a déjà une fiche de technicien', en: 'This person has a technicien row already' },
    () => tx.insert(Technicien, { ...row, derniere_absence }),
  );
  const id = inserted.identifiers[0]!.id as number;
  await record(tx, actor, { entite: 'technicien', entiteId: id, action: 'creation', apres: row });
  return readTechnicien(tx, access, id);
}

/**
 * Changes what is given.
 * @param expected version named by the caller, or null.
 * @param pays of telephone numbers without the code of their country.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `VALIDATION`, also for another user
 */
export async function updateTechnicien(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  { user_id, ...given }: Partial<TechnicienFields> & { user_id?: number },
  expected: number | null,
  pays: string | null,
): Promise<TechnicienRow> {
  const last = await lockTechnicien(tx, id);
  await access.confirm(tx);
  const technicien = await readTechnicien(tx, access, id);
  const named = given.absences && withIds(given.absences, technicien.absences, last);
  const owner = { kept: technicien.telephone, siteIds: technicien.user.site_ids };
  const telephone = given.telephone && (await normalisedTelephone(tx, given.telephone, owner, pays));
  const changes = {
    ...given,
    ...(named === undefined ? {} : { absences: named.absences }),
    ...(telephone === undefined ? {} : { telephone }),
  };
  const { avant, apres } = difference<Partial<TechnicienFields>>(technicien, changes);
  access.require('update', 'Technicien', technicien, Object.keys(apres));
  if (user_id !== undefined && user_id !== technicien.user_id) {
    throw invalid({ champ: 'user_id', message: { fr: 'Ne change pas', en: 'Does not change' } });
  }
  requireVersion(technicien, expected);
  if (Object.keys(apres).length === 0) return technicien;
  await tx.update(Technicien, { id }, { ...changes, derniere_absence: named?.last });
  await record(tx, actor, { entite: 'technicien', entiteId: id, action: 'modification', avant, apres });
  if ('horaires' in apres || 'absences' in apres) await requestVerification(tx, id);
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
  await requireInNoCrew(tx, id);
  await tx.delete(Technicien, { id });
  await record(tx, actor, { entite: 'technicien', entiteId: id, action: 'suppression', avant: technicien });
}

/** Of whoever leads the database refuses it by itself. Whoever sends somebody along holds their row meanwhile. */
async function requireInNoCrew(tx: EntityManager, id: number): Promise<void> {
  const found = await queryOne(
    tx,
    sql`SELECT FROM plannings WHERE equipiers @> ARRAY[${id}::integer]
        UNION ALL SELECT FROM interventions WHERE equipiers @> ARRAY[${id}::integer] LIMIT 1`,
  );
  if (found !== null) throw new RegieError('DEPENDANCES');
}

/**
 * Writes an absence down.
 * @param expected version of the technicien named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `LIMITE_ATTEINTE`
 */
export async function addAbsence(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  absence: Absence,
  expected: number | null,
): Promise<Absence> {
  const { absences } = await lockToChangeAbsences(tx, access, id);
  if (absences.length >= MAX_ABSENCES) {
    throw new RegieError('LIMITE_ATTEINTE', {
      detail: { fr: `Au plus ${MAX_ABSENCES} absences`, en: `At most ${MAX_ABSENCES} absences` },
      extensions: { limite: MAX_ABSENCES },
    });
  }
  const changed = await updateTechnicien(
    tx,
    access,
    actor,
    id,
    { absences: [...absences, absence] },
    expected,
    null,
  );
  return changed.absences.at(-1)!;
}

/**
 * @param expected version of the technicien named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, also for an absence that is none of theirs, `INTERDIT`, `VERSION_PERIMEE`
 */
export async function removeAbsence(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  absenceId: number,
  expected: number | null,
): Promise<void> {
  const technicien = await lockToChangeAbsences(tx, access, id);
  requireVersion(technicien, expected);
  const absences = technicien.absences.filter((absence) => absence.id !== absenceId);
  if (absences.length === technicien.absences.length) {
    throw new RegieError('INTROUVABLE', {
      detail: { fr: 'Aucune absence sous cet identifiant', en: 'No absence under this id' },
    });
  }
  await updateTechnicien(tx, access, actor, id, { absences }, null, null);
}

async function lockToChangeAbsences(tx: EntityManager, access: Access, id: number): Promise<TechnicienRow> {
  await lockTechnicien(tx, id);
  await access.confirm(tx);
  const technicien = await readTechnicien(tx, access, id);
  access.require('update', 'Technicien', technicien, ['absences']);
  return technicien;
}

/** @returns the highest id that an absence of theirs has had. */
async function lockTechnicien(tx: EntityManager, id: number): Promise<number> {
  const locked = await queryOne<{ derniere_absence: number }>(
    tx,
    sql`SELECT derniere_absence FROM techniciens WHERE id = ${id} FOR NO KEY UPDATE`,
  );
  return locked?.derniere_absence ?? 0;
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
