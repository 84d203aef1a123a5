import { TextDecoder } from 'node:util';
import { fileTypeFromBuffer } from 'file-type';
import {
  BINARY_TYPES,
  extensionOf,
  type FileType,
  mayBeDeclared,
  PLAIN_TEXT,
  TEXT_TYPES,
} from '../../domain/documents/documents';
import { invalid, RegieError } from '../../domain/errors';

/** What a file is, judged by what it holds: its name and what the sender announces must agree, and prove nothing. */

/** Bytes read ahead. An office document shows its type in the first entries of its archive. */
const SAMPLE_SIZE = 64 * 1024;

const EMPTY = { fr: 'Le fichier est vide', en: 'The file is empty' };

export interface IdentifiedContent {
  type: FileType;
  /** The whole content, the bytes read ahead included. Gives an error as soon as a text turns out to be none. */
  bytes: AsyncGenerator<Buffer>;
}

/**
 * Reads the beginning of a file and says what it is.
 * @param nom cleaned name, possibly empty.
 * @param declared type announced by the sender.
 * @throws {RegieError} `TYPE_NON_ACCEPTE`, also while the bytes are read; `VALIDATION` when there are none.
 */
export async function identify(
  source: AsyncIterable<Buffer>,
  nom: string,
  declared: string,
): Promise<IdentifiedContent> {
  const chunks = source[Symbol.asyncIterator]();
  try {
    const sample = await readAhead(chunks);
    if (sample.length === 0) throw invalid({ champ: 'file', message: EMPTY });
    const extension = extensionOf(nom);
    const textType = TEXT_TYPES.find(({ extensions }) => extensions.includes(extension));
    const type = textType ?? (await bySignature(sample, extension));
    if (!mayBeDeclared(type, declared)) throw refused();
    const bytes = whole(sample, chunks);
    return { type, bytes: TEXT_TYPES.includes(type) ? checkedText(bytes) : bytes };
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

async function bySignature(sample: Buffer, extension: string): Promise<FileType> {
  const detected = await fileTypeFromBuffer(sample);
  if (detected === undefined && extension === '') return PLAIN_TEXT;
  const type =
    detected?.mime === 'application/zip'
      ? officeType(sample, extension)
      : BINARY_TYPES.find(({ mime }) => mime === detected?.mime);
  if (type === undefined || (extension !== '' && !type.extensions.includes(extension))) throw refused();
  return type;
}

/**
 * Some programs put the list of contents, by which office documents are told, at the far end of the archive. Then the
 * first entry has to lie where such a document keeps its parts, and the name says which one it is.
 */
function officeType(sample: Buffer, extension: string): FileType | undefined {
  const NAME_AT = 30;
  if (sample.length < NAME_AT) return undefined;
  const name = sample.toString('latin1', NAME_AT, NAME_AT + sample.readUInt16LE(26));
  return BINARY_TYPES.find(
    ({ extensions, folder }) =>
      folder !== undefined &&
      extensions.includes(extension) &&
      [folder, 'docProps/', '_rels/'].some((part) => name.startsWith(part)),
  );
}

async function* whole(sample: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield sample;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/** Control characters that no text has. */
const BINARY = /(?![\t\n\r\f])\p{Cc}/u;
/** Markup and scripts: what a browser or a shell would run. */
const ACTIVE = /^\s*(<|#!)/;

/** Passes on what is text in UTF-8, and neither markup nor a script. */
async function* checkedText(bytes: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let blank = true;
  for await (const chunk of bytes) {
    const text = decode(decoder, chunk);
    if (BINARY.test(text) || (blank && ACTIVE.test(text))) throw refused();
    blank &&= text.trim() === '';
    yield chunk;
  }
  decode(decoder);
}

function decode(decoder: TextDecoder, chunk?: Buffer): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch {
    throw refused({ fr: 'Un fichier texte doit être en UTF-8', en: 'A text file must be in UTF-8' });
  }
}

function refused(
  detail = {
    fr: "Ce type de fichier n'est pas accepté, ou le contenu ne correspond pas au nom ou au type annoncé",
    en: 'This type of file is not accepted, or the content does not match the name or the announced type',
  },
): RegieError {
  return new RegieError('TYPE_NON_ACCEPTE', { detail });
}
