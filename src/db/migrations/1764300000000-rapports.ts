import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What became of the reports that could not be filed at once: how often it was tried, since when, and whether it was given
 * up. It outlives the workflow that tries, so that one started anew goes on counting instead of beginning again.
 */
export class Rapports1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX messages_abandonnes');
    await runner.query('DROP TABLE rapports');
  }
}

const UP = [
  `CREATE TABLE rapports (
     -- That of the document it becomes.
     cle_unique text PRIMARY KEY,
     intervention_id integer NOT NULL REFERENCES interventions,
     statut text NOT NULL DEFAULT 'a_faire' CHECK (statut IN ('a_faire', 'abandonne')),
     -- Begun and not brought to an end, one after the other.
     rendus integer NOT NULL DEFAULT 0,
     -- Since when the store has been away.
     attente_depuis timestamptz(3),
     -- How often somebody has had it made again after it was given up.
     reprises integer NOT NULL DEFAULT 0,
     erreur text,
     date_essai timestamptz(3),
     date_creation timestamptz(3) NOT NULL DEFAULT now(),
     date_modification timestamptz(3) NOT NULL DEFAULT now())`,
  'CREATE INDEX rapports_intervention ON rapports (intervention_id)',
  'CREATE INDEX rapports_statut ON rapports (statut, intervention_id)',
  `CREATE INDEX messages_abandonnes ON messages (id) WHERE statut = 'abandonne'`,
];
