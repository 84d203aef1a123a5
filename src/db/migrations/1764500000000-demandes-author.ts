import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a demande needs so that its author can be asked again, when it is applied, what they may do by then. */
export class DemandesAuthor1764500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE demandes
         -- The session of a person; a machine has its key instead. Of what was asked before this migration neither is known.
         ADD COLUMN session_id uuid,
         ADD COLUMN action text,
         -- The request, as the paths of keys name it: a key may have lost this one meanwhile.
         ADD COLUMN requete text,
         -- The version that the caller had in mind, or null.
         ADD COLUMN version_attendue integer`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE demandes
         DROP COLUMN session_id, DROP COLUMN action, DROP COLUMN requete, DROP COLUMN version_attendue`,
    );
  }
}
