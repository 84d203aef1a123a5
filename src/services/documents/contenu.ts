import { Readable } from 'node:stream';
import type { Secrets } from '../../auth/secrets';
import type { Document } from '../../db/documents/documents';
import { RegieError } from '../../domain/errors';
import type { ByteRange, ObjectStore } from '../../storage/objects';
import { type ContentKey, open } from '../../storage/segments';

/**
 * What a document holds. Confidential ones lie sealed in the store (`storage/segments.ts`), each under a key of its own that
 * is bound to where its object lies; that key is kept with the row, sealed in turn with a key of the ring (`DOCUMENT_KEYS`)
 * and bound to the document and its version. So neither an object nor a key is of any use in the place of another.
 */

const PURPOSE = 'document';

type Bound = Pick<Document, 'id' | 'numero_version'>;

/** The key of a content as it is kept with the row of its document, sealed with the first key of the ring. */
export function sealContentKey(secrets: Secrets, document: Bound, { key }: ContentKey): Buffer {
  return secrets.seal(PURPOSE, contextOf(document), key);
}

/**
 * The same key, sealed with the first key of the ring instead of whichever it was.
 * @throws {Error} when it cannot be opened.
 */
export function resealContentKey(secrets: Secrets, document: Bound, sealed: Buffer): Buffer {
  const context = contextOf(document);
  return secrets.seal(PURPOSE, context, secrets.open(PURPOSE, context, sealed));
}

function contextOf({ id, numero_version }: Bound): string {
  return `${id}:${numero_version}`;
}

/** What is read of a document to open its content. */
export type ContentRow = Bound & Pick<Document, 'cle_stockage' | 'cle_donnees' | 'taille'>;

/** The bytes of what people gave, as the object store has those of an object. */
export interface Content {
  /**
   * The whole, or a range of it, of which only as much of the object is read as holds it.
   * @throws {ObjectMissing}
   * @throws {SealBroken} here for the first bytes, in the stream for those that follow: none is given that was not verified
   * @throws {StoreUnavailable}
   */
  read(range?: ByteRange): Promise<Readable>;
}

/**
 * Opens the content of a document, sealed or not.
 * @throws {RegieError} `SERVICE_INDISPONIBLE` when its key of the ring is not there
 * @throws {Error} when its key was changed, or is that of another document
 */
export function contentOf(store: Pick<ObjectStore, 'get'>, secrets: Secrets, row: ContentRow): Content {
  const { cle_stockage, cle_donnees } = row;
  if (cle_donnees === null) return { read: (range) => store.get(cle_stockage, range) };
  if (!secrets.holds(secrets.keyOf(cle_donnees))) throw keyLost();
  const key = secrets.open(PURPOSE, contextOf(row), cle_donnees);
  return sealedContent(store, cle_stockage, { key, context: cle_stockage }, Number(row.taille));
}

/** The content of an object that was sealed. @param taille bytes of it, unsealed. */
export function sealedContent(
  store: Pick<ObjectStore, 'get'>,
  cle_stockage: string,
  contentKey: ContentKey,
  taille: number,
): Content {
  return {
    read: async ({ start, end = taille - 1 }: ByteRange = { start: 0 }) => {
      const bytes = open((range) => store.get(cle_stockage, range), contentKey, taille, { start, end });
      const first = await bytes.next();
      return Readable.from(first.done ? [] : startingWith(first.value, bytes), {
        objectMode: false,
        highWaterMark: READ_AHEAD,
      });
    },
  };
}

/** Bytes that were verified and wait for their reader. */
const READ_AHEAD = 256 * 1024;

async function* startingWith(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

function keyLost(): RegieError {
  return new RegieError('SERVICE_INDISPONIBLE', {
    detail: {
      fr: 'La clé de ce document n’est plus parmi celles de l’installation',
      en: 'The key of this document is no longer among those of the installation',
    },
  });
}
