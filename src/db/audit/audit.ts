/**
 * The hash that chains the rows of `historique`: SHA-256 over the hash of the row before it in its chain and a
 * canonical text of the row, all its other columns as one JSON array. `jsonb` has one text for one value, and an
 * instant is a number of seconds, so neither the time zone nor the date format of a session changes it.
 *
 * The migration that made the chains and the verification share this expression; the verification trusts no function
 * that is stored in the database. Rows that exist were hashed with it: it never changes. A column added to `historique`
 * needs an expression of its own, for the rows from then on.
 * @param row alias of the row.
 */
export function empreinteSql(row: string): string {
  const text = `jsonb_build_array(${row}.chaine, ${row}.rang, ${row}.id, ${row}.entite, ${row}.entite_id, ${row}.action,
    ${row}.auteur_id, ${row}.cle_api_id, extract(epoch FROM ${row}.date), ${row}.avant, ${row}.apres,
    ${row}.correlation_id, ${row}.adresse, ${row}.numero_evenement, ${row}.cause)::text`;
  return `sha256(${row}.empreinte_precedente || convert_to(${text}, 'UTF8'))`;
}

/** What stands before the first row of each chain, in hexadecimal: there is nothing before it. */
export const ORIGINE = '00'.repeat(32);
