import bidiFactory from 'bidi-js';

/**
 * Texts in which some letters run from right to left: in which order the parts of a line stand on the paper (Unicode's
 * bidirectional algorithm, UAX #9). Shaping, which joins the letters, is the font's work.
 */

export type Sens = 'ltr' | 'rtl';

const bidi = bidiFactory();

/** Letters, and invisible marks, that may make a text run from right to left. */
const MAY_RUN_LEFT =
  /[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Marks that say how a text runs and do not show. */
const MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f]/g;
const STRONG_LEFT = new Set(['R', 'AL']);
const LETTERS = new Intl.Segmenter('fr', { granularity: 'grapheme' });

/** A text that stands for itself inside another one, whichever way either of them runs. */
export function isolated(texte: string): string {
  return `\u2068${texte}\u2069`;
}

/** The same without marks that do not show. */
export function unmarked(texte: string): string {
  return texte.replace(MARKS, '');
}

/** Whether all of it runs from left to right, so that nothing needs to be put in order. */
export function runsRight(texte: string, sens: Sens): boolean {
  return sens === 'ltr' && !MAY_RUN_LEFT.test(texte);
}

/** Which way a paragraph runs that somebody wrote: as its first letter does, else as `usual` says. */
export function sensOf(texte: string, usual: Sens): Sens {
  for (const letter of texte) {
    if (letter === '\u2068') break;
    const type = bidi.getBidiCharTypeName(letter);
    if (STRONG_LEFT.has(type)) return 'rtl';
    if (type === 'L') return 'ltr';
  }
  return usual;
}

/** The level of each character of a paragraph: odd ones run from right to left. */
export function levelsOf(paragraphe: string, sens: Sens): Uint8Array {
  return bidi.getEmbeddingLevels(paragraphe, sens).levels;
}

/** A part of a line that runs one way. */
export interface Part {
  /** In reading order, without marks. */
  texte: string;
  /** Letters to be drawn one after the other from left to right, unless the font turns them itself. */
  drawn: string;
}

/**
 * The words of a line with what follows them, in the order in which they are read.
 * @returns with each its place on the paper, counted from the left.
 */
export function partsOf(line: string, levels: Uint8Array): { part: Part; place: number }[] {
  const parts: { texte: string; level: number }[] = [];
  let start = 0;
  for (let at = 1; at <= line.length; at++) {
    const isEnd = at === line.length || levels[at] !== levels[start];
    const isWord = !isEnd && line[at - 1] === ' ' && line[at] !== ' ';
    if (!isEnd && !isWord) continue;
    parts.push({ texte: line.slice(start, at), level: levels[start]! });
    start = at;
  }
  const order = visualOrder(parts.map(({ level }) => level));
  const places = new Map(order.map((index, place) => [index, place]));
  return parts
    .map(({ texte, level }, index) => ({ part: partOf(texte, level), place: places.get(index)! }))
    .filter(({ part }) => part.texte !== '');
}

/** The indexes of parts from left to right: what lies between is turned round, the innermost first (rule L2). */
function visualOrder(levels: readonly number[]): number[] {
  const order = levels.map((_, index) => index);
  const highest = Math.max(0, ...levels);
  for (let level = highest; level > 0; level--) {
    for (let at = 0; at < order.length; at++) {
      if (levels[order[at]!]! < level) continue;
      let end = at;
      while (end < order.length && levels[order[end]!]! >= level) end++;
      order.splice(at, end - at, ...order.slice(at, end).reverse());
      at = end;
    }
  }
  return order;
}

function partOf(given: string, level: number): Part {
  const texte = unmarked(given);
  if (level % 2 === 0) return { texte, drawn: texte };
  const mirrored = [...texte].map((letter) => bidi.getMirroredCharacter(letter) ?? letter).join('');
  const turned = [...mirrored].some((letter) => STRONG_LEFT.has(bidi.getBidiCharTypeName(letter)));
  return { texte, drawn: turned ? mirrored : reversed(mirrored) };
}

function reversed(texte: string): string {
  return [...LETTERS.segment(texte)]
    .map(({ segment }) => segment)
    .reverse()
    .join('');
}
