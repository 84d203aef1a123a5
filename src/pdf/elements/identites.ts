import { COLORS, line } from '../letters';
import { GAP, type Sheet, type Style } from '../sheet';

/** Somebody as a document names them: what they are to it, their name, and what else is known, line by line. */
export interface Identite {
  role: string;
  nom: string;
  lignes: readonly string[];
}

const ROLE: Style = { font: 'bold', size: 8, color: COLORS.label };
const NOM: Style = { font: 'bold', size: 12, color: COLORS.title, sens: 'auto' };
const LIGNE: Style = { font: 'regular', size: 9, color: COLORS.ink, gap: 1.5, sens: 'auto' };

/** Two people side by side. */
export function identites(sheet: Sheet, people: readonly [Identite, Identite]): void {
  const width = (sheet.width - GAP) / 2;
  const top = sheet.y;
  const ends = people.map(({ role, nom, lignes }, column) => {
    const start = column * (width + GAP);
    let y = top + sheet.write(role, ROLE, start, top, width) + 3;
    y += sheet.write(line(nom), NOM, start, y, width) + 3;
    for (const ligne of lignes) y += sheet.write(line(ligne), LIGNE, start, y, width);
    return y;
  });
  sheet.y = Math.max(...ends);
}
