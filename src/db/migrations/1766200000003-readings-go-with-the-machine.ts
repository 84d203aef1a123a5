import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the meters of a machine showed goes when the machine itself is removed, and at no other time: nobody may remove a reading. */
export class ReadingsGoWithTheMachine1766200000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE releves DROP CONSTRAINT releves_equipement_id_fkey,
      ADD CONSTRAINT releves_equipement_id_fkey FOREIGN KEY (equipement_id) REFERENCES equipements ON DELETE CASCADE`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE releves DROP CONSTRAINT releves_equipement_id_fkey,
      ADD CONSTRAINT releves_equipement_id_fkey FOREIGN KEY (equipement_id) REFERENCES equipements`);
  }
}
