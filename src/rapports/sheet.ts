import { readFileSync } from 'node:fs';
import PDFDocument from 'pdfkit';

/**
 * A4 pages that fill from the top: the few shapes a report is made of, each going on over the next page where it must.
 * Lengths are PDF points (1/72 inch).
 */

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

/** Letters beyond which a title is set smaller. */
const LONG_TITLE = 90;

// DejaVu covers Latin, Greek, Cyrillic and Arabic; only the glyphs used are embedded.
const FONTS = {
  regular: fontFile('DejaVuSansCondensed.ttf'),
  bold: fontFile('DejaVuSansCondensed-Bold.ttf'),
};

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
    doc.font('bold').fontSize(15).fillColor(COLORS.accent).text(nom, this.left, 40, { lineBreak: false });
    doc.font('regular').fontSize(10).fillColor(COLORS.label);
    doc.text(nature, this.left, 44, { width: this.width, align: 'right' });
    doc.rect(this.left, 66, this.width, 1.5).fill(COLORS.accent);
    this.moveTo(86);
  }

  title(texte: string): void {
    const size = texte.length > LONG_TITLE ? 15 : 20;
    this.doc.font('bold').fontSize(size).fillColor(COLORS.title);
    this.doc.text(line(texte), this.left, this.doc.y, { width: this.width, lineGap: 1 });
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
      doc.font('bold').fontSize(7.5).fillColor(COLORS.label);
      doc.text(block.titre.toUpperCase(), x, top, { width: columnWidth, characterSpacing: 0.6 });
      doc.font('bold').fontSize(10.5).fillColor(COLORS.title);
      doc.text(block.nom, x, doc.y + 4, { width: columnWidth });
      doc.font('regular').fontSize(9).fillColor(COLORS.ink);
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
    doc.font('bold').fontSize(11.5).fillColor(COLORS.title);
    doc.text(titre, this.left, doc.y, { width: this.width });
    this.rule(doc.y + 3);
    this.moveBy(11);
  }

  /** Labels over values, so many to a line. */
  facts(facts: Fact[], perLine: number): void {
    const { doc } = this;
    const width = (this.width - GAP * (perLine - 1)) / perLine;
    for (let first = 0; first < facts.length; first += perLine) {
      const line = facts.slice(first, first + perLine);
      const height = 12 + Math.max(...line.map(({ valeur }) => this.height(valeur, 'regular', 10, width)));
      this.ensure(height);
      const top = doc.y;
      line.forEach(({ label, valeur, couleur }, column) => {
        const x = this.left + column * (width + GAP);
        doc.font('regular').fontSize(8).fillColor(COLORS.label).text(label, x, top, { width });
        doc
          .font(couleur ? 'bold' : 'regular')
          .fontSize(10)
          .fillColor(couleur ?? COLORS.ink);
        doc.text(valeur, x, top + 12, { width });
      });
      this.moveTo(top + height + 9);
    }
    this.moveBy(-9);
  }

  /** Running text, of any length. */
  paragraph(texte: string): void {
    const { doc } = this;
    doc.font('regular').fontSize(10).fillColor(COLORS.ink);
    doc.text(printable(texte), this.left, doc.y, { width: this.width, lineGap: 2.5 });
  }

  /** Text that somebody wrote at some time: a line saying who and when, then the text. */
  note(entete: string, texte: string): void {
    const { doc } = this;
    this.ensure(42);
    doc.font('bold').fontSize(8.5).fillColor(COLORS.label);
    doc.text(line(entete), this.left, doc.y, { width: this.width });
    this.moveBy(2);
    this.paragraph(texte);
    this.moveBy(8);
  }

  /** Rows under headings, which are repeated on each page. */
  table(columns: Column[], rows: string[][]): void {
    const { doc } = this;
    const [side, above] = [8, 5];
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
      const height = 20;
      doc.rect(this.left, doc.y, this.width, height).fill(COLORS.shade);
      doc.font('bold').fontSize(8).fillColor(COLORS.label);
      drawRow(
        columns.map(({ titre }) => titre),
        height,
      );
    };

    headings();
    for (const row of rows) {
      const texts = row.map(printable);
      const tallest = Math.max(
        ...texts.map((text, column) => this.height(text, 'regular', 9, cell(column).width)),
      );
      const height = Math.min(tallest + 2 * above, this.bottom - MARGIN_TOP - 20);
      if (this.ensure(height)) headings();
      doc.font('regular').fontSize(9).fillColor(COLORS.ink);
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
      // Below the bottom margin, pdfkit would start a new page.
      doc.page.margins.bottom = 0;
      doc.font('regular').fontSize(8).fillColor(COLORS.label);
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

  private height(texte: string, font: keyof typeof FONTS, size: number, width: number): number {
    return this.doc.font(font).fontSize(size).heightOfString(texte, { width });
  }

  /** What of `texte` one line holds. */
  private fit(texte: string): string {
    if (this.doc.widthOfString(texte) <= this.width) return texte;
    const letters = [...texte];
    while (this.doc.widthOfString(`${letters.join('')}…`) > this.width) letters.pop();
    return `${letters.join('').trimEnd()}…`;
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

/** Line breaks as the document knows them, and nothing that has no glyph by design. */
function printable(texte: string): string {
  return texte
    .trim()
    .replace(/\r\n?/g, '\n')
    .replace(/\t/g, '    ')
    .replace(/[^\P{Cc}\n]/gu, '');
}

/** The same on one line. */
function line(texte: string): string {
  return printable(texte).replaceAll('\n', ' ');
}

function collect(doc: PDFKit.PDFDocument): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
}

/** Read once, at first use. */
function fontFile(name: string): () => Buffer {
  let bytes: Buffer | undefined;
  return () => {
    bytes ??= readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${name}`));
    return bytes;
  };
}
