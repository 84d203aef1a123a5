import type { MigrationInterface, QueryRunner } from 'typeorm';
import { effacer } from './effacer';

/**
 * Whose record was destroyed has no account any more: the number that the log of accesses names them by is not tied to anybody,
 * and what is left without a key stands in nobody's way who reads their other records.
 */
export class ComptesPurges1767420000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(effacer(', user_id = NULL'));
    // Those of before, too.
    await runner.query(
      `ALTER POLICY patients_patient ON medical.patients USING (${THEMSELVES} AND purge_le IS NULL)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER POLICY patients_patient ON medical.patients USING (${THEMSELVES})`);
    await runner.query(effacer(''));
  }
}

const THEMSELVES = '(SELECT medical.est_patient()) AND lecteur_id = (SELECT medical.utilisateur())';
