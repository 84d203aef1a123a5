import type { Bytes, Patch, Span } from './bytes';

/**
 * Metadata in the structure of TIFF 6.0 (§2), as Exif 2.3 (§4.5) uses it: directories of entries of twelve bytes, whose
 * offsets count from the header.
 */

const ORIENTATION = 0x0112;
const XMP = 0x02bc;
const GPS_DIRECTORY = 0x8825;
/** Bytes of one value, by its type. */
const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];
const ENTRY = 12;
/** More than any camera writes; what claims more is none. */
const MAX_ENTRIES = 500;

export interface TiffMetadata {
  /** 1 to 8; 1 where it is not said (TIFF 6.0, tag 274). */
  orientation: number;
  /** What takes the position out, keeping the length and everything else. */
  patches: Patch[];
  /** Text in XMP, where the file holds it as a tag. */
  xmp: Span | null;
}

const NONE: TiffMetadata = { orientation: 1, patches: [], xmp: null };

interface Entry {
  tag: number;
  type: number;
  /** Of the entry itself and of its values, from the beginning of the file. */
  at: number;
  values: Span;
}

interface Directory extends Span {
  entries: Entry[];
  /** As it stands there: the number of its entries, these, and where the next directory is. */
  raw: Buffer;
}

/** Reads the first directory of what begins in `window` with a header of TIFF; what is none has no metadata. */
export async function readTiff(file: Bytes, window: Span): Promise<TiffMetadata> {
  const header = await file.read(window.offset, 8);
  const order = header.toString('latin1', 0, 4);
  if (header.length < 8 || (order !== 'II*\0' && order !== 'MM\0*')) return NONE;
  const tiff = new Tiff(file, window, order === 'II*\0');
  const first = await tiff.directory(tiff.uint32(header, 4));
  if (first === null) return NONE;
  const find = (tag: number) => first.entries.find((entry) => entry.tag === tag);

  const orientation = await tiff.short(find(ORIENTATION));
  const gps = find(GPS_DIRECTORY);
  return {
    orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
    patches: gps === undefined ? [] : await withoutDirectory(tiff, first, gps),
    xmp: find(XMP)?.values ?? null,
  };
}

/** Takes an entry out of its directory, and blanks the directory that it leads to with all that it holds. */
async function withoutDirectory(tiff: Tiff, parent: Directory, entry: Entry): Promise<Patch[]> {
  const { raw } = parent;
  const at = entry.at - parent.offset;
  const shorter = Buffer.concat([raw.subarray(0, at), raw.subarray(at + ENTRY), Buffer.alloc(ENTRY)]);
  tiff.writeUint16(shorter, parent.entries.length - 1);
  const patches: Patch[] = [{ offset: parent.offset, bytes: shorter }];
  const own = await tiff.directory(tiff.uint32(await tiff.read(entry.at + 8, 4), 0));
  if (own !== null) {
    for (const { offset, length } of [own, ...own.entries.map(({ values }) => values)]) {
      patches.push({ offset, bytes: Buffer.alloc(length) });
    }
  }
  return patches;
}

class Tiff {
  constructor(
    private readonly file: Bytes,
    private readonly window: Span,
    private readonly littleEndian: boolean,
  ) {}

  read(offset: number, length: number): Promise<Buffer> {
    return this.file.read(offset, length);
  }

  uint32(bytes: Buffer, at: number): number {
    if (bytes.length < at + 4) return 0;
    return this.littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  }

  private uint16(bytes: Buffer, at: number): number {
    return this.littleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
  }

  writeUint16(bytes: Buffer, value: number): void {
    if (this.littleEndian) bytes.writeUInt16LE(value);
    else bytes.writeUInt16BE(value);
  }

  /** The value of an entry that holds one short number; 0 for none. */
  async short(entry: Entry | undefined): Promise<number> {
    if (entry === undefined || entry.type !== 3) return 0;
    const bytes = await this.read(entry.values.offset, 2);
    return bytes.length < 2 ? 0 : this.uint16(bytes, 0);
  }

  /** @param pointer counted from the header. */
  async directory(pointer: number): Promise<Directory | null> {
    const { offset: base, length } = this.window;
    if (pointer < 8 || pointer + 2 > length) return null;
    const offset = base + pointer;
    const head = await this.read(offset, 2);
    const count = head.length < 2 ? 0 : this.uint16(head, 0);
    const size = 2 + count * ENTRY + 4;
    if (count === 0 || count > MAX_ENTRIES || pointer + size - 4 > length) return null;
    const raw = await this.read(offset, Math.min(size, length - pointer));
    if (raw.length < size - 4) return null;
    const entries = Array.from({ length: count }, (_, index) => this.entry(raw, offset, 2 + index * ENTRY));
    return { offset, length: raw.length, raw, entries: entries.filter((entry) => entry !== null) };
  }

  /** Null for one whose values would lie outside. */
  private entry(raw: Buffer, offset: number, at: number): Entry | null {
    const type = this.uint16(raw, at + 2);
    const bytes = (SIZES[type] ?? 0) * this.uint32(raw, at + 4);
    const pointer = this.uint32(raw, at + 8);
    const inside = bytes <= 4;
    if (!inside && pointer + bytes > this.window.length) return null;
    return {
      tag: this.uint16(raw, at),
      type,
      at: offset + at,
      values: { offset: inside ? offset + at + 8 : this.window.offset + pointer, length: bytes },
    };
  }
}
