import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The template of a plan has parts and steps as well. */
export class WholeTemplates1766200000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `UPDATE plans_preventifs SET modele = '{"pieces": [], "etapes": [], "modele_etapes_id": null}'::jsonb || modele`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `UPDATE plans_preventifs SET modele = modele - 'pieces' - 'etapes' - 'modele_etapes_id'`,
    );
  }
}
