import { GAP, type Sheet } from '../sheet';

export interface Chip {
  texte: string;
  fond: string;
  encre: string;
}

export const GREY = { fond: '#e8edf2', encre: '#465767' };
export const BLUE = { fond: '#dcebfa', encre: '#14507f' };
export const AMBER = { fond: '#fdeacd', encre: '#854300' };
export const RED = { fond: '#fbdcdc', encre: '#951d1d' };
export const GREEN = { fond: '#d9f2e3', encre: '#166534' };
export const ALARM = { fond: '#951d1d', encre: '#ffffff' };

const HEIGHT = 17;
const PADDING = 8;

/** Short coloured labels side by side. */
export function chips(sheet: Sheet, given: readonly Chip[]): void {
  let start = 0;
  for (const { texte, fond, encre } of given) {
    const style = { font: 'bold', size: 8.5, color: encre } as const;
    const width = sheet.widthOf(texte, style) + 2 * PADDING;
    if (start + width > sheet.width) {
      start = 0;
      sheet.y += HEIGHT + 5;
    }
    sheet.rect(start, sheet.y, width, HEIGHT, fond, HEIGHT / 2);
    sheet.write(texte, style, start + PADDING, sheet.y + 3.6, width);
    start += width + 6;
  }
  sheet.y += HEIGHT + GAP;
}
