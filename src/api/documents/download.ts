import { RegieError } from '../../domain/errors';
import { contentOf } from '../../services/documents/contenu';
import { readDocumentFile, recordDownload, type StoredFile } from '../../services/documents/documents';
import { type ByteRange, StoreUnavailable } from '../../storage/objects';
import { clientHas } from '../http/etags';
import type { Answer, Call } from '../http/route';

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
  const { taille } = document;
  const etag = `"${document.checksum}"`;
  if (clientHas(ctx, etag)) return { status: 304, headers: { ETag: etag } };

  const range = isCurrent(ctx.get('If-Range'), etag) ? requestedRange(ctx.get('Range'), taille) : null;
  if (range === 'unsatisfiable') {
    ctx.set('Content-Range', `bytes */${taille}`);
    throw new RegieError('PLAGE_INVALIDE');
  }
  const { start, end } = range ?? { start: 0, end: taille - 1 };
  const answer: Answer = {
    status: range === null ? 200 : 206,
    headers: {
      ETag: etag,
      'Accept-Ranges': 'bytes',
      'Content-Type': contentType(document),
      'Content-Disposition': contentDisposition(document.nom),
      'Content-Length': String(end - start + 1),
      ...(range === null ? {} : { 'Content-Range': `bytes ${start}-${end}/${taille}` }),
    },
  };
  if (ctx.method === 'HEAD') return answer;

  const body = await contentOf(app.store, app.secrets, document).read(range ?? undefined);
  body.on('error', (err) => {
    if (!(err instanceof StoreUnavailable)) return;
    app.logger.warn({ err, documentId: document.id }, 'download broken off');
  });
  try {
    await recordDownload(app.db.manager, actor, document, range === null ? null : `${start}-${end}`);
  } catch (error) {
    body.destroy();
    throw error;
  }
  return { ...answer, body };
}

/** Of a text in an encoding that nobody can tell from its bytes none is claimed. */
function contentType({ mime_type, encodage }: Pick<StoredFile, 'mime_type' | 'encodage'>): string {
  return encodage === null ? mime_type : `${mime_type}; charset=${encodage}`;
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
  const [first, last] = [match[1]!, match[2]!];
  if (first === '') {
    // So many of the last bytes.
    if (last === '') return null;
    const length = Math.min(Number(last), taille);
    return length === 0 ? 'unsatisfiable' : { start: taille - length, end: taille - 1 };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return null;
  if (start >= taille) return 'unsatisfiable';
  return { start, end: last === '' ? taille - 1 : Math.min(Number(last), taille - 1) };
}
