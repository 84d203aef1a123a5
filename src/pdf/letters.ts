/** What a report is written with: its colors, and text made fit for its fonts. */

export const COLORS = {
  ink: '#1f2d3a',
  title: '#12344d',
  label: '#5d6d7e',
  rule: '#d9e1e8',
  shade: '#f3f6f8',
  good: '#166534',
  bad: '#951d1d',
  white: '#ffffff',
} as const;

/** Line breaks as the document knows them, and nothing that has no glyph by design. */
export function printable(texte: string): string {
  return texte
    .trim()
    .replace(/\r\n|[\r\v\f\u0085\u2028\u2029]/g, '\n')
    .replace(/\t/g, '    ')
    .replace(/[^\P{Cc}\n]/gu, '');
}

/** The same on one line. */
export function line(texte: string): string {
  return printable(texte).replaceAll('\n', ' ');
}
