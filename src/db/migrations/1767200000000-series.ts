import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many appointments of a service may be booked at a time as a series. */
export class Series1767200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE prestations ADD COLUMN rejouer_regle integer CHECK (rejouer_regle BETWEEN 2 AND 52)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE prestations DROP COLUMN rejouer_regle');
  }
}
