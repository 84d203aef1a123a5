import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a person said of the last maintenance is kept, so that work that is undone can give way to it again. */
export class Maintenance1765000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX interventions_entretiens');
    await runner.query(
      'ALTER TABLE equipements DROP COLUMN maintenance_saisie, DROP COLUMN maintenance_saisie_le',
    );
  }
}

const STATEMENTS = [
  `ALTER TABLE equipements
     ADD COLUMN maintenance_saisie timestamptz(3),
     ADD COLUMN maintenance_saisie_le timestamptz(3)`,
  // The last word of a person, as the history has it.
  `UPDATE equipements e SET maintenance_saisie = said.valeur, maintenance_saisie_le = said.date
   FROM (SELECT DISTINCT ON (entite_id) entite_id, date, (apres->>'derniere_maintenance')::timestamptz AS valeur
         FROM historique
         WHERE entite = 'equipement' AND action IN ('creation', 'modification') AND apres ? 'derniere_maintenance'
         ORDER BY entite_id, id DESC) said
   WHERE said.entite_id = e.id`,
  // Where it says nothing: whatever no intervention has recorded.
  `UPDATE equipements e SET maintenance_saisie = e.derniere_maintenance, maintenance_saisie_le = e.date_creation
   WHERE e.maintenance_saisie_le IS NULL AND e.derniere_maintenance IS NOT NULL
     AND NOT EXISTS (SELECT FROM historique h
       WHERE h.entite = 'equipement' AND h.entite_id = e.id AND h.action = 'maintenance')`,
  `CREATE INDEX interventions_entretiens ON interventions (equipement_id, date_fin)
     WHERE statut = 'terminee' AND type_intervention = 'preventive'`,
];
