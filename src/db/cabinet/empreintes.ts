/**
 * The hash that chains the rows of `medical.acces_dossier`, as `db/audit/audit.ts` does those of `historique`: SHA-256 over
 * the hash of the row before it in its chain and a canonical text of the row. Rows that exist were hashed with it: it never
 * changes. A column added later needs an expression of its own, for the rows from then on; `format` says which a row was
 * hashed with. This one is of format 1.
 * @param row alias of the row.
 */
export function empreinteAccesSql(row: string): string {
  const text = `jsonb_build_array(${row}.cabinet_id, ${row}.chaine, ${row}.rang, ${row}.id, ${row}.patient_id, ${row}.user_id,
    ${row}.session_id, ${row}.fonctions, ${row}.action, ${row}.categories, ${row}.requete, ${row}.version_montree,
    ${row}.nombre, ${row}.finalite, ${row}.correlation_id, ${row}.adresse, extract(epoch FROM ${row}.date))::text`;
  return `sha256(${row}.empreinte_precedente || convert_to(${text}, 'UTF8'))`;
}

/** Format 2: with the break-glass by which a record was open. */
export function empreinteAcces2Sql(row: string): string {
  const text = `jsonb_build_array(2, ${row}.cabinet_id, ${row}.chaine, ${row}.rang, ${row}.id, ${row}.patient_id, ${row}.user_id,
    ${row}.session_id, ${row}.fonctions, ${row}.action, ${row}.categories, ${row}.requete, ${row}.version_montree,
    ${row}.nombre, ${row}.finalite, ${row}.correlation_id, ${row}.adresse, extract(epoch FROM ${row}.date),
    ${row}.bris_de_glace_id)::text`;
  return `sha256(${row}.empreinte_precedente || convert_to(${text}, 'UTF8'))`;
}

/** The format of rows that are written now. */
export const FORMAT_ACCES = 2;

/** By whichever a row says that it was hashed with; what that one does not cover is not there. Null of any other. */
export function empreinteOfFormatSql(row: string): string {
  return `CASE WHEN ${row}.format = 1 AND ${row}.bris_de_glace_id IS NULL THEN ${empreinteAccesSql(row)}
    WHEN ${row}.format = 2 THEN ${empreinteAcces2Sql(row)} END`;
}

/** The same for `medical.actes_consultation`; rows that exist were hashed with it: it never changes. */
export function empreinteActeSql(row: string): string {
  const text = `jsonb_build_array(${row}.cabinet_id, ${row}.chaine, ${row}.rang, ${row}.id, ${row}.consultation_id, ${row}.numero,
    ${row}.type, encode(${row}.contenu, 'hex'), encode(${row}.empreinte_objet, 'hex'), ${row}.user_id, ${row}.correlation_id,
    extract(epoch FROM ${row}.date))::text`;
  return `sha256(${row}.empreinte_precedente || convert_to(${text}, 'UTF8'))`;
}

/** What stands before the first row of each chain, in hexadecimal. */
export const ORIGINE_ACCES = '00'.repeat(32);
