import { COLORS, printable } from '../letters';
import type { Line } from '../lines';
import type { Align, Sheet, Style } from '../sheet';

export interface Column {
  titre: string;
  /** Share of the width; the shares of a table add up to 1. */
  part: number;
  align?: Align;
  /** Holds what people wrote, each line as its own letters run; otherwise as the page does. */
  auto?: boolean;
}

const SIDE = 8;
const ABOVE = 5;
const HEADING: Style = { font: 'bold', size: 8, color: COLORS.label };
const CELL: Style = { font: 'regular', size: 9, color: COLORS.ink };
const SUM: Style = { ...CELL, font: 'bold' };

/**
 * Rows under headings, which are repeated on each page. A cell longer than a page ends in an ellipsis.
 * @param sums a last row, in bold, which never stands alone on a page.
 */
export function table(
  sheet: Sheet,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  sums?: readonly string[],
): void {
  const cells = columns.map(({ part }, column) => {
    const before = columns.slice(0, column).reduce((sum, { part: share }) => sum + share, 0);
    return { start: before * sheet.width + SIDE, width: part * sheet.width - 2 * SIDE };
  });
  const set = (texts: readonly string[], style: Style) =>
    texts.map((texte, column) =>
      sheet.set(
        printable(texte),
        columns[column]!.auto ? { ...style, sens: 'auto' } : style,
        cells[column]!.width,
      ),
    );
  const draw = (blocks: readonly { lines: Line[] }[], style: Style, height: number) => {
    blocks.forEach((block, column) => {
      const { start, width } = cells[column]!;
      sheet.draw(block, style, start, sheet.y + ABOVE, width, columns[column]!.align);
    });
    sheet.y += height;
  };
  const titles = set(
    columns.map(({ titre }) => titre),
    HEADING,
  );
  const headingHeight = Math.max(20, 2 * ABOVE + Math.max(...titles.map(({ height }) => height)));
  const headings = () => {
    sheet.rect(0, sheet.y, sheet.width, headingHeight, COLORS.shade);
    draw(titles, HEADING, headingHeight);
  };
  const most = Math.floor((sheet.room - headingHeight - 2 * ABOVE) / sheet.lineHeight(CELL));
  const row = (texts: readonly string[], style: Style, also = 0): number => {
    const blocks = set(texts, style).map((block) => shortened(block.lines, most));
    const lines = Math.max(...blocks.map(({ lines: { length } }) => length));
    const height = lines * sheet.lineHeight(style) + 2 * ABOVE;
    if (sheet.ensure(height + also)) headings();
    draw(blocks, style, height);
    sheet.rule(sheet.y);
    return height;
  };

  sheet.ensure(headingHeight + 30);
  headings();
  const sumHeight = sums === undefined ? 0 : 24;
  rows.forEach((texts, index) => {
    const isLast = index === rows.length - 1;
    row(texts, CELL, isLast && rows.length > 1 ? sumHeight : 0);
  });
  if (sums !== undefined) row(sums, SUM);
}

function shortened(lines: Line[], most: number): { lines: Line[] } {
  if (lines.length <= most) return { lines };
  const ellipsis: Line = { ...lines[0]!, parts: [{ texte: '…', drawn: '…', x: 0 }] };
  return { lines: [...lines.slice(0, most - 1), ellipsis] };
}
