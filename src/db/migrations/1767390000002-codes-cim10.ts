import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The codes of the CIM-10 that an installation was given. They are nobody's: they stand beside what is medical. */
export class CodesCim101767390000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE codes_cim10 (
      code text PRIMARY KEY,
      -- The code without its point, and the words of its label as they are searched for (src/domain/cabinet/codes.ts).
      cle text NOT NULL,
      libelle text NOT NULL,
      recherche text NOT NULL)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE codes_cim10');
  }
}
