import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ofOpened } from '../cabinet/politiques';

/**
 * Which consultations their patient reads: those that were signed and that whoever signed them published, for as long as they do
 * not take that back (docs/decisions/069).
 */
export class Publications1767420000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const REFUSED = `USING ERRCODE = '42501'`;
const THEIRS = 'patient_id = ANY ((SELECT medical.patients_ouverts())::integer[])';

/** How a consultation may change: as before, and with it what is said of its publication. */
const signee = (publications: boolean) => `
  CREATE OR REPLACE FUNCTION medical.consultation_signee() RETURNS trigger LANGUAGE plpgsql AS $$
     DECLARE
       apres medical.consultations := NEW;
     BEGIN
       IF TG_OP = 'INSERT' THEN
         IF NEW.statut <> 'brouillon' THEN RAISE EXCEPTION 'A consultation begins as a draft' ${REFUSED}; END IF;
         RETURN NEW;
       END IF;
       IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'Consultations are kept' ${REFUSED}; END IF;
       IF medical.en_fusion(TG_RELID) THEN RETURN NEW; END IF;
       IF OLD.statut = 'brouillon' THEN
         IF NEW.statut = 'invalidee' OR NEW.statut = 'signee' AND NOT EXISTS (
           SELECT FROM medical.actes_consultation a
           WHERE a.cabinet_id = NEW.cabinet_id AND a.consultation_id = NEW.id AND a.type = 'signature')
         THEN RAISE EXCEPTION 'There is no signature' ${REFUSED}; END IF;${publications ? NOT_YET : ''}
         RETURN NEW;
       END IF;
       IF OLD.statut = 'signee' AND NEW.statut = 'invalidee' AND EXISTS (
         SELECT FROM medical.actes_consultation a
         WHERE a.cabinet_id = NEW.cabinet_id AND a.consultation_id = NEW.id AND a.type = 'invalidation')
       THEN
         apres.statut := OLD.statut;
         apres.date_invalidation := NULL;
         apres.date_modification := OLD.date_modification;
         apres.version := OLD.version;
       END IF;${publications ? AS_SAID : ''}
       IF apres IS DISTINCT FROM OLD THEN
         RAISE EXCEPTION 'What is signed does not change' ${REFUSED};
       END IF;
       RETURN NEW;
     END $$`;
const NOT_YET = `
         IF NEW.publiee_le IS NOT NULL THEN RAISE EXCEPTION 'What is published was signed before' ${REFUSED}; END IF;`;
/** The row says what was said last; of one that does not hold any more it can only be taken back. */
const AS_SAID = `
       IF NEW.statut = OLD.statut AND NEW.publiee_le IS DISTINCT FROM OLD.publiee_le
          AND (NEW.publiee_le IS NULL OR OLD.statut = 'signee')
          AND NEW.publiee_le IS NOT DISTINCT FROM medical.publiee_le(NEW.cabinet_id, NEW.id)
       THEN
         apres.publiee_le := OLD.publiee_le;
         apres.date_modification := OLD.date_modification;
         apres.version := OLD.version;
       END IF;`;

const UP = [
  // Since when its patient may read it; null while they may not.
  `ALTER TABLE medical.consultations ADD COLUMN publiee_le timestamptz(3),
     ADD CONSTRAINT consultations_publiees CHECK (publiee_le IS NULL OR date_signature IS NOT NULL)`,
  // By turns, so that nothing is said twice: it was published, it was taken back, and so on.
  `CREATE TABLE medical.publications_consultation (
     cabinet_id integer NOT NULL,
     consultation_id integer NOT NULL,
     -- Of the consultation, from 1.
     numero integer NOT NULL CHECK (numero > 0),
     publiee boolean NOT NULL,
     user_id integer NOT NULL REFERENCES public.users,
     correlation_id text NOT NULL,
     date timestamptz(3) NOT NULL,
     PRIMARY KEY (consultation_id, numero),
     CONSTRAINT publications_consultation_tour CHECK (publiee = (numero % 2 = 1)),
     FOREIGN KEY (cabinet_id, consultation_id) REFERENCES medical.consultations (cabinet_id, id))`,
  'CREATE INDEX publications_consultation_cabinet ON medical.publications_consultation (cabinet_id, consultation_id)',
  `CREATE TRIGGER publications_consultation_immuable BEFORE UPDATE OR DELETE OR TRUNCATE ON medical.publications_consultation
     FOR EACH STATEMENT EXECUTE FUNCTION medical.immuable()`,
  `CREATE FUNCTION medical.publication_de_auteur() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF NOT EXISTS (
         SELECT FROM medical.consultations c WHERE c.cabinet_id = NEW.cabinet_id AND c.id = NEW.consultation_id
           AND c.auteur_id = NEW.user_id AND (c.statut = 'signee' OR c.statut = 'invalidee' AND NOT NEW.publiee))
       THEN RAISE EXCEPTION 'It is for whoever signed it' ${REFUSED}; END IF;
       RETURN NEW;
     END $$`,
  `CREATE TRIGGER publication_de_auteur BEFORE INSERT ON medical.publications_consultation
     FOR EACH ROW EXECUTE FUNCTION medical.publication_de_auteur()`,
  `CREATE FUNCTION medical.publiee_le(dans integer, consultation integer) RETURNS timestamptz LANGUAGE sql STABLE
     RETURN (SELECT CASE WHEN p.publiee THEN p.date END FROM medical.publications_consultation p
       WHERE p.cabinet_id = dans AND p.consultation_id = consultation ORDER BY p.numero DESC LIMIT 1)`,
  signee(true),
  ...ofOpened('publications_consultation'),

  // What their patients read of them: the consultation, what was done to it, and what was found in it.
  `CREATE POLICY consultations_patient ON medical.consultations FOR SELECT USING (${THEIRS} AND publiee_le IS NOT NULL)`,
  `CREATE POLICY actes_consultation_patient ON medical.actes_consultation FOR SELECT USING (
     (SELECT medical.est_patient()) AND EXISTS (
       SELECT FROM medical.consultations c WHERE c.cabinet_id = actes_consultation.cabinet_id
         AND c.id = actes_consultation.consultation_id AND c.publiee_le IS NOT NULL AND c.${THEIRS}))`,
  `ALTER POLICY elements_dossier_patient ON medical.elements_dossier USING (${THEIRS} AND (
     nature IN ('couverture', 'consentement', 'antecedent', 'allergie', 'traitement', 'constante')
     OR nature = 'diagnostic' AND EXISTS (
       SELECT FROM medical.consultations c WHERE c.cabinet_id = elements_dossier.cabinet_id
         AND c.id = elements_dossier.consultation_id AND c.publiee_le IS NOT NULL AND c.${THEIRS})))`,
];

const DOWN = [
  `ALTER POLICY elements_dossier_patient ON medical.elements_dossier USING (${THEIRS}
     AND nature IN ('couverture', 'consentement', 'antecedent', 'allergie', 'traitement', 'constante'))`,
  'DROP POLICY actes_consultation_patient ON medical.actes_consultation',
  'DROP POLICY consultations_patient ON medical.consultations',
  signee(false),
  'DROP FUNCTION medical.publiee_le(integer, integer)',
  'DROP TABLE medical.publications_consultation',
  'DROP FUNCTION medical.publication_de_auteur()',
  'ALTER TABLE medical.consultations DROP COLUMN publiee_le',
];
