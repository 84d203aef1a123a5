import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { SealBroken } from './errors';

/**
 * Encryption of a stream in segments that are authenticated one by one, so that a part of it can be read without all
 * that lies before it, and nothing is handed out that was not verified.
 *
 * The construction is that of Tink's AES-GCM-HKDF streaming AEAD (https://developers.google.com/tink/wire-format,
 * “Streaming AEAD”; Hoang, Reyhanitabar, Rogaway, Vizár: *Online Authenticated-Encryption and its Nonce-Reuse
 * Misuse-Resistance*, CRYPTO 2015, §7, “STREAM”), with a key of 256 bits, HKDF over SHA-256 and segments of 64 KiB:
 *
 * ```
 * sealed  = header | segment 0 | segment 1 | … | segment n
 * header  = length of the header (1 byte) | salt (32) | nonce prefix (7)
 * segment = AES-256-GCM(derived key, nonce, plaintext) with its tag (16)
 * nonce   = nonce prefix | number of the segment (4 bytes, big endian) | 1 for the last one, 0 for every other (1)
 * derived key = HKDF-SHA256(key, salt, info = context)
 * ```
 *
 * Header and first segment are together as long as each other segment but the last. The number in the nonce makes a
 * segment out of its place unreadable, the flag a stream that was cut off at the end of one, the salt and the context one
 * that belongs elsewhere.
 */

/** Bytes of a key. */
const KEY_SIZE = 32;
const SALT_SIZE = 32;
const PREFIX_SIZE = 7;
export const HEADER_SIZE = 1 + SALT_SIZE + PREFIX_SIZE;
const TAG_SIZE = 16;
/** Bytes of a sealed segment; the first one shares them with the header. */
export const SEGMENT_SIZE = 64 * 1024;
/** Bytes of plaintext in a segment that is neither the first nor the last. */
export const PLAIN_SIZE = SEGMENT_SIZE - TAG_SIZE;
/** Bytes of plaintext in the first segment, if others follow. */
export const FIRST_PLAIN_SIZE = PLAIN_SIZE - HEADER_SIZE;

/** What a stream was sealed with; the same context opens it again. */
export interface ContentKey {
  /** Of 256 bits, for this stream alone. */
  key: Buffer;
  /** What the stream belongs to. */
  context: string;
}

/** A key for one stream. */
export function newContentKey(context: string): ContentKey {
  return { key: randomBytes(KEY_SIZE), context };
}

/** How many segments hold so many bytes of plaintext: one at least, which may be empty. */
function segmentsOf(taille: number): number {
  if (taille <= FIRST_PLAIN_SIZE) return 1;
  return 1 + Math.ceil((taille - FIRST_PLAIN_SIZE) / PLAIN_SIZE);
}

/** Bytes of the sealed stream for so many of plaintext. */
export function sealedSize(taille: number): number {
  return HEADER_SIZE + taille + segmentsOf(taille) * TAG_SIZE;
}

/** Seals a stream as it passes, with no more of it in memory than a segment. */
export async function* seal(
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  { key, context }: ContentKey,
): AsyncGenerator<Buffer> {
  const salt = randomBytes(SALT_SIZE);
  const prefix = randomBytes(PREFIX_SIZE);
  yield Buffer.concat([Buffer.of(HEADER_SIZE), salt, prefix]);
  const derived = deriveKey(key, salt, context);
  const encrypt = (segment: number, isLast: boolean, plain: Buffer): Buffer[] => {
    const cipher = createCipheriv('aes-256-gcm', derived, nonceOf(prefix, segment, isLast));
    return [cipher.update(plain), cipher.final(), cipher.getAuthTag()];
  };
  // Only when more comes is it known that a full segment is not the last.
  const buffer = Buffer.allocUnsafe(PLAIN_SIZE);
  let segment = 0;
  let filled = 0;
  for await (const chunk of source) {
    for (let taken = 0; taken < chunk.length; ) {
      const size = segment === 0 ? FIRST_PLAIN_SIZE : PLAIN_SIZE;
      if (filled === size) {
        yield* encrypt(segment, false, buffer.subarray(0, filled));
        segment += 1;
        filled = 0;
        continue;
      }
      const copied = chunk.copy(buffer, filled, taken, taken + size - filled);
      filled += copied;
      taken += copied;
    }
  }
  yield* encrypt(segment, true, buffer.subarray(0, filled));
}

/** Reads bytes of the sealed stream; both ends count. */
export type ReadSealed = (range: { start: number; end: number }) => Promise<AsyncIterable<Buffer>>;

/**
 * The plaintext, or a part of it, of which only the segments that hold it are read.
 * @param taille bytes of plaintext in all.
 * @param range both ends count; inside of the plaintext.
 * @throws {SealBroken} before any byte that was not verified
 * @throws whatever reading throws
 */
export async function* open(
  read: ReadSealed,
  { key, context }: ContentKey,
  taille: number,
  range: { start: number; end: number } = { start: 0, end: taille - 1 },
): AsyncGenerator<Buffer> {
  const last = segmentsOf(taille) - 1;
  const [from, to] = taille === 0 ? [0, 0] : [segmentAt(range.start), segmentAt(range.end)];
  const total = sealedSize(taille);
  const end = Math.min((to + 1) * SEGMENT_SIZE, total) - 1;
  let bytes: Chunks;
  let header: Buffer;
  if (from === 0) {
    bytes = new Chunks(await read({ start: 0, end }));
    header = await orEnd(bytes, () => bytes.take(HEADER_SIZE));
  } else {
    const head = new Chunks(await read({ start: 0, end: HEADER_SIZE - 1 }));
    header = await orEnd(head, () => head.take(HEADER_SIZE));
    await head.end();
    bytes = new Chunks(await read({ start: from * SEGMENT_SIZE, end }));
  }
  try {
    if (header[0] !== HEADER_SIZE) throw new SealBroken('not a header of a sealed stream');
    const derived = deriveKey(key, header.subarray(1, 1 + SALT_SIZE), context);
    const prefix = header.subarray(1 + SALT_SIZE);
    for (let segment = from; segment <= to; segment++) {
      const begin = plainStart(segment);
      const size = Math.min(segment === 0 ? FIRST_PLAIN_SIZE : PLAIN_SIZE, taille - begin);
      const sealed = await bytes.take(size + TAG_SIZE);
      const plain = decrypt(derived, nonceOf(prefix, segment, segment === last), sealed);
      const wanted = plain.subarray(Math.max(0, range.start - begin), range.end + 1 - begin);
      if (wanted.length > 0) yield wanted;
    }
  } finally {
    await bytes.end();
  }
}

function decrypt(derived: Buffer, nonce: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', derived, nonce, { authTagLength: TAG_SIZE });
  decipher.setAuthTag(sealed.subarray(-TAG_SIZE));
  const plain = decipher.update(sealed.subarray(0, -TAG_SIZE));
  try {
    // What `update` gave is not to be used before this.
    decipher.final();
  } catch (cause) {
    throw new SealBroken('a segment does not authenticate', { cause });
  }
  return plain;
}

/** In which segment a byte of plaintext lies. */
function segmentAt(position: number): number {
  return position < FIRST_PLAIN_SIZE ? 0 : 1 + Math.floor((position - FIRST_PLAIN_SIZE) / PLAIN_SIZE);
}

/** The first byte of plaintext of a segment. */
function plainStart(segment: number): number {
  return segment === 0 ? 0 : FIRST_PLAIN_SIZE + (segment - 1) * PLAIN_SIZE;
}

function deriveKey(key: Buffer, salt: Buffer, context: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, context, KEY_SIZE));
}

function nonceOf(prefix: Buffer, segment: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(PREFIX_SIZE + 5);
  prefix.copy(nonce);
  nonce.writeUInt32BE(segment, PREFIX_SIZE);
  nonce[PREFIX_SIZE + 4] = isLast ? 1 : 0;
  return nonce;
}

/** Ends a reader whose first bytes could not be had. */
async function orEnd<Result>(chunks: Chunks, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    await chunks.end();
    throw error;
  }
}

/** A stream of which exactly so many bytes can be taken. */
class Chunks {
  private readonly chunks: AsyncIterator<Buffer>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.chunks = source[Symbol.asyncIterator]();
  }

  /** @throws {SealBroken} when it ends before. */
  async take(length: number): Promise<Buffer> {
    const taken = [this.rest];
    let size = this.rest.length;
    while (size < length) {
      const { value, done } = await this.chunks.next();
      if (done) throw new SealBroken('the sealed stream ends too early');
      taken.push(value);
      size += value.length;
    }
    const bytes = taken.length === 1 ? this.rest : Buffer.concat(taken, size);
    this.rest = bytes.subarray(length);
    return bytes.subarray(0, length);
  }

  async end(): Promise<void> {
    await this.chunks.return?.();
  }
}
