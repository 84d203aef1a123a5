import { COLORS, line } from '../letters';
import type { Image } from '../papier';
import type { Sheet, Style } from '../sheet';

export interface Photo {
  image: Image;
  legende: string;
}

const PER_LINE = 3;
const GUTTER = 10;
const HEIGHT = 120;
/** Of a line of them with its captions. */
export const PHOTOS_HEIGHT = HEIGHT + 16;
const CAPTION: Style = { font: 'regular', size: 7.5, color: COLORS.label };

/** Photos side by side, each over its caption; a line of them stays together. */
export function photos(sheet: Sheet, given: readonly Photo[]): void {
  const width = (sheet.width - GUTTER * (PER_LINE - 1)) / PER_LINE;
  const height = HEIGHT + 4 + sheet.lineHeight(CAPTION);
  for (let first = 0; first < given.length; first += PER_LINE) {
    sheet.ensure(height);
    given.slice(first, first + PER_LINE).forEach(({ image, legende }, column) => {
      const start = column * (width + GUTTER);
      sheet.rect(start, sheet.y, width, HEIGHT, COLORS.shade, 3);
      const scale = Math.min(width / image.largeur, HEIGHT / image.hauteur);
      const above = (HEIGHT - image.hauteur * scale) / 2;
      sheet.image(image, start, sheet.y + above, width, HEIGHT, 'center');
      sheet.write(sheet.fit(line(legende), CAPTION, width), CAPTION, start, sheet.y + HEIGHT + 4, width);
    });
    sheet.y += height + 8;
  }
  sheet.y -= 8;
}
