import { createDecipheriv, hkdfSync, randomBytes, randomInt } from 'node:crypto';
import { SealBroken } from '../../src/storage/errors';
import {
  type ContentKey,
  FIRST_PLAIN_SIZE,
  HEADER_SIZE,
  newContentKey,
  open,
  PLAIN_SIZE,
  SEGMENT_SIZE,
  seal,
  sealedSize,
} from '../../src/storage/segments';

/** Plaintexts around every place where a segment begins or ends. */
const SIZES = [1, FIRST_PLAIN_SIZE, FIRST_PLAIN_SIZE + PLAIN_SIZE, FIRST_PLAIN_SIZE + 2 * PLAIN_SIZE].flatMap(
  (size) => [size - 1, size, size + 1],
);

const key = newContentKey('documents/a');

async function gather(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** In pieces of any length, as they come from the network. */
function* inPieces(bytes: Buffer, longest = 50_000): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const length = randomInt(1, longest);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

const sealed = (plain: Buffer, under: ContentKey = key) => gather(seal(inPieces(plain), under));

/** Opens bytes that lie in memory, and notes which of them were read. */
function opened(
  bytes: Buffer,
  taille: number,
  {
    under = key,
    range,
    reads = [],
  }: { under?: ContentKey; range?: { start: number; end: number }; reads?: [number, number][] } = {},
) {
  const read = async ({ start, end }: { start: number; end: number }) => {
    reads.push([start, end]);
    return (async function* () {
      yield* inPieces(bytes.subarray(start, end + 1));
    })();
  };
  return open(read, under, taille, range);
}

/** What comes out before it fails, which it must. */
async function untilBroken(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const reading = (async () => {
    for await (const chunk of source) chunks.push(chunk);
  })();
  await expect(reading).rejects.toBeInstanceOf(SealBroken);
  return Buffer.concat(chunks);
}

describe('a sealed stream', () => {
  it.each(SIZES)('of %i bytes comes back byte for byte, and is as long as foreseen', async (size) => {
    const plain = randomBytes(size);
    const bytes = await sealed(plain);
    expect(bytes.length).toBe(sealedSize(size));
    expect((await gather(opened(bytes, size))).equals(plain)).toBe(true);
  });

  it('shows nothing of its plaintext, and is another one each time', async () => {
    const plain = Buffer.alloc(200_000, 'secret');
    const [one, other] = [await sealed(plain), await sealed(plain)];
    expect(one.includes('secret')).toBe(false);
    expect(one.subarray(HEADER_SIZE).equals(other.subarray(HEADER_SIZE))).toBe(false);
  });

  it('is what Tink describes: header, derived key, nonces, tags', async () => {
    const plain = randomBytes(FIRST_PLAIN_SIZE + PLAIN_SIZE + 7);
    const bytes = await sealed(plain);
    expect(bytes[0]).toBe(40);
    const derived = Buffer.from(hkdfSync('sha256', key.key, bytes.subarray(1, 33), 'documents/a', 32));
    const prefix = bytes.subarray(33, 40);
    const cuts = [40, SEGMENT_SIZE, 2 * SEGMENT_SIZE, bytes.length];
    const found = [0, 1, 2].map((segment) => {
      const part = bytes.subarray(cuts[segment], cuts[segment + 1]);
      const nonce = Buffer.concat([prefix, Buffer.of(0, 0, 0, segment, segment === 2 ? 1 : 0)]);
      const decipher = createDecipheriv('aes-256-gcm', derived, nonce);
      decipher.setAuthTag(part.subarray(-16));
      return Buffer.concat([decipher.update(part.subarray(0, -16)), decipher.final()]);
    });
    expect(Buffer.concat(found).equals(plain)).toBe(true);
  });

  it('gives any range as the plaintext has it, and reads only the segments that hold it', async () => {
    const size = FIRST_PLAIN_SIZE + 3 * PLAIN_SIZE + 1_234;
    const plain = randomBytes(size);
    const bytes = await sealed(plain);
    const edges = [0, 1, 2, 3, 4].map((n) => (n === 0 ? 0 : FIRST_PLAIN_SIZE + (n - 1) * PLAIN_SIZE));
    const points = [...edges.flatMap((edge) => [edge - 1, edge, edge + 1]), size - 1].filter(
      (point) => point >= 0 && point < size,
    );
    const ranges = points.flatMap((start) =>
      points.filter((end) => end >= start).map((end) => ({ start, end })),
    );
    for (let n = 0; n < 100; n++) {
      const start = randomInt(size);
      ranges.push({ start, end: randomInt(start, size) });
    }
    for (const range of ranges) {
      const reads: [number, number][] = [];
      const found = await gather(opened(bytes, size, { range, reads }));
      expect({ range, equal: found.equals(plain.subarray(range.start, range.end + 1)) }).toEqual({
        range,
        equal: true,
      });
      const read = reads.reduce((sum, [start, end]) => sum + end - start + 1, 0);
      const segments = Math.ceil((range.end - range.start) / PLAIN_SIZE) + 1;
      expect(read).toBeLessThanOrEqual(segments * SEGMENT_SIZE + HEADER_SIZE);
    }
  });
});

describe('a sealed stream that was tampered with', () => {
  const size = FIRST_PLAIN_SIZE + 2 * PLAIN_SIZE + 100;
  const plain = randomBytes(size);
  let bytes: Buffer;
  beforeAll(async () => {
    bytes = await sealed(plain);
  });

  /** Whatever comes out is a verified beginning of the plaintext. */
  const expectBeginning = (found: Buffer) => expect(found.equals(plain.subarray(0, found.length))).toBe(true);

  it('by one bit anywhere gives no byte of its segment, nor any after it', async () => {
    const places = [
      ...Array.from({ length: HEADER_SIZE }, (_, index) => index),
      ...[1, 2, 3].flatMap((n) => [n * SEGMENT_SIZE - 17, n * SEGMENT_SIZE - 1, n * SEGMENT_SIZE]),
      bytes.length - 1,
      ...Array.from({ length: 50 }, () => randomInt(bytes.length)),
    ].filter((place) => place < bytes.length);
    for (const place of places) {
      const changed = Buffer.from(bytes);
      changed[place]! ^= 1 << randomInt(8);
      const found = await untilBroken(opened(changed, size));
      expectBeginning(found);
      const segment = Math.floor(place / SEGMENT_SIZE);
      expect(found.length).toBe(segment === 0 ? 0 : FIRST_PLAIN_SIZE + (segment - 1) * PLAIN_SIZE);
    }
  });

  it('by cutting it off, at each boundary and beside it, is an error and never a shorter plaintext', async () => {
    const cuts = [0, 1, HEADER_SIZE, ...[1, 2, 3].map((n) => n * SEGMENT_SIZE), bytes.length]
      .flatMap((cut) => [cut - 1, cut, cut + 1])
      .filter((cut) => cut >= 0 && cut < bytes.length);
    for (const cut of cuts) expectBeginning(await untilBroken(opened(bytes.subarray(0, cut), size)));
  });

  it('by cutting it off at the end of a segment is noticed, also by whoever believes the shorter length', async () => {
    for (const segments of [1, 2, 3]) {
      const shorter = FIRST_PLAIN_SIZE + (segments - 1) * PLAIN_SIZE;
      const found = await untilBroken(opened(bytes.subarray(0, segments * SEGMENT_SIZE), shorter));
      expect(found.length).toBe(segments === 1 ? 0 : shorter - PLAIN_SIZE);
    }
  });

  it('by adding a segment is noticed by whoever believes the greater length', async () => {
    const more = Buffer.concat([bytes, bytes.subarray(SEGMENT_SIZE, 2 * SEGMENT_SIZE)]);
    const found = await untilBroken(opened(more, size + PLAIN_SIZE));
    expectBeginning(found);
  });

  it('by exchanging two segments gives neither of them', async () => {
    const [one, two] = [
      bytes.subarray(SEGMENT_SIZE, 2 * SEGMENT_SIZE),
      bytes.subarray(2 * SEGMENT_SIZE, 3 * SEGMENT_SIZE),
    ];
    const exchanged = Buffer.concat([
      bytes.subarray(0, SEGMENT_SIZE),
      two,
      one,
      bytes.subarray(3 * SEGMENT_SIZE),
    ]);
    expect((await untilBroken(opened(exchanged, size))).length).toBe(FIRST_PLAIN_SIZE);
    const range = { start: FIRST_PLAIN_SIZE + PLAIN_SIZE + 5, end: FIRST_PLAIN_SIZE + PLAIN_SIZE + 9 };
    expect((await untilBroken(opened(exchanged, size, { range }))).length).toBe(0);
  });

  it('by taking a segment of another stream under the same key is an error', async () => {
    const other = await sealed(plain);
    const mixed = Buffer.concat([
      bytes.subarray(0, SEGMENT_SIZE),
      other.subarray(SEGMENT_SIZE, 2 * SEGMENT_SIZE),
      bytes.subarray(2 * SEGMENT_SIZE),
    ]);
    expect((await untilBroken(opened(mixed, size))).length).toBe(FIRST_PLAIN_SIZE);
  });

  it('by opening it with another key, or as something else, gives nothing', async () => {
    for (const under of [newContentKey('documents/a'), { ...key, context: 'documents/b' }]) {
      expect((await untilBroken(opened(bytes, size, { under }))).length).toBe(0);
    }
  });
});
