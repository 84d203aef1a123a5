import { PDFiumLibrary } from '@hyzyla/pdfium';
import { contraste, lisibleSurBlanc } from '../../src/domain/couleurs';
import { LANGUES } from '../../src/domain/writing';
import { ALARM, AMBER, BLUE, GREEN, GREY, RED } from '../../src/pdf/elements/chips';
import { COLORS } from '../../src/pdf/letters';
import { render } from '../../src/pdf/render';
import { intervention, papier, rapports } from '../../tools/lib/rapports';
import { readPdf } from './pdf';

/** Each report in each language as PDFium, the reader of Chromium, draws it and reads it out. */

interface Page {
  text: string;
  /** Points that are drawn on outside of the margins. */
  beyond: [x: number, y: number][];
  /** Of pixels, between head and foot. */
  lines: number;
}

/** Points outside of which nothing stands; the foot reaches down to 24 above the edge. */
const [SIDE, EDGE, HEAD] = [46, 24, 60];

async function look(pdfs: readonly Buffer[]): Promise<Page[][]> {
  const library = await PDFiumLibrary.init();
  const files: Page[][] = [];
  for (const pdf of pdfs) {
    const document = await library.loadDocument(pdf);
    const pages: Page[] = [];
    for (const page of document.pages()) {
      // To draw a page closes it.
      const text = page.getText();
      pages.push({ text, ...measure(await page.render({ scale: 1, render: 'bitmap' })) });
    }
    document.destroy();
    files.push(pages);
  }
  library.destroy();
  return files;
}

function measure({ data, width, height }: { data: Uint8Array; width: number; height: number }) {
  const beyond: Page['beyond'] = [];
  let lines = 0;
  for (let y = 0; y < height; y++) {
    let any = false;
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      if (data[at]! > 250 && data[at + 1]! > 250 && data[at + 2]! > 250) continue;
      any = true;
      if (x < SIDE || x >= width - SIDE || y < EDGE || y >= height - EDGE) beyond.push([x, y]);
    }
    if (any && y > HEAD && y < height - HEAD) lines++;
  }
  return { beyond: beyond.slice(0, 5), lines };
}

const GENRES = ['intervention', 'semaine', 'equipement', 'mois'] as const;
const each = LANGUES.flatMap((langue) => GENRES.map((genre) => ({ langue, genre })));
const make = async ({ langue, genre }: (typeof each)[number]) => {
  const rapport = (await rapports(langue)).find((one) => one.genre === genre)!;
  return render({ ...rapport, papier: await papier(langue) });
};

const made = new Map<string, { pdf: Buffer; pages: Page[] }>();
beforeAll(async () => {
  const pdfs = await Promise.all(each.map(make));
  const looked = await look(pdfs);
  for (const [index, { langue, genre }] of each.entries()) {
    made.set(`${genre} ${langue}`, { pdf: pdfs[index]!, pages: looked[index]! });
  }
});

describe.each(each)('the report "$genre" in $langue', ({ langue, genre }) => {
  const its = () => made.get(`${genre} ${langue}`)!;

  it('stands within the margins of every page, and leaves none nearly empty', () => {
    for (const { beyond, lines } of its().pages) {
      expect(beyond).toEqual([]);
      // A heading alone has some twenty.
      expect(lines).toBeGreaterThan(40);
    }
  });

  it('has a glyph for every letter, and gives back ordinary ones', () => {
    const text = its()
      .pages.map((page) => page.text)
      .join('\n');
    expect(text).not.toMatch(/[\0\uFFFD]|undefined|null|NaN|Invalid|\[object/);
    // Neither signs for the shapes that letters take nor marks of direction.
    expect(text).not.toMatch(/[\ufb50-\ufdff\ufe70-\ufefe\u200e\u200f\u202a-\u202e\u2066-\u206f]/);
    const drawn = readPdf(its().pdf).pages.flatMap((page) => page.pieces.map((piece) => piece.text));
    expect(drawn.join('')).not.toContain('\0');
    if (langue === 'ar') expect(text.match(/\p{Script=Arabic}/gu)!.length).toBeGreaterThan(150);
    else expect(text).not.toMatch(/\p{Script=Arabic}/u);
  });

  it('is the same, byte for byte, for the same data', async () => {
    expect(await make({ langue, genre })).toEqual(its().pdf);
  });
});

describe('a report in Arabic', () => {
  it('is read out in the order in which it is read, its letters joined or not', () => {
    const text = made
      .get('intervention ar')!
      .pages.map((page) => page.text)
      .join('\n')
      .replace(/\s+/g, ' ');
    for (const words of [
      'تقرير التدخل رقم 12',
      'إصلاح تسرب هيدروليكي في المكبس',
      'الأجل الأقصى',
      'من الإنشاء إلى النهاية',
      'أولوية حرجة',
      'صيانة تصحيحية',
      'كريم العلوي',
      'الكمية',
      'تم عزل التيار على الساعة',
      'صفحة 1 من',
    ]) {
      expect(text).toContain(words);
    }
  });

  it('begins at the right, and its numbers run from left to right', async () => {
    const donnees = await intervention('ar');
    const { pages } = readPdf(await render({ genre: 'intervention', donnees, papier: await papier('ar') }));
    const pieces = pages[0]!.pieces;
    const at = (text: string) => pieces.find((piece) => piece.text.trim() === text)!;
    // "رقم 12": the number lies to the left of its word.
    const number = at('12');
    const word = pieces.find((piece) => piece.y === number.y && piece.x > number.x)!;
    expect(word).toBeDefined();
    // Numbers themselves stay as they are.
    expect(pieces.map((piece) => piece.text.trim())).toEqual(
      expect.arrayContaining(['20/12/2026', 'PH-200', 'SN-4417', '+212']),
    );
    expect(at('+212').x).toBeLessThan(
      pieces.find((piece) => piece.y === at('+212').y && piece.text.startsWith('78'))!.x,
    );
  });
});

describe('text can be read', () => {
  it('on every ground that it is written on', () => {
    const { white, shade, ink, title, label, good, bad } = COLORS;
    for (const colour of [ink, title, label, good, bad]) {
      expect([colour, contraste(colour, white) >= 4.5]).toEqual([colour, true]);
    }
    for (const colour of [ink, title, label]) {
      expect([colour, contraste(colour, shade) >= 4.5]).toEqual([colour, true]);
    }
    for (const { fond, encre } of [ALARM, AMBER, BLUE, GREEN, GREY, RED]) {
      expect([fond, contraste(encre, fond) >= 4.5]).toEqual([fond, true]);
    }
  });

  it('in whatever colour the house has', async () => {
    const { maison, langue } = await papier('fr', '#ffd400');
    const given = {
      langue,
      maison: { ...maison, couleur_texte: lisibleSurBlanc(maison.couleur), logo: null },
    };
    const donnees = await intervention('fr');
    const pdf = await render({ genre: 'intervention', donnees, papier: given });
    const [pages] = await look([pdf]);
    expect(pages![0]!.text).toContain('MIF Maroc');
    expect(contraste(given.maison.couleur_texte, COLORS.white)).toBeGreaterThanOrEqual(4.5);
  });
});
