import type { MigrationInterface, QueryRunner } from 'typeorm';
import { effacer } from './effacer';

/** When a patient died (docs/decisions/071): a day, as birth dates are. What is kept of them may be counted from it. */
export class Deces1767430000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const ancres = (which: string) => `ALTER TABLE medical.politiques_conservation
     DROP CONSTRAINT politiques_conservation_ancre_check,
     ADD CONSTRAINT politiques_conservation_ancre_check CHECK (ancre IN (${which}))`;

const UP = [
  // A birth date is kept as the first day that it may be: nobody died before it.
  `ALTER TABLE medical.patients ADD COLUMN date_deces date,
     ADD CONSTRAINT patients_deces CHECK (date_deces >= date_naissance)`,
  // That who is kept took it from who was merged into them, and gives it back with the rest.
  'ALTER TABLE medical.fusions ADD COLUMN deces_repris boolean NOT NULL DEFAULT false',
  ancres(`'dernier_acte', 'majorite', 'deces'`),
  effacer(', user_id = NULL, date_deces = NULL'),
];

const DOWN = [
  effacer(', user_id = NULL'),
  `DELETE FROM medical.politiques_conservation WHERE ancre = 'deces'`,
  ancres(`'dernier_acte', 'majorite'`),
  'ALTER TABLE medical.fusions DROP COLUMN deces_repris',
  'ALTER TABLE medical.patients DROP COLUMN date_deces',
];
