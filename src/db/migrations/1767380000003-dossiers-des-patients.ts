import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Of the entries of their record, patients read for themselves what was written of them to be acted upon, and what they said
 * themselves; not what a doctor still thinks about, nor whom the practice would call.
 */
export class DossiersDesPatients1767380000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE POLICY elements_dossier_patient ON medical.elements_dossier FOR SELECT USING (
         patient_id = ANY ((SELECT medical.patients_ouverts())::integer[])
         AND nature IN ('couverture', 'consentement', 'antecedent', 'allergie', 'traitement', 'constante'))`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP POLICY elements_dossier_patient ON medical.elements_dossier');
  }
}
