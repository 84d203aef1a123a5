import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query, queryOne } from '../../db/sql';
import { type CodeCim10, cleDuCode, rechercheDeCode, rechercheDuCode } from '../../domain/cabinet/codes';

/** The codes of the CIM-10 that this installation knows. A diagnosis needs none: they are proposed, and never asked for. */

/** Proposed at most. */
export const MAX_CODES = 20;

/** The codes that are meant, those of a code that was typed first, the shorter before the longer; one statement. */
export function searchCodes(tx: EntityManager, q: string): Promise<CodeCim10[]> {
  const { prefixe, mots } = rechercheDeCode(q);
  return query<CodeCim10>(
    tx,
    sql`SELECT c.code, c.libelle FROM codes_cim10 c
        WHERE starts_with(c.cle, ${prefixe}::text)
           OR (cardinality(${mots}::text[]) > 0
               AND NOT EXISTS (SELECT FROM unnest(${mots}::text[]) m WHERE strpos(c.recherche, ' ' || m) = 0))
        ORDER BY starts_with(c.cle, ${prefixe}::text) IS TRUE DESC, length(c.cle), c.code LIMIT ${MAX_CODES}`,
  );
}

export interface Importes {
  ajoutes: number;
  changes: number;
}

/** Codes written at a time. */
const BATCH = 2_000;

/** Adds codes, and gives those that are there their new label; none is taken away, since diagnoses may name it. */
export async function importCodes(tx: EntityManager, codes: readonly CodeCim10[]): Promise<Importes> {
  const fresh = [...new Map(codes.map((one) => [one.code, one])).values()];
  const done: Importes = { ajoutes: 0, changes: 0 };
  for (let at = 0; at < fresh.length; at += BATCH) {
    const batch = fresh.slice(at, at + BATCH);
    const row = await queryOne<Importes>(
      tx,
      sql`WITH written AS (
            INSERT INTO codes_cim10 AS c (code, cle, libelle, recherche)
            SELECT * FROM unnest(${batch.map(({ code }) => code)}::text[], ${batch.map(({ code }) => cleDuCode(code))}::text[],
              ${batch.map(({ libelle }) => libelle)}::text[],
              ${batch.map(({ libelle }) => rechercheDuCode(libelle))}::text[])
            ON CONFLICT (code) DO UPDATE SET libelle = EXCLUDED.libelle, recherche = EXCLUDED.recherche
              WHERE c.libelle <> EXCLUDED.libelle
            RETURNING xmax = 0 AS added)
          SELECT count(*) FILTER (WHERE added)::integer AS ajoutes, count(*) FILTER (WHERE NOT added)::integer AS changes
          FROM written`,
    );
    done.ajoutes += row!.ajoutes;
    done.changes += row!.changes;
  }
  return done;
}
