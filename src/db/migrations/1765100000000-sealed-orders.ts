import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Orders travel through the engine, encrypted; only those that were taken back are written down. */
export class SealedOrders1765100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ordres_retires');
    await runner.query('ALTER TABLE idempotence RENAME COLUMN ordre_id TO demande_id');
    await runner.query(
      `CREATE TABLE demandes (
         id uuid PRIMARY KEY,
         intervention_id integer NOT NULL REFERENCES interventions,
         auteur_id integer NOT NULL REFERENCES users,
         contenu jsonb NOT NULL,
         correlation_id text NOT NULL,
         date_creation timestamptz(3) NOT NULL DEFAULT now(),
         adresse text,
         session_id uuid,
         cle_api_id integer REFERENCES cles_api,
         action text,
         requete text,
         version_attendue integer)`,
    );
    await runner.query('CREATE INDEX demandes_creation ON demandes (date_creation)');
    await runner.query('CREATE INDEX demandes_intervention ON demandes (intervention_id)');
  }
}

const STATEMENTS = [
  `CREATE TABLE ordres_retires (
     id uuid PRIMARY KEY,
     date_retrait timestamptz(3) NOT NULL DEFAULT now())`,
  'ALTER TABLE idempotence RENAME COLUMN demande_id TO ordre_id',
  'DROP TABLE demandes',
];
