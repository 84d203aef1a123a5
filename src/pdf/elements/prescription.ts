import { COLORS, printable } from '../letters';
import type { Sheet, Style } from '../sheet';

/** One line of an ordonnance. */
export interface LignePrescription {
  medicament: string;
  /** How it is taken, each on a line of its own. */
  details: readonly string[];
  /** How long, how many, how often again. */
  quantite: string;
  /** What a pharmacist must not overlook; null where there is nothing. */
  mention: string | null;
}

const NUMBER_WIDTH = 22;
const NUMBER: Style = { font: 'bold', size: 11, color: COLORS.label };
const DRUG: Style = { font: 'bold', size: 11.5, color: COLORS.title, gap: 1, sens: 'auto' };
const DETAIL: Style = { font: 'regular', size: 10, color: COLORS.ink, gap: 1.5, sens: 'auto' };
const QUANTITY: Style = { font: 'regular', size: 10, color: COLORS.ink, gap: 1.5 };
const MENTION: Style = { font: 'bold', size: 9, color: COLORS.bad };

/** A numbered line, whole on one page. */
export function prescription(sheet: Sheet, rang: number, ligne: LignePrescription): void {
  const width = sheet.width - NUMBER_WIDTH;
  const parts: [string, Style][] = [
    [ligne.medicament, DRUG],
    ...ligne.details.map((detail): [string, Style] => [detail, DETAIL]),
    [ligne.quantite, QUANTITY],
    ...(ligne.mention === null ? [] : [[ligne.mention, MENTION] as [string, Style]]),
  ];
  const blocks = parts.map(([texte, style]) => ({ block: sheet.set(printable(texte), style, width), style }));
  sheet.ensure(blocks.reduce((sum, { block }) => sum + block.height, 0));
  sheet.write(`${rang}.`, NUMBER, 0, sheet.y, NUMBER_WIDTH);
  for (const { block, style } of blocks) {
    sheet.draw(block, style, NUMBER_WIDTH, sheet.y, width);
    sheet.y += block.height;
  }
  sheet.y += 10;
}
