import { DOMParser } from '@xmldom/xmldom';
import { LANGUES } from '../../src/domain/writing';
import { type Barres, drawBarres } from '../../src/svg/barres';

const CHART: Barres = {
  langue: 'fr',
  titre: 'Occupation',
  sousTitre: 'du 1er au 31 décembre 2026',
  mesure: 'Temps réservé ÷ temps ouvré',
  description: 'Deux barres, puis le total.',
  barres: [
    { nom: 'Nadia', valeur: 0.5, jusque: 0.9, texte: '20 h sur 40 h' },
    { nom: 'Karim', valeur: null, texte: '' },
  ],
  total: { nom: 'Total', valeur: 0.25, texte: '' },
  note: null,
  echelle: (valeur) => `${Math.round(valeur * 100)} %`,
  entier: false,
};

/** @throws where it is not well formed. */
function parse(svg: string): void {
  const parser = new DOMParser({
    onError: (_, message) => {
      throw new Error(message);
    },
  });
  parser.parseFromString(svg, 'image/svg+xml');
}
const barsOf = (svg: string) =>
  [...svg.matchAll(/<rect x="([\d.]+)" [^>]*width="([\d.]+)" height="18"/g)].map(([, x, width]) => [
    Number(x),
    Number(width),
  ]);

describe('a picture of bars', () => {
  it('says to those who do not see it what it shows, bar by bar', () => {
    const svg = drawBarres(CHART);
    expect(svg).toContain('role="graphics-document" aria-labelledby="titre" aria-describedby="description"');
    expect(svg).toContain('<title id="titre">Occupation, du 1er au 31 décembre 2026</title>');
    expect(svg).toContain('<desc id="description">Deux barres, puis le total.</desc>');
    expect([...svg.matchAll(/<g role="img"><title>([^<]*)/g)].map(([, title]) => title)).toEqual([
      'Nadia : 50 % · 20 h sur 40 h',
      'Karim : –',
      'Total : 25 %',
    ]);
  });

  it('has bars as long as their values, and none where there is nothing to measure', () => {
    const bars = barsOf(drawBarres(CHART));
    expect(bars).toHaveLength(2);
    expect(bars[0]![1]! / bars[1]![1]!).toBeCloseTo(2, 1);
    // The longest value still lies on the scale.
    const [one] = barsOf(
      drawBarres({ ...CHART, barres: [{ nom: 'a', valeur: 0.9731, texte: '' }], total: null }),
    );
    expect(one![1]).toBeLessThanOrEqual(452);
    const whole = drawBarres({
      ...CHART,
      barres: [{ nom: 'a', valeur: 2, texte: '' }],
      ...{ total: null, entier: true, echelle: String },
    });
    expect(whole).not.toMatch(/>\d+\.\d+</);
  });

  it('is read from the right in Arabic', () => {
    const [left, right] = [barsOf(drawBarres(CHART)), barsOf(drawBarres({ ...CHART, langue: 'ar' }))];
    for (const [index, [x, width]] of left.entries()) {
      expect(right[index]).toEqual([expect.closeTo(960 - x! - width!, 1), width]);
    }
  });

  it('is well formed whatever is written in it, and holds neither script nor style nor anything from elsewhere', () => {
    const evil = `<script>"&'\u0000\u202E\uD800]]></svg>`;
    for (const langue of LANGUES) {
      const svg = drawBarres({
        ...{ ...CHART, langue, titre: evil, sousTitre: evil, mesure: evil, description: evil, note: evil },
        barres: [{ nom: evil, valeur: 1, texte: evil }],
        echelle: () => evil,
      });
      parse(svg);
      expect(svg).not.toMatch(/<script|<style|style=|href|url\(|\son\w+=/);
    }
  });

  it('has a ground of its own under its inks, which stand out from it', () => {
    const svg = drawBarres(CHART);
    expect(svg).toMatch(/<rect width="960" height="\d+" fill="#ffffff"\/>/);
    const luminance = (hex: string) => {
      const [r, g, b] = [1, 3, 5].map((at) => {
        const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    const inks = [...svg.matchAll(/<text[^>]*fill="(#[0-9a-f]{6})"/g)].map(([, ink]) => ink!);
    for (const ink of inks) expect(1.05 / (luminance(ink) + 0.05)).toBeGreaterThan(7);
  });

  it('says that there is nothing', () => {
    const svg = drawBarres({ ...CHART, barres: [], total: null, note: 'Rien à montrer' });
    expect(svg).toContain('Rien à montrer');
    parse(svg);
  });
});
