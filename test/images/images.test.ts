import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import PDFDocument from 'pdfkit';
import sharp from 'sharp';
import { canTurn, hasPreview, preview, upright } from '../../src/images/images';
import { ChildFailed } from '../../src/threads/child';
import { HEIC_PHOTO, POSITION, photo } from '../support/photos';

const previewOf = (file: Buffer, mime: string) => preview(async () => Readable.from([file]), mime);
const turned = (file: Buffer, mime: string) => buffer(Readable.from(upright(Readable.from([file]), mime)));

/** The colour of a point, by its place between 0 and 1. */
async function colourAt(file: Buffer, x: number, y: number): Promise<string> {
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels;
  const [red, , blue] = data.subarray(at, at + 3);
  return red! > blue! ? 'red' : 'blue';
}

describe('a preview', () => {
  it.each(['jpeg', 'png', 'webp', 'tiff', 'avif'] as const)(
    'of a %s is small, upright, and tells nothing',
    async (format) => {
      const made = await previewOf(
        await photo(format, { orientation: format === 'avif' ? 1 : 6 }),
        `image/${format}`,
      );
      const { format: type, width, height, exif } = await sharp(made).metadata();
      const across = format === 'avif' ? [64, 48] : [48, 64];
      expect([type, width, height, exif]).toEqual(['jpeg', ...across, undefined]);
    },
  );

  it('of a large picture is 640 pixels long', async () => {
    const large = await sharp({ create: { width: 3000, height: 2000, channels: 3, background: '#336699' } })
      .jpeg()
      .toBuffer();
    const { width, height } = await sharp(await previewOf(large, 'image/jpeg')).metadata();
    expect([width, height]).toEqual([640, 427]);
  });

  it('of what an iPhone writes is made as well', async () => {
    const made = await previewOf(HEIC_PHOTO, 'image/heic');
    expect((await sharp(made).metadata()).format).toBe('jpeg');
    expect(await colourAt(made, 0.9, 0.9)).toBe('red');
  });

  it('of a PDF shows its first page', async () => {
    const document = new PDFDocument({ size: 'A4' });
    const bytes = buffer(document as unknown as Readable);
    document.rect(0, 0, 595, 400).fill('#ff0000').rect(0, 400, 595, 442).fill('#0000ff').addPage().end();
    const made = await previewOf(await bytes, 'application/pdf');
    expect((await sharp(made).metadata()).height).toBeGreaterThan(600);
    expect([await colourAt(made, 0.5, 0.2), await colourAt(made, 0.5, 0.8)]).toEqual(['red', 'blue']);
  });

  it.each(['image/jpeg', 'image/heic', 'application/pdf'])('of a broken %s is an error', async (mime) => {
    await expect(previewOf(randomBytes(10_000), mime)).rejects.toThrow(ChildFailed);
  });

  it('of a picture that unfolds without end is an error', async () => {
    const bomb = await sharp({
      create: { width: 16_000, height: 16_000, channels: 3, background: '#000' },
      limitInputPixels: false,
    })
      .png()
      .toBuffer();
    await expect(previewOf(bomb, 'image/png')).rejects.toThrow(/pixel limit/);
  });

  it('fails with what the source fails with', async () => {
    const cut = async () => {
      const source = new Readable({ read: () => {} });
      setImmediate(() => source.destroy(new Error('cut')));
      return source;
    };
    await expect(preview(cut, 'image/jpeg')).rejects.toThrow('cut');
  });

  it('is there for pictures and PDF of a size that can be looked into', () => {
    expect(hasPreview({ mime_type: 'image/heic', taille: 1_000 })).toBe(true);
    expect(hasPreview({ mime_type: 'application/pdf', taille: 100_000_000 })).toBe(false);
    expect(hasPreview({ mime_type: 'text/csv', taille: 1_000 })).toBe(false);
  });
});

describe('turning upright', () => {
  it.each(['jpeg', 'png', 'webp'] as const)('keeps what the camera wrote into a %s', async (format) => {
    expect(canTurn(`image/${format}`)).toBe(true);
    const made = await turned(await photo(format, { orientation: 6 }), `image/${format}`);
    const { format: type, width, height, orientation = 1, exif } = await sharp(made).metadata();
    expect([type, width, height, orientation]).toEqual([format, 48, 64, 1]);
    expect(exif!.toString('latin1')).toContain('2026:11:28 10:11:12');
    // Whether the position stays is decided elsewhere.
    expect(POSITION.some((seconds) => made.includes(seconds))).toBe(true);
    // What was the upper left is the upper right now.
    expect([await colourAt(made, 0.9, 0.1), await colourAt(made, 0.1, 0.1)]).toEqual(['blue', 'red']);
  });

  it('is an error for what cannot be read to its end', async () => {
    const file = await photo('jpeg', { orientation: 6 });
    await expect(turned(file.subarray(0, file.length - 200), 'image/jpeg')).rejects.toThrow(ChildFailed);
  });
});
