import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Bytes, patchStream } from '../../images/bytes';
import { canTurn, Unreadable, upright } from '../../images/images';
import { type Photo, readPhoto } from '../../images/photo';
import { type Content, sealedContent } from '../../services/documents/contenu';
import { OBJECT_PREFIX, type StoredFile } from '../../services/documents/documents';
import { Meter, type ObjectStore } from '../../storage/objects';
import { newContentKey, seal } from '../../storage/segments';

/** What is still to be done to a stored file once all that was said of it is known. */
export interface Settling {
  confidentiel: boolean;
  /** Whether a photograph keeps the place at which it was taken. */
  garderPosition: boolean;
}

/** To the store all are alike: what a file is, its row says. */
export const OBJECT = { contentType: 'application/octet-stream' } as const;

export function newObjectKey(): string {
  return `${OBJECT_PREFIX}${randomUUID()}`;
}

/**
 * Seals a file that is confidential and was not when it came; turns a photograph upright, and takes its position out. What
 * comes of it is another object, and the one before it is removed; where that fails, the sweep of orphans removes it.
 * @throws {StoreUnavailable}
 */
export async function settle(store: ObjectStore, file: StoredFile, asked: Settling): Promise<StoredFile> {
  const content = contentOfStored(store, file);
  const photo = await readPhoto(blocksOf(content, file.taille), file.mime_type);
  const patches = asked.garderPosition ? [] : photo.patches;
  const turned = photo.orientation !== 1 && canTurn(file.mime_type);
  const sealing = asked.confidentiel && file.contentKey === null;
  if (turned) {
    try {
      return await rewrite(store, file, content, { patches, turned, sealing });
    } catch (error) {
      // What cannot be turned is kept as it was given: its reader may know better.
      if (!(error instanceof Unreadable)) throw error;
    }
  }
  if (patches.length === 0 && !sealing) return file;
  return rewrite(store, file, content, { patches, turned: false, sealing });
}

/** Removes a stored file that is not kept. Where that fails too, the sweep of orphans removes it. */
export async function discard(
  store: ObjectStore,
  { cle_stockage }: Pick<StoredFile, 'cle_stockage'>,
): Promise<void> {
  await store.remove(cle_stockage).catch(() => {});
}

async function rewrite(
  store: ObjectStore,
  file: StoredFile,
  content: Content,
  { patches, turned, sealing }: Pick<Photo, 'patches'> & { turned: boolean; sealing: boolean },
): Promise<StoredFile> {
  const cle_stockage = newObjectKey();
  const contentKey = sealing || file.contentKey !== null ? newContentKey(cle_stockage) : null;
  const patched = patchStream(await content.read(), patches);
  const meter = new Meter();
  const plain = meter.through(turned ? upright(Readable.from(patched), file.mime_type) : patched);
  const source = Readable.from(contentKey === null ? plain : seal(plain, contentKey));
  await store.put(cle_stockage, source, { ...OBJECT, hashed: false }).catch(async (error: unknown) => {
    await discard(store, { cle_stockage });
    throw error;
  });
  await discard(store, file);
  return { ...file, cle_stockage, contentKey, ...meter.result() };
}

function contentOfStored(store: ObjectStore, { cle_stockage, contentKey, taille }: StoredFile): Content {
  if (contentKey !== null) return sealedContent(store, cle_stockage, contentKey, taille);
  return { read: (range) => store.get(cle_stockage, range) };
}

/** A request of the store answers for all that is read nearby. */
const BLOCK = 64 * 1024;
/** So many are remembered: metadata stands in a few places of a file. */
const MAX_BLOCKS = 16;

/** A content to be read here and there. */
function blocksOf(content: Content, size: number): Bytes {
  const known = new Map<number, Promise<Buffer>>();
  const block = (index: number): Promise<Buffer> => {
    let read = known.get(index);
    if (read === undefined) {
      if (known.size >= MAX_BLOCKS) known.clear();
      read = readRange(content, index * BLOCK, Math.min((index + 1) * BLOCK, size));
      known.set(index, read);
    }
    return read;
  };
  return {
    size,
    read: async (offset, length) => {
      const end = Math.min(offset + length, size);
      if (offset >= end) return Buffer.alloc(0);
      const [first, last] = [Math.floor(offset / BLOCK), Math.floor((end - 1) / BLOCK)];
      const blocks: Buffer[] = [];
      for (let index = first; index <= last; index++) blocks.push(await block(index));
      return Buffer.concat(blocks).subarray(offset - first * BLOCK, end - first * BLOCK);
    },
  };
}

async function readRange(content: Content, start: number, end: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await content.read({ start, end: end - 1 })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
