import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a patient died (docs/decisions/071): a day, as birth dates are. What is kept of them may be counted from it. */
export class Deces1767430000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const AS_OWNER = 'SECURITY DEFINER SET search_path = pg_catalog, medical, pg_temp';

/* What is left of patients is the number by which the log of accesses names them. */
const effacer = (besides: string) => `CREATE OR REPLACE FUNCTION medical.effacer(purge integer, qui integer[],
     maintenant timestamptz) RETURNS void LANGUAGE plpgsql ${AS_OWNER} AS $$
     DECLARE dans integer;
     BEGIN
       SELECT cabinet_id INTO dans FROM medical.purges p
         WHERE p.id = purge AND p.statut = 'signee' AND p.execution_le <= maintenant;
       IF dans IS NULL THEN RAISE EXCEPTION 'Purge % is not to be carried out', purge USING ERRCODE = '42501'; END IF;
       PERFORM set_config('regie.purge', 'on', true);
       UPDATE medical.patients SET nom_naissance = '', nom_usage = NULL, prenoms = '', sexe = 'I',
         date_naissance = '1900-01-01', precision_naissance = 'annee', lieu_naissance = NULL, statut_identite = 'provisoire',
         justificatif = NULL, partage_cabinet = false, actif = false, recherche = '', coordonnees = NULL,
         telephone_empreinte = NULL, email_empreinte = NULL, fusionne_dans_id = NULL, date_creation = maintenant,
         date_modification = maintenant, version = version + 1, purge_le = maintenant${besides}
         WHERE cabinet_id = dans AND id = ANY (qui);
       PERFORM set_config('regie.purge', 'off', true);
     END $$`;

const ancres = (which: string) => `ALTER TABLE medical.politiques_conservation
     DROP CONSTRAINT politiques_conservation_ancre_check,
     ADD CONSTRAINT politiques_conservation_ancre_check CHECK (ancre IN (${which}))`;

const UP = [
  // A birth date is kept as the first day that it may be: nobody died before it.
  `ALTER TABLE medical.patients ADD COLUMN date_deces date,
     ADD CONSTRAINT patients_deces CHECK (date_deces >= date_naissance)`,
  // That who is kept took it from who was merged into them, and gives it back with the rest.
  'ALTER TABLE medical.fusions ADD COLUMN deces_repris boolean NOT NULL DEFAULT false',
  ancres(`'dernier_acte', 'majorite', 'deces'`),
  effacer(', date_deces = NULL'),
];

const DOWN = [
  effacer(''),
  `DELETE FROM medical.politiques_conservation WHERE ancre = 'deces'`,
  ancres(`'dernier_acte', 'majorite'`),
  'ALTER TABLE medical.fusions DROP COLUMN deces_repris',
  'ALTER TABLE medical.patients DROP COLUMN date_deces',
];
