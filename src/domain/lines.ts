/** Texts that people write: their lines, and as much of them as there is room for. */

/** Every way to begin a new line that is known to Unicode, and thereby to whatever sets a text (UAX 14). */
const LINE_BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
const LINE_BREAKS = /[\n\r\v\f\u0085\u2028\u2029]+/g;

/**
 * A text of several lines as it is kept: line breaks written one way, and never more than one empty line between two
 * others. Takes time in proportion to the length, whatever the text.
 */
export function foldLines(text: string): string {
  const kept: string[] = [];
  for (const line of text.split(LINE_BREAK)) {
    const isEmpty = line.trim() === '';
    if (isEmpty && (kept.length === 0 || kept.at(-1) === '')) continue;
    kept.push(isEmpty ? '' : line);
  }
  return kept.join('\n').trim();
}

/** A text of one line as it is kept: a line break in it is a space. */
export function foldToLine(text: string): string {
  return text.replace(LINE_BREAKS, ' ').trim();
}

/** How many lines a text has. */
export function countLines(text: string): number {
  return text.split(LINE_BREAK).length;
}

/** How much of a text is shown. */
export interface Room {
  caracteres: number;
  lignes: number;
}

/** As much of a text as there is room for; what is left out leaves an ellipsis. */
export function clip(text: string, { caracteres, lignes }: Room): string {
  // Letters beyond the basic plane count as one, as PostgreSQL counts them.
  const letters = text.length > caracteres ? [...text.slice(0, 2 * caracteres + 2)] : null;
  const short =
    letters !== null && letters.length > caracteres ? letters.slice(0, caracteres).join('') : text;
  const lines = short.split(LINE_BREAK);
  if (lines.length > lignes) return `${lines.slice(0, lignes).join('\n').trimEnd()} …`;
  return short === text ? text : `${short.trimEnd()}…`;
}

/** The same of what stands on one line. */
export function clipLine(text: string, { caracteres }: Pick<Room, 'caracteres'>): string {
  return clip(foldToLine(text), { caracteres, lignes: 1 });
}

/** No text of a calendar holds control characters (RFC 5545 §3.1), but for line breaks and tabs. */
export function forCalendar(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, ' ');
}
