import { escaped } from '../svg/mots';
import { DOTS_PER_INCH, type Drawing, HEIGHT, type Line, WIDTH } from './etiquette';

const FONT = "'DejaVu Sans Condensed','DejaVu Sans','Noto Sans',Arial,'Noto Sans Arabic',sans-serif";
const MILLIMETRES = 25.4 / DOTS_PER_INCH;

/** @returns a label as SVG 1.1 that prints at its own size, without script and style sheet. */
export function etiquetteSvg({ description, bars, lines }: Drawing): string {
  const code = bars.map(({ x, y, width, height }) => `M${x} ${y}h${width}v${height}h${-width}z`).join('');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${millimetres(WIDTH)}"` +
    ` height="${millimetres(HEIGHT)}" font-family="${escaped(FONT)}" role="img" aria-labelledby="titre">` +
    `<title id="titre">${escaped(description)}</title>` +
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>` +
    `<path d="${code}" fill="#000000" shape-rendering="crispEdges"/>` +
    `${lines.map(lineOf).join('')}</svg>\n`
  );
}

function lineOf({ text, x, y, size, bold, rtl }: Line): string {
  const weight = bold ? ' font-weight="bold"' : '';
  const direction = rtl ? ' direction="rtl"' : '';
  return `<text x="${x}" y="${y}" font-size="${size}"${weight}${direction}>${escaped(text)}</text>`;
}

function millimetres(dots: number): string {
  return `${Math.round(dots * MILLIMETRES * 100) / 100}mm`;
}
