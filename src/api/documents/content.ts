import { fileTypeFromBuffer } from 'file-type';
import { BINARY_TYPES, type FileType, textTypeOf } from '../../domain/documents/documents';
import { invalid } from '../../domain/errors';
import type { ObjectStore, StoredObject } from '../../storage/objects';
import { archiveType } from './archive';
import { refused } from './refusal';
import { type Encodage, looksLikeText, TextCheck } from './text';

/** What a file is, judged by all that it holds: neither its name nor what the sender announces proves anything. */

/** Bytes read ahead. */
const SAMPLE_SIZE = 64 * 1024;

const EMPTY = { fr: 'Le fichier est vide', en: 'The file is empty' };

export interface Identity {
  type: FileType;
  /** Of a text; null for what is none, and where only its reader can know. */
  encodage: Encodage | null;
}

export interface IdentifiedContent {
  /** The whole content, the bytes read ahead included. Gives an error as soon as a text turns out to be none. */
  bytes: AsyncGenerator<Buffer>;
  /**
   * What it is, once all bytes lie in the store.
   * @throws {RegieError} `TYPE_NON_ACCEPTE`
   */
  settle(store: Pick<ObjectStore, 'get'>, key: string, stored: StoredObject): Promise<Identity>;
}

/**
 * Reads the beginning of a file.
 * @param nom cleaned name, possibly empty.
 * @throws {RegieError} `TYPE_NON_ACCEPTE`, also while the bytes are read; `VALIDATION` when there are none.
 */
export async function identify(source: AsyncIterable<Buffer>, nom: string): Promise<IdentifiedContent> {
  const chunks = source[Symbol.asyncIterator]();
  try {
    const sample = await readAhead(chunks);
    if (sample.length === 0) throw invalid({ champ: 'file', message: EMPTY });
    const bytes = whole(sample, chunks);
    const mime = await signatureOf(sample);
    if (mime === 'application/zip') {
      const settle: IdentifiedContent['settle'] = async (store, key, { taille }) => ({
        type: await archiveType(store, key, taille),
        encodage: null,
      });
      return { bytes, settle };
    }
    const binary = BINARY_TYPES.find((type) => type.mime === mime);
    if (binary !== undefined) return { bytes, settle: async () => ({ type: binary, encodage: null }) };
    if (mime !== null) throw refused();
    const check = new TextCheck();
    return {
      bytes: check.through(bytes),
      settle: async () => ({ type: textTypeOf(nom), encodage: check.encodage }),
    };
  } catch (error) {
    await chunks.return?.();
    throw error;
  }
}

async function readAhead(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  const read: Buffer[] = [];
  for (let size = 0; size < SAMPLE_SIZE; ) {
    const { value, done } = await chunks.next();
    if (done) break;
    read.push(value);
    size += value.length;
  }
  return Buffer.concat(read);
}

/**
 * The type by signature; null for what may be a text. Many a text begins like something else: `BM` is a bitmap to
 * whoever looks at two bytes. Only a PDF may consist of nothing but characters.
 */
async function signatureOf(sample: Buffer): Promise<string | null> {
  const isPdf = sample.subarray(0, 5).equals(Buffer.from('%PDF-'));
  if (looksLikeText(sample) && !isPdf) return null;
  const detected = await fileTypeFromBuffer(sample);
  if (detected === undefined) return null;
  // Office documents whose list of contents comes late are told apart where all of it can be read.
  return isArchive(sample) ? 'application/zip' : detected.mime;
}

/** The signature of the first entry (APPNOTE §4.3.7). */
function isArchive(sample: Buffer): boolean {
  return sample.subarray(0, 4).equals(Buffer.from('PK\x03\x04'));
}

async function* whole(sample: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield sample;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
