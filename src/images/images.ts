import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ChildFailed } from '../threads/child';
import { filterThroughChild } from '../threads/filter';
import { Gate } from '../threads/gate';

/** What is made of pictures, in a process of its own: what foreign files do to a decoder happens there. */

/** A picture could not be decoded, or took more time or memory than one may. */
export const Unreadable = ChildFailed;

export type Task = 'apercu' | 'redressement' | 'logo';

/** A picture may unfold to so many pixels: more than any telephone takes. */
export const MAX_PIXELS = 120_000_000;
/** Larger files have no preview; bytes. */
const MAX_PREVIEWED = 50 * 1024 * 1024;

const PREVIEWED = [
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
  'image/avif',
  'image/heic',
  'image/heif',
  'image/tiff',
  'application/pdf',
];
const TURNED = ['image/jpeg', 'image/png', 'image/webp'];

/** Whether a preview can be made of such a file. */
export const hasPreview = ({ mime_type, taille }: { mime_type: string; taille: number }): boolean =>
  PREVIEWED.includes(mime_type) && taille <= MAX_PREVIEWED;

/** Whether `upright` can turn pictures of a type; of the others, readers do it by what the file says. */
export const canTurn = (mime: string): boolean => TURNED.includes(mime);

/** One at a time: a picture takes a processor and some hundred megabytes for up to a second. */
const gate = new Gate({ places: 1, maxWaiting: 40 });
const LIMITS = { file: 'images/child.js', timeLimit: 60_000, maxHeap: 200 };

/**
 * A small JPEG of a picture, or of the first page of a PDF.
 * @throws {Unreadable} when it cannot be read: `hasPreview` speaks of the type only.
 * @throws {RegieError} `SERVICE_INDISPONIBLE` when too many wait already.
 */
export function preview(open: () => Promise<Readable>, mime: string): Promise<Buffer> {
  return gate.run(async () => buffer(Readable.from(passed(await open(), 'apercu', mime))));
}

/**
 * A PNG of at most 600 × 240 pixels of a PNG, JPEG or SVG, as its bytes say, whatever its name.
 * @throws {Unreadable} for what is no such picture, or cannot be read to its end.
 * @throws {RegieError} `SERVICE_INDISPONIBLE` when too many wait already.
 */
export function logo(file: Buffer): Promise<Buffer> {
  return gate.run(() => buffer(Readable.from(passed(Readable.from([file]), 'logo', ''))));
}

/**
 * The picture turned upright, to be read at once: it is made while it is read.
 * @throws {Unreadable} also at the end of the bytes.
 */
export function upright(source: Readable, mime: string): AsyncGenerator<Buffer> {
  return passed(source, 'redressement', mime);
}

function passed(source: Readable, task: Task, mime: string): AsyncGenerator<Buffer> {
  return filterThroughChild(source, { ...LIMITS, args: [task, mime] });
}

/** Width and height of a picture of our own making, in pixels. */
export async function sizeOf(picture: Buffer): Promise<{ width: number; height: number }> {
  const { default: sharp } = await import('sharp');
  const { width, height } = await sharp(picture).metadata();
  return { width, height };
}
