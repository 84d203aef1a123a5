import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far people reach, said explicitly, and who wrote what others read: senders of notifications, authors of ratings. */
export class Reach1764400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  // Until now the absence of sites meant all of them. An administrator oversees everything by their role.
  `ALTER TABLE users
     ADD COLUMN tous_sites boolean NOT NULL DEFAULT false,
     ADD CONSTRAINT users_tous_sites CHECK (NOT tous_sites OR role <> 'client')`,
  // Everybody sees what they saw the day before.
  `UPDATE users u SET tous_sites = true
   WHERE u.role IN ('responsable', 'technicien')
     AND NOT EXISTS (SELECT FROM user_sites s WHERE s.user_id = u.id)`,
  // Who sent it, by which key if it was a machine; null for what the system tells.
  `ALTER TABLE notifications
     ADD COLUMN expediteur_id integer REFERENCES users,
     ADD COLUMN cle_api_id integer REFERENCES cles_api`,
  'CREATE INDEX notifications_expediteur ON notifications (expediteur_id) WHERE expediteur_id IS NOT NULL',
  'CREATE INDEX notifications_cle_api ON notifications (cle_api_id) WHERE cle_api_id IS NOT NULL',
  `UPDATE notifications n SET expediteur_id = h.auteur_id, cle_api_id = (SELECT id FROM cles_api WHERE id = h.cle_api_id)
   FROM historique h
   WHERE h.entite = 'notification' AND h.entite_id = n.id AND h.action = 'creation' AND n.evenement IS NULL`,
  // The key of the machine that last invited somebody: until they have a password, it has to be in force.
  'ALTER TABLE users ADD COLUMN invitation_cle_api_id integer REFERENCES cles_api',
  `ALTER TABLE interventions ADD COLUMN satisfaction_auteur_id integer REFERENCES users`,
  `CREATE INDEX interventions_satisfaction_auteur ON interventions (satisfaction_auteur_id)
     WHERE satisfaction_auteur_id IS NOT NULL`,
  // Whoever is no customer is no author: where somebody else has put a rating, the customer may still give theirs.
  `UPDATE interventions i SET satisfaction_auteur_id =
     (SELECT h.auteur_id FROM historique h
      WHERE h.entite = 'intervention' AND h.entite_id = i.id AND h.action = 'satisfaction'
        AND h.cle_api_id IS NULL AND h.auteur_id IN (SELECT id FROM users WHERE role = 'client')
      ORDER BY h.id DESC LIMIT 1)
   WHERE i.satisfaction_note IS NOT NULL`,
];

const DOWN = [
  'ALTER TABLE interventions DROP COLUMN satisfaction_auteur_id',
  'ALTER TABLE notifications DROP COLUMN expediteur_id, DROP COLUMN cle_api_id',
  'ALTER TABLE users DROP COLUMN tous_sites, DROP COLUMN invitation_cle_api_id',
];
