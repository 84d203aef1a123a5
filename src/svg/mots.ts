/** Texts of a picture: made safe to stand in it, and measured, so that they are cut where their room ends. */

/** Advance widths of DejaVu Sans, one of the widest fonts there are, from the space on, in hundredths of the size. */
const WIDTHS = [
  32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34,
  34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63, 61, 73,
  68, 99, 69, 61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63,
  63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84,
];
const FIRST = 32;
const MARK = /\p{M}|\p{Cf}/u;
const WIDE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Extended_Pictographic}/u;
const ARABIC = /\p{Script=Arabic}/u;
const BOLD = 1.13;

/** An upper bound, in the fonts that people have, of how wide a text is, in the unit of its size. */
export function widthOf(text: string, size: number, bold = false): number {
  let width = 0;
  for (const letter of text.normalize('NFD')) width += letterWidth(letter);
  return (width * size * (bold ? BOLD : 1)) / 100;
}

function letterWidth(letter: string): number {
  const known = WIDTHS[letter.codePointAt(0)! - FIRST];
  if (known !== undefined) return known;
  if (MARK.test(letter)) return 0;
  if (WIDE.test(letter)) return 135;
  // Joined, they take less room than each by itself.
  return ARABIC.test(letter) ? 58 : 80;
}

const ELLIPSIS = '…';
const LETTERS = new Intl.Segmenter('fr', { granularity: 'grapheme' });

/** As much of a text as there is room for, with an ellipsis where something is left out; empty when not two letters fit. */
export function shorten(text: string, room: number, size: number, bold = false): string {
  if (widthOf(text, size, bold) <= room) return text;
  let kept = '';
  let count = 0;
  for (const { segment } of LETTERS.segment(text)) {
    if (widthOf(kept + segment + ELLIPSIS, size, bold) > room) break;
    kept += segment;
    count++;
  }
  return count < 2 ? '' : kept.trimEnd() + ELLIPSIS;
}

/** A text on so many lines at most, broken between words; what is left out leaves an ellipsis. */
export function wrap(text: string, room: number, size: number, lines: number, bold = false): string[] {
  const words = text.split(' ').filter((word) => word !== '');
  const done: string[] = [];
  while (words.length > 0 && done.length < lines) {
    let count = 0;
    while (count < words.length && widthOf(words.slice(0, count + 1).join(' '), size, bold) <= room) count++;
    if (count === words.length) return [...done, words.join(' ')];
    // The last line holds as much of the rest as it can, and so does one whose first word is too long.
    if (count === 0 || done.length === lines - 1) {
      return [...done, shorten(words.join(' '), room, size, bold)].filter((line) => line !== '');
    }
    done.push(words.splice(0, count).join(' '));
  }
  return done;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as it stands in XML, as content or between quotes; what XML has no place for is a space. */
export function escaped(text: string): string {
  return text
    .replace(/[^\P{Cc}\n\t]|[\uFFFE\uFFFF]|\p{Surrogate}/gu, ' ')
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}]/u;

/** Keeps a text by itself where it may run against the direction of the picture, so that its ellipsis stays at its end. */
export function isolate(text: string, rtl: boolean): string {
  return rtl || RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
}
