import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when somebody takes turns: who joins within a month begins where the others are. */
export class Reservation1767110000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = ['ALTER TABLE prestations_intervenants ADD COLUMN depuis timestamptz(3) NOT NULL DEFAULT now()'];

const DOWN = ['ALTER TABLE prestations_intervenants DROP COLUMN depuis'];
