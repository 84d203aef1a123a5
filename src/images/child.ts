import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Sharp } from 'sharp';
import { yieldToRequests } from '../threads/priority.cjs';
import { MAX_PIXELS, type Task } from './images';
import { decodeHeif, firstPage } from './pages';

/** The process that looks into pictures: reads one from its standard input and writes what it makes of it. */

/** A preview is this wide or high at most, in pixels. */
const PREVIEW_SIZE = 640;

async function run(task: Task, mime: string): Promise<void> {
  yieldToRequests();
  await pipeline(await made(task, mime), process.stdout);
}

async function made(task: Task, mime: string): Promise<Sharp> {
  switch (task) {
    case 'apercu':
      return preview(await readable(mime));
    case 'redressement':
      return upright(await open(), mime);
    case 'logo':
      return logo(await buffer(process.stdin));
  }
}

/** Without what the camera wrote: that is nobody's business in a preview. */
function preview(picture: Sharp): Sharp {
  return picture
    .autoOrient()
    .resize(PREVIEW_SIZE, PREVIEW_SIZE, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .jpeg({ quality: 78, progressive: true });
}

/** Turned as its camera was held, with all else that the camera wrote. */
function upright(picture: Sharp, mime: string): Sharp {
  const turned = picture.autoOrient().keepExif().keepXmp().keepIccProfile();
  if (mime === 'image/png') return turned.png();
  if (mime === 'image/webp') return turned.webp({ quality: 92 });
  return turned.jpeg({ quality: 92 });
}

/** What a logo may come as. */
const LOGO_FORMATS = ['png', 'jpeg', 'svg'];
/** Pixels: of what is sent at most, and of what is kept. */
const MAX_LOGO_PIXELS = 40_000_000;
const LOGO_SIZE = { width: 600, height: 240 };
/** Seconds that it may take to draw. */
const PATIENCE = 5;
/** Of 72 dots an inch, a drawing is drawn four times as large as it says, so that small ones are sharp on paper. */
const DENSITY = 288;

async function logo(file: Buffer): Promise<Sharp> {
  const { default: sharp } = await import('sharp');
  const picture = sharp(file, { limitInputPixels: MAX_LOGO_PIXELS, failOn: 'error', density: DENSITY });
  const { format } = await picture.metadata();
  if (!LOGO_FORMATS.includes(format ?? '')) throw new Error(`A picture of the kind ${format}`);
  return picture
    .autoOrient()
    .timeout({ seconds: PATIENCE })
    .resize({ ...LOGO_SIZE, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .png({ compressionLevel: 9 });
}

/** What can be decoded as a stream is not read whole. */
async function open(): Promise<Sharp> {
  const { default: sharp } = await import('sharp');
  return process.stdin.pipe(sharp({ limitInputPixels: MAX_PIXELS, failOn: 'error' }));
}

async function readable(mime: string): Promise<Sharp> {
  if (mime === 'application/pdf') return raw(await firstPage(await buffer(process.stdin), PREVIEW_SIZE));
  if (mime === 'image/heic' || mime === 'image/heif')
    return raw(await decodeHeif(await buffer(process.stdin)));
  return open();
}

async function raw({ data, width, height }: Awaited<ReturnType<typeof firstPage>>): Promise<Sharp> {
  const { default: sharp } = await import('sharp');
  return sharp(data, { raw: { width, height, channels: 4 } });
}

// Whoever started it and has gone wants nothing of it any more.
process.once('disconnect', () => process.exit(0));
const [task, mime] = process.argv.slice(2) as [Task, string];
run(task, mime).then(
  () => process.exit(0),
  (error) => {
    process.stderr.write(error instanceof Error ? error.message : String(error), () => process.exit(1));
  },
);
