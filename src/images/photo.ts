import { crc32, inflateSync } from 'node:zlib';
import { metadataOfBoxes } from './boxes';
import { type Bytes, type Patch, patched, type Span } from './bytes';
import { readTiff } from './tiff';

/**
 * What a telephone writes into its photographs: which way up they were taken, and where. The position is taken out in
 * place: every other byte, that of the picture above all, stays as it was.
 */

export interface Photo {
  /** How it has to be turned to stand upright, 1 to 8 (TIFF 6.0, tag 274); 1 is upright. */
  orientation: number;
  /** What takes the position out; none where none is told. */
  patches: Patch[];
}

/** Where a file keeps what it tells of itself. */
interface Places {
  exif: Span[];
  xmp: Span[];
  /** Texts of PNG, packed or not. */
  texts: Span[];
  /** Pieces that are followed by a checksum of their type and content (PNG). */
  checked: Span[];
}

const MAX_PIECES = 2_000;
const MAX_XMP = 1024 * 1024;

const READERS: Readonly<Record<string, (file: Bytes) => Promise<Partial<Places>>>> = {
  'image/jpeg': segments,
  'image/png': chunks,
  'image/webp': riff,
  'image/tiff': async ({ size }) => ({ exif: [{ offset: 0, length: size }] }),
  'image/heic': metadataOfBoxes,
  'image/heif': metadataOfBoxes,
  'image/avif': metadataOfBoxes,
};

/** Of a type that tells nothing of itself there is nothing to say. What is broken in it is passed over, never an error. */
export async function readPhoto(file: Bytes, mime: string): Promise<Photo> {
  const { exif = [], xmp = [], texts = [], checked = [] } = (await READERS[mime]?.(file)) ?? {};
  let orientation = 1;
  const patches: Patch[] = [];
  const plain = [...xmp];
  for (const span of exif) {
    const tiff = await readTiff(file, await tiffIn(file, span));
    if (tiff.orientation !== 1) orientation = tiff.orientation;
    patches.push(...tiff.patches);
    if (tiff.xmp !== null) plain.push(tiff.xmp);
  }
  for (const span of plain) patches.push(...(await positionsInXmp(file, span)));
  for (const span of texts) patches.push(...(await positionsInText(file, span)));
  if (patches.length > 0) patches.push(...(await checksums(patched(file, patches), checked, patches)));
  return { orientation, patches };
}

const EXIF = 'Exif\0\0';

/** Exif begins at once, behind its own name, or, in a box, behind the number of bytes to pass over. */
async function tiffIn(file: Bytes, { offset, length }: Span): Promise<Span> {
  const head = await file.read(offset, 4);
  const at = (by: number): Span => ({ offset: offset + by, length: length - by });
  if (head.length < 4 || ['II*\0', 'MM\0*'].includes(head.toString('latin1'))) return at(0);
  if (head.toString('latin1') === EXIF.slice(0, 4)) return at(EXIF.length);
  return at(Math.min(4 + head.readUInt32BE(0), length));
}

const XMP_NAMES = ['http://ns.adobe.com/xap/1.0/\0', 'http://ns.adobe.com/xmp/extension/\0'];

/** JPEG (ITU T.81, annex B): segments up to the picture itself. */
async function segments(file: Bytes): Promise<Partial<Places>> {
  const places = { exif: [] as Span[], xmp: [] as Span[] };
  let offset = 2;
  for (let piece = 0; piece < MAX_PIECES; piece++) {
    const head = await file.read(offset, 40);
    if (head.length < 4 || head[0] !== 0xff) break;
    const marker = head[1]!;
    if (marker === 0xff) {
      offset += 1;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) break;
    const length = head.readUInt16BE(2);
    const span = { offset: offset + 4, length: length - 2 };
    const begins = head.toString('latin1', 4);
    if (marker === 0xe1 && begins.startsWith(EXIF)) places.exif.push(span);
    if (marker === 0xe1 && XMP_NAMES.some((name) => begins.startsWith(name))) places.xmp.push(span);
    offset += 2 + length;
  }
  return places;
}

const TEXTS = ['tEXt', 'zTXt', 'iTXt'];

/** PNG (W3C, third edition, §5 and §11.3). */
async function chunks(file: Bytes): Promise<Partial<Places>> {
  const places = { exif: [] as Span[], texts: [] as Span[], checked: [] as Span[] };
  let offset = 8;
  for (let piece = 0; piece < MAX_PIECES; piece++) {
    const head = await file.read(offset, 8);
    if (head.length < 8) break;
    const span = { offset: offset + 8, length: head.readUInt32BE(0) };
    const type = head.toString('latin1', 4);
    const complete = span.offset + span.length + 4 <= file.size;
    const isText = TEXTS.includes(type) && span.length <= MAX_XMP;
    if (complete && (type === 'eXIf' || isText)) {
      (type === 'eXIf' ? places.exif : places.texts).push(span);
      places.checked.push({ offset: offset + 4, length: span.length + 4 });
    }
    offset += 12 + span.length;
  }
  return places;
}

/** WebP (RFC 9649, §2.3 and §2.7). */
async function riff(file: Bytes): Promise<Partial<Places>> {
  const places = { exif: [] as Span[], xmp: [] as Span[] };
  let offset = 12;
  for (let piece = 0; piece < MAX_PIECES; piece++) {
    const head = await file.read(offset, 8);
    if (head.length < 8) break;
    const span = { offset: offset + 8, length: head.readUInt32LE(4) };
    const type = head.toString('latin1', 0, 4);
    if (type === 'EXIF') places.exif.push(span);
    if (type === 'XMP ') places.xmp.push(span);
    offset += 8 + span.length + (span.length % 2);
  }
  return places;
}

/** A property of XMP (ISO 16684-1) that tells of the position, as an attribute or as an element. */
const XMP_POSITION = /\bexif:GPS\w+\s*=\s*(?:"([^"]*)"|'([^']*)')|<exif:GPS\w+(?:\s[^>]*)?>([^<]*)</dg;

async function positionsInXmp(file: Bytes, { offset, length }: Span): Promise<Patch[]> {
  // One byte a character, so that places in the text are places in the file.
  const text = (await file.read(offset, Math.min(length, MAX_XMP))).toString('latin1');
  return positionsIn(text, offset);
}

const PNG_XMP = 'XML:com.adobe.xmp';
/** Metadata as ImageMagick writes it, in hexadecimal digits. */
const RAW_PROFILE = /^Raw profile type (exif|APP1|xmp)$/i;

/**
 * Texts of PNG (§11.3.3). One that is packed and tells of the position goes whole: within its length it cannot be changed.
 * @param span of its content, behind its type.
 */
async function positionsInText(file: Bytes, { offset, length }: Span): Promise<Patch[]> {
  const content = await file.read(offset, length);
  const type = (await file.read(offset - 4, 4)).toString('latin1');
  const keyword = content.toString('latin1', 0, content.indexOf(0));
  const behind = keyword.length + 1;
  const blank = (from: number) => ({ offset: offset + from, bytes: Buffer.alloc(length - from, ' ') });
  const plain: Patch = { offset: offset - 4, bytes: Buffer.from('tEXt') };
  if (RAW_PROFILE.test(keyword)) return [plain, blank(behind)];
  if (keyword !== PNG_XMP) return [];
  if (type === 'tEXt') return positionsIn(content.toString('latin1', behind), offset + behind);
  // Behind its keyword: how it is packed; of an international text whether it is, its language and its keyword in that.
  const text = type === 'zTXt' ? behind + 1 : content.indexOf(0, content.indexOf(0, behind + 2) + 1) + 1;
  if (type === 'iTXt' && content[behind] === 0) {
    return positionsIn(content.toString('latin1', text), offset + text);
  }
  return positionsIn(inflated(content.subarray(text)), 0).length === 0 ? [] : [plain, blank(behind)];
}

/** Empty for what cannot be unpacked. */
function inflated(packed: Buffer): string {
  try {
    return inflateSync(packed, { maxOutputLength: MAX_XMP }).toString('latin1');
  } catch {
    return '';
  }
}

function positionsIn(text: string, offset: number): Patch[] {
  return [...text.matchAll(XMP_POSITION)].flatMap(({ indices }) => {
    const [from, to] = indices!.slice(1).find((value) => value !== undefined)!;
    return from === to ? [] : [{ offset: offset + from, bytes: Buffer.alloc(to - from, ' ') }];
  });
}

async function checksums(file: Bytes, checked: readonly Span[], patches: readonly Patch[]): Promise<Patch[]> {
  const made: Patch[] = [];
  for (const { offset, length } of checked) {
    if (!patches.some((patch) => patch.offset >= offset && patch.offset < offset + length)) continue;
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(await file.read(offset, length)));
    made.push({ offset: offset + length, bytes });
  }
  return made;
}
