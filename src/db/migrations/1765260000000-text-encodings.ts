import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Texts come in any encoding; those that are there were all found to be in UTF-8. */
export class TextEncodings1765260000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE documents ADD COLUMN encodage text');
    await runner.query(`UPDATE documents SET encodage = 'utf-8' WHERE mime_type LIKE 'text/%'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE documents DROP COLUMN encodage');
  }
}
