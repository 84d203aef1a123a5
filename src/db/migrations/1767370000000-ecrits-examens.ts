import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ofOpened } from '../cabinet/politiques';

/**
 * What doctors prescribe and certify, which does not change once it is signed, and what they asked of laboratories, each result
 * a version of its own (docs/decisions/066).
 */
export class EcritsExamens1767370000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const OF_PATIENT = 'FOREIGN KEY (cabinet_id, patient_id) REFERENCES medical.patients (cabinet_id, id)';

/** What is removed of a patient is noise already: their key went before. */
const WITHOUT_KEY = `OLD.patient_id IS NOT NULL AND NOT EXISTS (SELECT FROM medical.cles_patient k
  WHERE k.cabinet_id = OLD.cabinet_id AND k.patient_id = OLD.patient_id)`;

const UP = [
  // How whoever signs is reached by who reads it: at the practice, which need not be how they sign in.
  'ALTER TABLE medical.praticiens ADD COLUMN email text, ADD COLUMN telephone text',
  `CREATE TABLE medical.ecrits (
     id integer PRIMARY KEY CHECK (id > 0),
     cabinet_id integer NOT NULL,
     patient_id integer NOT NULL,
     genre text NOT NULL CHECK (genre IN ('ordonnance', 'certificat')),
     -- Who writes and signs it.
     auteur_id integer NOT NULL REFERENCES public.users,
     statut text NOT NULL CHECK (statut IN ('brouillon', 'signee', 'invalidee')),
     -- Sealed: what it says, and how known allergies were answered.
     contenu bytea NOT NULL,
     -- Whether the desk may hand it over, for a day from its signature.
     a_remettre boolean NOT NULL,
     -- Whether a copy in Arabic is made beside it.
     copie_arabe boolean NOT NULL,
     date_signature timestamptz(3),
     -- Sealed: the documents as they were signed, and what holds all of it together (src/services/cabinet/signatures.ts).
     pdf bytea,
     pdf_ar bytea,
     signature bytea,
     date_invalidation timestamptz(3),
     invalide_par integer REFERENCES public.users,
     motif_invalidation bytea,
     date_creation timestamptz(3) NOT NULL,
     date_modification timestamptz(3) NOT NULL,
     version integer NOT NULL DEFAULT 1,
     CONSTRAINT ecrits_ligne UNIQUE (cabinet_id, id),
     CONSTRAINT ecrits_signes CHECK ((statut = 'brouillon') = (date_signature IS NULL)
       AND (statut = 'brouillon') = (pdf IS NULL) AND (statut = 'brouillon') = (signature IS NULL)
       AND (pdf_ar IS NOT NULL) = (copie_arabe AND statut <> 'brouillon')),
     CONSTRAINT ecrits_invalides CHECK ((statut = 'invalidee') = (date_invalidation IS NOT NULL)
       AND (statut = 'invalidee') = (invalide_par IS NOT NULL) AND (statut = 'invalidee') = (motif_invalidation IS NOT NULL)),
     ${OF_PATIENT})`,
  'CREATE INDEX ecrits_patient ON medical.ecrits (cabinet_id, patient_id, id)',
  `CREATE INDEX ecrits_a_remettre ON medical.ecrits (cabinet_id, date_signature) WHERE a_remettre AND statut = 'signee'`,
  /*
   * Signed, it says what it says: it may be said not to hold any more, once. Whoever turns out to be the same person takes it
   * along (1767340000000).
   */
  `CREATE FUNCTION medical.ecrit_signe() RETURNS trigger LANGUAGE plpgsql AS $$
     DECLARE
       apres medical.ecrits := NEW;
     BEGIN
       IF TG_OP = 'DELETE' THEN
         IF ${WITHOUT_KEY} THEN RETURN OLD; END IF;
         RAISE EXCEPTION 'What is written of patients is kept' USING ERRCODE = '42501';
       END IF;
       IF OLD.statut = 'brouillon' OR medical.en_fusion(TG_RELID) THEN RETURN NEW; END IF;
       IF OLD.statut = 'signee' AND NEW.statut = 'invalidee' THEN
         apres.statut := OLD.statut;
         apres.date_invalidation := NULL;
         apres.invalide_par := NULL;
         apres.motif_invalidation := NULL;
         apres.date_modification := OLD.date_modification;
         apres.version := OLD.version;
       END IF;
       IF apres IS DISTINCT FROM OLD THEN
         RAISE EXCEPTION 'What is signed does not change' USING ERRCODE = '42501';
       END IF;
       RETURN NEW;
     END $$`,
  `CREATE TRIGGER ecrit_signe BEFORE UPDATE OR DELETE ON medical.ecrits
     FOR EACH ROW EXECUTE FUNCTION medical.ecrit_signe()`,
  `CREATE TRIGGER ecrits_entiers BEFORE TRUNCATE ON medical.ecrits
     FOR EACH STATEMENT EXECUTE FUNCTION medical.immuable()`,
  `CREATE TABLE medical.examens (
     id integer PRIMARY KEY CHECK (id > 0),
     cabinet_id integer NOT NULL REFERENCES medical.cabinets,
     -- Null while nobody knows whose it is: then what is sealed is sealed under the key of the practice.
     patient_id integer,
     -- Who is told of it first; null where nobody asked for it.
     auteur_id integer REFERENCES public.users,
     statut text NOT NULL CHECK (statut IN ('demande', 'attendu', 'partiel', 'recu', 'vu')),
     contenu bytea NOT NULL,
     -- Sealed: who it said that it was of, where it came without being asked for.
     identite bytea,
     -- The day of the practice by which it is to come, and when that has ended.
     attendu_le date,
     attendu_fin timestamptz(3),
     -- Of what came last.
     numero integer NOT NULL DEFAULT 0,
     critique boolean NOT NULL DEFAULT false,
     recu_le timestamptz(3),
     -- When a doctor was told that it is late, and how many were told that it waits for them.
     retard_dit_le timestamptz(3),
     niveau smallint NOT NULL DEFAULT 0 CHECK (niveau BETWEEN 0 AND 3),
     -- When something comes next of it by itself.
     suivi_le timestamptz(3),
     vu_le timestamptz(3),
     vu_par integer REFERENCES public.users,
     -- Sealed: what was decided last.
     decision bytea,
     date_creation timestamptz(3) NOT NULL,
     date_modification timestamptz(3) NOT NULL,
     version integer NOT NULL DEFAULT 1,
     CONSTRAINT examens_ligne UNIQUE (cabinet_id, id),
     CONSTRAINT examens_attendus CHECK ((attendu_le IS NULL) = (attendu_fin IS NULL)),
     CONSTRAINT examens_recus CHECK ((numero = 0) = (recu_le IS NULL)),
     CONSTRAINT examens_decides CHECK ((vu_le IS NULL) = (vu_par IS NULL) AND (vu_le IS NULL) = (decision IS NULL)
       AND (statut <> 'vu' OR vu_le IS NOT NULL)),
     CONSTRAINT examens_non_rattaches CHECK (patient_id IS NOT NULL OR (numero > 0 AND identite IS NOT NULL)),
     ${OF_PATIENT})`,
  'CREATE INDEX examens_patient ON medical.examens (cabinet_id, patient_id, id)',
  'CREATE INDEX examens_non_rattaches ON medical.examens (cabinet_id, id) WHERE patient_id IS NULL',
  'CREATE INDEX examens_suivi ON medical.examens (suivi_le) WHERE suivi_le IS NOT NULL',
  `CREATE TABLE medical.resultats_examen (
     id integer PRIMARY KEY CHECK (id > 0),
     cabinet_id integer NOT NULL,
     -- As its examen has it.
     patient_id integer,
     examen_id integer NOT NULL,
     numero integer NOT NULL CHECK (numero > 0),
     partiel boolean NOT NULL,
     critique boolean NOT NULL,
     contenu bytea NOT NULL,
     auteur_id integer NOT NULL REFERENCES public.users,
     date timestamptz(3) NOT NULL,
     vu_le timestamptz(3),
     vu_par integer REFERENCES public.users,
     decision bytea,
     CONSTRAINT resultats_examen_ligne UNIQUE (cabinet_id, id),
     CONSTRAINT resultats_examen_numero UNIQUE (cabinet_id, examen_id, numero),
     CONSTRAINT resultats_examen_decides CHECK ((vu_le IS NULL) = (vu_par IS NULL) AND (vu_le IS NULL) = (decision IS NULL)),
     FOREIGN KEY (cabinet_id, examen_id) REFERENCES medical.examens (cabinet_id, id),
     ${OF_PATIENT})`,
  'CREATE INDEX resultats_examen_patient ON medical.resultats_examen (cabinet_id, patient_id)',
  /*
   * What came stays as it came: it is seen once, and sealed anew once, when it is known whose it is. Whoever turns out to be the
   * same person takes it along.
   */
  `CREATE FUNCTION medical.resultat_recu() RETURNS trigger LANGUAGE plpgsql AS $$
     DECLARE
       apres medical.resultats_examen := NEW;
     BEGIN
       IF TG_OP = 'DELETE' THEN
         IF ${WITHOUT_KEY} THEN RETURN OLD; END IF;
         RAISE EXCEPTION 'Results are kept' USING ERRCODE = '42501';
       END IF;
       IF medical.en_fusion(TG_RELID) THEN RETURN NEW; END IF;
       IF OLD.patient_id IS NULL AND NEW.patient_id IS NOT NULL THEN
         apres.contenu := OLD.contenu;
         apres.patient_id := NULL;
       END IF;
       IF OLD.vu_le IS NULL THEN
         apres.vu_le := NULL;
         apres.vu_par := NULL;
         apres.decision := NULL;
       END IF;
       IF apres IS DISTINCT FROM OLD THEN
         RAISE EXCEPTION 'What came does not change' USING ERRCODE = '42501';
       END IF;
       RETURN NEW;
     END $$`,
  `CREATE TRIGGER resultat_recu BEFORE UPDATE OR DELETE ON medical.resultats_examen
     FOR EACH ROW EXECUTE FUNCTION medical.resultat_recu()`,
  `CREATE TRIGGER resultats_entiers BEFORE TRUNCATE ON medical.resultats_examen
     FOR EACH STATEMENT EXECUTE FUNCTION medical.immuable()`,
  ...['ecrits', 'examens', 'resultats_examen'].flatMap(ofOpened),
  `ALTER TABLE medical.acces_dossier
     DROP CONSTRAINT acces_dossier_action_check,
     ADD CONSTRAINT acces_dossier_action_check CHECK (action IN ('lecture', 'recherche', 'liste', 'export', 'impression',
       'telechargement', 'ecriture', 'bris_de_glace', 'refus'))`,
];

const DOWN = [
  'DROP TABLE medical.resultats_examen, medical.examens, medical.ecrits',
  'DROP FUNCTION medical.resultat_recu(), medical.ecrit_signe()',
  'ALTER TABLE medical.praticiens DROP COLUMN email, DROP COLUMN telephone',
  `ALTER TABLE medical.acces_dossier
     DROP CONSTRAINT acces_dossier_action_check,
     ADD CONSTRAINT acces_dossier_action_check CHECK (action IN ('lecture', 'recherche', 'liste', 'ecriture')) NOT VALID`,
];
