import { sealContentKey } from '../../src/services/documents/contenu';
import { newContentKey, seal } from '../../src/storage/segments';
import type { TestApi } from './api';

/** Makes a document that lies in the store a confidential one, as if it had been filed as such. */
export async function sealDocument(
  { app, db }: Pick<TestApi, 'app' | 'db'>,
  { id, cle_stockage, numero_version }: { id: number; cle_stockage: string; numero_version: number },
): Promise<void> {
  const contentKey = newContentKey(cle_stockage);
  const chunks: Buffer[] = [];
  for await (const chunk of seal(await app.store.get(cle_stockage), contentKey)) chunks.push(chunk);
  await app.store.put(cle_stockage, Buffer.concat(chunks), { contentType: 'application/octet-stream' });
  const sealed = sealContentKey(app.secrets, { id, numero_version }, contentKey);
  await db.query(
    'UPDATE documents SET is_encrypted = true, cle_donnees = $2, cle_anneau = $3 WHERE id = $1',
    [id, sealed, app.secrets.keyOf(sealed)],
  );
}
