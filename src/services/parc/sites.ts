import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { SITE_COLUMNS } from '../../auth/columns';
import { Site } from '../../db/parc/sites';
import { type Executor, query, queryOne } from '../../db/sql';
import { notFound, RegieError } from '../../domain/errors';
import { requireEnoughTime } from '../../domain/parc/sites';
import type { Actor } from '../actor';
import { oneOf } from '../conditions';
import { difference, record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';
import { recomputeMaintenances } from './equipements';
import { requestRecalcul } from './recalculs';

export type SiteFields = Omit<Site, 'id' | 'date_creation' | 'date_modification' | 'version'>;

export interface SiteFilters {
  pays?: string[];
}

const COLUMNS = sql`s.id, s.nom, s.adresse, s.latitude, s.longitude, s.fuseau_horaire, s.pays, s.horaires, s.fermetures,
  s.date_creation, s.date_modification, s.version`;

export const SITE_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`sites s`,
  alias: 's',
  sortable: {
    id: { expression: 's.id', cast: 'integer' },
    nom: { expression: 's.nom', cast: 'text' },
    date_creation: { expression: 's.date_creation', cast: 'timestamptz' },
  },
  defaultSort: 'nom',
};

export function listSites(
  executor: Executor,
  access: Access,
  { pays }: SiteFilters,
  page: PageRequest,
): Promise<Page<Site>> {
  const conditions = [access.where('read', 'Site', SITE_COLUMNS)];
  if (pays) conditions.push(oneOf('s.pays', pays));
  return list<Site>(executor, SITE_LIST, conditions, page);
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readSite(executor: Executor, access: Access, id: number): Promise<Site> {
  const site = await queryOne<Site>(
    executor,
    sql`SELECT ${COLUMNS} FROM sites s WHERE s.id = ${id} AND ${access.where('read', 'Site', SITE_COLUMNS)}`,
  );
  if (site === null) throw notFound();
  return site;
}

/**
 * @param timeZone of sites that name none.
 * @throws {RegieError} `INTERDIT`, `VALIDATION` for hours and closings that leave too little time
 */
export async function createSite(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: SiteFields,
  timeZone: string,
): Promise<Site> {
  await access.confirm(tx);
  access.require('create', 'Site', fields);
  requireEnoughTime(fields, fields.fuseau_horaire ?? timeZone, actor.now.getTime());
  const inserted = await tx.insert(Site, fields);
  const id = inserted.identifiers[0]!.id as number;
  await record(tx, actor, { entite: 'site', entiteId: id, action: 'creation', apres: { ...fields } });
  // Whoever opens a site reaches every site.
  return readSite(tx, access, id);
}

/** What deadlines on a site are counted with. */
const CALENDAR_FIELDS: readonly (keyof SiteFields)[] = ['fuseau_horaire', 'pays', 'horaires', 'fermetures'];

/**
 * Changes what is given. Deadlines and maintenances follow a change of hours, closings, country or zone.
 * @param expected version named by the caller, or null.
 * @param timeZone of sites that name none.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `VALIDATION` for hours and closings that leave too
 *   little time
 */
export async function updateSite(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  changes: Partial<SiteFields>,
  expected: number | null,
  timeZone: string,
): Promise<Site> {
  await query(tx, sql`SELECT id FROM sites WHERE id = ${id} FOR NO KEY UPDATE`);
  await access.confirm(tx);
  const site = await readSite(tx, access, id);
  const { avant, apres } = difference<Partial<SiteFields>>(site, changes);
  access.require('update', 'Site', site, Object.keys(apres));
  requireVersion(site, expected);
  if (Object.keys(apres).length === 0) return site;
  const changesCalendar = CALENDAR_FIELDS.some((field) => field in apres);
  if (changesCalendar) {
    const changed = { ...site, ...changes };
    requireEnoughTime(changed, changed.fuseau_horaire ?? timeZone, actor.now.getTime());
  }
  await tx.update(Site, { id }, changes);
  await record(tx, actor, { entite: 'site', entiteId: id, action: 'modification', avant, apres });
  if (changesCalendar) await requestRecalcul(tx, id);
  if ('fuseau_horaire' in apres) await recomputeMaintenances(tx, timeZone, id);
  return readSite(tx, access, id);
}

/**
 * Removes a site of which nothing is left. People who belonged to it do so no more, which shows nobody anything else.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `DEPENDANCES` while an equipment or a contract is of it
 */
export async function deleteSite(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  expected: number | null,
): Promise<void> {
  // Whoever puts something there takes a part of this lock: it is there before this, and counted, or finds no site.
  await query(tx, sql`SELECT id FROM sites WHERE id = ${id} FOR UPDATE`);
  await access.confirm(tx);
  const site = await readSite(tx, access, id);
  access.require('delete', 'Site', site);
  requireVersion(site, expected);
  const left = await queryOne<{ equipements: number; contrats: number; personnes: number[] }>(
    tx,
    sql`SELECT (SELECT count(*)::integer FROM equipements WHERE site_id = ${id}) AS equipements,
          (SELECT count(*)::integer FROM contrats WHERE site_id = ${id}) AS contrats,
          ARRAY(SELECT user_id FROM user_sites WHERE site_id = ${id} ORDER BY user_id) AS personnes`,
  );
  const { equipements, contrats, personnes } = left!;
  if (equipements > 0 || contrats > 0) {
    throw new RegieError('DEPENDANCES', {
      detail: {
        fr: `Encore de ce site : équipements ${equipements}, contrats ${contrats}`,
        en: `Still of this site: equipment ${equipements}, contracts ${contrats}`,
      },
      extensions: { equipements, contrats },
    });
  }
  await tx.delete(Site, { id });
  const avant = { ...site, ...(personnes.length === 0 ? {} : { personnes }) };
  await record(tx, actor, { entite: 'site', entiteId: id, action: 'suppression', avant });
}
