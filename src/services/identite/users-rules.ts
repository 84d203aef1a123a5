import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { NEW_ACCOUNT_FIELDS } from '../../auth/permissions';
import type { User } from '../../db/identite/users';
import { query } from '../../db/sql';
import { type FieldFault, forbidden, invalid, unknownReference } from '../../domain/errors';
import { type Role, SANS_SITE } from '../../domain/roles';

/** Which accounts somebody may open, one at a time or by the hundred, and how far those reach. */

export interface UserFields
  extends Pick<
    User,
    'email' | 'nom' | 'prenom' | 'role' | 'is_active' | 'langue' | 'telephone' | 'tous_sites'
  > {
  site_ids: number[];
}

/** As they are given: null where it is left open whether somebody oversees everything. */
export type GivenUserFields = Omit<UserFields, 'tous_sites'> & { tous_sites: boolean | null };

/**
 * A new account with what silence means: a responsable or technicien without sites oversees everything where whoever
 * opens the account does.
 */
export function withReach(access: Access, given: GivenUserFields): UserFields {
  const { role, site_ids } = given;
  const everything = site_ids.length === 0 && !reachesNoSites(role) && access.principal.tousSites;
  return { ...given, tous_sites: given.tous_sites ?? (role === 'admin' || everything) };
}

/**
 * An account as it will be. Naming sites, or another role, narrows by itself; nothing widens without being said: least of
 * all that no site is left.
 */
export function withChangedReach(
  user: UserFields,
  changes: Partial<GivenUserFields>,
): UserFields & Partial<GivenUserFields> {
  const { tous_sites = null, ...others } = changes;
  const next = { ...user, ...others };
  if (changes.site_ids === undefined && (!mayHaveSites(next.role) || tous_sites)) next.site_ids = [];
  if (tous_sites !== null) return { ...next, tous_sites };
  if (next.role === 'admin') return { ...next, tous_sites: true };
  return { ...next, tous_sites: user.tous_sites && !reachesNoSites(next.role) && next.site_ids.length === 0 };
}

/**
 * What stands against the caller opening this account: a role or a field that they may not give, or more to oversee than
 * they oversee themselves. Null when nothing does.
 * @param beyond what is given beside the fields of every account: `password`.
 */
export function newUserFault(
  access: Access,
  fields: UserFields,
  beyond: readonly string[] = [],
): FieldFault | null {
  if (!access.may('create', 'User', fields, NEW_ACCOUNT_FIELDS)) {
    return { champ: 'role', message: NOT_THEIRS_TO_GIVE };
  }
  const refused = beyond.find((field) => !access.may('create', 'User', fields, [field]));
  if (refused !== undefined) return { champ: refused, message: NOT_THEIRS_TO_SET };
  return reachesFurther(access, fields) ? { champ: 'site_ids', message: NOT_THEIR_SITES } : null;
}

/** @throws {RegieError} `INTERDIT` */
export function requireMayCreate(access: Access, fields: UserFields, beyond: readonly string[] = []): void {
  const fault = newUserFault(access, fields, beyond);
  if (fault !== null) throw forbidden(fault.message);
}

/** What stands against this reach, other than that the sites might not exist. */
export function sitesFault({
  role,
  site_ids,
  tous_sites,
}: Pick<UserFields, 'role' | 'site_ids' | 'tous_sites'>): FieldFault | null {
  if (site_ids.length > 0 && !mayHaveSites(role)) {
    return { champ: 'site_ids', message: role === 'admin' ? NO_SITES : NOT_BY_SITES };
  }
  if (role === 'admin' && !tous_sites) return { champ: 'tous_sites', message: ADMIN_EVERYWHERE };
  if (role === 'client' && tous_sites) return { champ: 'tous_sites', message: CLIENT_NOT_EVERYWHERE };
  if (role === 'membre' && tous_sites) return { champ: 'tous_sites', message: NOT_BY_SITES };
  return tous_sites && site_ids.length > 0 ? { champ: 'tous_sites', message: ALL_OR_SOME } : null;
}

/** @throws {RegieError} `VALIDATION` for sites that do not exist, or that do not go with the role */
export async function checkSites(tx: EntityManager, fields: UserFields): Promise<void> {
  const fault = sitesFault(fields);
  if (fault !== null) throw invalid(fault);
  const known = await existingSites(tx, fields.site_ids);
  if (known.size < fields.site_ids.length) throw unknownReference('site_ids');
}

/** Those of the sites that exist; they stay until the transaction ends. */
export async function existingSites(tx: EntityManager, siteIds: readonly number[]): Promise<Set<number>> {
  if (siteIds.length === 0) return new Set();
  const rows = await query<{ id: number }>(
    tx,
    sql`SELECT id FROM sites WHERE id = ANY(${siteIds}) ORDER BY id FOR KEY SHARE`,
  );
  return new Set(rows.map(({ id }) => id));
}

function mayHaveSites(role: Role): boolean {
  return !SANS_SITE.includes(role);
}

/** Who oversees nothing, whether or not there are sites where they have something of their own. */
function reachesNoSites(role: Role): boolean {
  return role === 'client' || role === 'membre';
}

/**
 * A client without a site has their own equipment all the same, and what a membre may do is said elsewhere; nobody else has
 * anything to do nowhere.
 */
function reachesFurther({ principal }: Access, { role, site_ids, tous_sites }: UserFields): boolean {
  if (principal.tousSites) return false;
  const within = site_ids.every((site) => principal.sites.includes(site));
  const nowhere = !reachesNoSites(role) && site_ids.length === 0;
  return tous_sites || nowhere || !within;
}

const NOT_THEIRS_TO_GIVE = { fr: 'Vous ne pouvez pas donner ce rôle', en: 'This role is not yours to give' };
const NOT_THEIRS_TO_SET = {
  fr: 'Vous ne pouvez pas le fixer : la personne est invitée par email à choisir le sien',
  en: 'This is not yours to set: the person is invited by email to choose their own',
};
const NOT_THEIR_SITES = {
  fr: 'Un site au moins, et seulement parmi ceux que vous voyez vous-même',
  en: 'One site at least, and only among those that you oversee yourself',
};
const NO_SITES = {
  fr: 'Un administrateur n’appartient à aucun site : il les voit tous',
  en: 'An administrator belongs to no site, and oversees them all',
};
const ADMIN_EVERYWHERE = {
  fr: 'Un administrateur voit tous les sites',
  en: 'An administrator oversees every site',
};
const NOT_BY_SITES = {
  fr: 'Ce que fait un membre ne dépend d’aucun site',
  en: 'What a member does depends on no site',
};
const CLIENT_NOT_EVERYWHERE = {
  fr: 'Un client ne voit que ses sites et ses équipements',
  en: 'A client sees only their sites and their equipment',
};
const ALL_OR_SOME = {
  fr: 'Tous les sites, ou ceux qui sont nommés',
  en: 'Every site, or those that are named',
};
