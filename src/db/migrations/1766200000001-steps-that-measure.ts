import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A step that asks for a reading says of which meter, and which reading it has become. */
export class StepsThatMeasure1766200000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `ALTER TABLE etapes
     ADD COLUMN compteur text CHECK (compteur IS NULL OR type = 'releve'),
     -- The last reading that an answer to it has entered.
     ADD COLUMN releve_id integer REFERENCES releves`,
  'CREATE INDEX etapes_releve ON etapes (releve_id) WHERE releve_id IS NOT NULL',
  `UPDATE modeles_etapes SET etapes =
     (SELECT jsonb_agg('{"compteur": null}'::jsonb || e ORDER BY rang)
      FROM jsonb_array_elements(etapes) WITH ORDINALITY AS t (e, rang))`,
];

const DOWN = [
  'ALTER TABLE etapes DROP COLUMN compteur, DROP COLUMN releve_id',
  `UPDATE modeles_etapes SET etapes =
     (SELECT jsonb_agg(e - 'compteur' ORDER BY rang) FROM jsonb_array_elements(etapes) WITH ORDINALITY AS t (e, rang))`,
];
