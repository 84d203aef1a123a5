/**
 * The statement that says what becomes of the row of a patient whose record is destroyed: the number by which the log of
 * accesses names them is left. Migrations that have been run are made of it: what is there it goes on doing.
 * @param besides columns with their values that came later, each with a comma before it.
 */
export const effacer = (besides: string) => `
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
