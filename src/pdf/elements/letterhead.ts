import { COLORS, line } from '../letters';
import type { Sheet } from '../sheet';

const TOP = 34;
const LOGO = { width: 150, height: 34 };
const LABEL = { font: 'regular', size: 10, color: COLORS.label } as const;
const LINES = { font: 'regular', size: 8, color: COLORS.label, sens: 'auto' } as const;

/** The head of the first page: whose paper it is, and what kind of document, over a line in the colour of the house. */
export function letterhead(sheet: Sheet, nature: string): void {
  const { maison } = sheet.papier;
  const half = sheet.width * 0.55;
  let y = TOP;
  if (maison.logo === null) {
    const style = { font: 'bold', size: 15, color: sheet.accent, sens: 'auto' } as const;
    y = 40 + sheet.write(sheet.fit(line(maison.nom), style, half), style, 0, 40, half);
  } else {
    y += sheet.image(maison.logo, 0, TOP, LOGO.width, LOGO.height).height + 4;
    const style = { font: 'bold', size: 9.5, color: COLORS.title, sens: 'auto' } as const;
    y += sheet.write(sheet.fit(line(maison.nom), style, half), style, 0, y, half);
  }
  for (const ligne of maison.coordonnees) {
    y += sheet.write(sheet.fit(line(ligne), LINES, half), LINES, 0, y, half);
  }
  sheet.write(nature, LABEL, half, 44, sheet.width - half, 'end');
  const rule = Math.max(66, y + 6);
  sheet.rect(0, rule, sheet.width, 1.5, maison.couleur);
  sheet.y = rule + 20;
}
