import { COLORS } from '../letters';
import { GAP, type Sheet, type Style } from '../sheet';

export interface Bar {
  label: string;
  valeur: number;
  /** As it is written at the end of its bar. */
  texte: string;
  couleur?: string;
}

const LABEL: Style = { font: 'regular', size: 8.5, color: COLORS.ink };
const VALUE: Style = { font: 'bold', size: 8.5, color: COLORS.ink };
const SMALL: Style = { font: 'regular', size: 7.5, color: COLORS.label };
/** Of a figure with an axis, with what is written below. */
export const FIGURE_HEIGHT = 112;
const BAR = 12;
const STEP = 19;

/** Bars that lie one below the other, each with its value, so that nobody has to measure them. */
export function bars(sheet: Sheet, given: readonly Bar[]): void {
  const labels = Math.min(
    sheet.width * 0.38,
    Math.max(...given.map(({ label }) => sheet.widthOf(label, LABEL))) + 10,
  );
  const values = Math.max(...given.map(({ texte }) => sheet.widthOf(texte, VALUE))) + 8;
  const longest = sheet.width - labels - values;
  const most = Math.max(...given.map(({ valeur }) => valeur), 1);
  for (const { label, valeur, texte, couleur } of given) {
    sheet.ensure(STEP);
    sheet.write(sheet.fit(label, LABEL, labels - 8), LABEL, 0, sheet.y + 1, labels);
    const length = Math.max(valeur > 0 ? 2 : 0, (longest * valeur) / most);
    if (length > 0) sheet.rect(labels, sheet.y, length, BAR, couleur ?? sheet.papier.maison.couleur, 2);
    sheet.write(texte, VALUE, labels + length + 6, sheet.y + 1, values);
    sheet.y += STEP;
  }
  sheet.y -= STEP - BAR;
}

export interface Point {
  /** Below the axis; empty for none. */
  label: string;
  valeur: number;
}

/** Columns over a time that goes on as one reads, with a scale beside them. */
export function columns(sheet: Sheet, points: readonly Point[], height = 90): void {
  sheet.ensure(height + 22);
  const most = niceMaximum(Math.max(...points.map(({ valeur }) => valeur), 1));
  const scale = sheet.widthOf(String(most), SMALL) + 6;
  const width = sheet.width - scale;
  const base = sheet.y + height;
  for (const share of [0, 0.5, 1]) {
    const y = base - height * share;
    sheet.rule(y, COLORS.rule, 0.6, scale, width);
    const mark = most * share;
    if (Number.isInteger(mark)) sheet.write(String(mark), SMALL, 0, y - 5, scale - 6, 'end');
  }
  const step = width / points.length;
  points.forEach(({ label, valeur }, index) => {
    const start = scale + index * step;
    const tall = (height * valeur) / most;
    const broad = Math.min(step * 0.7, 26);
    if (tall > 0)
      sheet.rect(start + (step - broad) / 2, base - tall, broad, tall, sheet.papier.maison.couleur);
    if (label !== '') sheet.write(label, SMALL, start - 20, base + 4, step + 40, 'center');
  });
  sheet.y = base + 18;
}

/** A line through values over time, with the smallest and the largest beside it. */
export function curve(
  sheet: Sheet,
  points: readonly { part: number; valeur: number }[],
  texts: {
    min: string;
    max: string;
    debut: string;
    fin: string;
  },
  height = 80,
): void {
  sheet.ensure(height + 22);
  const scale = Math.max(sheet.widthOf(texts.min, SMALL), sheet.widthOf(texts.max, SMALL)) + 8;
  const width = sheet.width - scale - GAP;
  const values = points.map(({ valeur }) => valeur);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const base = sheet.y + height;
  const yOf = (valeur: number) =>
    most === least ? base - height / 2 : base - (height * (valeur - least)) / (most - least);
  sheet.rule(base, COLORS.rule, 0.6, scale, width);
  sheet.rule(sheet.y, COLORS.rule, 0.6, scale, width);
  sheet.write(texts.max, SMALL, 0, sheet.y - 4, scale - 8, 'end');
  if (most !== least) sheet.write(texts.min, SMALL, 0, base - 5, scale - 8, 'end');
  const placed = points.map(({ part, valeur }) => [scale + part * width, yOf(valeur)] as const);
  if (placed.length > 1) sheet.polyline(placed, sheet.accent);
  for (const [start, y] of placed.length <= 40 ? placed : []) sheet.circle(start, y, 2, sheet.accent);
  sheet.write(texts.debut, SMALL, scale, base + 4, width);
  sheet.write(texts.fin, SMALL, scale, base + 4, width, 'end');
  sheet.y = base + 18;
}

/** 1, 2, 5, 10, 20, 50 …: the next that holds the value. */
function niceMaximum(value: number): number {
  for (let power = 1; ; power *= 10) {
    for (const step of [1, 2, 4, 5, 8]) if (value <= step * power) return step * power;
  }
}
