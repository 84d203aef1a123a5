import { encode } from 'uqr';
import { widthOf, wrap } from '../svg/mots';

/**
 * What stands on the label of an equipment, and where: a code that leads to its page, and beside it what people read. Made
 * once, whichever kind of picture it becomes; nothing depends on anything but what is given.
 */

export interface Etiquette {
  /** The page of the equipment. */
  url: string;
  nom: string;
  numeroSerie: string;
  /** Name of the site, or null where it is on none. */
  site: string | null;
}

/** Of the picture in dots: a label of 60 by 30 millimetres at 300 dots an inch. */
export const WIDTH = 708;
export const HEIGHT = 354;
export const DOTS_PER_INCH = 300;

/** A row of dark modules of the code, in dots. */
export interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A line of text: its left edge, or the right one where it is read from there, and the line that letters stand on. */
export interface Line {
  text: string;
  x: number;
  y: number;
  size: number;
  bold: boolean;
  rtl: boolean;
}

export interface Drawing {
  /** All that can be read, for who cannot see it. */
  description: string;
  bars: Bar[];
  lines: Line[];
}

/** Light modules around a code, without which readers do not find it (ISO/IEC 18004). */
const QUIET_ZONE = 4;
const MARGIN = 16;
/** From line to line, of the size of the letters. */
const LEADING = 1.18;
const GAP = 12;

/** What stands on a label, each dot a whole one. */
export function drawEtiquette({ url, nom, numeroSerie, site }: Etiquette): Drawing {
  const { size, data } = encode(url, { ecc: 'M', border: QUIET_ZONE });
  const module = Math.max(1, Math.floor(HEIGHT / size));
  const top = Math.floor((HEIGHT - module * size) / 2);
  const left = size * module;
  const room = WIDTH - left - MARGIN;
  const serial = `S/N ${oneLine(numeroSerie)}`;
  const paragraphs = [
    { size: 40, bold: true, lines: wrap(oneLine(nom), room, 40, 3, true) },
    serialLines(serial, room),
    { size: 28, bold: false, lines: site === null ? [] : wrap(oneLine(site), room, 28, 2) },
  ].filter(({ lines }) => lines.length > 0);
  const height =
    paragraphs.reduce((sum, paragraph) => sum + paragraph.lines.length * paragraph.size * LEADING, 0) +
    (paragraphs.length - 1) * GAP;
  let y = Math.max(0, (HEIGHT - height) / 2);
  const lines: Line[] = [];
  for (const paragraph of paragraphs) {
    for (const text of paragraph.lines) {
      y += paragraph.size * LEADING;
      const rtl = readsFromRight(text);
      const { size: letters, bold } = paragraph;
      lines.push({
        text,
        x: rtl ? WIDTH - MARGIN : left,
        y: Math.round(y - letters * 0.26),
        size: letters,
        bold,
        rtl,
      });
    }
    y += GAP;
  }
  return {
    description: [oneLine(nom), serial, ...(site === null ? [] : [oneLine(site)]), url].join(' · '),
    bars: data.flatMap((row, index) => barsOf(row, top + index * module, module)),
    lines,
  };
}

function barsOf(row: readonly boolean[], y: number, module: number): Bar[] {
  const bars: Bar[] = [];
  let from = 0;
  while (from < row.length) {
    let to = from;
    while (row[to] === true) to++;
    if (to > from) bars.push({ x: from * module, y, width: (to - from) * module, height: module });
    from = to + 1;
  }
  return bars;
}

/** Of serial numbers, from short ones to long ones. */
const SERIAL_SIZES = [30, 26, 22, 18, 15];

/** A serial number is of use only as a whole: it is broken anywhere, and set smaller the longer it is. */
function serialLines(serial: string, room: number): { size: number; bold: boolean; lines: string[] } {
  const fits = SERIAL_SIZES.find((size) => broken(serial, room, size).length <= 2);
  const size = fits ?? SERIAL_SIZES.at(-1)!;
  return { size, bold: false, lines: broken(serial, room, size) };
}

function broken(text: string, room: number, size: number): string[] {
  const lines = [''];
  for (const letter of text) {
    const line = lines.at(-1)! + letter;
    if (widthOf(line, size) > room) lines.push(letter);
    else lines[lines.length - 1] = line;
  }
  return lines;
}

function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}

const STRONG = /[\p{L}]/u;
const FROM_RIGHT = /[\p{Script=Arabic}\p{Script=Hebrew}]/u;

/** By its first letter. */
function readsFromRight(text: string): boolean {
  return FROM_RIGHT.test(STRONG.exec(text)?.[0] ?? '');
}
