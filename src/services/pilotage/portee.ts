import sql, { type Sql } from 'sql-template-tag';
import { SANS_SITE } from '../../domain/pilotage/rapports';

/** Rows of the equipment `e` on these sites; of none named, all of them. */
export function onSites(siteIds: readonly number[]): Sql {
  return siteIds.length === 0 ? sql`TRUE` : sql`coalesce(e.site_id, ${SANS_SITE}) = ANY(${siteIds})`;
}
