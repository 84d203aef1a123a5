import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Photographs say what they show of the work. */
export class Moments1766350000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE documents ADD COLUMN moment text CHECK (moment IN ('avant', 'apres', 'defaut'))`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE documents DROP COLUMN moment');
  }
}
