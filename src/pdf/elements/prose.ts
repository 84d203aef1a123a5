import { COLORS, line, printable } from '../letters';
import type { Sheet, Style } from '../sheet';

const TEXT: Style = { font: 'regular', size: 10, color: COLORS.ink, gap: 2.5, sens: 'auto' };
const HEAD: Style = { font: 'bold', size: 8.5, color: COLORS.label };
const REMARK: Style = { font: 'regular', size: 9, color: COLORS.label };

/** Running text, of any length. */
export function paragraph(sheet: Sheet, texte: string): void {
  sheet.flow(printable(texte), TEXT);
}

/** Text that somebody wrote at some time: a line saying who and when, then the text. */
export function note(sheet: Sheet, entete: string, texte: string): void {
  sheet.ensure(42);
  sheet.y += sheet.write(line(entete), HEAD, 0, sheet.y, sheet.width) + 2;
  paragraph(sheet, texte);
  sheet.y += 8;
}

/** What is to be said of what stands above it, if anything. */
export function remark(sheet: Sheet, texte: string | null): void {
  if (texte === null) return;
  sheet.y += 6;
  sheet.ensure(20);
  sheet.flow(texte, REMARK);
}
