import { isolated, levelsOf, partsOf, type Sens, sensOf } from '../../src/pdf/bidi';
import { breakLines } from '../../src/pdf/lines';
import { growsWithAmount } from '../support/growth';

/** In which order the parts of a line stand on the paper. Arabic words are joined and turned by the font. */

/** From left to right, as it would be seen but for the turning of Arabic words. */
function seen(line: string, sens: Sens): string[] {
  return partsOf(line, levelsOf(line, sens))
    .toSorted((a, b) => a.place - b.place)
    .map(({ part }) => part.drawn);
}
const read = (line: string, sens: Sens) =>
  partsOf(line, levelsOf(line, sens))
    .map(({ part }) => part.texte)
    .join('');

describe('a line of mixed letters', () => {
  it.each<[string, Sens, string[]]>([
    ['تقرير رقم 12', 'rtl', ['12', 'رقم ', 'تقرير ']],
    ['المكبس PH-200 الجديد', 'rtl', ['الجديد', ' ', 'PH-200', 'المكبس ']],
    ['pompe مضخة neuve', 'ltr', ['pompe ', 'مضخة', ' ', 'neuve']],
    ['pompe مضخة جديدة neuve', 'ltr', ['pompe ', 'جديدة', 'مضخة ', ' ', 'neuve']],
    // A date is one number; the hour follows it to the left.
    ['في 20/12/2026 09:00', 'rtl', ['09:00', ' ', '20/12/2026', 'في ']],
    // What stands for itself keeps its own order.
    [`قيمة ${isolated('120,5 bar')}`, 'rtl', ['120,5 ', 'bar', 'قيمة ']],
    [isolated('+212 6 12 34'), 'rtl', ['+212 ', '6 ', '12 ', '34']],
  ])('stands in the order of Unicode: %s', (line, sens, expected) => {
    expect(seen(line, sens)).toEqual(expected);
    expect(read(line, sens)).toBe(line.replace(/[\u2068\u2069]/g, ''));
  });

  it('shows brackets the way they open', () => {
    expect(seen('(لا)', 'rtl')).toEqual([')لا(']);
    expect(seen('abc (لا) def', 'ltr').join('')).toBe('abc (لا) def');
  });

  it('runs as its first letter does, else as the page', () => {
    expect(sensOf('12 – مضخة PH', 'ltr')).toBe('rtl');
    expect(sensOf('12 – PH مضخة', 'rtl')).toBe('ltr');
    expect(sensOf('12 – 34', 'rtl')).toBe('rtl');
    expect(sensOf('', 'ltr')).toBe('ltr');
  });
});

describe('lines', () => {
  /** Every letter is one point wide. */
  const set = (texte: string, width: number, sens: Sens = 'ltr') =>
    breakLines(texte, width, (part) => [...part].length, sens, sens).map(({ parts, width: wide }) => ({
      texte: parts.map((part) => part.texte).join(''),
      wide,
      places: parts.map(({ x }) => x),
    }));
  const texts = (texte: string, width: number, sens?: Sens) =>
    set(texte, width, sens).map((line) => line.texte);

  it('break between words, and lose none of them', () => {
    expect(texts('un deux trois', 7)).toEqual(['un deux', 'trois']);
    expect(texts('un deux trois', 100)).toEqual(['un deux trois']);
    expect(texts('un\n\ndeux', 100)).toEqual(['un', '', 'deux']);
    expect(texts('', 10)).toEqual(['']);
    expect(texts('    quatre espaces', 12)).toEqual(['    quatre', 'espaces']);
  });

  it('break a word that is wider than they are, and go on after it', () => {
    expect(texts('ab WWWWWWWWWWWW cd ef', 5)).toEqual(['ab', 'WWWWW', 'WWWWW', 'WW cd', 'ef']);
    expect(texts('W'.repeat(13), 5).join('')).toBe('W'.repeat(13));
  });

  it('of Arabic have their first word at the right', () => {
    expect(set('تقرير رقم 12', 100, 'rtl')).toEqual([{ texte: 'تقرير رقم 12', wide: 12, places: [6, 2, 0] }]);
    expect(texts('تقرير رقم 12', 6, 'rtl')).toEqual(['تقرير', 'رقم 12']);
  });

  it('take a time that grows with the text, and not with its square', () => {
    const words = 'مضخة PH-200 (جديدة) '.repeat(1_000);
    expect(texts(words.repeat(4), 60, 'rtl').length).toBeGreaterThan(1_000);
    expect(growsWithAmount((times) => texts(words.repeat(times), 60, 'rtl'))).toBe(true);
  });
});
