import { COLORS, line } from '../letters';
import type { Sheet, Style } from '../sheet';

const SMALL: Style = { font: 'regular', size: 8, color: COLORS.label };

/**
 * Head and foot of every page; closes the document.
 * @param head of the pages after the first.
 * @param foot of every page, where it begins to be read; its number stands where it ends.
 */
export function finish(
  sheet: Sheet,
  head: string,
  foot: string,
  number: (page: number, count: number) => string,
): Promise<Buffer> {
  return sheet.finish((page, count) => {
    if (page > 0) {
      sheet.write(sheet.fit(line(head), SMALL, sheet.width), SMALL, 0, 34, sheet.width);
      sheet.rule(48);
    }
    const y = sheet.pageHeight - 42;
    sheet.rule(y - 8);
    const numbered = number(page + 1, count);
    const rest = sheet.width - sheet.widthOf(numbered, SMALL) - 12;
    sheet.write(sheet.fit(line(foot), SMALL, rest), SMALL, 0, y, rest);
    sheet.write(numbered, SMALL, 0, y, sheet.width, 'end');
  });
}
