import { COLORS } from '../letters';
import type { Sheet, Style } from '../sheet';

const PAD = 7;
const TEXT: Style = { font: 'bold', size: 9, color: COLORS.bad };

/** What has to be known before the rest is read, in a band over the page; nothing where there is none. */
export function mention(sheet: Sheet, texte: string | null): void {
  if (texte === null) return;
  const block = sheet.set(texte, TEXT, sheet.width - 2 * PAD);
  const height = block.height + 2 * PAD;
  sheet.y += 14;
  sheet.ensure(height);
  sheet.rect(0, sheet.y, sheet.width, height, COLORS.shade);
  sheet.draw(block, TEXT, PAD, sheet.y + PAD, sheet.width - 2 * PAD);
  sheet.y += height;
}
