import type { MigrationInterface, QueryRunner } from 'typeorm';
import { empreinteAccesSql, ORIGINE_ACCES } from '../cabinet/empreintes';
import { ofOpened } from '../cabinet/politiques';

/** Patients, what is sealed of them and with which keys, what was changed of them, and who read what (docs/decisions/061). */
export class Patients1767320000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const OF_PATIENT = 'FOREIGN KEY (cabinet_id, patient_id) REFERENCES medical.patients (cabinet_id, id)';
const AS_OWNER = 'SECURITY DEFINER SET search_path = pg_catalog, medical, pg_temp';

const UP = [
  // With which what identifies people is found without being read, one a practice; sealed with the ring.
  `CREATE TABLE medical.cles_cabinet (
     cabinet_id integer PRIMARY KEY REFERENCES medical.cabinets,
     cle bytea NOT NULL,
     cle_anneau text NOT NULL)`,
  `CREATE TABLE medical.patients (
     -- Drawn, not counted: a practice cannot see from its ids how many another one receives.
     id integer PRIMARY KEY CHECK (id > 0),
     cabinet_id integer NOT NULL REFERENCES medical.cabinets,
     nom_naissance text NOT NULL,
     nom_usage text,
     prenoms text NOT NULL,
     sexe text NOT NULL CHECK (sexe IN ('F', 'M', 'I')),
     -- The first day of the month or year where no more is known.
     date_naissance date NOT NULL,
     precision_naissance text NOT NULL CHECK (precision_naissance IN ('jour', 'mois', 'annee')),
     lieu_naissance text,
     statut_identite text NOT NULL CHECK (statut_identite IN ('provisoire', 'recuperee', 'validee', 'qualifiee')),
     -- Which paper was seen; of identities that somebody has checked alone.
     justificatif text CHECK (justificatif IN ('carte_identite', 'passeport', 'titre_sejour', 'livret_famille', 'acte_naissance')),
     CONSTRAINT patients_justifie CHECK ((statut_identite IN ('validee', 'qualifiee')) = (justificatif IS NOT NULL)),
     partage_cabinet boolean NOT NULL DEFAULT true,
     actif boolean NOT NULL DEFAULT true,
     -- Their names as they are searched for (src/domain/cabinet/recherche.ts).
     recherche text NOT NULL,
     -- Sealed under the patient's own key: telephone, email, address, profession.
     coordonnees bytea,
     telephone_empreinte bytea,
     email_empreinte bytea,
     date_creation timestamptz(3) NOT NULL DEFAULT now(),
     date_modification timestamptz(3) NOT NULL DEFAULT now(),
     version integer NOT NULL DEFAULT 1,
     CONSTRAINT patients_ligne UNIQUE (cabinet_id, id))`,
  'CREATE INDEX patients_creation ON medical.patients (cabinet_id, date_creation, id)',
  'CREATE INDEX patients_naissance ON medical.patients (cabinet_id, date_naissance)',
  `CREATE INDEX patients_telephone ON medical.patients (cabinet_id, telephone_empreinte)
     WHERE telephone_empreinte IS NOT NULL`,
  'CREATE INDEX patients_email ON medical.patients (cabinet_id, email_empreinte) WHERE email_empreinte IS NOT NULL',
  // One a patient, sealed with the ring: without its row nothing of theirs can be read, wherever a copy of it lies.
  `CREATE TABLE medical.cles_patient (
     cabinet_id integer NOT NULL,
     patient_id integer PRIMARY KEY,
     cle bytea NOT NULL,
     cle_anneau text NOT NULL,
     version integer NOT NULL DEFAULT 1,
     ${OF_PATIENT})`,
  'CREATE INDEX cles_patient_cabinet ON medical.cles_patient (cabinet_id, patient_id)',
  `CREATE TABLE medical.identifiants_patient (
     id integer PRIMARY KEY CHECK (id > 0),
     cabinet_id integer NOT NULL,
     patient_id integer NOT NULL,
     type text NOT NULL CHECK (type IN ('ipp', 'ins_nir', 'ins_nia', 'cin', 'passeport', 'cnss', 'cnops', 'autre')),
     valeur bytea NOT NULL,
     empreinte bytea NOT NULL,
     CONSTRAINT identifiants_patient_ligne UNIQUE (cabinet_id, id),
     CONSTRAINT identifiants_patient_unique UNIQUE (cabinet_id, patient_id, type, empreinte),
     ${OF_PATIENT})`,
  'CREATE INDEX identifiants_patient_empreinte ON medical.identifiants_patient (cabinet_id, empreinte)',
  // What was changed of a patient, by whom: the fields, and sealed what they held and hold.
  `CREATE TABLE medical.historique_patient (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     cabinet_id integer NOT NULL,
     patient_id integer NOT NULL,
     version integer NOT NULL,
     action text NOT NULL CHECK (action IN ('creation', 'modification')),
     champs text[] NOT NULL,
     contenu bytea NOT NULL,
     user_id integer NOT NULL REFERENCES public.users,
     correlation_id text NOT NULL,
     date timestamptz(3) NOT NULL,
     CONSTRAINT historique_patient_version UNIQUE (cabinet_id, patient_id, version),
     ${OF_PATIENT})`,
  // Who was shown what of a patient: a row for each, in the transaction that reads it.
  `CREATE TABLE medical.acces_dossier (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     cabinet_id integer NOT NULL,
     patient_id integer NOT NULL,
     user_id integer NOT NULL REFERENCES public.users,
     session_id uuid,
     fonctions text[] NOT NULL,
     action text NOT NULL CHECK (action IN ('lecture', 'recherche', 'liste', 'ecriture')),
     categories text[] NOT NULL,
     -- Method and pattern of the path: never what was searched for.
     requete text NOT NULL,
     version_montree integer,
     -- Patients in the same answer.
     nombre integer NOT NULL,
     -- HL7 v3 PurposeOfUse.
     finalite text NOT NULL CHECK (finalite IN ('TREAT', 'HOPERAT')),
     correlation_id text NOT NULL,
     adresse text,
     date timestamptz(3) NOT NULL,
     chaine smallint NOT NULL,
     rang bigint NOT NULL,
     empreinte_precedente bytea NOT NULL,
     empreinte bytea NOT NULL,
     CONSTRAINT acces_dossier_rang UNIQUE (cabinet_id, chaine, rang),
     ${OF_PATIENT})`,
  'CREATE INDEX acces_dossier_patient ON medical.acces_dossier (cabinet_id, patient_id, id)',
  // The heads of the chains of each practice: several, so that nobody who reads waits for another.
  `CREATE TABLE medical.acces_chaines (
     cabinet_id integer NOT NULL REFERENCES medical.cabinets,
     chaine smallint NOT NULL,
     rang bigint NOT NULL DEFAULT 0,
     empreinte bytea NOT NULL DEFAULT '\\x${ORIGINE_ACCES}',
     PRIMARY KEY (cabinet_id, chaine)) WITH (fillfactor = 20)`,
  /*
   * Takes a head of the practice that nobody holds, or starts another chain. It runs as the owner of the tables, since the
   * medical role itself may not touch the heads; row security holds for it as well.
   */
  `CREATE FUNCTION medical.acces_chainer() RETURNS trigger LANGUAGE plpgsql ${AS_OWNER} AS $$
     BEGIN
       LOOP
         SELECT chaine, rang + 1, empreinte INTO NEW.chaine, NEW.rang, NEW.empreinte_precedente
           FROM medical.acces_chaines WHERE cabinet_id = NEW.cabinet_id ORDER BY chaine LIMIT 1 FOR UPDATE SKIP LOCKED;
         EXIT WHEN FOUND;
         -- Of two that start one at the same moment, the second looks again.
         INSERT INTO medical.acces_chaines (cabinet_id, chaine)
           SELECT NEW.cabinet_id, coalesce(max(chaine), 0) + 1 FROM medical.acces_chaines WHERE cabinet_id = NEW.cabinet_id
           ON CONFLICT DO NOTHING;
       END LOOP;
       NEW.empreinte := ${empreinteAccesSql('NEW')};
       UPDATE medical.acces_chaines SET rang = NEW.rang, empreinte = NEW.empreinte
         WHERE cabinet_id = NEW.cabinet_id AND chaine = NEW.chaine;
       RETURN NEW;
     END $$`,
  'REVOKE EXECUTE ON FUNCTION medical.acces_chainer() FROM PUBLIC',
  `CREATE TRIGGER acces_chainer BEFORE INSERT ON medical.acces_dossier
     FOR EACH ROW EXECUTE FUNCTION medical.acces_chainer()`,
  `CREATE FUNCTION medical.immuable() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END $$`,
  ...['acces_dossier', 'historique_patient'].map(
    (table) => `CREATE TRIGGER ${table}_immuable BEFORE UPDATE OR DELETE OR TRUNCATE ON medical.${table}
     FOR EACH STATEMENT EXECUTE FUNCTION medical.immuable()`,
  ),
  ...[
    'cles_cabinet',
    'patients',
    'cles_patient',
    'identifiants_patient',
    'historique_patient',
    'acces_dossier',
    'acces_chaines',
  ].flatMap(ofOpened),
];

const DOWN = [
  `DROP TABLE medical.acces_chaines, medical.acces_dossier, medical.historique_patient, medical.identifiants_patient,
     medical.cles_patient, medical.patients, medical.cles_cabinet`,
  'DROP FUNCTION medical.acces_chainer(), medical.immuable()',
];
