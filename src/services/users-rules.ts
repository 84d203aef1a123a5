import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../auth/access';
import { query } from '../db/sql';
import type { User } from '../db/users';
import { type FieldFault, forbidden, invalid, unknownReference } from '../domain/errors';
import type { Role } from '../domain/roles';

/** Which accounts somebody may open, one at a time or by the hundred. */

export interface UserFields
  extends Pick<User, 'email' | 'nom' | 'prenom' | 'role' | 'is_active' | 'langue' | 'telephone'> {
  site_ids: number[];
}

/**
 * What stands against the caller opening this account: a role that they may not give, or more to oversee than they
 * oversee themselves. Null when nothing does.
 */
export function newUserFault(access: Access, fields: UserFields): FieldFault | null {
  if (!access.may('create', 'User', fields)) return { champ: 'role', message: NOT_THEIRS_TO_GIVE };
  return reachesFurther(access, fields) ? { champ: 'site_ids', message: NOT_THEIR_SITES } : null;
}

/** @throws {RegieError} `INTERDIT` */
export function requireMayCreate(access: Access, fields: UserFields): void {
  const fault = newUserFault(access, fields);
  if (fault !== null) throw forbidden(fault.message);
}

/** What stands against these sites, other than that they might not exist. */
export function sitesFault({ role, site_ids }: Pick<UserFields, 'role' | 'site_ids'>): FieldFault | null {
  return site_ids.length > 0 && !mayHaveSites(role) ? { champ: 'site_ids', message: NO_SITES } : null;
}

/** @throws {RegieError} `VALIDATION` for sites that do not exist, or with a role that has none */
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

export function mayHaveSites(role: Role): boolean {
  return role === 'responsable' || role === 'client';
}

function reachesFurther({ principal }: Access, { role, site_ids }: UserFields): boolean {
  if (principal.role !== 'responsable' || principal.sites.length === 0) return false;
  const within = site_ids.every((site) => principal.sites.includes(site));
  const everything = role === 'responsable' && site_ids.length === 0;
  return !within || everything;
}

const NOT_THEIRS_TO_GIVE = { fr: 'Vous ne pouvez pas donner ce rôle', en: 'This role is not yours to give' };
const NOT_THEIR_SITES = {
  fr: 'Seulement sur les sites dont vous êtes responsable',
  en: 'Only on the sites that you are responsible for',
};
const NO_SITES = {
  fr: 'Seuls les responsables et les clients appartiennent à des sites',
  en: 'Only responsables and clients belong to sites',
};
