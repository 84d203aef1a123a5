import type { Readable } from 'node:stream';
import { RegieError } from '../../domain/errors';
import { type DocumentFile, readDocumentFile, recordDownload } from '../../services/documents';
import { type ByteRange, StoreUnavailable } from '../../storage/objects';
import type { Answer, Call } from '../route';

type DownloadCall = Pick<
  Call<{ id: number }, unknown, unknown>,
  'app' | 'access' | 'actor' | 'params' | 'ctx'
>;

/**
 * Streams a document out of the store, whole or one range of it. Whatever is handed out is recorded first.
 * @throws {RegieError} `INTROUVABLE`, `PLAGE_INVALIDE`
 * @throws {StoreUnavailable}
 */
export async function download({ app, access, actor, params, ctx }: DownloadCall): Promise<Answer> {
  const document = await readDocumentFile(app.db, access, params.id);
  const etag = `"${document.checksum}"`;
  const headers = { ...fileHeaders(document), ETag: etag };
  if (listsEtag(ctx.get('If-None-Match'), etag)) return { status: 304, headers: { ETag: etag } };

  const range = isCurrent(ctx.get('If-Range'), etag)
    ? requestedRange(ctx.get('Range'), document.taille)
    : null;
  if (range === 'unsatisfiable') {
    ctx.set('Content-Range', `bytes */${document.taille}`);
    throw new RegieError('PLAGE_INVALIDE');
  }
  const octets = range === null ? null : `${range.start}-${range.end}`;
  const answer: Answer =
    range === null
      ? { status: 200, headers: { ...headers, 'Content-Length': String(document.taille) } }
      : {
          status: 206,
          headers: {
            ...headers,
            'Content-Length': String(range.end - range.start + 1),
            'Content-Range': `bytes ${octets}/${document.taille}`,
          },
        };
  if (ctx.method === 'HEAD') return answer;

  const body = await app.store.get(document.cle_stockage, range ?? undefined);
  body.on('error', (err) => {
    if (err instanceof StoreUnavailable)
      app.logger.warn({ err, documentId: document.id }, 'download broken off');
  });
  await handOut(body, () => recordDownload(app.db.manager, actor, document, octets));
  return { ...answer, body };
}

/** No byte leaves without a trace: the stream is given up when the record cannot be written. */
async function handOut(body: Readable, recorded: () => Promise<void>): Promise<void> {
  try {
    await recorded();
  } catch (error) {
    body.destroy();
    throw error;
  }
}

function fileHeaders({ nom, mime_type, date_creation }: DocumentFile): Record<string, string> {
  return {
    'Content-Type': mime_type.startsWith('text/') ? `${mime_type}; charset=utf-8` : mime_type,
    'Content-Disposition': contentDisposition(nom),
    'Last-Modified': date_creation.toUTCString(),
    'Accept-Ranges': 'bytes',
  };
}

/** RFC 6266: a plain name for old clients, the true one (RFC 8187) for all others. No name can end the header. */
function contentDisposition(nom: string): string {
  const plain = nom.replace(/[^ -~]|["\\%]/g, '_');
  const exact = encodeURIComponent(nom).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}

function listsEtag(header: string, etag: string): boolean {
  return header
    .split(',')
    .map((part) => part.trim().replace(/^W\//, ''))
    .some((part) => part === etag || part === '*');
}

/** A range belongs to the version that the client knows, when it names one. */
function isCurrent(ifRange: string, etag: string): boolean {
  return ifRange === '' || ifRange === etag;
}

/**
 * RFC 9110 §14: one range, both ends counted. What is malformed or asks for several is as good as absent, and the
 * whole is answered.
 */
function requestedRange(header: string, taille: number): Required<ByteRange> | 'unsatisfiable' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header);
  if (match === null) return null;
  const [, first, last] = match as unknown as [string, string, string];
  if (first === '' && last === '') return null;
  const start = first === '' ? Math.max(0, taille - Number(last)) : Number(first);
  const end = first === '' || last === '' ? taille - 1 : Math.min(Number(last), taille - 1);
  if (first !== '' && last !== '' && Number(last) < start) return null;
  return start >= taille || (first === '' && Number(last) === 0) ? 'unsatisfiable' : { start, end };
}
