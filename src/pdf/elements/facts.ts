import { COLORS } from '../letters';
import { GAP, type Sheet, type Style } from '../sheet';

export interface Fact {
  label: string;
  valeur: string;
  couleur?: string;
}

const LABEL: Style = { font: 'regular', size: 8, color: COLORS.label };

/** Labels over values, so many to a line. */
export function facts(sheet: Sheet, given: readonly Fact[], perLine: number): void {
  const width = (sheet.width - GAP * (perLine - 1)) / perLine;
  const styleOf = ({ couleur }: Fact): Style => ({
    font: couleur ? 'bold' : 'regular',
    size: 10,
    color: couleur ?? COLORS.ink,
  });
  for (let first = 0; first < given.length; first += perLine) {
    const row = given.slice(first, first + perLine).map((fact) => {
      const style = styleOf(fact);
      return { label: fact.label, style, value: sheet.set(fact.valeur, style, width) };
    });
    const height = 12 + Math.max(...row.map(({ value }) => value.height));
    sheet.ensure(height);
    row.forEach(({ label, value, style }, column) => {
      const start = column * (width + GAP);
      sheet.write(label, LABEL, start, sheet.y, width);
      sheet.draw(value, style, start, sheet.y + 12, width);
    });
    sheet.y += height + 9;
  }
  sheet.y -= 9;
}
