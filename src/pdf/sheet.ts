import PDFDocument from 'pdfkit';
import { FONTS, type Font } from './fonts';
import { COLORS, line, printable } from './letters';

/**
 * A4 pages that fill from the top: the few shapes a report is made of, each going on over the next page where it must.
 * Lengths are PDF points (1/72 inch).
 */

export interface SheetInfo {
  titre: string;
  auteur: string;
  sujet: string;
  /** Dates the document: nothing else in it depends on when it is made. */
  date: Date;
}

export interface Chip {
  texte: string;
  fond: string;
  encre: string;
}

/** A heading, a name, and what is known of it. */
export interface Block {
  titre: string;
  nom: string;
  lignes: string[];
}

export interface Fact {
  label: string;
  valeur: string;
  couleur?: string;
}

export interface Column {
  titre: string;
  /** Share of the width; the shares of a table add up to 1. */
  part: number;
  align?: 'left' | 'right';
}

const MARGIN = 48;
const MARGIN_TOP = 62;
const MARGIN_BOTTOM = 66;
const GAP = 14;

/** More letters than a line of the running text holds of all but the narrowest. */
const LONG_LINE = 120;
const LONG_WORD = new RegExp(`\\S{${LONG_LINE},}`, 'gu');

/** Letters beyond which a title is set smaller. */
const LONG_TITLE = 90;

export class Sheet {
  private readonly doc: PDFKit.PDFDocument;
  private readonly output: Promise<Buffer>;
  private readonly left = MARGIN;
  private readonly width: number;

  constructor(info: SheetInfo) {
    this.doc = new PDFDocument({
      size: 'A4',
      margins: { top: MARGIN_TOP, bottom: MARGIN_BOTTOM, left: MARGIN, right: MARGIN },
      // The number of pages, which each of them names, is known at the end.
      bufferPages: true,
      pdfVersion: '1.7',
      lang: 'fr-FR',
      displayTitle: true,
      // None to begin with, instead of a Helvetica that nothing is written in.
      font: '',
      info: {
        Title: info.titre,
        Author: info.auteur,
        Subject: info.sujet,
        Creator: info.auteur,
        CreationDate: info.date,
        ModDate: info.date,
      },
    });
    this.output = collect(this.doc);
    this.width = this.doc.page.width - 2 * MARGIN;
    this.doc.registerFont('regular', FONTS.regular()).registerFont('bold', FONTS.bold());
  }

  /** The head of the first page: the name of the product and the kind of document, over a line. */
  letterhead(nom: string, nature: string): void {
    const { doc } = this;
    this.style('bold', 15, COLORS.accent).text(nom, this.left, 40, { lineBreak: false });
    this.style('regular', 10, COLORS.label).text(nature, this.left, 44, {
      width: this.width,
      align: 'right',
    });
    doc.rect(this.left, 66, this.width, 1.5).fill(COLORS.accent);
    this.moveTo(86);
  }

  title(texte: string): void {
    const size = texte.length > LONG_TITLE ? 15 : 20;
    this.style('bold', size, COLORS.title).text(line(texte), this.left, this.doc.y, {
      width: this.width,
      lineGap: 1,
    });
    this.moveBy(8);
  }

  /** Short coloured labels on one line. */
  chips(chips: Chip[]): void {
    const { doc } = this;
    const [height, padding] = [17, 8];
    let x: number = this.left;
    const top = doc.y;
    for (const { texte, fond, encre } of chips) {
      doc.font('bold').fontSize(8.5);
      const width = doc.widthOfString(texte) + 2 * padding;
      doc.roundedRect(x, top, width, height, height / 2).fill(fond);
      doc.fillColor(encre).text(texte, x + padding, top + 3.6, { lineBreak: false });
      x += width + 6;
    }
    this.moveTo(top + height + GAP);
  }

  /** Blocks side by side on a shaded ground. */
  blocks(given: Block[]): void {
    const { doc } = this;
    const blocks = given.map(({ titre, nom, lignes }) => ({
      titre,
      nom: line(nom),
      lignes: lignes.map(line),
    }));
    const padding = 12;
    const columnWidth = (this.width - padding * (blocks.length + 1)) / blocks.length;
    const draw = (block: Block, x: number, top: number) => {
      this.style('bold', 7.5, COLORS.label).text(block.titre.toUpperCase(), x, top, {
        width: columnWidth,
        characterSpacing: 0.6,
      });
      this.style('bold', 10.5, COLORS.title).text(block.nom, x, doc.y + 4, { width: columnWidth });
      this.style('regular', 9, COLORS.ink);
      this.moveBy(2);
      for (const ligne of block.lignes) doc.text(ligne, x, doc.y + 2, { width: columnWidth });
    };
    const measure = ({ nom, lignes }: Block) =>
      14 +
      this.height(nom, 'bold', 10.5, columnWidth) +
      lignes.reduce((sum, ligne) => sum + 2 + this.height(ligne, 'regular', 9, columnWidth), 0);

    const height = Math.max(...blocks.map(measure)) + 2 * padding;
    this.ensure(height);
    const top = doc.y;
    doc.roundedRect(this.left, top, this.width, height, 6).fill(COLORS.shade);
    blocks.forEach((block, column) => {
      draw(block, this.left + padding + column * (columnWidth + padding), top + padding);
    });
    this.moveTo(top + height);
  }

  /** Starts a section; its heading stays with what follows. */
  section(titre: string): void {
    this.moveBy(20);
    this.ensure(70);
    const { doc } = this;
    this.style('bold', 11.5, COLORS.title).text(titre, this.left, doc.y, { width: this.width });
    this.rule(doc.y + 3);
    this.moveBy(11);
  }

  /** Labels over values, so many to a line. */
  facts(facts: Fact[], perLine: number): void {
    const { doc } = this;
    const width = (this.width - GAP * (perLine - 1)) / perLine;
    const weight = (couleur?: string): Font => (couleur ? 'bold' : 'regular');
    for (let first = 0; first < facts.length; first += perLine) {
      const row = facts.slice(first, first + perLine);
      const heights = row.map(({ valeur, couleur }) => this.height(valeur, weight(couleur), 10, width));
      const height = 12 + Math.max(...heights);
      this.ensure(height);
      const top = doc.y;
      row.forEach(({ label, valeur, couleur }, column) => {
        const x = this.left + column * (width + GAP);
        this.style('regular', 8, COLORS.label).text(label, x, top, { width });
        this.style(weight(couleur), 10, couleur ?? COLORS.ink).text(valeur, x, top + 12, { width });
      });
      this.moveTo(top + height + 9);
    }
    this.moveBy(-9);
  }

  /** Running text, of any length. */
  paragraph(texte: string): void {
    const { doc } = this;
    this.style('regular', 10, COLORS.ink);
    doc.text(this.withoutLongWords(printable(texte)), this.left, doc.y, { width: this.width, lineGap: 2.5 });
  }

  /** Text that somebody wrote at some time: a line saying who and when, then the text. */
  note(entete: string, texte: string): void {
    const { doc } = this;
    this.ensure(42);
    this.style('bold', 8.5, COLORS.label).text(line(entete), this.left, doc.y, { width: this.width });
    this.moveBy(2);
    this.paragraph(texte);
    this.moveBy(8);
  }

  /** What is to be said of what stands above it, if anything. */
  remark(texte: string | null): void {
    if (texte === null) return;
    this.moveBy(6);
    this.ensure(20);
    this.style('regular', 9, COLORS.label).text(texte, this.left, this.doc.y, { width: this.width });
  }

  /** Rows under headings, which are repeated on each page. A cell longer than a page ends in an ellipsis. */
  table(columns: Column[], rows: string[][]): void {
    const { doc } = this;
    const [side, above, headingHeight] = [8, 5, 20];
    const cell = (column: number) => {
      const before = columns.slice(0, column).reduce((sum, { part }) => sum + part, 0);
      return {
        x: this.left + before * this.width + side,
        width: columns[column]!.part * this.width - 2 * side,
      };
    };
    const drawRow = (texts: string[], height: number) => {
      const top = doc.y;
      texts.forEach((texte, column) => {
        const { x, width } = cell(column);
        const align = columns[column]!.align ?? 'left';
        doc.text(texte, x, top + above, { width, align, height: height - 2 * above + 2, ellipsis: true });
      });
      this.moveTo(top + height);
    };
    const headings = () => {
      doc.rect(this.left, doc.y, this.width, headingHeight).fill(COLORS.shade);
      this.style('bold', 8, COLORS.label);
      drawRow(
        columns.map(({ titre }) => titre),
        headingHeight,
      );
    };

    headings();
    for (const row of rows) {
      const texts = row.map(printable);
      const tallest = Math.max(
        ...texts.map((text, column) => this.height(text, 'regular', 9, cell(column).width)),
      );
      const height = Math.min(tallest + 2 * above, this.bottom - MARGIN_TOP - headingHeight);
      if (this.ensure(height)) headings();
      this.style('regular', 9, COLORS.ink);
      drawRow(texts, height);
      this.rule(doc.y);
    }
  }

  /**
   * Writes head and foot of every page and closes the document.
   * @param head of the pages after the first.
   * @param foot of every page, to the left of its number.
   */
  finish(head: string, foot: string): Promise<Buffer> {
    const { doc } = this;
    const { count } = doc.bufferedPageRange();
    for (let page = 0; page < count; page++) {
      doc.switchToPage(page);
      this.style('regular', 8, COLORS.label);
      if (page > 0) {
        doc.text(this.fit(line(head)), this.left, 34, { lineBreak: false });
        this.rule(48);
      }
      const y = doc.page.height - 42;
      this.rule(y - 8);
      doc.text(foot, this.left, y, { lineBreak: false });
      const number = `Page ${page + 1} / ${count}`;
      doc.text(number, this.left + this.width - doc.widthOfString(number), y, { lineBreak: false });
    }
    doc.end();
    return this.output;
  }

  private get bottom(): number {
    return this.doc.page.height - MARGIN_BOTTOM;
  }

  /** Goes to a new page unless `height` fits on this one; true if it did. */
  private ensure(height: number): boolean {
    if (this.doc.y + height <= this.bottom) return false;
    this.doc.addPage();
    return true;
  }

  /** The letters of what is written next. */
  private style(font: Font, size: number, color: string): PDFKit.PDFDocument {
    return this.doc.font(font).fontSize(size).fillColor(color);
  }

  private height(texte: string, font: Font, size: number, width: number): number {
    return this.doc.font(font).fontSize(size).heightOfString(texte, { width });
  }

  /** What of `texte` one line holds. */
  private fit(texte: string): string {
    if (this.doc.widthOfString(texte) <= this.width) return texte;
    const letters = [...texte];
    while (this.doc.widthOfString(`${letters.join('')}…`) > this.width) letters.pop();
    return `${letters.join('').trimEnd()}…`;
  }

  /**
   * Words that are wider than a line, a line at a time. Left to itself pdfkit measures what remains of such a word for
   * each line of it, and remembers all of that: twenty thousand letters without a space take more than 128 MB.
   */
  private withoutLongWords(texte: string): string {
    return texte.replace(LONG_WORD, (word) => {
      const lines: string[] = [];
      for (let letters = [...word]; letters.length > 0; ) {
        const line = letters.slice(0, this.fitting(letters.slice(0, LONG_LINE)));
        lines.push(line.join(''));
        letters = letters.slice(line.length);
      }
      return lines.join('\n');
    });
  }

  /** How many of these letters one line holds. */
  private fitting(letters: string[]): number {
    let count = letters.length;
    for (;;) {
      const width = this.doc.widthOfString(letters.slice(0, count).join(''));
      if (width <= this.width || count === 1) return count;
      count = Math.max(1, Math.min(count - 1, Math.floor((count * this.width) / width)));
    }
  }

  private rule(y: number): void {
    const right = this.left + this.width;
    this.doc.moveTo(this.left, y).lineTo(right, y).lineWidth(0.6).strokeColor(COLORS.rule).stroke();
  }

  private moveTo(y: number): void {
    this.doc.x = this.left;
    this.doc.y = y;
  }

  private moveBy(dy: number): void {
    this.moveTo(this.doc.y + dy);
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
