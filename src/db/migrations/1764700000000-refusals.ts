import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Refusals counted by caller, route and minute, so that whoever is refused without end fills no table. */
export class Refusals1764700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE refus (
         -- Who asked: user 7, or cle_api 3 for a machine.
         appelant text NOT NULL,
         requete text NOT NULL,
         minute timestamptz(3) NOT NULL,
         nombre integer NOT NULL DEFAULT 1,
         -- Of the first one, for the line of the audit that tells how many there were.
         entite text NOT NULL,
         auteur_id integer,
         cle_api_id integer,
         adresse text,
         correlation_id text NOT NULL,
         PRIMARY KEY (appelant, requete, minute))`,
    );
    await runner.query('CREATE INDEX refus_minute ON refus (minute)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE refus');
  }
}
