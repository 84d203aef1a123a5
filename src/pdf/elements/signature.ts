import { COLORS } from '../letters';
import type { Image } from '../papier';
import type { Sheet, Style } from '../sheet';

const HEIGHT = 78;
/** With what is written below. */
export const SIGNATURE_HEIGHT = HEIGHT + 32;
const WIDTH = 220;
const WHO: Style = { font: 'bold', size: 9, color: COLORS.ink };
const WHEN: Style = { font: 'regular', size: 8, color: COLORS.label };

/** A signature in its frame, over who put it and when. @param qui a line for the name, one for what else is known. */
export function signature(sheet: Sheet, image: Image, qui: string, quand: string): void {
  const height = HEIGHT + 6 + sheet.lineHeight(WHO) + sheet.lineHeight(WHEN);
  sheet.ensure(height);
  sheet.frame(0, sheet.y, WIDTH, HEIGHT);
  const scale = Math.min((WIDTH - 16) / image.largeur, (HEIGHT - 12) / image.hauteur);
  sheet.image(image, 8, sheet.y + (HEIGHT - image.hauteur * scale) / 2, WIDTH - 16, HEIGHT - 12, 'center');
  sheet.y += HEIGHT + 6;
  sheet.y += sheet.write(sheet.fit(qui, WHO, sheet.width), WHO, 0, sheet.y, sheet.width);
  sheet.y += sheet.write(quand, WHEN, 0, sheet.y, sheet.width);
}
