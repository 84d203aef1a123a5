import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Patients see when they come and by whom they are seen, and ask themselves for a copy of what is kept of them. What they add
 * is one request, open and their own: its answer stays the practice's.
 */
export class PagesDesPatients1767400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const THEIRS = 'patient_id = ANY ((SELECT medical.patients_ouverts())::integer[])';

const UP = [
  `CREATE POLICY rendez_vous_patients_patient ON medical.rendez_vous_patients FOR SELECT USING (${THEIRS})`,
  // Whom they have an appointment with, and no colleague.
  `CREATE POLICY praticiens_patient ON medical.praticiens FOR SELECT USING ((SELECT medical.est_patient()) AND EXISTS (
     SELECT FROM medical.rendez_vous_patients r
     WHERE r.cabinet_id = praticiens.cabinet_id AND r.praticien_id = praticiens.id AND r.${THEIRS}))`,
  `CREATE POLICY demandes_droits_patient ON medical.demandes_droits FOR SELECT USING (${THEIRS})`,
  `CREATE POLICY demandes_droits_du_patient ON medical.demandes_droits FOR INSERT
     WITH CHECK (${THEIRS} AND user_id = (SELECT medical.utilisateur()) AND nature = 'acces' AND statut = 'ouverte')`,
];

const DOWN = [
  'DROP POLICY demandes_droits_du_patient ON medical.demandes_droits',
  'DROP POLICY demandes_droits_patient ON medical.demandes_droits',
  'DROP POLICY praticiens_patient ON medical.praticiens',
  'DROP POLICY rendez_vous_patients_patient ON medical.rendez_vous_patients',
];
