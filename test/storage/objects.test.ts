import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Client } from 'minio';
import {
  createObjectStore,
  ObjectMissing,
  type ObjectStore,
  ObjectTooLarge,
  PART_SIZE,
  StoreUnavailable,
} from '../../src/storage/objects';

/** Against the S3 server named by TEST_S3_*. */

const s3 = {
  endpoint: process.env.TEST_S3_ENDPOINT!,
  accessKey: process.env.TEST_S3_ACCESS_KEY!,
  secretKey: process.env.TEST_S3_SECRET_KEY!,
  bucket: `objects-test-${randomUUID()}`,
};
const contentType = 'application/octet-stream';
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let store: ObjectStore;
const servers: Server[] = [];

beforeAll(async () => {
  store = createObjectStore(s3);
  await store.ensureBucket();
});

afterAll(async () => {
  for (const server of servers) server.close();
  const removals: Promise<void>[] = [];
  for await (const { key } of store.list('')) removals.push(store.remove(key));
  await Promise.all(removals);
  await plainClient().removeBucket(s3.bucket);
});

describe('putting and getting', () => {
  test('gives back the bytes, their number, their SHA-256 and their type', async () => {
    const bytes = randomBytes(100_000);
    const stored = await store.put('un/rapport.pdf', Readable.from([bytes]), {
      contentType: 'application/pdf',
    });

    expect(stored).toEqual({ taille: 100_000, checksum: sha256(bytes) });
    expect(await buffer(await store.get('un/rapport.pdf'))).toEqual(bytes);
    const { taille, contentType: type, date } = await store.stat('un/rapport.pdf');
    expect({ taille, type }).toEqual({ taille: 100_000, type: 'application/pdf' });
    expect(Math.abs(date.getTime() - Date.now())).toBeLessThan(60_000);
  });

  test.each([
    ['empty', 0],
    ['exactly one part', PART_SIZE],
    ['one byte more than a part', PART_SIZE + 1],
    ['exactly two parts', 2 * PART_SIZE],
    ['several parts and a rest', 2 * PART_SIZE + 12_345],
  ])('stores a stream that is %s long', async (_, length) => {
    const bytes = randomBytes(length);
    // Chunks that do not divide a part.
    const stored = await store.put('taille', Readable.from(slices(bytes, 99_991)), { contentType });

    expect(stored).toEqual({ taille: length, checksum: sha256(bytes) });
    expect(sha256(await buffer(await store.get('taille')))).toBe(stored.checksum);
    expect((await store.stat('taille')).contentType).toBe(contentType);
  });

  test('stores a Buffer larger than a part', async () => {
    const bytes = randomBytes(PART_SIZE + 1000);
    const stored = await store.put('tampon', bytes, { contentType });
    expect(stored).toEqual({ taille: bytes.length, checksum: sha256(bytes) });
    expect(sha256(await buffer(await store.get('tampon')))).toBe(stored.checksum);
  });

  test('replaces the object that had the key', async () => {
    await store.put('meme-cle', Buffer.from('premier'), { contentType });
    await store.put('meme-cle', Buffer.from('second'), { contentType });
    expect((await buffer(await store.get('meme-cle'))).toString()).toBe('second');
  });

  test('keeps two uploads to the same key at the same time apart', async () => {
    const versions = [randomBytes(PART_SIZE + 10), randomBytes(PART_SIZE + 20)];
    const stored = await Promise.all(
      versions.map((bytes) => store.put('course', Readable.from(slices(bytes, 65_536)), { contentType })),
    );
    const kept = sha256(await buffer(await store.get('course')));
    expect(stored.map(({ checksum }) => checksum)).toEqual(versions.map(sha256));
    expect(stored.map(({ checksum }) => checksum)).toContain(kept);
  });

  test.each([
    ['from the first byte', { start: 0, end: 0 }, '0'],
    ['in the middle', { start: 3, end: 5 }, '345'],
    ['to the end', { start: 7 }, '789'],
    ['whole', { start: 0 }, '0123456789'],
    ['past the end', { start: 8, end: 100 }, '89'],
  ])('gives a range %s', async (_, range, expected) => {
    await store.put('plage', Buffer.from('0123456789'), { contentType });
    expect((await buffer(await store.get('plage', range))).toString()).toBe(expected);
  });
});

describe('an upload that does not end', () => {
  test('is refused beyond maxBytes, leaves nothing behind and stops reading the source', async () => {
    const source = Readable.from(endless());
    const upload = store.put('trop-gros', source, { contentType, maxBytes: PART_SIZE + 100 });
    await expect(upload).rejects.toThrow(ObjectTooLarge);

    expect(source.destroyed).toBe(true);
    await expectNothingAt('trop-gros');
  });

  test('is refused beyond maxBytes before anything is sent when it fits in one part', async () => {
    const upload = store.put('trop-gros-2', Buffer.alloc(11), { contentType, maxBytes: 10 });
    await expect(upload).rejects.toThrow(ObjectTooLarge);
    await expectNothingAt('trop-gros-2');
  });

  test('is accepted at exactly maxBytes', async () => {
    const stored = await store.put('juste', Buffer.alloc(10), { contentType, maxBytes: 10 });
    expect(stored.taille).toBe(10);
  });

  test.each([
    ['in the first part', 1000],
    ['in a later part', PART_SIZE + 1000],
  ])("gives the source's own error when it fails %s, and leaves nothing behind", async (_, length) => {
    const failing = Readable.from(
      (function* () {
        yield* slices(Buffer.alloc(length), 65_536);
        throw new Error('disk on fire');
      })(),
    );
    await expect(store.put('echec', failing, { contentType })).rejects.toThrow('disk on fire');
    await expectNothingAt('echec');
  });

  test('fails when the source is aborted without an error, and leaves nothing behind', async () => {
    const source = new Readable({ read() {} });
    const upload = store.put('abandon', source, { contentType });
    source.push(Buffer.alloc(PART_SIZE + 1));
    setTimeout(() => source.destroy(), 200);
    await expect(upload).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
    await expectNothingAt('abandon');
  });
});

describe('objects and their absence', () => {
  test('an object that is not there is missing to get and stat, and as good as removed', async () => {
    await expect(store.get('absent')).rejects.toThrow(ObjectMissing);
    await expect(store.get('absent', { start: 1, end: 2 })).rejects.toThrow(ObjectMissing);
    await expect(store.stat('absent')).rejects.toThrow(ObjectMissing);
    await expect(store.remove('absent')).resolves.toBeUndefined();
  });

  test('a removed object is missing', async () => {
    await store.put('ephemere', Buffer.from('x'), { contentType });
    await store.remove('ephemere');
    await expect(store.stat('ephemere')).rejects.toThrow(ObjectMissing);
  });

  test('the list holds every object under the prefix and no other, with size and date', async () => {
    const keys = ['liste/a', 'liste/b/c', 'liste/d'];
    for (const key of [...keys, 'autre/e']) await store.put(key, Buffer.from(key), { contentType });

    const listed = [];
    for await (const object of store.list('liste/')) listed.push(object);
    expect(listed.map(({ key, taille }) => ({ key, taille }))).toEqual(
      keys.map((key) => ({ key, taille: key.length })),
    );
    for (const { date } of listed) expect(Math.abs(date.getTime() - Date.now())).toBeLessThan(60_000);
  });

  test('the list goes on beyond the thousand objects that S3 gives at once', async () => {
    const keys = Array.from({ length: 1003 }, (_, n) => `longue/${String(n).padStart(4, '0')}`);
    // Some at a time: of a thousand connections at once a slow machine does not open all within their time limit.
    for (let at = 0; at < keys.length; at += 50) {
      const some = keys.slice(at, at + 50);
      await Promise.all(some.map((key) => store.put(key, Buffer.from('x'), { contentType })));
    }
    const listed: string[] = [];
    for await (const { key } of store.list('longue/')) listed.push(key);
    expect(listed).toEqual(keys);
  });
});

describe('the bucket', () => {
  test('may be ensured by several processes at once, and again later', async () => {
    const bucket = `objects-test-${randomUUID()}`;
    const stores = [1, 2, 3].map(() => createObjectStore({ ...s3, bucket }));
    await Promise.all(stores.map((each) => each.ensureBucket()));
    await stores[0]!.ensureBucket();
    await expect(stores[0]!.check()).resolves.toBeUndefined();
    await plainClient().removeBucket(bucket);
  });

  test('that is missing makes the store unavailable', async () => {
    const lost = createObjectStore({ ...s3, bucket: `objects-test-${randomUUID()}` });
    await expect(lost.check()).rejects.toThrow(StoreUnavailable);
    await expect(lost.put('x', Buffer.from('x'), { contentType })).rejects.toThrow(StoreUnavailable);
  });
});

describe('a store in trouble', () => {
  test('is unavailable when nobody listens', async () => {
    const server = await listening(createServer());
    const { port } = server.address() as AddressInfo;
    server.close();
    await expectUnavailable(createObjectStore({ ...s3, endpoint: `http://127.0.0.1:${port}` }));
  });

  test.each([500, 502, 503])('is unavailable, at the first answer, when it answers %i', async (status) => {
    let requests = 0;
    const server = await listening(
      createHttpServer((_, response) => {
        requests++;
        response.writeHead(status).end('<Error><Code>InternalError</Code></Error>');
      }),
    );
    await expect(behind(server).stat('x')).rejects.toThrow(StoreUnavailable);
    expect(requests).toBe(1);
    await expectUnavailable(behind(server));
  });

  test('is unavailable when it accepts connections and never answers', async () => {
    const server = await listening(createServer(() => {}));
    const silent = behind(server, { connect: 1000, idle: 300 });
    await expectUnavailable(silent);
    await expect(silent.get('x')).rejects.toThrow('was silent for 300 ms');
  });

  test('does not hold a readiness check for longer than two seconds', async () => {
    const server = await listening(createServer(() => {}));
    await expect(behind(server).check()).rejects.toThrow('The object store did not answer in 2000 ms');
  });

  test('stops an upload that it no longer takes, having read one part of the source ahead at most', async () => {
    const gate = await proxy();
    const stalled = behind(gate.server, { connect: 1000, idle: 500 });
    await stalled.check();
    gate.allow(1_000_000);

    let read = 0;
    const source = Readable.from(endless((length) => (read += length)));
    await expect(stalled.put('bloque', source, { contentType })).rejects.toThrow(StoreUnavailable);
    expect(read).toBeGreaterThanOrEqual(PART_SIZE);
    expect(read).toBeLessThan(PART_SIZE + 2_000_000);
    expect(source.destroyed).toBe(true);
  });

  test('breaks a download that it stops sending', async () => {
    await store.put('coupe', randomBytes(3_000_000), { contentType });
    const gate = await proxy();
    const cut = behind(gate.server, { connect: 1000, idle: 500 });
    await cut.check();
    const download = await cut.get('coupe');
    gate.cut();
    await expect(buffer(download)).rejects.toThrow(StoreUnavailable);
  });

  test('is not blamed for a reader that takes its time', async () => {
    const bytes = randomBytes(8_000_000);
    await store.put('lent', bytes, { contentType });
    const download = await createObjectStore(s3, { connect: 1000, idle: 200 }).get('lent');
    const chunks: Buffer[] = [];
    for await (const chunk of download) {
      if (chunks.length < 2) await new Promise((resolve) => setTimeout(resolve, 700));
      chunks.push(chunk);
    }
    expect(sha256(Buffer.concat(chunks))).toBe(sha256(bytes));
  });
});

async function expectUnavailable(ailing: ObjectStore): Promise<void> {
  await expect(ailing.get('x')).rejects.toThrow(StoreUnavailable);
  await expect(ailing.put('x', Buffer.from('x'), { contentType })).rejects.toThrow(StoreUnavailable);
  await expect(ailing.check()).rejects.toThrow(StoreUnavailable);
  await expect(ailing.list('').next()).rejects.toThrow(StoreUnavailable);
}

/** Neither an object nor the parts of one. */
async function expectNothingAt(key: string): Promise<void> {
  await expect(store.stat(key)).rejects.toThrow(ObjectMissing);
  const uploads = plainClient().listIncompleteUploads(s3.bucket, key, true);
  for await (const upload of uploads) expect(upload).toBeUndefined();
}

function plainClient(): Client {
  const { hostname, port, protocol } = new URL(s3.endpoint);
  return new Client({ ...s3, endPoint: hostname, port: Number(port), useSSL: protocol === 'https:' });
}

function behind(server: Server, timeouts?: { connect: number; idle: number }): ObjectStore {
  const { port } = server.address() as AddressInfo;
  return createObjectStore({ ...s3, endpoint: `http://127.0.0.1:${port}` }, timeouts);
}

async function listening<S extends Server>(server: S): Promise<S> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  const close = server.close.bind(server);
  server.close = (callback) => {
    for (const socket of sockets) socket.destroy();
    return close(callback);
  };
  return server;
}

/** A wire to the real store that can be made to stall: upwards after a number of bytes, or cut for what comes back. */
async function proxy() {
  let allowed = Number.POSITIVE_INFINITY;
  let severed = false;
  const { hostname, port } = new URL(s3.endpoint);
  const server = await listening(
    createServer((client) => {
      const upstream = connect(Number(port), hostname);
      client.on('data', (bytes) => {
        if (allowed <= 0) return client.pause();
        allowed -= bytes.length;
        upstream.write(bytes);
      });
      upstream.on('data', (bytes) => {
        if (severed) return upstream.pause();
        client.write(bytes);
      });
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        one.on('close', () => other.destroy()).on('error', () => other.destroy());
      }
    }),
  );
  return {
    server,
    allow: (bytes: number) => {
      allowed = bytes;
    },
    cut: () => {
      severed = true;
    },
  };
}

function* slices(bytes: Buffer, length: number): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += length) yield bytes.subarray(from, from + length);
}

function* endless(onRead: (length: number) => void = () => {}): Generator<Buffer> {
  const chunk = Buffer.alloc(65_536);
  for (;;) {
    onRead(chunk.length);
    yield chunk;
  }
}
