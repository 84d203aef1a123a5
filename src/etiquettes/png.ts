import { crc32, deflateSync } from 'node:zlib';
import { outlinesOf } from '../pdf/fonts';
import { DOTS_PER_INCH, type Drawing, HEIGHT, type Line, WIDTH } from './etiquette';
import { Raster } from './raster';

/** @returns a label as a PNG in grey, with the size at which it is printed. */
export function etiquettePng({ bars, lines, description }: Drawing): Buffer {
  const raster = new Raster(WIDTH, HEIGHT);
  for (const { x, y, width, height } of bars) raster.rectangle(x, y, width, height);
  for (const line of lines) write(raster, line);
  return encodePng(raster, description);
}

function write(raster: Raster, { text, x, y, size, bold, rtl }: Line): void {
  const { outlines, width } = outlinesOf(text, size, bold ? 'bold' : 'regular', rtl);
  const left = rtl ? x - width : x;
  for (const outline of outlines) {
    raster.fill(outline.map((contour) => contour.map(([px, py]) => [left + px, y - py])));
  }
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const GREY = 0;
const PER_METRE = Math.round(DOTS_PER_INCH / 0.0254);

/** ISO/IEC 15948, one byte a dot, no filter: a label is mostly white. */
function encodePng({ width, height, dots }: Raster, description: string): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, GREY, 0, 0, 0], 8);
  const scale = Buffer.alloc(9);
  scale.writeUInt32BE(PER_METRE, 0);
  scale.writeUInt32BE(PER_METRE, 4);
  scale.writeUInt8(1, 8);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    rows.set(dots.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('pHYs', scale),
    // Not compressed, in no language, and under no other name.
    chunk('iTXt', Buffer.concat([Buffer.from('Description\0\0\0\0\0'), Buffer.from(description)])),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(content.length, 0);
  framed.set(named, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}
