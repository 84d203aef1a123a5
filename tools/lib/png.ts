import { crc32, deflateSync } from 'node:zlib';
import type { Page } from './browser';

/** Colours that are kept: what is drawn has few, and many shades between them at the edges of its letters. */
const COLOURS = 96;

/** The same picture with few colours: a quarter of the size. Pixels are read by a browser, which knows the format. */
export async function withFewColours(page: Page, png: Buffer): Promise<Buffer> {
  const { width, height, palette, pixels } = await page.evaluate<{
    width: number;
    height: number;
    palette: number[];
    pixels: string;
  }>(`(${READ})('data:image/png;base64,${png.toString('base64')}', ${COLOURS})`);
  const indexes = Buffer.from(pixels, 'base64');
  // Each line begins with its filter, of which 0 is none.
  const lines = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) indexes.copy(lines, y * (width + 1) + 1, y * width, (y + 1) * width);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette)),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

/** Runs in the page: the colours that are there most often, and for each pixel which of them is nearest. */
const READ = `async (url, colours) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  const { width, height } = image;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const binAt = (i) => ((data[i] >> 3) << 10) | ((data[i + 1] >> 3) << 5) | (data[i + 2] >> 3);
  const counts = new Uint32Array(32768);
  const samples = new Uint8Array(3 * 32768);
  for (let i = 0; i < data.length; i += 4) {
    const bin = binAt(i);
    if (counts[bin]++ === 0) samples.set(data.subarray(i, i + 3), 3 * bin);
  }
  const used = [...counts.keys()].filter((bin) => counts[bin] > 0).sort((a, b) => counts[b] - counts[a]);
  const palette = used.slice(0, colours).flatMap((bin) => [...samples.subarray(3 * bin, 3 * bin + 3)]);
  const nearest = new Uint8Array(32768);
  for (const bin of used) {
    let best = Infinity;
    for (let c = 0; c < palette.length; c += 3) {
      const distance = [0, 1, 2].reduce((sum, k) => sum + (palette[c + k] - samples[3 * bin + k]) ** 2, 0);
      if (distance < best) [best, nearest[bin]] = [distance, c / 3];
    }
  }
  const pixels = new Uint8Array(width * height);
  for (let p = 0; p < pixels.length; p++) pixels[p] = nearest[binAt(4 * p)];
  return { width, height, palette, pixels: pixels.toBase64() };
}`;
