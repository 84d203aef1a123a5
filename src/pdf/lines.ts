import { levelsOf, type Part, partsOf, runsRight, type Sens, sensOf, unmarked } from './bidi';

/** A text on lines of some width, each with its parts in their places. */

/** How wide a text is in the letters it will be written in. */
export type Measure = (texte: string) => number;

export interface PlacedPart extends Part {
  /** From the left end of the line, in points. */
  x: number;
}

export interface Line {
  width: number;
  /** In reading order. */
  parts: PlacedPart[];
  /** Which way its paragraph runs. */
  sens: Sens;
}

/** More letters than a line of the running text holds of all but the narrowest. */
const LONG_WORD = 120;

/**
 * Breaks a text between words, and words that are wider than a line where they have to be.
 * @param sens which way it runs; `auto` for what somebody wrote: each paragraph as its first letter does.
 * @param usual which way a paragraph runs in which no letter says it.
 */
export function breakLines(
  texte: string,
  width: number,
  measure: Measure,
  sens: Sens | 'auto',
  usual: Sens,
): Line[] {
  return texte.split('\n').flatMap((paragraphe) => {
    const own = sens === 'auto' ? sensOf(paragraphe, usual) : sens;
    const levels = runsRight(paragraphe, own) ? null : levelsOf(paragraphe, own);
    // Marks put letters in order; where they are in order already nothing is left to say.
    const written = levels === null ? unmarked(paragraphe) : paragraphe;
    const wide = levels === null ? measure : (word: string) => measure(unmarked(word));
    return rangesOf(written, width, wide).map(([start, end]): Line => {
      const line = written.slice(start, end);
      if (levels === null) {
        const parts = line === '' ? [] : [{ texte: line, drawn: line, x: 0 }];
        return { parts, width: measure(line), sens: own };
      }
      return { ...placed(line, levels.subarray(start, end), measure), sens: own };
    });
  });
}

function placed(line: string, levels: Uint8Array, measure: Measure): Pick<Line, 'parts' | 'width'> {
  const found = partsOf(line, levels);
  const widths = found.map(({ part }) => measure(part.drawn));
  const xs: number[] = [];
  let x = 0;
  const fromLeft = found.map((_, index) => index).sort((a, b) => found[a]!.place - found[b]!.place);
  for (const index of fromLeft) {
    xs[index] = x;
    x += widths[index]!;
  }
  return { parts: found.map(({ part }, index) => ({ ...part, x: xs[index]! })), width: x };
}

/** Where each line begins and ends, without the spaces at its end. */
function rangesOf(paragraphe: string, width: number, measure: Measure): [start: number, end: number][] {
  const ranges: [number, number][] = [];
  let [start, end, filled] = [0, 0, 0];
  const close = () => ranges.push([start, end]);
  for (const { 0: word, 1: space, index } of wordsOf(paragraphe)) {
    const wide = measure(word);
    if (filled + wide > width && end > start) {
      close();
      [start, filled] = [index, 0];
    }
    if (wide > width) {
      for (const at of piecesOf(word, width, measure)) {
        end = index + at;
        close();
        start = end;
      }
      // The last piece is a line that goes on.
      const last = ranges.pop()!;
      [start, end] = last;
      filled = measure(paragraphe.slice(start, end)) + measure(space);
      continue;
    }
    end = index + word.length;
    filled += wide + (space === '' ? 0 : measure(space));
  }
  close();
  return ranges;
}

function* wordsOf(paragraphe: string): Generator<{ 0: string; 1: string; index: number }> {
  for (const { 0: whole, 1: word, 2: space, index } of paragraphe.matchAll(/([^ ]+)( *)|^( +)/g)) {
    yield { 0: word ?? whole, 1: space ?? '', index };
  }
}

/** Where a word that is wider than a line is broken, its end included. */
function* piecesOf(word: string, width: number, measure: Measure): Generator<number> {
  const letters = [...word];
  for (let from = 0, at = 0; from < letters.length; ) {
    const count = fitting(letters.slice(from, from + LONG_WORD), width, measure);
    at += letters.slice(from, from + count).join('').length;
    from += count;
    yield at;
  }
}

/** How many of these letters one line holds: one at least. */
function fitting(letters: string[], width: number, measure: Measure): number {
  let count = letters.length;
  for (;;) {
    const wide = measure(letters.slice(0, count).join(''));
    if (wide <= width || count === 1) return count;
    count = Math.max(1, Math.min(count - 1, Math.floor((count * width) / wide)));
  }
}
