import { randomUUID } from 'node:crypto';
import type { ObjectStore } from '../../storage/objects';
import type { StoredFile } from './documents';

/**
 * Stores what the system made, before the row that names it: what dies in between is swept away. Every file of ours goes
 * through here.
 * @param dossier where among the reports, for whoever looks at the store.
 * @throws {StoreUnavailable}
 */
export async function storeSystemFile(
  store: Pick<ObjectStore, 'put'>,
  dossier: string,
  pdf: Buffer,
): Promise<Pick<StoredFile, 'cle_stockage' | 'taille' | 'checksum' | 'mime_type'>> {
  const mime_type = 'application/pdf';
  const cle_stockage = `rapports/${dossier}/${randomUUID()}.pdf`;
  const { taille, checksum } = await store.put(cle_stockage, pdf, { contentType: mime_type });
  return { cle_stockage, taille, checksum, mime_type };
}
