import { createHash } from 'node:crypto';
import sql from 'sql-template-tag';
import type { Access } from '../../auth/access';
import { EQUIPEMENT_COLUMNS, SITE_COLUMNS } from '../../auth/columns';
import { type Executor, queryOne } from '../../db/sql';
import { notFound } from '../../domain/errors';
import { drawEtiquette } from '../../etiquettes/etiquette';
import { etiquettePng } from '../../etiquettes/png';
import { etiquetteSvg } from '../../etiquettes/svg';

/** The label that is stuck on an equipment: whoever scans it is led to its page. */

export const FORMATS_ETIQUETTE = ['svg', 'png'] as const;
export type FormatEtiquette = (typeof FORMATS_ETIQUETTE)[number];

/**
 * @param publicUrl where people reach the application.
 * @returns the picture, and the tag of its bytes.
 * @throws {RegieError} `INTROUVABLE` when there is no such equipment that the caller may see.
 */
export async function readEtiquette(
  executor: Executor,
  access: Access,
  id: number,
  format: FormatEtiquette,
  publicUrl: string,
): Promise<{ image: string | Buffer; etag: string }> {
  const equipement = await queryOne<{ nom: string; numero_serie: string; site: string | null }>(
    executor,
    sql`SELECT e.nom, e.numero_serie,
          (SELECT s.nom FROM sites s WHERE s.id = e.site_id AND ${access.where('read', 'Site', SITE_COLUMNS)}) AS site
        FROM equipements e WHERE e.id = ${id} AND ${access.where('read', 'Equipement', EQUIPEMENT_COLUMNS)}`,
  );
  if (equipement === null) throw notFound();
  const { nom, numero_serie: numeroSerie, site } = equipement;
  const drawing = drawEtiquette({ url: `${publicUrl}/equipements/${id}`, nom, numeroSerie, site });
  const image = format === 'svg' ? etiquetteSvg(drawing) : etiquettePng(drawing);
  return { image, etag: `"${createHash('sha256').update(image).digest('base64url')}"` };
}
