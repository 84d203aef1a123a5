import { createHash, type Hash } from 'node:crypto';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { Client, S3Error } from 'minio';
import type { Config } from '../config';
import { refuseInTransaction } from '../db/transaction';
import { ObjectMissing, ObjectTooLarge, StoreUnavailable } from './errors';
import { boundedTransport, type Timeouts } from './transport';

export { ObjectMissing, ObjectTooLarge, StoreUnavailable };

/**
 * Objects in one bucket of any server that speaks S3, with nothing but plain S3: no versions, no locks, no
 * notifications. Every method throws {@link StoreUnavailable} when the store is the trouble; nothing is retried here.
 * None may be called inside a transaction, which would wait for a server that may not answer.
 */
export interface ObjectStore {
  /** Makes the bucket unless it is there. */
  ensureBucket(): Promise<void>;
  /**
   * Stores an object whole or not at all, replacing the one that had the key.
   * A stream is read as fast as the store takes it, and destroyed when the upload fails.
   * @throws {ObjectTooLarge} when there are more than `maxBytes`.
   * @throws the source's own error when the source fails or is destroyed.
   */
  put(key: string, source: Readable | Buffer, options: PutOptions): Promise<StoredObject>;
  /**
   * The object's bytes, or those of `range`, which must begin inside it. Destroy the stream to stop early.
   * @throws {ObjectMissing}
   */
  get(key: string, range?: ByteRange): Promise<Readable>;
  /** @throws {ObjectMissing} */
  stat(key: string): Promise<ObjectStat>;
  /** Removes the object; one that is not there is as good as removed. */
  remove(key: string): Promise<void>;
  /** Every object whose key starts with `prefix`, in the order of the keys. */
  list(prefix: string): AsyncIterableIterator<ListedObject>;
  /** Resolves within two seconds if the bucket can be used. */
  check(): Promise<void>;
}

export interface PutOptions {
  contentType: string;
  maxBytes?: number;
  /** False where whoever gives the bytes has hashed them already: `checksum` is empty then. */
  hashed?: boolean;
}

export interface StoredObject {
  taille: number;
  /** SHA-256 of the bytes, in hexadecimal. */
  checksum: string;
}

/** Both ends count, as in HTTP: `{ start: 0, end: 0 }` is the first byte. Without `end`, to the last byte. */
export interface ByteRange {
  start: number;
  end?: number;
}

export interface ObjectStat {
  taille: number;
  contentType: string;
  date: Date;
}

export interface ListedObject {
  key: string;
  taille: number;
  date: Date;
}

/** The least S3 takes for a part that is not the last, and all that an upload holds in memory. */
export const PART_SIZE = 5 * 1024 * 1024;

/** Bytes of an object that wait for their reader. */
const READ_AHEAD = 256 * 1024;
const CHECK_TIMEOUT = 2000;
const DEFAULT_TIMEOUTS: Timeouts = { connect: 3000, idle: 15_000 };

/** A store over the bucket of the configuration. Opens no connection before it is used. */
export function createObjectStore(s3: Config['s3'], timeouts: Timeouts = DEFAULT_TIMEOUTS): ObjectStore {
  const { bucket } = s3;
  const { protocol, hostname, port } = new URL(s3.endpoint);
  const { transport, agent, isFailure } = boundedTransport(protocol, timeouts);
  const client = new Client({
    endPoint: hostname,
    ...(port && { port: Number(port) }),
    useSSL: protocol === 'https:',
    accessKey: s3.accessKey,
    secretKey: s3.secretKey,
    transport,
    transportAgent: agent,
    retryOptions: { disableRetry: true },
  });

  /** The error a caller should see for one that a request of minio's gave. */
  function translate(error: unknown, key = ''): unknown {
    if (error instanceof StoreUnavailable) return error;
    if (isFailure(error)) return new StoreUnavailable('The object store cannot be reached', { cause: error });
    if (!(error instanceof S3Error)) return error;
    if (error.code === 'NoSuchKey' || error.code === 'NotFound') return new ObjectMissing(key);
    // S3 may answer 200 to the end of an upload and report a trouble of its own in the body; minio drops its code.
    if (!error.code || error.code === 'NoSuchBucket') {
      return new StoreUnavailable(`The object store failed: ${error.message || error.code}`, {
        cause: error,
      });
    }
    return error;
  }

  const translated = <T>(request: Promise<T>, key?: string): Promise<T> =>
    request.catch((error) => {
      throw translate(error, key);
    });

  /**
   * Sends `first` and the parts that follow, one after the other. minio's own `putObject` would do for a healthy stream,
   * but it waits for ever when the source fails, leaves the parts behind, and resumes whatever unfinished upload it
   * finds under the key.
   */
  async function putParts(key: string, first: Part, rest: AsyncIterable<Part>, contentType: string) {
    const uploadID = await client.initiateNewMultipartUpload(bucket, key, { 'Content-Type': contentType });
    const sent: { part: number; etag: string }[] = [];
    const send = async ({ bytes }: Part) => {
      const partNumber = sent.length + 1;
      const upload = { bucketName: bucket, objectName: key, uploadID, partNumber, headers: {} };
      const { etag } = await client.uploadPart(upload, bytes);
      sent.push({ part: partNumber, etag });
    };
    try {
      await send(first);
      for await (const part of rest) await send(part);
      await client.completeMultipartUpload(bucket, key, uploadID, sent);
    } catch (error) {
      // If even this fails, the store's own expiry of unfinished uploads is left to clean up.
      await client.abortMultipartUpload(bucket, key, uploadID).catch(() => {});
      throw error;
    }
  }

  return {
    async ensureBucket() {
      refuseInTransaction('the object store');
      if (await translated(client.bucketExists(bucket))) return;
      await translated(client.makeBucket(bucket)).catch((error) => {
        // Another process was quicker.
        if (!(error instanceof S3Error && error.code === 'BucketAlreadyOwnedByYou')) throw error;
      });
    },

    async put(key, source, { contentType, maxBytes, hashed }) {
      refuseInTransaction('the object store');
      const meter = new Meter(maxBytes, hashed);
      const parts = inParts(meter.through(Buffer.isBuffer(source) ? [source] : source));
      try {
        const first = (await parts.next()).value!;
        if (first.last) {
          const metadata = { 'Content-Type': contentType };
          await client.putObject(bucket, key, first.bytes, first.bytes.length, metadata);
        } else await putParts(key, first, parts, contentType);
      } catch (error) {
        throw translate(error, key);
      } finally {
        // Destroys the source unless it was read to its end.
        await parts.return(undefined);
      }
      return meter.result();
    },

    async get(key, range) {
      refuseInTransaction('the object store');
      const { start, length } = extent(range);
      const response = await translated(client.getPartialObject(bucket, key, start, length), key);
      const bytes = new PassThrough({ highWaterMark: READ_AHEAD });
      response.once('error', (error) => bytes.destroy(translate(error, key) as Error));
      pipeline(response, bytes, () => {});
      return bytes;
    },

    async stat(key) {
      refuseInTransaction('the object store');
      const { size, metaData, lastModified } = await translated(client.statObject(bucket, key), key);
      return { taille: size, contentType: metaData['content-type'] ?? '', date: lastModified };
    },

    async remove(key) {
      refuseInTransaction('the object store');
      await translated(client.removeObject(bucket, key), key).catch((error) => {
        if (!(error instanceof ObjectMissing)) throw error;
      });
    },

    async *list(prefix) {
      refuseInTransaction('the object store');
      try {
        for await (const item of client.listObjectsV2(bucket, prefix, true)) {
          yield { key: item.name, taille: item.size, date: item.lastModified };
        }
      } catch (error) {
        throw translate(error);
      }
    },

    async check() {
      refuseInTransaction('the object store');
      const exists = await withinTime(translated(client.bucketExists(bucket)), CHECK_TIMEOUT);
      if (!exists) throw new StoreUnavailable(`The bucket ${bucket} does not exist`);
    },
  };
}

interface Part {
  bytes: Buffer;
  last: boolean;
}

/**
 * Cuts a source into parts of {@link PART_SIZE}, the last one of what is left; an empty source gives one empty part.
 * The bytes of a part are good until the next one is asked for: all share one buffer.
 */
async function* inParts(source: AsyncIterable<Buffer>): AsyncGenerator<Part, undefined> {
  const buffer = Buffer.allocUnsafe(PART_SIZE);
  let filled = 0;
  for await (const chunk of source) {
    let taken = 0;
    while (taken < chunk.length) {
      if (filled === PART_SIZE) {
        yield { bytes: buffer, last: false };
        filled = 0;
      }
      const copied = chunk.copy(buffer, filled, taken);
      filled += copied;
      taken += copied;
    }
  }
  yield { bytes: buffer.subarray(0, filled), last: true };
}

/** Counts and hashes the bytes that pass. */
export class Meter {
  private readonly hash: Hash | null;
  private taille = 0;

  /** @param maxBytes beyond which {@link ObjectTooLarge} is thrown. */
  constructor(
    private readonly maxBytes = Number.POSITIVE_INFINITY,
    hashed = true,
  ) {
    this.hash = hashed ? createHash('sha256') : null;
  }

  async *through(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      this.taille += chunk.length;
      if (this.taille > this.maxBytes) throw new ObjectTooLarge(this.maxBytes);
      this.hash?.update(chunk);
      yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    }
  }

  result(): StoredObject {
    return { taille: this.taille, checksum: this.hash?.digest('hex') ?? '' };
  }
}

/** minio's way of asking: a length of 0 means to the end. */
function extent({ start, end }: ByteRange = { start: 0 }): { start: number; length: number } {
  return { start, length: end === undefined ? 0 : end - start + 1 };
}

async function withinTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoreUnavailable(`The object store did not answer in ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
