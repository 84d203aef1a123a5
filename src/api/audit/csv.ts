import type { Wire } from '../../db/sql';
import type { AuditRow } from '../../services/audit/audit';
import { BYTE_ORDER_MARK, type Cell, csvLine } from '../http/csv';

/** The audit as CSV. */

const COLUMNS: Record<string, (row: Wire<AuditRow>) => Cell> = {
  id: ({ id }) => id,
  date: ({ date }) => date,
  entite: ({ entite }) => entite,
  entite_id: ({ entite_id }) => entite_id,
  action: ({ action }) => action,
  auteur_id: ({ auteur_id }) => auteur_id,
  auteur: ({ auteur }) => auteur && `${auteur.prenom} ${auteur.nom}`,
  role: ({ auteur }) => auteur?.role,
  cle_api_id: ({ cle_api_id }) => cle_api_id,
  adresse: ({ adresse }) => adresse,
  correlation_id: ({ correlation_id }) => correlation_id,
  avant: ({ avant }) => avant && JSON.stringify(avant),
  apres: ({ apres }) => apres && JSON.stringify(apres),
};

/** The text of an export, page by page. */
export async function* auditCsv(pages: AsyncIterable<Wire<AuditRow>[]>): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + csvLine(Object.keys(COLUMNS));
  for await (const rows of pages) {
    yield rows.map((row) => csvLine(Object.values(COLUMNS).map((cell) => cell(row)))).join('');
  }
}
