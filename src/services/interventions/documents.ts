import type { Access } from '../../auth/access';
import type { Executor } from '../../db/sql';
import { type DocumentRow, listDocuments } from '../documents/documents';
import type { Page, PageRequest } from '../list';
import { readIntervention } from './interventions';

/**
 * The documents of one intervention that the caller may see.
 * @throws {RegieError} `INTROUVABLE` when they may not see the intervention.
 */
export async function listInterventionDocuments(
  executor: Executor,
  access: Access,
  interventionId: number,
  page: PageRequest,
): Promise<Page<DocumentRow>> {
  await readIntervention(executor, access, interventionId);
  return listDocuments(executor, access, { intervention_id: [interventionId] }, page);
}
