import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many visits a contract includes, which were made under it, and what was told of its end. */
export class VisitesContrats1766200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
    // What has ended is no news, wherever it is yesterday by now. What was done so far is counted by the first round.
    await runner.query(
      'UPDATE contrats SET recompte_demande = now(), fin_dite = CASE WHEN date_fin < $1 THEN date_fin END',
      [new Date(Date.now() - 12 * 3_600_000).toISOString().slice(0, 10)],
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `ALTER TABLE contrats
     -- Null where visits are not counted against it.
     ADD COLUMN visites_incluses integer CHECK (visites_incluses > 0),
     ADD COLUMN preavis_jours integer NOT NULL DEFAULT 30 CHECK (preavis_jours BETWEEN 0 AND 365),
     -- The end, and the number of visits, that people were told of.
     ADD COLUMN fin_dite date,
     ADD COLUMN epuisement_dit integer,
     -- Since when visits are to be counted anew; null while they are counted.
     ADD COLUMN recompte_demande timestamptz(3)`,
  'CREATE INDEX contrats_recompte ON contrats (recompte_demande) WHERE recompte_demande IS NOT NULL',
  `CREATE TABLE visites_contrats (
     -- Preventive work that has ended; whether it still has is for its own row to say.
     intervention_id integer PRIMARY KEY REFERENCES interventions ON DELETE CASCADE,
     contrat_id integer NOT NULL REFERENCES contrats ON DELETE CASCADE)`,
  'CREATE INDEX visites_contrats_contrat ON visites_contrats (contrat_id)',
];

const DOWN = [
  'DROP TABLE visites_contrats',
  `ALTER TABLE contrats DROP COLUMN visites_incluses, DROP COLUMN preavis_jours, DROP COLUMN fin_dite,
     DROP COLUMN epuisement_dit, DROP COLUMN recompte_demande`,
];
