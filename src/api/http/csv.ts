/** Tables as CSV (RFC 4180) that spreadsheets open as they are meant. */

export type Cell = string | number | null | undefined;

/** Without it spreadsheets take UTF-8 for something older. */
export const BYTE_ORDER_MARK = '\uFEFF';

/** One line of a table; {@link BYTE_ORDER_MARK} stands before the first one. */
export function csvLine(cells: readonly Cell[]): string {
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
