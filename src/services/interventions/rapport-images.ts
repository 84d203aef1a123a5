import sql from 'sql-template-tag';
import { type Executor, query } from '../../db/sql';
import type { Moment, Signataire } from '../../domain/documents/documents';
import { RAPPORT } from '../../domain/limites';
import { hasPreview, preview, sizeOf, Unreadable } from '../../images/images';
import type { Image } from '../../pdf/papier';
import type { ImagesRapport } from '../../pdf/rapports/intervention';
import { ObjectMissing, type ObjectStore } from '../../storage/objects';

/** Photos and signature of an intervention, made small enough for paper. */

interface ImageRow {
  nom: string;
  type_document: string;
  mime_type: string;
  cle_stockage: string;
  is_encrypted: boolean;
  taille: number;
  date: Date;
  moment: Moment | null;
  signataire: Signataire | null;
}

const SIGNATURE = 'signature';
/**
 * @param shownToClient only what its customer may see too; who signed may always see that they did.
 * @throws {StoreUnavailable}
 */
export async function readRapportImages(
  executor: Executor,
  store: Pick<ObjectStore, 'get'>,
  interventionId: number,
  shownToClient: boolean,
): Promise<ImagesRapport> {
  const rows = await query<ImageRow>(
    executor,
    sql`SELECT d.nom, d.type_document, d.mime_type, d.cle_stockage, d.is_encrypted, d.taille::double precision AS taille,
               d.date_creation AS date, d.moment, d.signataire FROM documents d
        WHERE d.intervention_id = ${interventionId} AND d.mime_type LIKE 'image/%' AND d.date_suppression IS NULL
          AND (NOT ${shownToClient} OR d.visible_client OR d.type_document = ${SIGNATURE})
          AND NOT EXISTS (SELECT FROM documents n WHERE coalesce(n.serie_id, n.id) = coalesce(d.serie_id, d.id)
                            AND n.numero_version > d.numero_version AND n.date_suppression IS NULL)
        ORDER BY d.id`,
  );
  const images: ImagesRapport = { photos: [], signature: null, confidentielles: 0, illisibles: 0, reste: 0 };
  for (const row of rows) {
    const { nom, is_encrypted, type_document, date, moment, signataire } = row;
    if (is_encrypted) {
      images.confidentielles += 1;
      continue;
    }
    const isSignature = type_document === SIGNATURE;
    if (!isSignature && images.photos.length === RAPPORT.photos) {
      images.reste += 1;
      continue;
    }
    const image = await draw(store, row);
    if (image === null) images.illisibles += 1;
    else if (isSignature) {
      // The last one signed counts.
      const { nom: qui = null, qualite = null } = signataire ?? {};
      images.signature = { image, nom: qui, qualite, date: date.toISOString() };
    } else images.photos.push({ image, nom, date: date.toISOString(), moment });
  }
  return images;
}

/** Null for what cannot be drawn. */
async function draw(store: Pick<ObjectStore, 'get'>, row: ImageRow): Promise<Image | null> {
  if (!hasPreview(row)) return null;
  try {
    const octets = await preview(() => store.get(row.cle_stockage), row.mime_type);
    const { width, height } = await sizeOf(octets);
    return { octets: new Uint8Array(octets), largeur: width, hauteur: height };
  } catch (error) {
    if (error instanceof Unreadable || error instanceof ObjectMissing) return null;
    throw error;
  }
}
