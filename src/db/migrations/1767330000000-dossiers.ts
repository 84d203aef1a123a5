import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ofOpened } from '../cabinet/politiques';

/** Whose records somebody may open: those they treat, and for an hour those they had a reason to (docs/decisions/062). */
export class Dossiers1767330000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE medical.bris_de_glace, medical.soignants_patient');
  }
}

const OF_PATIENT = 'FOREIGN KEY (cabinet_id, patient_id) REFERENCES medical.patients (cabinet_id, id)';

const UP = [
  // Who treats a patient: whoever entered them, has an appointment with them or has seen them.
  `CREATE TABLE medical.soignants_patient (
     cabinet_id integer NOT NULL,
     patient_id integer NOT NULL,
     user_id integer NOT NULL REFERENCES public.users,
     depuis timestamptz(3) NOT NULL,
     PRIMARY KEY (cabinet_id, patient_id, user_id),
     ${OF_PATIENT})`,
  // Records that are not shared, opened for a while all the same: by whom, and sealed why.
  `CREATE TABLE medical.bris_de_glace (
     id integer PRIMARY KEY CHECK (id > 0),
     cabinet_id integer NOT NULL,
     patient_id integer NOT NULL,
     user_id integer NOT NULL REFERENCES public.users,
     motif bytea NOT NULL,
     date_debut timestamptz(3) NOT NULL,
     -- From then on they are closed to them again; brought forward by whoever closes them earlier.
     date_fin timestamptz(3) NOT NULL,
     CONSTRAINT bris_de_glace_ligne UNIQUE (cabinet_id, id),
     CONSTRAINT bris_de_glace_dates CHECK (date_fin >= date_debut),
     ${OF_PATIENT})`,
  'CREATE INDEX bris_de_glace_patient ON medical.bris_de_glace (cabinet_id, patient_id, date_fin)',
  ...['soignants_patient', 'bris_de_glace'].flatMap(ofOpened),
];
