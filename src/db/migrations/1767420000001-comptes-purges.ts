import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Whose record was destroyed has no account any more: the number that the log of accesses names them by is not tied to anybody,
 * and what is left without a key stands in nobody's way who reads their other records.
 */
export class ComptesPurges1767420000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(effacer(', user_id = NULL'));
    // Those of before, too.
    await runner.query(
      `ALTER POLICY patients_patient ON medical.patients USING (${THEMSELVES} AND purge_le IS NULL)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER POLICY patients_patient ON medical.patients USING (${THEMSELVES})`);
    await runner.query(effacer(''));
  }
}

const THEMSELVES = '(SELECT medical.est_patient()) AND lecteur_id = (SELECT medical.utilisateur())';

/** What becomes of the row of a patient whose record is destroyed. @param besides what else is taken from it. */
const effacer = (besides: string) => `
  CREATE OR REPLACE FUNCTION medical.effacer(purge integer, qui integer[], maintenant timestamptz) RETURNS void
     LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, medical, pg_temp AS $$
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
