import type { MigrationInterface, QueryRunner } from 'typeorm';
import { empreinteActeSql, ORIGINE_ACCES } from '../cabinet/empreintes';
import { ofOpened } from '../cabinet/politiques';

/** Consultations, their versions, and what is done to one that does not change any more (docs/decisions/065). */
export class Consultations1767360000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const AS_OWNER = 'SECURITY DEFINER SET search_path = pg_catalog, medical, pg_temp';
const REFUSED = `USING ERRCODE = '42501'`;
const OF_CONSULTATION =
  'FOREIGN KEY (cabinet_id, consultation_id) REFERENCES medical.consultations (cabinet_id, id)';

const UP = [
  `CREATE TABLE medical.consultations (
     id integer PRIMARY KEY CHECK (id > 0),
     cabinet_id integer NOT NULL,
     patient_id integer NOT NULL,
     auteur_id integer NOT NULL REFERENCES public.users,
     -- Of the appointment that it was, when it was one.
     rendez_vous_uid text,
     date timestamptz(3) NOT NULL,
     statut text NOT NULL CHECK (statut IN ('brouillon', 'signee', 'abandonnee', 'invalidee')),
     -- Sealed: what the doctor writes, and apart what they write for themselves.
     contenu bytea NOT NULL,
     notes bytea,
     -- The version at which both were sealed.
     version_contenu integer NOT NULL,
     date_signature timestamptz(3),
     date_invalidation timestamptz(3),
     -- When somebody is told next that it is not signed; null when nobody will be.
     suivi_le timestamptz(3),
     date_creation timestamptz(3) NOT NULL,
     date_modification timestamptz(3) NOT NULL,
     version integer NOT NULL DEFAULT 1,
     CONSTRAINT consultations_ligne UNIQUE (cabinet_id, id),
     CONSTRAINT consultations_signees CHECK ((statut IN ('signee', 'invalidee')) = (date_signature IS NOT NULL)
       AND (statut = 'invalidee') = (date_invalidation IS NOT NULL)),
     FOREIGN KEY (cabinet_id, patient_id) REFERENCES medical.patients (cabinet_id, id))`,
  'CREATE INDEX consultations_patient ON medical.consultations (cabinet_id, patient_id, date, id)',
  'CREATE INDEX consultations_suivi ON medical.consultations (suivi_le) WHERE suivi_le IS NOT NULL',
  `CREATE TABLE medical.consultation_versions (
     cabinet_id integer NOT NULL,
     consultation_id integer NOT NULL,
     version integer NOT NULL,
     statut text NOT NULL,
     date_consultation timestamptz(3) NOT NULL,
     contenu bytea NOT NULL,
     notes bytea,
     user_id integer NOT NULL REFERENCES public.users,
     correlation_id text NOT NULL,
     date timestamptz(3) NOT NULL,
     PRIMARY KEY (consultation_id, version),
     ${OF_CONSULTATION})`,
  'CREATE INDEX consultation_versions_cabinet ON medical.consultation_versions (cabinet_id, consultation_id)',
  // Signatures, what was added later, and that something does not hold: chained, so that one that goes missing shows.
  `CREATE TABLE medical.actes_consultation (
     id bigint GENERATED ALWAYS AS IDENTITY,
     cabinet_id integer NOT NULL,
     consultation_id integer NOT NULL,
     -- Of the consultation, from 1.
     numero integer NOT NULL CHECK (numero > 0),
     type text NOT NULL CHECK (type IN ('signature', 'addendum', 'invalidation')),
     contenu bytea NOT NULL,
     -- SHA-256 of what was signed, as it stands sealed.
     empreinte_objet bytea,
     user_id integer NOT NULL REFERENCES public.users,
     correlation_id text NOT NULL,
     date timestamptz(3) NOT NULL,
     chaine smallint NOT NULL,
     rang bigint NOT NULL,
     empreinte_precedente bytea NOT NULL,
     empreinte bytea NOT NULL,
     PRIMARY KEY (consultation_id, numero),
     CONSTRAINT actes_consultation_id UNIQUE (id),
     CONSTRAINT actes_consultation_rang UNIQUE (cabinet_id, chaine, rang),
     CONSTRAINT actes_consultation_signature CHECK ((type = 'signature') = (empreinte_objet IS NOT NULL)),
     ${OF_CONSULTATION})`,
  'CREATE INDEX actes_consultation_cabinet ON medical.actes_consultation (cabinet_id, consultation_id)',
  // Twice the same never: of two who sign at one moment the second is refused.
  `CREATE UNIQUE INDEX actes_consultation_une_fois ON medical.actes_consultation (cabinet_id, consultation_id, type)
     WHERE type <> 'addendum'`,
  `CREATE TABLE medical.actes_chaines (
     cabinet_id integer PRIMARY KEY REFERENCES medical.cabinets,
     rang bigint NOT NULL DEFAULT 0,
     empreinte bytea NOT NULL DEFAULT '\\x${ORIGINE_ACCES}')`,
  // One chain a practice: signing is rare beside reading, and its order is worth waiting for.
  `CREATE FUNCTION medical.acte_chainer() RETURNS trigger LANGUAGE plpgsql ${AS_OWNER} AS $$
     BEGIN
       INSERT INTO medical.actes_chaines (cabinet_id) VALUES (NEW.cabinet_id) ON CONFLICT DO NOTHING;
       SELECT 1, rang + 1, empreinte INTO NEW.chaine, NEW.rang, NEW.empreinte_precedente
         FROM medical.actes_chaines WHERE cabinet_id = NEW.cabinet_id FOR UPDATE;
       NEW.empreinte := ${empreinteActeSql('NEW')};
       UPDATE medical.actes_chaines SET rang = NEW.rang, empreinte = NEW.empreinte WHERE cabinet_id = NEW.cabinet_id;
       RETURN NEW;
     END $$`,
  'REVOKE EXECUTE ON FUNCTION medical.acte_chainer() FROM PUBLIC',
  `CREATE TRIGGER acte_chainer BEFORE INSERT ON medical.actes_consultation
     FOR EACH ROW EXECUTE FUNCTION medical.acte_chainer()`,
  ...['actes_consultation', 'consultation_versions'].map(
    (table) => `CREATE TRIGGER ${table}_immuable BEFORE UPDATE OR DELETE OR TRUNCATE ON medical.${table}
     FOR EACH STATEMENT EXECUTE FUNCTION medical.immuable()`,
  ),
  /*
   * What is signed says what it says, whoever asks: it may be said not to hold, once, and goes with a patient who turned out to
   * be somebody else. It becomes signed with its signature, or not at all.
   */
  `CREATE FUNCTION medical.consultation_signee() RETURNS trigger LANGUAGE plpgsql AS $$
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
         THEN RAISE EXCEPTION 'There is no signature' ${REFUSED}; END IF;
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
       END IF;
       IF apres IS DISTINCT FROM OLD THEN
         RAISE EXCEPTION 'What is signed does not change' ${REFUSED};
       END IF;
       RETURN NEW;
     END $$`,
  `CREATE TRIGGER consultation_signee BEFORE INSERT OR UPDATE OR DELETE ON medical.consultations
     FOR EACH ROW EXECUTE FUNCTION medical.consultation_signee()`,
  `CREATE TRIGGER consultations_entieres BEFORE TRUNCATE ON medical.consultations
     FOR EACH STATEMENT EXECUTE FUNCTION medical.immuable()`,

  // What was measured and found in a consultation is signed with it.
  `ALTER TABLE medical.elements_dossier ADD COLUMN consultation_id integer,
     ADD CONSTRAINT elements_dossier_consultation ${OF_CONSULTATION},
     ADD CONSTRAINT elements_dossier_de_consultation CHECK (consultation_id IS NULL OR nature IN ('constante', 'diagnostic'))`,
  `CREATE INDEX elements_dossier_consultation ON medical.elements_dossier (cabinet_id, consultation_id)
     WHERE consultation_id IS NOT NULL`,
  `CREATE FUNCTION medical.element_signe() RETURNS trigger LANGUAGE plpgsql AS $$
     DECLARE
       de medical.consultations;
     BEGIN
       IF TG_OP = 'UPDATE' AND medical.en_fusion(TG_RELID) THEN RETURN NEW; END IF;
       IF TG_OP = 'DELETE' AND medical.en_purge(TG_RELID) THEN RETURN OLD; END IF;
       IF TG_OP = 'UPDATE' AND NEW.consultation_id IS DISTINCT FROM OLD.consultation_id THEN
         RAISE EXCEPTION 'An entry stays where it was written' ${REFUSED};
       END IF;
       SELECT * INTO de FROM medical.consultations c
         WHERE c.cabinet_id = coalesce(NEW.cabinet_id, OLD.cabinet_id)
           AND c.id = coalesce(NEW.consultation_id, OLD.consultation_id);
       IF TG_OP = 'INSERT' AND de.patient_id <> NEW.patient_id THEN
         RAISE EXCEPTION 'It is of another patient' ${REFUSED};
       END IF;
       IF de.statut NOT IN ('signee', 'invalidee') THEN RETURN coalesce(NEW, OLD); END IF;
       IF TG_OP = 'UPDATE' THEN
         -- A disease may end after it was found, and what does not hold was an error with all that is in it.
         IF OLD.nature = 'diagnostic' AND OLD.statut = 'actif' AND NEW.statut = 'resolu'
           OR de.statut = 'invalidee' AND OLD.statut <> 'erreur' AND NEW.statut = 'erreur'
         THEN RETURN NEW; END IF;
       END IF;
       RAISE EXCEPTION 'What is signed does not change' ${REFUSED};
     END $$`,
  `CREATE TRIGGER element_signe_ajoute BEFORE INSERT ON medical.elements_dossier
     FOR EACH ROW WHEN (NEW.consultation_id IS NOT NULL) EXECUTE FUNCTION medical.element_signe()`,
  `CREATE TRIGGER element_signe BEFORE UPDATE ON medical.elements_dossier FOR EACH ROW
     WHEN (OLD.consultation_id IS NOT NULL OR NEW.consultation_id IS NOT NULL) EXECUTE FUNCTION medical.element_signe()`,
  `CREATE TRIGGER element_signe_ote BEFORE DELETE ON medical.elements_dossier
     FOR EACH ROW WHEN (OLD.consultation_id IS NOT NULL) EXECUTE FUNCTION medical.element_signe()`,
  ...['consultations', 'consultation_versions', 'actes_consultation', 'actes_chaines'].flatMap(ofOpened),
];

const DOWN = [
  'DROP TRIGGER element_signe_ajoute ON medical.elements_dossier',
  'DROP TRIGGER element_signe ON medical.elements_dossier',
  'DROP TRIGGER element_signe_ote ON medical.elements_dossier',
  'ALTER TABLE medical.elements_dossier DROP COLUMN consultation_id',
  'DROP TABLE medical.actes_chaines, medical.actes_consultation, medical.consultation_versions, medical.consultations',
  'DROP FUNCTION medical.element_signe(), medical.consultation_signee(), medical.acte_chainer()',
];
