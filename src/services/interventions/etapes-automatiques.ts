import sql, { type Sql } from 'sql-template-tag';

/** Steps as their definitions in JSON say, from an expression of an array of them. */
const COLUMNS = sql`(intervention_id, ordre, libelle, type, obligatoire, suite, min, max, unite, choix, compteur)`;
const FIELDS = sql`d.libelle, d.type, d.obligatoire, d.suite, d.min, d.max, d.unite, d.choix, d.compteur`;
const definitionsSql = (
  etapes: Sql,
) => sql`ROWS FROM (jsonb_to_recordset(${etapes}) AS (libelle text, type text,
    obligatoire boolean, suite boolean, min double precision, max double precision, unite text, choix text[],
    compteur text))
  WITH ORDINALITY AS d (libelle, type, obligatoire, suite, min, max, unite, choix, compteur, rang)`;

/**
 * Gives an intervention steps, after those that it has.
 * @param etapes an expression of their definitions.
 */
export function addStepsSql(interventionId: Sql, after: Sql, etapes: Sql): Sql {
  return sql`INSERT INTO etapes ${COLUMNS}
    SELECT ${interventionId}, ${after} + d.rang, ${FIELDS} FROM ${definitionsSql(etapes)}
    RETURNING id`;
}

/**
 * The steps that new interventions on the kind of their equipment have from the start: a part of the statement that makes
 * them, so that there is never one without.
 * @param created the name of what has the new rows.
 */
export function automaticStepsSql(created: Sql): Sql {
  return sql`INSERT INTO etapes ${COLUMNS}
    SELECT i.id, d.rang, ${FIELDS}
    FROM ${created} i JOIN equipements e ON e.id = i.equipement_id
    JOIN modeles_etapes m ON m.automatique AND m.type_equipement = e.type::citext
    CROSS JOIN LATERAL ${definitionsSql(sql`m.etapes`)}`;
}
