import { PassThrough, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import { type FileType, OFFICE_TYPES, OPEN_DOCUMENT_TYPES } from '../../domain/documents/documents';
import { RegieError } from '../../domain/errors';
import type { ObjectStore } from '../../storage/objects';
import { refused } from './refusal';

/** Office documents: archives, whose list of entries lies at their end, so they are judged where they are stored. */

/** More entries than any document has. */
const MAX_ENTRIES = 20_000;
/** Bytes of the lists in which a document says what it is. */
const MAX_LIST = 1_000_000;

const CONTENT_TYPES = '[Content_Types].xml';
const MIMETYPE = 'mimetype';
const MACROS = /vbaProject\.bin$/i;

/**
 * What an archive is, if it is a document that can be read.
 * @throws {RegieError} `TYPE_NON_ACCEPTE` for every other archive
 * @throws {StoreUnavailable}
 */
export async function archiveType(
  store: Pick<ObjectStore, 'get'>,
  key: string,
  taille: number,
): Promise<FileType> {
  const reader = new StoreReader(store, key, taille);
  try {
    const zip = await fromRandomAccessReaderPromise(reader, taille, { autoClose: false, lazyEntries: true });
    const entries = await entriesOf(zip);
    const type = (await openDocumentType(zip, entries)) ?? (await officeType(zip, entries));
    if (type === null) throw refused();
    return type;
  } catch (error) {
    if (reader.failure !== null) throw reader.failure;
    throw error instanceof RegieError ? error : refused(error);
  }
}

async function entriesOf(zip: ZipFile): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > MAX_ENTRIES) throw refused();
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  return entries;
}

async function openDocumentType(zip: ZipFile, entries: ReadonlyMap<string, Entry>): Promise<FileType | null> {
  if (!entries.has('content.xml') || !entries.has('META-INF/manifest.xml')) return null;
  const named = await read(zip, entries.get(MIMETYPE));
  return OPEN_DOCUMENT_TYPES.find(({ mime }) => mime === named) ?? null;
}

async function officeType(zip: ZipFile, entries: ReadonlyMap<string, Entry>): Promise<FileType | null> {
  const contents = await read(zip, entries.get(CONTENT_TYPES));
  if ([...entries.keys()].some((name) => MACROS.test(name))) return null;
  const type = OFFICE_TYPES.find(
    ({ part, partType }) => entries.has(part) && contents.includes(`"${partType}"`),
  );
  if (type === undefined) return null;
  // What stands in the list may lead nowhere.
  await zip.readLocalFileHeaderPromise(entries.get(type.part)!);
  return type;
}

/** A short text of the archive; empty when there is none. */
async function read(zip: ZipFile, entry: Entry | undefined): Promise<string> {
  if (entry === undefined || entry.uncompressedSize > MAX_LIST) return '';
  return (await buffer(await zip.openReadStreamPromise(entry))).toString('utf8');
}

/** Bytes asked of the store at a time: a list of entries is read in steps of some dozen bytes. */
const BLOCK = 256 * 1024;

class StoreReader extends RandomAccessReader {
  /** What the store failed with, if it did: that is no fault of the archive. */
  failure: unknown = null;
  private block: { start: number; bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) };

  constructor(
    private readonly store: Pick<ObjectStore, 'get'>,
    private readonly key: string,
    private readonly taille: number,
  ) {
    super();
  }

  override read(
    target: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.bytesAt(position, length).then(
      (bytes) => {
        bytes.copy(target, offset);
        callback(bytes.length < length ? new Error('The archive ends too early') : null);
      },
      (error: Error) => {
        this.failure = error;
        callback(error);
      },
    );
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const stream = new PassThrough();
    this.bytesAt(start, end - start).then(
      (bytes) => stream.end(bytes),
      (error: Error) => {
        this.failure = error;
        stream.destroy(error);
      },
    );
    return stream;
  }

  private async bytesAt(position: number, length: number): Promise<Buffer> {
    const { start, bytes } = this.block;
    if (position < start || position + length > start + bytes.length) {
      const end = Math.min(this.taille, position + Math.max(length, BLOCK));
      if (position >= end) return Buffer.alloc(0);
      const stream = await this.store.get(this.key, { start: position, end: end - 1 });
      this.block = { start: position, bytes: await buffer(stream) };
    }
    const from = position - this.block.start;
    return this.block.bytes.subarray(from, from + length);
  }
}
