import PDFDocument from 'pdfkit';
import { type Sens, unmarked } from './bidi';
import { FONTS, type Font } from './fonts';
import { COLORS } from './letters';
import { breakLines, type Line } from './lines';
import type { Image, Papier } from './papier';

/**
 * A4 pages that fill from the top, in either direction of writing: what is drawn is placed by where its line starts, which is
 * the left of a page in French and the right of one in Arabic. What a report is made of stands in `elements/`, one file each;
 * every one of them draws through this alone. Lengths are PDF points (1/72 inch).
 */

export interface SheetInfo {
  titre: string;
  sujet: string;
  /** Dates the document: nothing else in it depends on when it is made. */
  date: Date;
}

export interface Style {
  font: Font;
  size: number;
  color: string;
  /** Between two lines, beside what the font asks for. */
  gap?: number;
  /**
   * Which way it runs: as the page does, for what the report says itself; `auto` for what somebody wrote, as its first
   * letter does.
   */
  sens?: 'page' | 'auto';
}

/** Where a line stands in its room; `start` is where reading begins. */
export type Align = 'start' | 'end' | 'center';

/** A text on lines. */
export interface Block {
  lines: Line[];
  height: number;
}

export const GAP = 14;
const MARGIN = 48;
const MARGIN_TOP = 62;
const MARGIN_BOTTOM = 66;
const LANGUAGES = { fr: 'fr-FR', en: 'en-GB', ar: 'ar-MA' } as const;

export class Sheet {
  readonly sens: Sens;
  readonly width: number;
  /** Of the house, for text and rules. */
  readonly accent: string;
  private readonly doc: PDFKit.PDFDocument;
  private readonly output: Promise<Buffer>;
  private readonly left = MARGIN;

  constructor(
    readonly papier: Papier,
    info: SheetInfo,
  ) {
    const { langue, maison } = papier;
    this.sens = langue === 'ar' ? 'rtl' : 'ltr';
    this.accent = maison.couleur_texte;
    this.doc = new PDFDocument({
      size: 'A4',
      margins: { top: MARGIN_TOP, bottom: MARGIN_BOTTOM, left: MARGIN, right: MARGIN },
      // The number of pages, which each of them names, is known at the end.
      bufferPages: true,
      pdfVersion: '1.7',
      lang: LANGUAGES[langue],
      displayTitle: true,
      // None to begin with, instead of a Helvetica that nothing is written in.
      font: '',
      info: {
        Title: unmarked(info.titre),
        Author: maison.nom,
        Subject: unmarked(info.sujet),
        Creator: 'Régie',
        CreationDate: info.date,
        ModDate: info.date,
      },
    });
    this.output = collect(this.doc);
    this.width = this.doc.page.width - 2 * MARGIN;
    this.doc.registerFont('regular', FONTS.regular()).registerFont('bold', FONTS.bold());
    this.y = MARGIN_TOP;
  }

  /** Where the next element begins, from the top of the page. */
  y: number;

  /** Where the room of a page ends. */
  get bottom(): number {
    return this.doc.page.height - MARGIN_BOTTOM;
  }

  /** The room of a page from its top. */
  get room(): number {
    return this.bottom - MARGIN_TOP;
  }

  get pageHeight(): number {
    return this.doc.page.height;
  }

  /** Goes to a new page unless `height` fits on this one; true if it did. */
  ensure(height: number): boolean {
    if (this.y + height <= this.bottom) return false;
    this.doc.addPage();
    this.y = MARGIN_TOP;
    return true;
  }

  /** A text on lines of this width. */
  set(texte: string, style: Style, width: number): Block {
    const { doc } = this;
    doc.font(style.font).fontSize(style.size);
    const sens = style.sens === 'auto' ? 'auto' : this.sens;
    const lines = breakLines(texte, width, (word) => doc.widthOfString(word), sens, this.sens);
    return { lines, height: lines.length * this.lineHeight(style) };
  }

  /** How wide a text is on one line. */
  widthOf(texte: string, style: Style): number {
    return this.set(texte, style, Number.POSITIVE_INFINITY).lines.reduce(
      (widest, { width }) => Math.max(widest, width),
      0,
    );
  }

  lineHeight({ font, size, gap = 0 }: Style): number {
    return this.doc.font(font).fontSize(size).currentLineHeight(true) + gap;
  }

  /** What of a text one line holds, with an ellipsis where something is left out. */
  fit(texte: string, style: Style, width: number): string {
    if (this.widthOf(texte, style) <= width) return texte;
    const letters = [...texte];
    while (letters.length > 0 && this.widthOf(`${letters.join('')}…`, style) > width) letters.pop();
    return `${letters.join('').trimEnd()}…`;
  }

  /** Draws lines from `y` down. @param start of their room, from where the page begins to be read. */
  draw(
    { lines }: Pick<Block, 'lines'>,
    style: Style,
    start: number,
    y: number,
    width: number,
    align: Align = 'start',
  ): void {
    const height = this.lineHeight(style);
    for (const [index, line] of lines.entries()) {
      this.drawLine(line, style, start, y + index * height, width, align);
    }
  }

  private drawLine(line: Line, style: Style, start: number, y: number, width: number, align: Align): void {
    const { doc } = this;
    const rest = width - line.width;
    const shift = align === 'center' ? rest / 2 : (align === 'start') === (this.sens === 'ltr') ? 0 : rest;
    const from = this.leftOf(start, width) + shift;
    doc.font(style.font).fontSize(style.size).fillColor(style.color);
    for (const { drawn, x } of line.parts) doc.text(drawn, from + x, y, { lineBreak: false });
  }

  /** Sets and draws a text. @returns its height. */
  write(
    texte: string,
    style: Style,
    start: number,
    y: number,
    width: number,
    align: Align = 'start',
  ): number {
    const block = this.set(texte, style, width);
    this.draw(block, style, start, y, width, align);
    return block.height;
  }

  /** Writes a text of any length from here on, over as many pages as it takes. */
  flow(texte: string, style: Style, start = 0, width = this.width): void {
    const { lines } = this.set(texte, style, width);
    const height = this.lineHeight(style);
    const least = Math.min(2, lines.length);
    lines.forEach((line, index) => {
      // Neither the first line of a text nor its last stands alone on a page, unless there is but one.
      const together = index === 0 || index === lines.length - 2 ? least : 1;
      this.ensure(together * height);
      this.drawLine(line, style, start, this.y, width, 'start');
      this.y += height;
    });
  }

  rule(y: number, color: string = COLORS.rule, thickness = 0.6, start = 0, width = this.width): void {
    const x = this.leftOf(start, width);
    this.doc
      .moveTo(x, y)
      .lineTo(x + width, y)
      .lineWidth(thickness)
      .strokeColor(color)
      .stroke();
  }

  rect(start: number, y: number, width: number, height: number, color: string, radius = 0): void {
    const x = this.leftOf(start, width);
    if (radius > 0) this.doc.roundedRect(x, y, width, height, radius).fill(color);
    else this.doc.rect(x, y, width, height).fill(color);
  }

  frame(start: number, y: number, width: number, height: number, color: string = COLORS.rule): void {
    this.doc.rect(this.leftOf(start, width), y, width, height).lineWidth(0.6).strokeColor(color).stroke();
  }

  circle(start: number, y: number, radius: number, color: string): void {
    this.doc.circle(this.leftOf(start, 0), y, radius).fill(color);
  }

  /** A line through points, each placed from where the page begins to be read. */
  polyline(points: readonly (readonly [start: number, y: number])[], color: string, thickness = 1.4): void {
    points.forEach(([start, y], index) => {
      const x = this.leftOf(start, 0);
      if (index === 0) this.doc.moveTo(x, y);
      else this.doc.lineTo(x, y);
    });
    this.doc.lineWidth(thickness).lineJoin('round').strokeColor(color).stroke();
  }

  /** Draws an image as large as the room holds it; one that cannot be read leaves its room empty. @returns its size. */
  image(
    { octets, largeur, hauteur }: Image,
    start: number,
    y: number,
    width: number,
    height: number,
    align: Align = 'start',
  ): { width: number; height: number } {
    const scale = Math.min(width / largeur, height / hauteur);
    const size = { width: largeur * scale, height: hauteur * scale };
    const rest = width - size.width;
    const shift = align === 'center' ? rest / 2 : align === 'start' ? 0 : rest;
    this.doc.image(
      Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength),
      this.leftOf(start + shift, size.width),
      y,
      size,
    );
    return size;
  }

  /** Draws on every page, once all are written, and closes the document. */
  finish(drawOn: (page: number, count: number) => void): Promise<Buffer> {
    const { doc } = this;
    const { count } = doc.bufferedPageRange();
    for (let page = 0; page < count; page++) {
      doc.switchToPage(page);
      drawOn(page, count);
    }
    doc.end();
    return this.output;
  }

  private leftOf(start: number, width: number): number {
    return this.sens === 'ltr' ? this.left + start : this.left + this.width - start - width;
  }
}

function collect(doc: PDFKit.PDFDocument): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
}
