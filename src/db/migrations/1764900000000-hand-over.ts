import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Work that has begun and whose technicien cannot go on is marked, listed, and told of once. */
export class HandOver1764900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE interventions ADD COLUMN a_transmettre_depuis timestamptz(3)');
    await runner.query(
      `CREATE INDEX interventions_a_transmettre ON interventions (id) WHERE a_transmettre_depuis IS NOT NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE interventions DROP COLUMN a_transmettre_depuis');
  }
}
