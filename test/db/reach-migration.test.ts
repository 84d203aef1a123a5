import { Reach1764400000000 } from '../../src/db/migrations/1764400000000-reach';
import { createEmptyDatabase, type EmptyDatabase } from '../support/database';

/** What there was before it was said how far somebody reaches, and who wrote what. */

let database: EmptyDatabase;
beforeAll(async () => {
  database = await createEmptyDatabase();
  await database.owner.runMigrations();
  await migrate('down');
  await database.owner.query(ROWS);
  await migrate('up');
});
afterAll(() => database.drop());

async function migrate(direction: 'up' | 'down'): Promise<void> {
  const runner = database.owner.createQueryRunner();
  await new Reach1764400000000()[direction](runner);
  await runner.release();
}

const ROWS = `
  INSERT INTO sites (id, nom) VALUES (1, 'Nord');
  INSERT INTO users (id, email, nom, prenom, role) VALUES
    (1, 'a@b.ma', 'A', 'A', 'admin'), (2, 'r@b.ma', 'R', 'R', 'responsable'), (3, 'n@b.ma', 'N', 'N', 'responsable'),
    (4, 't@b.ma', 'T', 'T', 'technicien'), (5, 'c@b.ma', 'C', 'C', 'client');
  INSERT INTO user_sites VALUES (3, 1);
  INSERT INTO techniciens (id, user_id, specialite) VALUES (1, 4, 'Froid');
  INSERT INTO equipements (id, nom, type, numero_serie) VALUES (1, 'P', 'P', 'P');
  INSERT INTO interventions (id, titre, description, type_intervention, statut, priorite, date_limite, equipement_id,
    createur_id, technicien_id, arme_le, rapport, date_fin, satisfaction_note)
    SELECT n, 'T', 'D', 'corrective', 'terminee', 'basse', now(), 1, 5, 1, now(), 'R', now(), CASE WHEN n < 3 THEN 4 END
    FROM generate_series(1, 3) n;
  INSERT INTO notifications (id, titre, message, type, destinataire_id, evenement)
    VALUES (1, 'T', 'M', 'info', 5, NULL), (2, 'T', 'M', 'info', 5, 'compte:1');
  INSERT INTO historique (entite, entite_id, action, auteur_id, date) VALUES
    ('intervention', 1, 'satisfaction', 2, now()), ('intervention', 1, 'satisfaction', 5, now()),
    ('intervention', 2, 'satisfaction', 5, now()), ('intervention', 2, 'satisfaction', 2, now()),
    ('notification', 1, 'creation', 2, now());`;

describe('the migration to a reach that is said', () => {
  it('lets everybody see what they saw the day before', async () => {
    const rows = await database.owner.query('SELECT id FROM users WHERE tous_sites ORDER BY id');
    expect(rows).toEqual([{ id: 2 }, { id: 4 }]);
  });

  it('names the senders of messages, and of ratings the customers who gave them', async () => {
    const notices = await database.owner.query('SELECT id, expediteur_id FROM notifications ORDER BY id');
    expect(notices).toEqual([
      { id: 1, expediteur_id: 2 },
      { id: 2, expediteur_id: null },
    ]);
    // Also where a responsable has put another one in its place since: the customer may put theirs back.
    const ratings = await database.owner.query(
      'SELECT id, satisfaction_auteur_id AS auteur FROM interventions ORDER BY id',
    );
    expect(ratings).toEqual([
      { id: 1, auteur: 5 },
      { id: 2, auteur: 5 },
      { id: 3, auteur: null },
    ]);
  });

  it('takes no client for somebody who oversees everything', async () => {
    const widened = database.owner.query('UPDATE users SET tous_sites = true WHERE id = 5');
    await expect(widened).rejects.toThrow('users_tous_sites');
  });
});
