import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ofOpened } from '../cabinet/politiques';

/**
 * Patients wait for a time of a practice (docs/decisions/070). What is offered to one of them is an appointment of theirs
 * that stands until they answer: the engine knows that the time is taken, and of nobody who waits.
 */
export class AttentesPatients1767410000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const THEIRS = 'patient_id = ANY ((SELECT medical.patients_ouverts())::integer[])';
const STATUTS = `'confirme', 'arrive', 'en_consultation', 'honore', 'absent', 'annule'`;
const ACTES = `'prendre', 'arriver', 'appeler', 'terminer', 'absent', 'annuler', 'reporter', 'partir'`;

const UP = [
  `CREATE TABLE medical.attentes_patients (
     -- Drawn, as all ids here.
     id integer PRIMARY KEY CHECK (id > 0),
     cabinet_id integer NOT NULL REFERENCES medical.cabinets,
     patient_id integer NOT NULL,
     type_id integer NOT NULL,
     -- Null for whoever receives.
     praticien_id integer,
     date_debut date NOT NULL,
     date_fin date NOT NULL CHECK (date_fin >= date_debut),
     -- By the clocks of the practice: from when it may begin, and by when it has to end.
     heure_debut text CHECK (heure_debut ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
     heure_fin text CHECK (heure_fin ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
     duree integer CHECK (duree > 0),
     statut text NOT NULL DEFAULT 'en_attente' CHECK (statut IN
       ('en_attente', 'proposee', 'acceptee', 'quittee', 'expiree')),
     offre_expire_le timestamptz(3),
     offres_manquees integer NOT NULL DEFAULT 0,
     date_creation timestamptz(3) NOT NULL DEFAULT now(),
     date_modification timestamptz(3) NOT NULL DEFAULT now(),
     version integer NOT NULL DEFAULT 1,
     CONSTRAINT attentes_patients_ligne UNIQUE (cabinet_id, id),
     CONSTRAINT attentes_patients_offre CHECK ((statut = 'proposee') = (offre_expire_le IS NOT NULL)),
     FOREIGN KEY (cabinet_id, patient_id) REFERENCES medical.patients (cabinet_id, id),
     FOREIGN KEY (cabinet_id, praticien_id) REFERENCES medical.praticiens (cabinet_id, id),
     FOREIGN KEY (cabinet_id, type_id) REFERENCES medical.types_rendez_vous (cabinet_id, id))`,
  `CREATE UNIQUE INDEX attentes_patients_une_fois ON medical.attentes_patients (cabinet_id, patient_id, type_id)
     WHERE statut IN ('en_attente', 'proposee')`,
  `CREATE INDEX attentes_patients_ordre ON medical.attentes_patients (cabinet_id, date_creation, id)
     WHERE statut IN ('en_attente', 'proposee')`,
  'CREATE INDEX attentes_patients_patient ON medical.attentes_patients (cabinet_id, patient_id)',
  ...ofOpened('attentes_patients'),
  `CREATE POLICY attentes_patients_patient ON medical.attentes_patients FOR SELECT USING (${THEIRS})`,

  `ALTER TABLE medical.rendez_vous_patients
     DROP CONSTRAINT rendez_vous_patients_statut_check,
     ADD CONSTRAINT rendez_vous_patients_statut_check CHECK (statut IN ('propose', ${STATUTS})),
     -- Of what was offered to somebody who waited: as whom they did, and when they said yes.
     ADD COLUMN attente_id integer,
     ADD COLUMN accepte_le timestamptz(3),
     ADD CONSTRAINT rendez_vous_patients_attente FOREIGN KEY (cabinet_id, attente_id)
       REFERENCES medical.attentes_patients (cabinet_id, id),
     ADD CONSTRAINT rendez_vous_patients_propose CHECK (attente_id IS NOT NULL
       OR (statut <> 'propose' AND accepte_le IS NULL)),
     ADD CONSTRAINT rendez_vous_patients_accepte CHECK (attente_id IS NULL OR statut IN ('propose', 'annule')
       OR accepte_le IS NOT NULL)`,
  // One is offered at a time.
  `CREATE UNIQUE INDEX rendez_vous_patients_offre ON medical.rendez_vous_patients (attente_id) WHERE statut = 'propose'`,
  `CREATE INDEX rendez_vous_patients_offres ON medical.rendez_vous_patients (cabinet_id, attente_id)
     WHERE attente_id IS NOT NULL`,
  `ALTER TABLE medical.actes_rendez_vous
     DROP CONSTRAINT actes_rendez_vous_acte_check,
     ADD CONSTRAINT actes_rendez_vous_acte_check CHECK (acte IN (${ACTES}, 'proposer', 'accepter', 'decliner', 'expirer')),
     -- What is offered, and that nobody answered, may be nobody's doing.
     ALTER COLUMN user_id DROP NOT NULL,
     ADD CONSTRAINT actes_rendez_vous_auteur CHECK (user_id IS NOT NULL OR acte IN ('proposer', 'expirer'))`,
];

const DOWN = [
  'ALTER TABLE medical.actes_rendez_vous DISABLE TRIGGER actes_rendez_vous_immuable',
  `DELETE FROM medical.actes_rendez_vous WHERE acte IN ('proposer', 'accepter', 'decliner', 'expirer')`,
  'ALTER TABLE medical.actes_rendez_vous ENABLE TRIGGER actes_rendez_vous_immuable',
  `ALTER TABLE medical.actes_rendez_vous
     DROP CONSTRAINT actes_rendez_vous_auteur,
     ALTER COLUMN user_id SET NOT NULL,
     DROP CONSTRAINT actes_rendez_vous_acte_check,
     ADD CONSTRAINT actes_rendez_vous_acte_check CHECK (acte IN (${ACTES}))`,
  // What stands only until somebody answers is the practice's to keep or to cancel.
  `UPDATE medical.rendez_vous_patients SET statut = 'confirme', accepte_le = now() WHERE statut = 'propose'`,
  `ALTER TABLE medical.rendez_vous_patients
     DROP CONSTRAINT rendez_vous_patients_accepte, DROP CONSTRAINT rendez_vous_patients_propose,
     DROP COLUMN attente_id, DROP COLUMN accepte_le,
     DROP CONSTRAINT rendez_vous_patients_statut_check,
     ADD CONSTRAINT rendez_vous_patients_statut_check CHECK (statut IN (${STATUTS}))`,
  'DROP TABLE medical.attentes_patients',
];
