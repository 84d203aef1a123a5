import { randomUUID } from 'node:crypto';
import { finished, Readable } from 'node:stream';
import busboy from 'busboy';
import type { Context } from 'koa';
import { cleanFileName, MAX_TAILLE } from '../../domain/documents/documents';
import { RegieError, type Texte } from '../../domain/errors';
import { OBJECT_PREFIX, type StoredFile } from '../../services/documents/documents';
import { type ObjectStore, ObjectTooLarge } from '../../storage/objects';
import { identify } from './content';

/**
 * Multipart uploads, streamed: a file goes to the store as it comes in, with no more of it in memory than one part of
 * the store's, and nothing on the disk. The fields may come after the file, so it is stored before anything is known
 * of it, and removed again when the rest is refused.
 */

export interface Upload {
  /** What each field of the form held: a text, the stored file, or a list where the field came more than once. */
  form: Record<string, unknown>;
  /** The file that was stored, or null when none came; the caller removes it when it is not kept. */
  stored: StoredFile | null;
}

/** What a form may hold beside its file, in bytes. */
const FORM_ALLOWANCE = 100_000;
const LIMITS = { fields: 20, fieldSize: 10_000, files: 5, parts: 25 };

/**
 * Reads a whole form and stores its `file`.
 * @throws {RegieError} `TYPE_NON_ACCEPTE`, `TROP_GROS`, `REQUETE_MALFORMEE`, `VALIDATION`; then nothing stays stored
 * @throws {StoreUnavailable}
 */
export async function receiveUpload(ctx: Context, store: ObjectStore): Promise<Upload> {
  const { req } = ctx;
  const parser = openParser(ctx);
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
    parser.on('file', (champ, stream, { filename, mimeType }) => {
      // A stream that nobody reads still breaks with the form.
      stream.on('error', () => {});
      if (filename !== '' && champ === 'file' && storing === undefined) {
        storing = storeFile(store, stream, filename ?? '', mimeType);
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

/** Removes a stored file that is not kept. Where that fails too, the sweep of orphans removes it. */
export async function discard(store: ObjectStore, { cle_stockage }: StoredFile): Promise<void> {
  await store.remove(cle_stockage).catch(() => {});
}

function oneOrAll(values: unknown[]): unknown {
  return values.length === 1 ? values[0] : Promise.all(values);
}

function openParser(ctx: Context): busboy.Busboy {
  if (!ctx.is('multipart/form-data')) {
    throw new RegieError('TYPE_NON_ACCEPTE', {
      detail: { fr: 'Attendu : multipart/form-data', en: 'Expected: multipart/form-data' },
    });
  }
  if (Number(ctx.get('Content-Length')) > MAX_TAILLE + FORM_ALLOWANCE) throw tooLarge();
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
  declared: string,
): Promise<StoredFile> {
  const nom = cleanFileName(filename);
  const cle_stockage = `${OBJECT_PREFIX}${randomUUID()}`;
  try {
    const { type, bytes } = await identify(stream, nom, declared);
    const stored = await store.put(cle_stockage, Readable.from(bytes), {
      contentType: type.mime,
      maxBytes: MAX_TAILLE,
    });
    return { nom: nom || `document.${type.extensions[0]}`, mime_type: type.mime, cle_stockage, ...stored };
  } catch (error) {
    if (error instanceof ObjectTooLarge) throw tooLarge();
    throw error === stream.errored ? malformed(error) : error;
  }
}

function tooLarge(): RegieError {
  const megabytes = MAX_TAILLE / 1024 / 1024;
  return new RegieError('TROP_GROS', {
    detail: { fr: `Un fichier a au plus ${megabytes} Mo`, en: `A file has at most ${megabytes} MB` },
  });
}

function malformed(cause?: unknown): RegieError {
  const detail: Texte = {
    fr: 'Formulaire multipart incomplet ou malformé',
    en: 'The multipart form is incomplete or malformed',
  };
  return new RegieError('REQUETE_MALFORMEE', { detail, cause });
}
