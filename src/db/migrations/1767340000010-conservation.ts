import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ofOpened } from '../cabinet/politiques';

/** How long records are kept, what keeps them longer, and what two people have signed for (docs/decisions/063). */
export class Conservation1767340000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const CONDITION = 'cabinet_id = ANY ((SELECT medical.cabinets_ouverts())::integer[])';
const AS_OWNER = 'SECURITY DEFINER SET search_path = pg_catalog, medical, pg_temp';
const OF_PATIENT = 'FOREIGN KEY (cabinet_id, patient_id) REFERENCES medical.patients (cabinet_id, id)';
const REFUSED = `RAISE EXCEPTION '% is only added to', TG_TABLE_NAME;`;
/** Whoever was destroyed is nobody to anybody: what is left of the row only ties the log of accesses to it. */
const NOT_PURGED = '(purge_le IS NULL OR (SELECT medical.purge()))';

const UP = [
  // What a practice declares in the place of what is shipped for its country.
  `CREATE TABLE medical.politiques_conservation (
     cabinet_id integer NOT NULL REFERENCES medical.cabinets,
     ancre text NOT NULL CHECK (ancre IN ('dernier_acte', 'majorite')),
     duree_mois integer NOT NULL CHECK (duree_mois BETWEEN 1 AND 1200),
     source text NOT NULL,
     user_id integer NOT NULL REFERENCES public.users,
     date timestamptz(3) NOT NULL,
     PRIMARY KEY (cabinet_id, ancre))`,
  // Why a record is kept, whatever is due; sealed, since it is said of somebody.
  `CREATE TABLE medical.retenues_conservation (
     id integer PRIMARY KEY CHECK (id > 0),
     cabinet_id integer NOT NULL,
     patient_id integer NOT NULL,
     motif bytea NOT NULL,
     user_id integer NOT NULL REFERENCES public.users,
     date timestamptz(3) NOT NULL,
     levee_le timestamptz(3),
     levee_par integer REFERENCES public.users,
     CONSTRAINT retenues_conservation_ligne UNIQUE (cabinet_id, id),
     CONSTRAINT retenues_conservation_levee CHECK ((levee_le IS NULL) = (levee_par IS NULL)),
     ${OF_PATIENT})`,
  `CREATE INDEX retenues_conservation_patient ON medical.retenues_conservation (cabinet_id, patient_id) WHERE levee_le IS NULL`,
  `CREATE TABLE medical.purges (
     id integer PRIMARY KEY CHECK (id > 0),
     cabinet_id integer NOT NULL,
     patient_id integer NOT NULL,
     statut text NOT NULL CHECK (statut IN ('demandee', 'signee', 'detruite', 'faite', 'arretee')),
     -- The last day on which the record was kept, as it was when it was asked for.
     echeance date NOT NULL,
     demandee_par integer NOT NULL REFERENCES public.users,
     demandee_le timestamptz(3) NOT NULL,
     signee_par integer REFERENCES public.users,
     signee_le timestamptz(3),
     -- From when on it is carried out.
     execution_le timestamptz(3),
     detruite_le timestamptz(3),
     faite_le timestamptz(3),
     arretee_le timestamptz(3),
     arretee_par integer REFERENCES public.users,
     raison_arret text CHECK (raison_arret IN ('demande', 'retenue', 'plus_due')),
     -- Objects of the store that are still to be removed.
     objets text[] NOT NULL DEFAULT '{}',
     -- How many rows were destroyed, and how many are left, and why, by table.
     bilan jsonb,
     CONSTRAINT purges_ligne UNIQUE (cabinet_id, id),
     CONSTRAINT purges_deux CHECK (signee_par <> demandee_par),
     CONSTRAINT purges_signee CHECK ((signee_par IS NULL) = (signee_le IS NULL) AND (signee_le IS NULL) = (execution_le IS NULL)
       AND (statut NOT IN ('signee', 'detruite', 'faite') OR signee_le IS NOT NULL)),
     CONSTRAINT purges_detruite CHECK ((statut IN ('detruite', 'faite')) = (detruite_le IS NOT NULL)
       AND (statut = 'faite') = (faite_le IS NOT NULL)),
     CONSTRAINT purges_arretee CHECK ((statut = 'arretee') = (arretee_le IS NOT NULL)
       AND (statut = 'arretee') = (raison_arret IS NOT NULL)),
     ${OF_PATIENT})`,
  `CREATE UNIQUE INDEX purges_une ON medical.purges (cabinet_id, patient_id) WHERE statut <> 'arretee'`,
  `CREATE INDEX purges_suivi ON medical.purges (id) WHERE statut IN ('signee', 'detruite')`,
  ...['politiques_conservation', 'retenues_conservation', 'purges'].flatMap(ofOpened),

  'ALTER TABLE medical.patients ADD COLUMN purge_le timestamptz(3)',
  `CREATE FUNCTION medical.purge() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
     RETURN coalesce(current_setting('regie.purge', true), '') = 'on'`,
  `ALTER POLICY patients_cabinet ON medical.patients USING (${CONDITION} AND ${NOT_PURGED})
     WITH CHECK (${CONDITION} AND ${NOT_PURGED})`,
  /* Whether rows are being destroyed, by the functions below alone. */
  `CREATE FUNCTION medical.en_purge(relation oid) RETURNS boolean LANGUAGE sql STABLE
     RETURN medical.purge() AND current_user = (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = relation)`,
  `CREATE OR REPLACE FUNCTION medical.immuable() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF TG_OP = 'UPDATE' AND medical.en_fusion(TG_RELID) THEN RETURN NEW; END IF;
       IF TG_OP = 'DELETE' AND medical.en_purge(TG_RELID) THEN RETURN OLD; END IF;
       ${REFUSED}
     END $$`,
  /* Destroys the rows of a table that name one of these, for a purge that two people have signed and whose time has come. */
  `CREATE FUNCTION medical.detruire(purge integer, nom text, colonne text, ids bigint[], maintenant timestamptz)
     RETURNS bigint LANGUAGE plpgsql ${AS_OWNER} AS $$
     DECLARE
       dans integer;
       detruites bigint;
     BEGIN
       SELECT cabinet_id INTO dans FROM medical.purges p
         WHERE p.id = purge AND p.statut = 'signee' AND p.execution_le <= maintenant;
       IF dans IS NULL THEN RAISE EXCEPTION 'Purge % is not to be carried out', purge USING ERRCODE = '42501'; END IF;
       IF nom IN ('acces_dossier', 'acces_chaines', 'purges', 'patients', 'cabinets', 'membres_cabinet', 'praticiens',
                  'cles_cabinet', 'politiques_conservation') THEN
         RAISE EXCEPTION '% is not destroyed', nom USING ERRCODE = '42501';
       END IF;
       PERFORM set_config('regie.purge', 'on', true);
       EXECUTE format('DELETE FROM medical.%I WHERE cabinet_id = $1 AND %I = ANY ($2)', nom, colonne) USING dans, ids;
       GET DIAGNOSTICS detruites = ROW_COUNT;
       PERFORM set_config('regie.purge', 'off', true);
       RETURN detruites;
     END $$`,
  /* What is left of patients is the number by which the log of accesses names them. */
  `CREATE FUNCTION medical.effacer(purge integer, qui integer[], maintenant timestamptz) RETURNS void
     LANGUAGE plpgsql ${AS_OWNER} AS $$
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
         date_modification = maintenant, version = version + 1, purge_le = maintenant
         WHERE cabinet_id = dans AND id = ANY (qui);
       PERFORM set_config('regie.purge', 'off', true);
     END $$`,
];

const DOWN = [
  `DROP FUNCTION medical.effacer(integer, integer[], timestamptz),
     medical.detruire(integer, text, text, bigint[], timestamptz)`,
  `CREATE OR REPLACE FUNCTION medical.immuable() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF TG_OP = 'UPDATE' AND medical.en_fusion(TG_RELID) THEN RETURN NEW; END IF;
       ${REFUSED}
     END $$`,
  'DROP FUNCTION medical.en_purge(oid)',
  `ALTER POLICY patients_cabinet ON medical.patients USING (${CONDITION}) WITH CHECK (${CONDITION})`,
  'DROP FUNCTION medical.purge()',
  'ALTER TABLE medical.patients DROP COLUMN purge_le',
  'DROP TABLE medical.purges, medical.retenues_conservation, medical.politiques_conservation',
];
