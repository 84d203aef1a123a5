import { COLORS, line } from '../letters';
import type { Sheet } from '../sheet';

/** Letters beyond which a title is set smaller. */
const LONG_TITLE = 90;

/** What the document is about. */
export function title(sheet: Sheet, texte: string): void {
  const size = texte.length > LONG_TITLE ? 15 : 20;
  const style = { font: 'bold', size, color: COLORS.title, gap: 1, sens: 'auto' } as const;
  sheet.y += sheet.write(line(texte), style, 0, sheet.y, sheet.width) + 8;
}

/** Starts a section. @param keep what of it stays with its heading on one page, in points. */
export function section(sheet: Sheet, titre: string, keep = 42): void {
  sheet.y += 20;
  sheet.ensure(28 + keep);
  const style = { font: 'bold', size: 11.5, color: COLORS.title } as const;
  sheet.y += sheet.write(titre, style, 0, sheet.y, sheet.width) + 3;
  sheet.rule(sheet.y);
  sheet.y += 11;
}
