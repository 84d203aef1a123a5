import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Services that ask for a confirmation by mail, or for what people thought of it; and what they said. */
export class CourrierEtAvis1767210010000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `ALTER TABLE prestations
     ADD COLUMN confirmation_email boolean NOT NULL DEFAULT false,
     ADD COLUMN avis boolean NOT NULL DEFAULT false`,
  `ALTER TABLE participants
     ADD COLUMN note smallint CHECK (note BETWEEN 1 AND 5),
     ADD COLUMN commentaire text,
     ADD COLUMN avis_le timestamptz(3),
     ADD CONSTRAINT participants_avis CHECK ((note IS NULL) = (avis_le IS NULL) AND (note IS NOT NULL OR commentaire IS NULL))`,
];

const DOWN = [
  'ALTER TABLE participants DROP COLUMN note, DROP COLUMN commentaire, DROP COLUMN avis_le',
  'ALTER TABLE prestations DROP COLUMN confirmation_email, DROP COLUMN avis',
];
