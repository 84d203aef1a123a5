import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ofOpened } from '../cabinet/politiques';

/** What a record is made of, entry by entry, with every version of each (docs/decisions/065). */
export class ElementsDossier1767360000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE medical.elements_dossier_versions, medical.elements_dossier');
  }
}

const OF_PATIENT = 'FOREIGN KEY (cabinet_id, patient_id) REFERENCES medical.patients (cabinet_id, id)';
const STATUT = `statut text NOT NULL CHECK (statut IN ('actif', 'resolu', 'termine', 'erreur'))`;

const UP = [
  `CREATE TABLE medical.elements_dossier (
     -- Drawn, not counted, as those of patients.
     id integer PRIMARY KEY CHECK (id > 0),
     cabinet_id integer NOT NULL,
     patient_id integer NOT NULL,
     nature text NOT NULL CHECK (nature IN ('couverture', 'representant', 'consentement', 'antecedent', 'allergie',
       'traitement', 'constante', 'diagnostic')),
     ${STATUT},
     -- When it was measured or said; of what has no such instant, when it was entered.
     date_effet timestamptz(3) NOT NULL,
     auteur_id integer NOT NULL REFERENCES public.users,
     -- Sealed under the patient's key: all that it says.
     contenu bytea NOT NULL,
     -- Tells entries of one patient apart of which the last holds, and is read by nobody who has not their key.
     groupe bytea,
     date_creation timestamptz(3) NOT NULL,
     date_modification timestamptz(3) NOT NULL,
     version integer NOT NULL DEFAULT 1,
     CONSTRAINT elements_dossier_ligne UNIQUE (cabinet_id, id),
     ${OF_PATIENT})`,
  `CREATE INDEX elements_dossier_patient ON medical.elements_dossier (cabinet_id, patient_id, nature, date_effet, id)`,
  `CREATE INDEX elements_dossier_groupe ON medical.elements_dossier (cabinet_id, patient_id, nature, groupe, date_effet, id)
     WHERE groupe IS NOT NULL`,
  `CREATE TABLE medical.elements_dossier_versions (
     cabinet_id integer NOT NULL,
     element_id integer NOT NULL,
     version integer NOT NULL,
     patient_id integer NOT NULL,
     ${STATUT},
     date_effet timestamptz(3) NOT NULL,
     contenu bytea NOT NULL,
     user_id integer NOT NULL REFERENCES public.users,
     correlation_id text NOT NULL,
     date timestamptz(3) NOT NULL,
     PRIMARY KEY (element_id, version),
     ${OF_PATIENT},
     CONSTRAINT elements_dossier_versions_element FOREIGN KEY (cabinet_id, element_id)
       REFERENCES medical.elements_dossier (cabinet_id, id))`,
  'CREATE INDEX elements_dossier_versions_patient ON medical.elements_dossier_versions (cabinet_id, patient_id)',
  `CREATE TRIGGER elements_dossier_versions_immuable BEFORE UPDATE OR DELETE OR TRUNCATE
     ON medical.elements_dossier_versions FOR EACH STATEMENT EXECUTE FUNCTION medical.immuable()`,
  ...['elements_dossier', 'elements_dossier_versions'].flatMap(ofOpened),
];
