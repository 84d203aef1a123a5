import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Qualifications of techniciens that are valid on some days only. They are found by what they are for, as skills are. */
export class Habilitations1765500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

/** What is generated from the skills, and the indexes that go with it. */
const searchedBy = (skills: string) => [
  'ALTER TABLE techniciens DROP COLUMN competences_recherche, DROP COLUMN recherche',
  `ALTER TABLE techniciens
     ADD COLUMN competences_recherche text[] NOT NULL GENERATED ALWAYS AS (textes_recherche(${skills})) STORED,
     ADD COLUMN recherche text NOT NULL GENERATED ALWAYS AS (' ' || texte_recherche(
       specialite || ' ' || mots_ensemble(${skills}) || ' ' || coalesce(localisation_base, ''))) STORED`,
  'CREATE INDEX techniciens_competences ON techniciens USING gin (competences_recherche)',
  'CREATE INDEX techniciens_recherche ON techniciens USING gin (recherche gin_trgm_ops)',
];

const UP = [
  // [{ competence, valide_du, valide_jusqu_au }], days, the last one included.
  `ALTER TABLE techniciens ADD COLUMN habilitations jsonb NOT NULL DEFAULT '[]'`,
  `CREATE FUNCTION competences_habilitees(habilitations jsonb) RETURNS text[]
     LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
     RETURN (SELECT coalesce(array_agg(one ->> 'competence'), '{}') FROM jsonb_array_elements(habilitations) AS one)`,
  // Whether each of these skills, as they are looked for, that a habilitation is for has one that is valid that day.
  `CREATE FUNCTION habilitations_valides(habilitations jsonb, cherchees text[], jour text) RETURNS boolean
     LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
     RETURN NOT EXISTS (
       SELECT FROM jsonb_to_recordset(habilitations) AS h (competence text, valide_du text, valide_jusqu_au text)
       WHERE texte_recherche(h.competence) = ANY(cherchees)
       GROUP BY texte_recherche(h.competence)
       HAVING NOT bool_or(coalesce(h.valide_du <= jour, TRUE) AND coalesce(jour <= h.valide_jusqu_au, TRUE)))`,
  ...searchedBy('competences || competences_habilitees(habilitations)'),
];

const DOWN = [
  ...searchedBy('competences'),
  'DROP FUNCTION competences_habilitees(jsonb), habilitations_valides(jsonb, text[], text)',
  'ALTER TABLE techniciens DROP COLUMN habilitations',
];
