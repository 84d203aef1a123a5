import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * The fonts of a report, opened once for all documents: reading their tables costs far more than using them.
 * Each document still embeds a subset of its own, with the glyphs it uses.
 */

// DejaVu covers Latin, Greek and Cyrillic among others.
export const FONTS = {
  regular: once(() => open('DejaVuSansCondensed.ttf')),
  bold: once(() => open('DejaVuSansCondensed-Bold.ttf')),
};

export type Font = keyof typeof FONTS;

/** What pdfkit, which reads fonts with fontkit, takes for an opened font. */
interface OpenFont {
  getGlyph(id: number, codePoints?: number[]): Glyph;
  layout(text: string, features?: unknown): Run;
}

interface Glyph {
  id: number;
  advanceWidth: number;
  /** The letters it stands for. */
  codePoints: number[];
}

interface Position {
  xAdvance: number;
  yAdvance: number;
  xOffset: number;
  yOffset: number;
}

/** A text as glyphs, each with its position. */
interface Run {
  glyphs: Glyph[];
  positions: Position[];
  advanceWidth: number;
}

/** Words a font remembers the shape of, some 2 kB each, and the letters of the longest one of them. */
const WORDS = 2000;
const LONGEST_WORD = 24;

function open(name: string): PDFKit.Mixins.PDFFontSource {
  // The very fontkit that pdfkit uses.
  const { create } = createRequire(require.resolve('pdfkit'))('fontkit') as {
    create(bytes: Buffer): OpenFont;
  };
  const font = create(readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${name}`)));
  separateGlyphs(font);
  rememberWords(font);
  // The types of pdfkit do not say that it also takes a font that is open.
  return font as unknown as PDFKit.Mixins.PDFFontSource;
}

/**
 * A glyph object is made once in the life of a font and says which letters it stood for at that moment. Here each
 * use of a glyph says its own letters, so that no document depends on those before it.
 */
function separateGlyphs(font: OpenFont): void {
  const glyph = font.getGlyph.bind(font);
  font.getGlyph = (id, codePoints) => {
    const shared = glyph(id);
    return codePoints ? Object.create(shared, { codePoints: { value: codePoints } }) : shared;
  };
}

/** Reports share most of their words, and shaping those is most of the work. */
function rememberWords(font: OpenFont): void {
  const shape = font.layout.bind(font);
  const words = new Map<string, Word>();
  font.layout = (text, features) => {
    if (features || text.length > LONGEST_WORD) return shape(text, features);
    const known = words.get(text);
    if (known) return known.copy();
    const word = Word.of(shape(text));
    if (words.size === WORDS) words.clear();
    // A copy of the text: a slice would keep all of what it was cut from.
    words.set([...text].join(''), word);
    return word.copy();
  };
}

/** What pdfkit uses of a run. */
class Word implements Run {
  private constructor(
    readonly glyphs: Glyph[],
    readonly positions: Position[],
  ) {}

  static of({ glyphs, positions }: Run): Word {
    return new Word(
      glyphs.map(({ id, advanceWidth, codePoints }) => ({ id, advanceWidth, codePoints })),
      positions,
    );
  }

  /** With positions of its own, for pdfkit scales them in place. */
  copy(): Word {
    const positions = this.positions.map(({ xAdvance, yAdvance, xOffset, yOffset }) => ({
      xAdvance,
      yAdvance,
      xOffset,
      yOffset,
    }));
    return new Word(this.glyphs, positions);
  }

  get advanceWidth(): number {
    return this.positions.reduce((width, { xAdvance }) => width + xAdvance, 0);
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
