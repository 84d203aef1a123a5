import { readFileSync } from 'node:fs';

/** What a report is written with: its colors, its fonts, and text made fit for them. */

export const COLORS = {
  ink: '#1f2d3a',
  title: '#12344d',
  label: '#5d6d7e',
  rule: '#d9e1e8',
  shade: '#f3f6f8',
  accent: '#0f766e',
  good: '#166534',
  bad: '#951d1d',
} as const;

// DejaVu covers Latin, Greek and Cyrillic among others; only the glyphs used are embedded.
export const FONTS = {
  regular: fontFile('DejaVuSansCondensed.ttf'),
  bold: fontFile('DejaVuSansCondensed-Bold.ttf'),
};

export type Font = keyof typeof FONTS;

/** Line breaks as the document knows them, and nothing that has no glyph by design. */
export function printable(texte: string): string {
  return texte
    .trim()
    .replace(/\r\n?/g, '\n')
    .replace(/\t/g, '    ')
    .replace(/[^\P{Cc}\n]/gu, '');
}

/** The same on one line. */
export function line(texte: string): string {
  return printable(texte).replaceAll('\n', ' ');
}

/** Read once, at first use. */
function fontFile(name: string): () => Buffer {
  let bytes: Buffer | undefined;
  return () => {
    bytes ??= readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${name}`));
    return bytes;
  };
}
