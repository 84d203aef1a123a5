import { inflateSync } from 'node:zlib';

/**
 * Reads the text of a PDF back the way a viewer's "copy" does: the glyphs that the pages draw, translated by the
 * ToUnicode table of their font. Just enough of PDF for what pdfkit writes (no object streams, no encryption).
 */

export interface PdfText {
  info: Record<string, string>;
  lang: string | undefined;
  fonts: { name: string; embedded: boolean }[];
  pages: PdfPage[];
}

export interface PdfPage {
  width: number;
  height: number;
  /** Pieces of text in the order they are drawn; x and y in points from the bottom left. */
  pieces: { x: number; y: number; text: string }[];
  /** The pieces of one height side by side, from top to bottom. */
  lines: string[];
}

export function readPdf(bytes: Buffer): PdfText {
  const objects = readObjects(bytes);
  const follow = (dictionary: string, key: string) => {
    const reference = new RegExp(`/${key} (\\d+) 0 R`).exec(dictionary)?.[1];
    return reference === undefined ? undefined : objects.get(Number(reference))!;
  };
  const trailer = bytes.subarray(bytes.lastIndexOf('trailer')).toString('latin1');
  const root = follow(trailer, 'Root')!.dictionary;
  const kids = /\/Kids \[([^\]]*)\]/.exec(follow(root, 'Pages')!.dictionary)![1]!;

  const fonts = new Map<string, { name: string; embedded: boolean }>();
  const pages = [...kids.matchAll(/(\d+) 0 R/g)].map(([, number]): PdfPage => {
    const page = objects.get(Number(number))!.dictionary;
    const resources = follow(page, 'Resources')?.dictionary ?? page;
    const tables = new Map<string, Map<number, string>>();
    for (const [, alias, font] of resources.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const { dictionary } = objects.get(Number(font))!;
      tables.set(alias!, toUnicode(follow(dictionary, 'ToUnicode')!.stream!.toString('latin1')));
      const name = /\/BaseFont \/(\S+)/.exec(dictionary)![1]!;
      const descendant = objects.get(Number(/\/DescendantFonts \[(\d+) 0 R\]/.exec(dictionary)![1]))!;
      const descriptor = follow(descendant.dictionary, 'FontDescriptor')!.dictionary;
      fonts.set(name, { name, embedded: (follow(descriptor, 'FontFile2')?.stream?.length ?? 0) > 0 });
    }
    const [, width, height] = /\/MediaBox \[0 0 (\S+) (\S+)\]/.exec(page)!;
    const pieces = drawnText(follow(page, 'Contents')!.stream!.toString('latin1'), tables);
    return { width: Number(width), height: Number(height), pieces, lines: linesOf(pieces) };
  });

  const info = follow(trailer, 'Info')!.dictionary;
  return {
    info: Object.fromEntries(
      [...info.matchAll(/\/(\w+) (\d+) 0 R/g)].map(([, key, number]) => [
        key!,
        decode(objects.get(Number(number))!.dictionary),
      ]),
    ),
    lang: /\/Lang \(([^)]*)\)/.exec(root)?.[1],
    fonts: [...fonts.values()],
    pages,
  };
}

interface PdfObject {
  dictionary: string;
  stream: Buffer | undefined;
}

function readObjects(bytes: Buffer): Map<number, PdfObject> {
  const source = bytes.toString('latin1');
  const objects = new Map<number, PdfObject>();
  for (const match of source.matchAll(/(?:^|\n)(\d+) 0 obj\n([\s\S]*?)\n(endobj|stream\n)/g)) {
    const [whole, number, dictionary, end] = match;
    let stream: Buffer | undefined;
    if (end !== 'endobj') {
      const start = match.index + whole.length;
      const raw = bytes.subarray(start, start + Number(/\/Length (\d+)/.exec(dictionary!)![1]));
      stream = dictionary!.includes('/FlateDecode') ? inflateSync(raw) : raw;
    }
    objects.set(Number(number), { dictionary: dictionary!, stream });
  }
  return objects;
}

/** A CMap whose ranges list every value: `<0000> <0002> [<0041> <0042> <0066 0069>]`. */
function toUnicode(cmap: string): Map<number, string> {
  const table = new Map<number, string>();
  for (const [, first, values] of cmap.matchAll(/<([0-9a-f]+)> <[0-9a-f]+> \[([^\]]*)\]/gi)) {
    [...values!.matchAll(/<([0-9a-f ]*)>/gi)].forEach(([, value], offset) => {
      table.set(Number.parseInt(first!, 16) + offset, utf16(Buffer.from(value!.replaceAll(' ', ''), 'hex')));
    });
  }
  return table;
}

function drawnText(content: string, tables: Map<string, Map<number, string>>): PdfPage['pieces'] {
  const pieces: PdfPage['pieces'] = [];
  for (const [block] of content.matchAll(/BT\n[\s\S]*?\nET/g)) {
    const [, x, y] = /1 0 0 1 (\S+) (\S+) Tm/.exec(block)!;
    const table = tables.get(/\/(F\d+) \S+ Tf/.exec(block)![1]!)!;
    const glyphs = [...block.matchAll(/<([0-9a-f]+)>/gi)].flatMap(([, hex]) => hex!.match(/.{4}/g)!);
    const text = glyphs.map((glyph) => table.get(Number.parseInt(glyph, 16)) ?? '\uFFFD').join('');
    pieces.push({ x: Number(x), y: Number(y), text });
  }
  return pieces;
}

function linesOf(pieces: PdfPage['pieces']): string[] {
  const lines: PdfPage['pieces'][] = [];
  for (const piece of pieces.toSorted((a, b) => b.y - a.y)) {
    const line = lines.at(-1);
    // Letters of different sizes do not stand on quite the same line.
    if (line && line[0]!.y - piece.y < 2) line.push(piece);
    else lines.push([piece]);
  }
  return lines.map((line) =>
    line
      .sort((a, b) => a.x - b.x)
      .map(({ text }) => text.trim())
      .join(' '),
  );
}

/** A string of the document, in parentheses: UTF-16 with a mark, or Latin letters. */
function decode(literal: string): string {
  const bytes = Buffer.from(
    literal.slice(1, -1).replace(/\\([nrtbf\\()])/g, (_, letter: string) => ESCAPES[letter] ?? letter),
    'latin1',
  );
  return bytes[0] === 0xfe && bytes[1] === 0xff ? utf16(bytes.subarray(2)) : bytes.toString('latin1');
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

function utf16(bigEndian: Buffer): string {
  return Buffer.from(bigEndian).swap16().toString('utf16le');
}
