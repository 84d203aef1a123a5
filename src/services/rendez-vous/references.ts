import sql, { raw } from 'sql-template-tag';
import { queryOne } from '../../db/sql';
import { type FieldFault, invalid, unknownReference } from '../../domain/errors';
import type { Asked } from '../crud';

/** @throws {RegieError} `VALIDATION` for a site that is none. */
export async function requireSite({ tx }: Asked, { site_id }: { site_id: number | null }): Promise<void> {
  if (site_id !== null && !(await exists({ tx }, 'sites', site_id))) throw unknownReference('site_id');
}

/** Whether there is such a row, which then stays until the transaction ends. */
export async function exists({ tx }: Pick<Asked, 'tx'>, table: string, id: number): Promise<boolean> {
  const row = await queryOne(tx, sql`SELECT id FROM ${raw(table)} WHERE id = ${id} FOR KEY SHARE`);
  return row !== null;
}

/** @throws {RegieError} `VALIDATION` when there are any. */
export function refuse(faults: readonly FieldFault[]): void {
  if (faults.length > 0) throw invalid(...faults);
}
