import { COLORS, line } from '../letters';
import type { Sheet, Style } from '../sheet';

/** A heading, a name, and what is known of it. */
export interface Card {
  titre: string;
  nom: string;
  lignes: string[];
}

const PADDING = 12;
const HEADING: Style = { font: 'bold', size: 7.5, color: COLORS.label };
const NAME: Style = { font: 'bold', size: 10.5, color: COLORS.title, sens: 'auto' };
const LINE: Style = { font: 'regular', size: 9, color: COLORS.ink };

/** Cards side by side on a shaded ground. */
export function cards(sheet: Sheet, given: readonly Card[]): void {
  const width = (sheet.width - PADDING * (given.length + 1)) / given.length;
  const set = given.map(({ titre, nom, lignes }) => [
    { block: sheet.set(titre.toUpperCase(), HEADING, width), style: HEADING, above: 0 },
    { block: sheet.set(line(nom), NAME, width), style: NAME, above: 4 },
    ...lignes.map((ligne, index) => ({
      block: sheet.set(line(ligne), LINE, width),
      style: LINE,
      above: index === 0 ? 4 : 2,
    })),
  ]);
  const heights = set.map((parts) => parts.reduce((sum, { block, above }) => sum + above + block.height, 0));
  const height = Math.max(...heights) + 2 * PADDING;
  sheet.ensure(height);
  sheet.rect(0, sheet.y, sheet.width, height, COLORS.shade, 6);
  set.forEach((parts, column) => {
    let y = sheet.y + PADDING;
    for (const { block, style, above } of parts) {
      sheet.draw(block, style, PADDING + column * (width + PADDING), y + above, width);
      y += above + block.height;
    }
  });
  sheet.y += height;
}
