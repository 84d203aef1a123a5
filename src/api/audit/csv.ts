import type { Wire } from '../../db/sql';
import type { AuditRow } from '../../services/audit/audit';

/** The audit as CSV (RFC 4180) that spreadsheets open as it is meant. */

type Cell = string | number | null | undefined;

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

/** Without it spreadsheets take UTF-8 for something older. */
const BYTE_ORDER_MARK = '\uFEFF';

/** The text of an export, page by page. */
export async function* auditCsv(pages: AsyncIterable<Wire<AuditRow>[]>): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + line(Object.keys(COLUMNS));
  for await (const rows of pages) {
    yield rows.map((row) => line(Object.values(COLUMNS).map((cell) => cell(row)))).join('');
  }
}

function line(cells: Cell[]): string {
  return `${cells.map(quoted).join(',')}\r\n`;
}

/**
 * Spreadsheets run what begins like a formula (ASVS 1.2.10), also in wide characters; an apostrophe makes it text. Which
 * sign separates cells depends on the country, so whatever may stand between two of them counts as a beginning too.
 */
const FIRST = /^(?= *[=+\-@\t\r\n＝＋－＠])/;
const INNER = /([,;|"\t\r\n] *)(?=[=+\-@＝＋－＠])/g;

function quoted(cell: Cell): string {
  if (typeof cell !== 'string') return cell == null ? '' : String(cell);
  const harmless = cell.replace(INNER, "$1'").replace(FIRST, "'");
  return /[",;|\t\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
