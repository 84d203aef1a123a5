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
  unitsPerEm: number;
  getGlyph(id: number, codePoints?: number[]): DrawnGlyph;
  glyphForCodePoint(codePoint: number): Glyph;
  layout(text: string, features?: unknown): Run;
}

interface Glyph {
  id: number;
  advanceWidth: number;
  /** The letters it stands for. */
  codePoints: number[];
}

/** A glyph as the font has it, with its outline. */
interface DrawnGlyph extends Glyph {
  path: { commands: { command: string; args: number[] }[] };
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
  separateLetters(font);
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

const LAM = 0x0644;
/**
 * The letters that Arabic writes in one sign with the lam before them, and for each a glyph that shows nothing, of a mark
 * that stands in no text of ours (`bidi.ts` takes them out).
 */
const BLANKS: ReadonlyMap<number, number> = new Map([
  [0x0622, 0x206a],
  [0x0623, 0x206b],
  [0x0625, 0x206c],
  [0x0627, 0x206d],
]);

/**
 * A glyph that stands for two letters is read back in whatever order a reader thinks right, and they differ: so the sign
 * stands for the lam alone, and a glyph without width beside it, where it is read next, for the other letter.
 */
function separateLetters(font: OpenFont): void {
  const shape = font.layout.bind(font);
  font.layout = (text, features) => {
    const run = shape(text, features);
    if (!run.glyphs.some(isLamAlef)) return run;
    const { advanceWidth } = run;
    const glyphs: Glyph[] = [];
    const positions: Position[] = [];
    run.glyphs.forEach((glyph, index) => {
      if (isLamAlef(glyph)) {
        const alef = glyph.codePoints[1]!;
        const blank = font.glyphForCodePoint(BLANKS.get(alef)!);
        glyphs.push(font.getGlyph(blank.id, [alef]), font.getGlyph(glyph.id, [LAM]));
        positions.push({ xAdvance: 0, yAdvance: 0, xOffset: 0, yOffset: 0 }, run.positions[index]!);
      } else {
        glyphs.push(glyph);
        positions.push(run.positions[index]!);
      }
    });
    return { glyphs, positions, advanceWidth };
  };
}

function isLamAlef({ codePoints }: Glyph): boolean {
  return codePoints.length === 2 && codePoints[0] === LAM && BLANKS.has(codePoints[1]!);
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

type Point = readonly [x: number, y: number];

/** Straight pieces that a curve is taken for. */
const PIECES = 8;

const ARABIC = /([\p{Script=Arabic}][\p{Script=Arabic}\p{M}\s]*[\p{Script=Arabic}\p{M}]|\p{Script=Arabic})/u;

/**
 * A text as outlines, for what is drawn dot by dot: of each glyph its contours, from the left end of the line on which it
 * stands, upwards. What is written from the right stands in that order within the text.
 * @param size of the letters, in the unit of the outlines.
 * @param rtl whether the text as a whole is read from the right.
 */
export function outlinesOf(
  text: string,
  size: number,
  font: Font,
  rtl: boolean,
): { outlines: Point[][][]; width: number } {
  // What pdfkit is told is a source is the font that is open.
  const open = FONTS[font]() as unknown as OpenFont;
  const scale = size / open.unitsPerEm;
  const runs = text.split(ARABIC).filter((run) => run !== '');
  if (rtl) runs.reverse();
  const outlines: Point[][][] = [];
  let pen = 0;
  for (const run of runs) {
    const { glyphs, positions } = open.layout(run);
    for (const [index, { id }] of glyphs.entries()) {
      const { xAdvance, xOffset, yOffset } = positions[index]!;
      const contours = contoursOf(open.getGlyph(id).path.commands);
      outlines.push(
        contours.map((points) =>
          points.map(([x, y]): Point => [(pen + xOffset + x) * scale, (yOffset + y) * scale]),
        ),
      );
      pen += xAdvance;
    }
  }
  return { outlines, width: pen * scale };
}

function contoursOf(commands: DrawnGlyph['path']['commands']): Point[][] {
  const contours: Point[][] = [];
  let at: Point = [0, 0];
  for (const { command, args } of commands) {
    const points = pairsOf(args);
    if (command === 'moveTo') contours.push([]);
    if (points.length === 0) continue;
    const contour = contours.at(-1)!;
    // A straight line, and curves of the second and third degree, are Bézier curves of as many points.
    const curve = [at, ...points];
    const pieces = command === 'quadraticCurveTo' || command === 'bezierCurveTo' ? PIECES : 1;
    for (let piece = 1; piece <= pieces; piece++) contour.push(onCurve(curve, piece / pieces));
    at = points.at(-1)!;
  }
  return contours;
}

/** De Casteljau. */
function onCurve(points: readonly Point[], t: number): Point {
  if (points.length === 1) return points[0]!;
  return onCurve(
    points.slice(1).map(([x, y], index): Point => {
      const [fromX, fromY] = points[index]!;
      return [fromX + (x - fromX) * t, fromY + (y - fromY) * t];
    }),
    t,
  );
}

function pairsOf(numbers: readonly number[]): Point[] {
  return numbers.flatMap((x, index): Point[] => (index % 2 === 0 ? [[x, numbers[index + 1]!]] : []));
}
