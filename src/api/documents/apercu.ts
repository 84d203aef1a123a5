import { RegieError } from '../../domain/errors';
import { hasPreview, preview, Unreadable } from '../../images/images';
import { contentOf } from '../../services/documents/contenu';
import { readDocumentFile, recordDownload } from '../../services/documents/documents';
import { clientHas } from '../http/etags';
import type { Answer, Call } from '../http/route';

/**
 * A small JPEG of a document, made when somebody asks for it and kept by whoever did. That somebody has looked at a
 * confidential one is on record, as for a download.
 * @throws {RegieError} `INTROUVABLE`, also for what no picture can be made of
 * @throws {StoreUnavailable}
 */
export async function apercu({
  app,
  access,
  actor,
  params,
  ctx,
}: Pick<
  Call<{ id: number }, unknown, unknown>,
  'app' | 'access' | 'actor' | 'params' | 'ctx'
>): Promise<Answer> {
  const document = await readDocumentFile(app.db, access, params.id);
  if (!hasPreview(document)) throw without();
  const headers = {
    ETag: `"apercu-${document.checksum}"`,
    'Cache-Control': 'private, no-cache',
    'Content-Type': 'image/jpeg',
  };
  if (clientHas(ctx, headers.ETag)) return { status: 304, headers };
  const content = contentOf(app.store, app.secrets, document);
  const body = await preview(() => content.read(), document.mime_type).catch((error: unknown) => {
    if (!(error instanceof Unreadable)) throw error;
    app.logger.info({ err: error, documentId: document.id }, 'no preview can be made');
    throw without();
  });
  if (document.cle_donnees !== null) await recordDownload(app.db.manager, actor, document, 'apercu');
  return { status: 200, headers, body };
}

function without(): RegieError {
  return new RegieError('INTROUVABLE', {
    detail: { fr: 'Ce document n’a pas d’aperçu', en: 'This document has no preview' },
  });
}
