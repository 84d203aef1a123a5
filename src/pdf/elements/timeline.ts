import { COLORS, line } from '../letters';
import type { Sheet, Style } from '../sheet';

export interface Moment {
  quand: string;
  quoi: string;
  detail: string | null;
  couleur?: string;
}

const WHEN: Style = { font: 'regular', size: 8, color: COLORS.label };
const WHAT: Style = { font: 'bold', size: 9, color: COLORS.ink };
const DETAIL: Style = { font: 'regular', size: 8.5, color: COLORS.ink };
const AXIS = 116;
const INDENT = AXIS + 14;

/** What happened, one below the other along a line. */
export function timeline(sheet: Sheet, moments: readonly Moment[]): void {
  const width = sheet.width - INDENT;
  moments.forEach(({ quand, quoi, detail, couleur }, index) => {
    const what = sheet.set(line(quoi), WHAT, width);
    const more = detail === null ? null : sheet.set(line(detail), DETAIL, width);
    const height = what.height + (more?.height ?? 0) + 9;
    sheet.ensure(height);
    const { y } = sheet;
    if (index < moments.length - 1 && y + height < sheet.bottom) {
      sheet.polyline(
        [
          [AXIS, y + 6],
          [AXIS, y + height + 6],
        ],
        COLORS.rule,
        1,
      );
    }
    sheet.circle(AXIS, y + 6, 3, couleur ?? sheet.accent);
    sheet.write(quand, WHEN, 0, y + 1.5, AXIS - 12);
    sheet.draw(what, WHAT, INDENT, y, width);
    if (more !== null) sheet.draw(more, DETAIL, INDENT, y + what.height + 1, width);
    sheet.y += height;
  });
}
