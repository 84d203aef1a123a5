import { recordDownload } from '../../services/documents/documents';
import { openRapport } from '../../services/interventions/rapports';
import type { Answer, Call } from '../http/route';

type DownloadCall = Pick<
  Call<{ id: number }, unknown, unknown>,
  'app' | 'access' | 'actor' | 'params' | 'ctx'
>;

/**
 * Streams the report of an intervention; like every file it is recorded before it is handed out.
 * @throws {RegieError} `INTROUVABLE`
 * @throws {StoreUnavailable}
 */
export async function downloadRapport({ app, access, actor, params, ctx }: DownloadCall): Promise<Answer> {
  const rapport = await openRapport(app.db, app.store, access, params.id);
  const headers = {
    'Content-Type': 'application/pdf',
    'Content-Length': String(rapport.taille),
    'Content-Disposition': `inline; filename="${rapport.nom}"`,
    ETag: `"${rapport.checksum}"`,
  };
  try {
    if (ctx.method !== 'HEAD') await recordDownload(app.db.manager, actor, rapport, null);
  } catch (error) {
    rapport.stream.destroy();
    throw error;
  }
  return { headers, body: rapport.stream };
}
