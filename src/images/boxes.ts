import type { Bytes, Span } from './bytes';

/**
 * Where files of the ISO base media format (ISO/IEC 14496-12: HEIC, AVIF) keep their metadata: `meta` lists items, `iloc`
 * says where each lies.
 */

interface Box {
  type: string;
  /** Its content, without its header. */
  content: Span;
}

export interface Metadata {
  exif: Span[];
  xmp: Span[];
}

const MAX_BOXES = 200;
/** A list of items is a few kilobytes; more is not looked at. */
const MAX_LIST = 1024 * 1024;

export async function metadataOfBoxes(file: Bytes): Promise<Metadata> {
  const meta = (await boxesIn(file, { offset: 0, length: file.size })).find(({ type }) => type === 'meta');
  if (meta === undefined) return { exif: [], xmp: [] };
  // A full box: its version and flags come first.
  const inner = await boxesIn(file, inside(meta.content, 4));
  const contentOf = async (name: string) => {
    const box = inner.find(({ type }) => type === name);
    return box === undefined ? null : file.read(box.content.offset, Math.min(box.content.length, MAX_LIST));
  };
  const [infos, locations] = [await contentOf('iinf'), await contentOf('iloc')];
  if (infos === null || locations === null) return { exif: [], xmp: [] };
  const idat = inner.find(({ type }) => type === 'idat')?.content.offset ?? 0;
  const types = itemTypes(infos);
  const found: Metadata = { exif: [], xmp: [] };
  for (const { id, spans } of itemSpans(locations, idat)) {
    const type = types.get(id);
    // Metadata in pieces is written by nobody; what it would say of the position cannot be told from a piece.
    if (spans.length !== 1 || spans[0]!.offset + spans[0]!.length > file.size) continue;
    if (type === 'Exif') found.exif.push(spans[0]!);
    if (type === 'mime') found.xmp.push(spans[0]!);
  }
  return found;
}

async function boxesIn(file: Bytes, span: Span): Promise<Box[]> {
  const boxes: Box[] = [];
  const end = Math.min(span.offset + span.length, file.size);
  for (let offset = span.offset; offset + 8 <= end && boxes.length < MAX_BOXES; ) {
    const header = await file.read(offset, 16);
    if (header.length < 8) break;
    const short = header.readUInt32BE(0);
    const large = short === 1 && header.length === 16;
    const size = large ? Number(header.readBigUInt64BE(8)) : short === 0 ? end - offset : short;
    const head = large ? 16 : 8;
    if (size < head || offset + size > end) break;
    boxes.push({
      type: header.toString('latin1', 4, 8),
      content: { offset: offset + head, length: size - head },
    });
    offset += size;
  }
  return boxes;
}

const inside = ({ offset, length }: Span, by: number): Span => ({ offset: offset + by, length: length - by });

/** `iinf`: the type of each item, by its number. */
function itemTypes(infos: Buffer): Map<number, string> {
  const types = new Map<number, string>();
  if (infos.length < 8) return types;
  let at = infos[0] === 0 ? 6 : 8;
  while (at + 8 <= infos.length && types.size < MAX_BOXES) {
    const size = infos.readUInt32BE(at);
    const version = infos[at + 8] ?? 0;
    if (size < 20 || at + size > infos.length) break;
    if (infos.toString('latin1', at + 4, at + 8) === 'infe' && version >= 2) {
      const wide = version === 3;
      const id = wide ? infos.readUInt32BE(at + 12) : infos.readUInt16BE(at + 12);
      const name = at + (wide ? 18 : 16);
      types.set(id, infos.toString('latin1', name, name + 4));
    }
    at += size;
  }
  return types;
}

interface Item {
  id: number;
  spans: Span[];
}

/** `iloc`: where each item lies in the file. */
function itemSpans(locations: Buffer, idat: number): Item[] {
  const reader = new Reader(locations);
  const items: Item[] = [];
  try {
    const version = reader.uint(1);
    reader.uint(3);
    const sizes = reader.uint(1);
    const more = reader.uint(1);
    const [offsetSize, lengthSize, baseSize] = [sizes >> 4, sizes & 15, more >> 4];
    const indexSize = version === 0 ? 0 : more & 15;
    const wide = version < 2 ? 2 : 4;
    const count = reader.uint(wide);
    for (let item = 0; item < Math.min(count, MAX_BOXES); item++) {
      const id = reader.uint(wide);
      const method = version === 0 ? 0 : reader.uint(2) & 15;
      reader.uint(2);
      const base = reader.uint(baseSize);
      const extents = reader.uint(2);
      const spans: Span[] = [];
      for (let extent = 0; extent < extents; extent++) {
        reader.uint(indexSize);
        const offset = reader.uint(offsetSize) + base + (method === 1 ? idat : 0);
        spans.push({ offset, length: reader.uint(lengthSize) });
      }
      if (method <= 1) items.push({ id, spans });
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // A list that ends too early: what was read of it counts.
  }
  return items;
}

class Reader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  /** @throws {RangeError} where there are no more. */
  uint(size: number): number {
    if (size === 0) return 0;
    if (this.at + size > this.bytes.length) throw new RangeError('The list ends');
    const value = this.bytes.subarray(this.at, this.at + size).reduce((sum, byte) => sum * 256 + byte, 0);
    this.at += size;
    return value;
  }
}
