import { COLORS, line } from '../letters';
import type { Sheet, Style } from '../sheet';

const WIDTH = 270;
const PAD = 10;
const WHO: Style = { font: 'bold', size: 10, color: COLORS.ink, sens: 'auto' };
const HOW: Style = { font: 'regular', size: 8.5, color: COLORS.label, gap: 1 };

/** Who signed without a pen, and when: in a frame where a page is signed, which is where reading ends. */
export function visa(sheet: Sheet, qui: string, comment: string): void {
  const width = WIDTH - 2 * PAD;
  const [who, how] = [sheet.set(line(qui), WHO, width), sheet.set(line(comment), HOW, width)];
  const height = who.height + how.height + 2 * PAD + 3;
  sheet.y += 24;
  sheet.ensure(height);
  const start = sheet.width - WIDTH;
  sheet.frame(start, sheet.y, WIDTH, height, COLORS.label);
  sheet.draw(who, WHO, start + PAD, sheet.y + PAD, width);
  sheet.draw(how, HOW, start + PAD, sheet.y + PAD + who.height + 3, width);
  sheet.y += height;
}
