import { crc32, inflateSync } from 'node:zlib';

/** A picture in grey, from its PNG. */
export interface Grey {
  width: number;
  height: number;
  dots: Uint8Array;
  /** Dots a metre, across and down. */
  scale: [number, number];
}

/** Reads a PNG of eight bits of grey without filters; every sum is checked, and anything else refused. */
export function readPng(png: Buffer): Grey {
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(png.subarray(at + 4, at + 8 + length)));
    chunks.set(type, png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  expect([...chunks.keys()].at(-1)).toBe('IEND');
  const header = chunks.get('IHDR')!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  expect([...header.subarray(8)]).toEqual([8, 0, 0, 0, 0]);
  const rows = inflateSync(chunks.get('IDAT')!);
  expect(rows).toHaveLength((width + 1) * height);
  const dots = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    expect(rows[y * (width + 1)]).toBe(0);
    dots.set(rows.subarray(y * (width + 1) + 1, (y + 1) * (width + 1)), y * width);
  }
  const scale = chunks.get('pHYs')!;
  return { width, height, dots, scale: [scale.readUInt32BE(0), scale.readUInt32BE(4)] };
}
