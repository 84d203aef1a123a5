import { finished, Readable } from 'node:stream';
import busboy from 'busboy';
import type { Context } from 'koa';
import { cleanFileName, nameFor } from '../../domain/documents/documents';
import { RegieError, type Texte } from '../../domain/errors';
import { type Content, sealedContent } from '../../services/documents/contenu';
import type { StoredFile } from '../../services/documents/documents';
import { Meter, type ObjectStore, ObjectTooLarge, type StoredObject } from '../../storage/objects';
import { type ContentKey, newContentKey, seal } from '../../storage/segments';
import { identify } from './content';
import { discard, newObjectKey, OBJECT } from './settle';

/**
 * Multipart uploads, streamed: a file goes to the store as it comes in, with no more of it in memory than one part of
 * the store's, and nothing on the disk. The fields may come after the file, so it is stored before anything is known
 * of it, and removed again when the rest is refused. One that is said to be confidential before it comes is sealed as it
 * passes; one of which that is said only afterwards lies in the store as it came until it has been sealed
 * ({@link settle}).
 */

export interface Upload {
  /** What each field of the form held: a text, the stored file, or a list where the field came more than once. */
  form: Record<string, unknown>;
  /** The file that was stored, or null when none came; the caller removes it when it is not kept. */
  stored: StoredFile | null;
}

/** The field that says that a file is to be sealed. */
const CONFIDENTIEL = 'confidentiel';

/** What a form may hold beside its file, in bytes. */
const FORM_ALLOWANCE = 100_000;
const LIMITS = { fields: 20, fieldSize: 10_000, files: 5, parts: 25 };

/**
 * Reads a whole form and stores its `file`.
 * @param maxOctets of the file.
 * @throws {RegieError} `TYPE_NON_ACCEPTE`, `TROP_GROS`, `REQUETE_MALFORMEE`, `VALIDATION`; then nothing stays stored
 * @throws {StoreUnavailable}
 */
export async function receiveUpload(ctx: Context, store: ObjectStore, maxOctets: number): Promise<Upload> {
  const { req } = ctx;
  const parser = openParser(ctx, maxOctets);
  const form = new Map<string, unknown[]>();
  const add = (champ: string, value: unknown) => form.set(champ, [...(form.get(champ) ?? []), value]);
  let storing: Promise<StoredFile> | undefined;

  const read = new Promise<void>((resolve, reject) => {
    parser.on('close', resolve);
    parser.on('error', (cause) => reject(malformed(cause)));
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit']) {
      parser.on(limit, () => reject(malformed()));
    }
    // The sender may have gone before anybody listened.
    finished(req, { writable: false }, (cause) => cause && reject(malformed(cause)));
    parser.on('field', (champ, value) => {
      // A form sends what was left empty too.
      if (value !== '') add(champ, value);
    });
    parser.on('file', (champ, stream, { filename }) => {
      // A stream that nobody reads still breaks with the form.
      stream.on('error', () => {});
      if (filename !== '' && champ === 'file' && storing === undefined) {
        const sealing = form.get(CONFIDENTIEL)?.at(-1) === 'true';
        storing = storeFile(store, stream, filename ?? '', { maxOctets, sealing });
        storing.catch(reject);
        add(champ, storing);
      } else {
        if (filename !== '') add(champ, null);
        stream.resume();
      }
    });
  });

  try {
    req.pipe(parser);
    await read;
    const fields = await Promise.all(
      [...form].map(async ([champ, values]) => [champ, await oneOrAll(values)]),
    );
    return { form: Object.fromEntries(fields), stored: (await storing) ?? null };
  } catch (error) {
    req.unpipe(parser);
    parser.destroy();
    // What still comes is passed over, so that the client gets to read the answer.
    req.resume();
    const stored = await storing?.catch(() => null);
    if (stored) await discard(store, stored);
    throw error;
  }
}

function oneOrAll(values: unknown[]): unknown {
  return values.length === 1 ? values[0] : Promise.all(values);
}

function openParser(ctx: Context, maxOctets: number): busboy.Busboy {
  if (!ctx.is('multipart/form-data')) {
    throw new RegieError('TYPE_NON_ACCEPTE', {
      detail: { fr: 'Attendu : multipart/form-data', en: 'Expected: multipart/form-data' },
    });
  }
  if (Number(ctx.get('Content-Length')) > maxOctets + FORM_ALLOWANCE) throw tooLarge(maxOctets);
  try {
    return busboy({ headers: ctx.req.headers, defParamCharset: 'utf8', limits: LIMITS });
  } catch (cause) {
    throw malformed(cause);
  }
}

async function storeFile(
  store: ObjectStore,
  stream: Readable,
  filename: string,
  { maxOctets, sealing }: { maxOctets: number; sealing: boolean },
): Promise<StoredFile> {
  const nom = cleanFileName(filename);
  const cle_stockage = newObjectKey();
  const contentKey = sealing ? newContentKey(cle_stockage) : null;
  try {
    const { bytes, settle } = await identify(stream, nom);
    const { given, content } =
      contentKey === null
        ? await storeClear(store, cle_stockage, bytes, maxOctets)
        : await storeSealed(store, cle_stockage, bytes, maxOctets, contentKey);
    const { type, encodage } = await settle(content, cle_stockage, given).catch(async (error) => {
      await discard(store, { cle_stockage });
      throw error;
    });
    return { nom: nameFor(nom, type), mime_type: type.mime, encodage, cle_stockage, contentKey, ...given };
  } catch (error) {
    if (error instanceof ObjectTooLarge) throw tooLarge(maxOctets);
    throw error === stream.errored ? malformed(error) : error;
  }
}

/** What was stored: size and SHA-256 of what was given, and how that is read. */
interface Stored {
  given: StoredObject;
  content: Pick<ObjectStore, 'get'>;
}

async function storeClear(
  store: ObjectStore,
  cle: string,
  bytes: AsyncIterable<Buffer>,
  maxBytes: number,
): Promise<Stored> {
  return { given: await store.put(cle, Readable.from(bytes), { ...OBJECT, maxBytes }), content: store };
}

async function storeSealed(
  store: ObjectStore,
  cle: string,
  bytes: AsyncIterable<Buffer>,
  maxBytes: number,
  contentKey: ContentKey,
): Promise<Stored> {
  const meter = new Meter(maxBytes);
  const sealed = seal(meter.through(bytes), contentKey);
  await store.put(cle, Readable.from(sealed), { ...OBJECT, hashed: false });
  const given = meter.result();
  return { given, content: { get: asObject(sealedContent(store, cle, contentKey, given.taille)) } };
}

/** The content in the place of the object that holds it. */
function asObject({ read }: Content): ObjectStore['get'] {
  return (_, range) => read(range);
}

function tooLarge(maxOctets: number): RegieError {
  const fr = maxOctets < MEGABYTE ? `${maxOctets} octets` : `${Math.floor(maxOctets / MEGABYTE)} Mo`;
  const en = maxOctets < MEGABYTE ? `${maxOctets} bytes` : `${Math.floor(maxOctets / MEGABYTE)} MB`;
  return new RegieError('TROP_GROS', {
    detail: { fr: `Un fichier a au plus ${fr}`, en: `A file has at most ${en}` },
  });
}

const MEGABYTE = 1024 * 1024;

function malformed(cause?: unknown): RegieError {
  const detail: Texte = {
    fr: 'Formulaire multipart incomplet ou malformé',
    en: 'The multipart form is incomplete or malformed',
  };
  return new RegieError('REQUETE_MALFORMEE', { detail, cause });
}
