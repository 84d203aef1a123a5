import type { Langue } from '../domain/writing';
import { escaped, isolate, shorten } from './mots';

/**
 * Draws a bar for each of some names, from the top down. The picture has a ground and inks of its own, so that it reads alike
 * where everything around it is dark and where it is light; what differs, differs in grey too. It holds neither a script nor
 * a style sheet: a strict content policy leaves it as it is. Equal figures give equal pictures.
 */

export interface Barres {
  langue: Langue;
  titre: string;
  sousTitre: string;
  /** What the bars show: a line above them. */
  mesure: string;
  /** For those who do not see the picture. */
  description: string;
  barres: readonly Barre[];
  /** All together, below them; null where there is nothing to sum. */
  total: Barre | null;
  /** Below the bars: what they leave out, or that there are none. */
  note: string | null;
  /** A value of the scale. */
  echelle(valeur: number): string;
  /** Whether there is nothing between two whole numbers. */
  entier: boolean;
}

export interface Barre {
  nom: string;
  /** Null where there is nothing to measure: no bar is not a bar of no length. */
  valeur: number | null;
  /** A thin line goes on to here. */
  jusque?: number | null;
  /** What stands beside it. */
  texte: string;
}

/** Of the picture, in its own units. */
const WIDTH = 960;
const MARGIN = 24;
const NAMES = 210;
const VALUES = 250;
const ROW = 34;
const BAR = 18;
const TOP = 118;
const FONT = "'Noto Sans','Segoe UI','Helvetica Neue',Arial,'Noto Sans Arabic','DejaVu Sans',sans-serif";

const GROUND = '#ffffff';
const INK = '#14181f';
const SOFT = '#4a5260';
const LINE = '#d5dae1';
const FILL = '#2f5f94';
const FILL_TOTAL = '#14181f';

/** @returns the picture as SVG 1.1 */
export function drawBarres(chart: Barres): string {
  const { langue, titre, sousTitre, mesure, description, barres, total, note, echelle, entier } = chart;
  const rtl = langue === 'ar';
  const parts: string[] = [];
  const mirrored = (x: number, width = 0) => (rtl ? WIDTH - x - width : x);
  const text = (x: number, y: number, words: string, size: number, attributes = '') => {
    if (words === '') return;
    parts.push(
      `<text x="${n(mirrored(x))}" y="${n(y)}" font-size="${size}" ${attributes || `fill="${INK}"`}>` +
        `${escaped(isolate(words, rtl))}</text>`,
    );
  };
  const line = (x1: number, y1: number, x2: number, y2: number, stroke: string, width: number) =>
    parts.push(
      `<line x1="${n(mirrored(x1))}" y1="${n(y1)}" x2="${n(mirrored(x2))}" y2="${n(y2)}" stroke="${stroke}" stroke-width="${width}"/>`,
    );

  const room = WIDTH - 2 * MARGIN;
  text(MARGIN, 40, shorten(titre, room, 22, true), 22, `font-weight="600" fill="${INK}"`);
  text(MARGIN, 62, shorten(sousTitre, room, 13), 13, `fill="${SOFT}"`);
  text(MARGIN, 84, shorten(mesure, room, 13), 13, `fill="${SOFT}"`);

  const [left, width] = [MARGIN + NAMES, WIDTH - 2 * MARGIN - NAMES - VALUES];
  const rows = [...barres, ...(total === null ? [] : [total])];
  const most = Math.max(0, ...rows.flatMap(({ valeur, jusque }) => [valeur ?? 0, jusque ?? 0]));
  const step = entier ? Math.ceil(stepOf(most)) : stepOf(most);
  const scale = (value: number) => (value / (step * STEPS)) * width;
  const bottom = TOP + rows.length * ROW;
  if (rows.length > 0) {
    for (let mark = 0; mark <= STEPS; mark++) {
      const x = left + (mark * width) / STEPS;
      line(x, TOP - 6, x, bottom, LINE, 1);
      text(x, TOP - 12, echelle(mark * step), 11, `text-anchor="middle" fill="${SOFT}"`);
    }
  }
  for (const [index, { nom, valeur, jusque = null, texte }] of rows.entries()) {
    const isTotal = index === barres.length;
    const top = TOP + index * ROW;
    const [middle, baseline] = [top + ROW / 2, top + ROW / 2 + 5];
    const value = valeur === null ? '–' : echelle(valeur);
    const beside = `${value}${texte === '' ? '' : ` · ${texte}`}`;
    parts.push(`<g role="img"><title>${escaped(`${nom} : ${beside}`)}</title>`);
    if (isTotal) line(MARGIN, top, WIDTH - MARGIN, top, SOFT, 1);
    const weight = isTotal ? `font-weight="600" fill="${INK}"` : '';
    text(MARGIN, baseline, shorten(nom, NAMES - 16, 13, isTotal), 13, weight);
    if (valeur !== null) {
      const length = scale(valeur);
      parts.push(
        `<rect x="${n(mirrored(left, length))}" y="${n(middle - BAR / 2)}" width="${n(length)}" height="${BAR}" rx="2" fill="${isTotal ? FILL_TOTAL : FILL}"/>`,
      );
      if (jusque !== null && jusque > valeur) {
        const end = left + scale(jusque);
        line(left + length, middle, end, middle, SOFT, 2);
        line(end, middle - 6, end, middle + 6, SOFT, 2);
      }
    }
    text(left + width + 14, baseline, shorten(beside, VALUES - 14, 12, isTotal), 12, weight);
    parts.push('</g>');
  }
  const end = note === null ? bottom : bottom + 26;
  if (note !== null) text(MARGIN, bottom + 20, shorten(note, room, 13), 13, `fill="${SOFT}"`);
  const height = end + MARGIN;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"` +
    ` font-family="${escaped(FONT)}" direction="${rtl ? 'rtl' : 'ltr'}" xml:lang="${langue}"` +
    ' role="graphics-document" aria-labelledby="titre" aria-describedby="description">' +
    `<title id="titre">${escaped(`${titre}, ${sousTitre}`)}</title>` +
    `<desc id="description">${escaped(description)}</desc>` +
    `<rect width="${WIDTH}" height="${height}" fill="${GROUND}"/>${parts.join('')}</svg>\n`
  );
}

/** How many equal parts the scale has. */
const STEPS = 4;

/** What one part of the scale stands for: the least of 1, 2, 2.5 and 5 times a power of ten that leaves room for the largest value. */
function stepOf(largest: number): number {
  if (largest <= 0) return 1 / STEPS;
  const least = largest / STEPS;
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** A coordinate, to a hundredth. */
function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}
