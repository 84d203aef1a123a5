import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { type Bytes, patchStream } from '../../src/images/bytes';
import { readPhoto } from '../../src/images/photo';
import { HEIC_PHOTO, POSITION, photo, TIFF_PHOTO } from '../support/photos';

const bytesOf = (file: Buffer): Bytes => ({
  size: file.length,
  read: async (offset, length) => file.subarray(offset, offset + length),
});

/** In pieces, which end anywhere. */
async function* inPieces(file: Buffer, size: number) {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}

async function withoutPosition(file: Buffer, mime: string, piece = 7): Promise<Buffer> {
  const { patches } = await readPhoto(bytesOf(file), mime);
  return buffer(Readable.from(patchStream(inPieces(file, piece), patches)));
}

const tells = (file: Buffer) => POSITION.some((seconds) => file.includes(seconds));

describe.each(['jpeg', 'png', 'webp', 'avif'] as const)('a %s', (format) => {
  const mime = `image/${format}`;

  it('loses its position and nothing else', async () => {
    const file = await photo(format);
    expect(tells(file)).toBe(true);
    const clean = await withoutPosition(file, mime);
    expect(tells(clean)).toBe(false);
    expect(clean).toHaveLength(file.length);
    const exif = (await sharp(clean).metadata()).exif!.toString('latin1');
    expect(exif).toContain('Maker');
    expect(exif).toContain('2026:11:28 10:11:12');
    expect(await sharp(clean).raw().toBuffer()).toEqual(await sharp(file).raw().toBuffer());
    // There is nothing left to take out.
    expect(await readPhoto(bytesOf(clean), mime)).toEqual({ orientation: 1, patches: [] });
  });

  it('is left as it is when it tells of no place', async () => {
    const plain = await sharp(await photo(format))
      .toFormat(format)
      .toBuffer();
    expect(await readPhoto(bytesOf(plain), mime)).toEqual({ orientation: 1, patches: [] });
  });

  it('may be cut off or wrong anywhere', async () => {
    const file = await photo(format);
    for (let at = 0; at < file.length; at += 3) {
      await readPhoto(bytesOf(file.subarray(0, at)), mime);
      const wrong = Buffer.from(file);
      wrong[at]! ^= 0xff;
      const { patches } = await readPhoto(bytesOf(wrong), mime);
      expect(patches.every(({ offset, bytes }) => offset >= 0 && offset + bytes.length <= file.length)).toBe(
        true,
      );
    }
  });
});

it.each(['jpeg', 'png', 'webp', 'tiff'] as const)('says how a %s was held', async (format) => {
  const { orientation } = await readPhoto(
    bytesOf(await photo(format, { orientation: 6 })),
    `image/${format}`,
  );
  expect(orientation).toBe(6);
});

it.each(['jpeg', 'png', 'webp', 'tiff'] as const)(
  'takes the position out of the XMP of a %s',
  async (format) => {
    const clean = await withoutPosition(await photo(format, { xmp: true }), `image/${format}`);
    const xmp = (await sharp(clean).metadata()).xmp?.toString() ?? '';
    // That of a PNG is packed: it is gone whole.
    expect(xmp.includes('Telephone')).toBe(format !== 'png');
    expect(xmp).not.toMatch(/48,51|2,17/);
  },
);

it('takes the position out of a TIFF', async () => {
  // The seconds of the latitude, with as small a divisor as can be.
  const seconds = Buffer.from(new Uint32Array([728, 25]).buffer);
  expect(TIFF_PHOTO.includes(seconds)).toBe(true);
  const clean = await withoutPosition(TIFF_PHOTO, 'image/tiff');
  expect(clean.includes(seconds)).toBe(false);
  expect((await readPhoto(bytesOf(clean), 'image/tiff')).orientation).toBe(6);
  expect(await sharp(clean).raw().toBuffer()).toEqual(await sharp(TIFF_PHOTO).raw().toBuffer());
});

it('takes the position out of what an iPhone writes', async () => {
  expect(tells(HEIC_PHOTO)).toBe(true);
  const clean = await withoutPosition(HEIC_PHOTO, 'image/heic');
  expect(tells(clean)).toBe(false);
  expect(clean.toString('latin1')).toContain('Maker');
  expect(clean.toString('latin1')).toContain('2026:11:28 10:11:12');
});

it('says nothing of what is no photograph', async () => {
  for (const mime of [
    'image/jpeg',
    'image/png',
    'image/webp',
    'image/tiff',
    'image/heic',
    'application/pdf',
  ]) {
    expect(
      await readPhoto(bytesOf(Buffer.from('no picture at all, but long enough to look at')), mime),
    ).toEqual({
      orientation: 1,
      patches: [],
    });
  }
});
