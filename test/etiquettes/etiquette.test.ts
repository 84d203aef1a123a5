import { DOMParser } from '@xmldom/xmldom';
import decode from 'qr/decode.js';
import { drawEtiquette, type Etiquette, HEIGHT, WIDTH } from '../../src/etiquettes/etiquette';
import { etiquettePng } from '../../src/etiquettes/png';
import { etiquetteSvg } from '../../src/etiquettes/svg';
import { readPng } from './png';

/** The label of an equipment, read by a decoder of codes that knows nothing of how they are made here. */

const label = (given: Partial<Etiquette> = {}): Etiquette => ({
  url: 'https://regie.example.com/equipements/12',
  nom: 'Presse hydraulique PH-001',
  numeroSerie: 'PH001-2023-001',
  site: 'Usine de Khouribga',
  ...given,
});

const LABELS: [string, Etiquette][] = [
  ['as they are', label()],
  ['on no site', label({ site: null })],
  ['of a long address', label({ url: `https://${'regie.'.repeat(20)}example.com/equipements/2147483647` })],
  [
    'of long names',
    label({ nom: 'Presse '.repeat(28), numeroSerie: 'W'.repeat(100), site: 'É'.repeat(200) }),
  ],
  ['in Arabic', label({ nom: 'مكبس هيدروليكي PH-001', site: 'مصنع خريبكة' })],
  ['of letters without a glyph', label({ nom: '油压机 \u0000 <b>&"\'', site: '🏭' })],
];

/** Of the PNG, as a camera would see it. */
function seen(png: Buffer) {
  const { width, height, dots } = readPng(png);
  const data = new Uint8Array(width * height * 4);
  for (const [index, grey] of dots.entries()) data.set([grey, grey, grey, 255], index * 4);
  return { width, height, data };
}

/** Of the SVG: the code alone, drawn dot by dot as its path says. */
function codeOf(svg: string) {
  const root = new DOMParser({
    onError: (_, message) => {
      throw new Error(message);
    },
  }).parseFromString(svg, 'image/svg+xml').documentElement!;
  const path = root.getElementsByTagName('path')[0]!.getAttribute('d')!;
  const data = new Uint8Array(WIDTH * HEIGHT * 4).fill(255);
  for (const [, ...numbers] of path.matchAll(/M(\d+) (\d+)h(\d+)v(\d+)h-\d+z/g)) {
    const [x, y, width, height] = numbers.map(Number) as [number, number, number, number];
    for (let row = y; row < y + height; row++) {
      for (let column = x; column < x + width; column++) data.set([0, 0, 0], (row * WIDTH + column) * 4);
    }
  }
  const texts = [...root.getElementsByTagName('text')].map((text) => text.textContent!);
  return {
    width: WIDTH,
    height: HEIGHT,
    data,
    texts,
    title: root.getElementsByTagName('title')[0]!.textContent,
  };
}

describe('labels', () => {
  it.each(LABELS)('%s lead to the page of the equipment, in both kinds of picture', (_, etiquette) => {
    const drawing = drawEtiquette(etiquette);
    expect(decode(seen(etiquettePng(drawing)))).toBe(etiquette.url);
    expect(decode(codeOf(etiquetteSvg(drawing)))).toBe(etiquette.url);
  });

  it('say in letters what the equipment is, and where', () => {
    const { texts, title } = codeOf(etiquetteSvg(drawEtiquette(label())));
    expect(texts.join(' ')).toBe('Presse hydraulique PH-001 S/N PH001-2023-001 Usine de Khouribga');
    expect(title).toContain('PH001-2023-001');
    expect(title).toContain('https://regie.example.com/equipements/12');
  });

  it('show all of a serial number, however long it is', () => {
    for (const numeroSerie of ['W'.repeat(100), 'A-1', 'i'.repeat(57)]) {
      const { texts } = codeOf(
        etiquetteSvg(drawEtiquette(label({ nom: 'Presse', site: null, numeroSerie }))),
      );
      expect(texts.slice(1).join('')).toBe(`S/N ${numeroSerie}`);
    }
  });

  it.each(LABELS)('%s write within the paper and beside the code', (_, etiquette) => {
    const { lines, bars } = drawEtiquette(etiquette);
    const right = Math.max(...bars.map(({ x, width }) => x + width));
    for (const line of lines) {
      expect(line.y).toBeGreaterThan(line.size * 0.7);
      expect(line.y).toBeLessThanOrEqual(HEIGHT - 4);
      if (!line.rtl) expect(line.x).toBeGreaterThan(right);
    }
    // What is drawn in dots: nothing at the edges, where a printer cuts.
    const { width, height, dots } = readPng(etiquettePng({ description: '', bars: [], lines }));
    const dark = (x: number, y: number) => dots[y * width + x]! < 128;
    for (let y = 0; y < height; y++) {
      expect(dark(width - 1, y)).toBe(false);
      for (let x = 0; x <= right; x++) if (dark(x, y)) throw new Error(`ink on the code at ${x}, ${y}`);
    }
    for (let x = 0; x < width; x++) expect(dark(x, height - 1)).toBe(false);
  });

  it('are the same bytes for the same equipment', () => {
    expect(etiquettePng(drawEtiquette(label()))).toEqual(etiquettePng(drawEtiquette(label())));
  });
});
