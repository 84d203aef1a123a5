import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The stock becomes the sum of its movements, and what is set aside stays in it until somebody takes it: until now a
 * reserved unit had left it already.
 */
const UP = [
  `ALTER TABLE pieces
     ADD COLUMN reserve integer NOT NULL DEFAULT 0,
     ADD COLUMN prix_unitaire numeric(12, 4) NOT NULL DEFAULT 0 CHECK (prix_unitaire >= 0),
     ADD COLUMN unite text NOT NULL DEFAULT 'pièce',
     ADD COLUMN alerte_dite boolean NOT NULL DEFAULT false`,
  `ALTER TABLE besoins_pieces
     ADD COLUMN quantite_reservee integer NOT NULL DEFAULT 0,
     ADD COLUMN quantite_recue integer NOT NULL DEFAULT 0,
     ADD COLUMN signal text CHECK (signal IN ('complete', 'reprise')),
     ADD COLUMN prix_unitaire numeric(12, 4),
     DROP CONSTRAINT besoins_pieces_statut_check`,
  'ALTER TABLE interventions ADD COLUMN cout_pieces numeric(24, 4)',
  `UPDATE besoins_pieces SET quantite_reservee = CASE statut WHEN 'reservee' THEN quantite ELSE 0 END,
                             quantite_recue = CASE statut WHEN 'recue' THEN quantite ELSE 0 END
   WHERE statut IN ('reservee', 'recue')`,
  // The same part twice is one need, the older.
  `UPDATE besoins_pieces b SET quantite = one.quantite, quantite_reservee = one.reservee, quantite_recue = one.recue
   FROM (SELECT min(id) AS id, sum(quantite) AS quantite, sum(quantite_reservee) AS reservee, sum(quantite_recue) AS recue
         FROM besoins_pieces WHERE statut IN ('demandee', 'reservee', 'recue')
         GROUP BY intervention_id, piece_id HAVING count(*) > 1) one
   WHERE b.id = one.id`,
  `DELETE FROM besoins_pieces b USING besoins_pieces older
   WHERE older.intervention_id = b.intervention_id AND older.piece_id = b.piece_id AND older.id < b.id
     AND b.statut IN ('demandee', 'reservee', 'recue') AND older.statut IN ('demandee', 'reservee', 'recue')`,
  `UPDATE pieces p SET stock = p.stock + held.units
   FROM (SELECT piece_id, sum(quantite_reservee) AS units FROM besoins_pieces GROUP BY piece_id) held
   WHERE held.piece_id = p.id AND held.units > 0`,
  // Nobody waits for what is there: until now a need for which the stock did not suffice got none of it.
  `UPDATE besoins_pieces b SET quantite_reservee = b.quantite_reservee + least(turn.missing, turn.free),
     signal = CASE WHEN turn.free >= turn.missing AND turn.waits THEN 'complete' END
   FROM (
     SELECT w.id, w.missing, w.waits,
            w.free - sum(w.missing) OVER (PARTITION BY w.piece_id ORDER BY w.weight DESC, w.urgence DESC, w.id) + w.missing AS free
     FROM (
       SELECT b.id, b.piece_id, b.quantite - b.quantite_reservee - b.quantite_recue AS missing, i.urgence,
              array_position(ARRAY['basse', 'normale', 'haute', 'critique'], i.priorite) AS weight,
              i.statut = 'attente_pieces' AS waits,
              p.stock - (SELECT coalesce(sum(quantite_reservee), 0) FROM besoins_pieces r WHERE r.piece_id = p.id) AS free
       FROM besoins_pieces b JOIN pieces p ON p.id = b.piece_id JOIN interventions i ON i.id = b.intervention_id
       WHERE b.statut IN ('demandee', 'reservee', 'recue')
         AND b.quantite > b.quantite_reservee + b.quantite_recue) w) turn
   WHERE turn.id = b.id AND turn.free > 0`,
  `UPDATE besoins_pieces SET statut = CASE
     WHEN quantite > quantite_reservee + quantite_recue THEN 'demandee'
     WHEN quantite_reservee > 0 THEN 'reservee' ELSE 'recue' END
   WHERE statut IN ('demandee', 'reservee', 'recue')`,
  `UPDATE pieces p SET reserve = held.units
   FROM (SELECT piece_id, sum(quantite_reservee) AS units FROM besoins_pieces GROUP BY piece_id) held
   WHERE held.piece_id = p.id`,
  'UPDATE pieces SET alerte_dite = stock - reserve <= seuil_alerte',
  `ALTER TABLE pieces ADD CONSTRAINT pieces_reserve_check CHECK (reserve BETWEEN 0 AND stock)`,
  `ALTER TABLE besoins_pieces
     ADD CONSTRAINT besoins_pieces_quantites_check CHECK (
       quantite_reservee >= 0 AND quantite_recue >= 0 AND CASE statut
         WHEN 'demandee' THEN quantite_reservee + quantite_recue < quantite
         WHEN 'reservee' THEN quantite_reservee > 0 AND quantite_reservee + quantite_recue = quantite
         WHEN 'recue' THEN quantite_reservee = 0 AND quantite_recue = quantite
         ELSE statut IN ('consommee', 'rendue', 'annulee') AND quantite_reservee = 0 AND quantite_recue = 0 END)`,
  `CREATE UNIQUE INDEX besoins_pieces_un_seul ON besoins_pieces (intervention_id, piece_id)
     WHERE statut IN ('demandee', 'reservee', 'recue')`,
  `CREATE INDEX besoins_pieces_en_cours ON besoins_pieces (piece_id)
     WHERE statut IN ('demandee', 'reservee', 'recue')`,
  'CREATE INDEX besoins_pieces_a_signaler ON besoins_pieces (intervention_id) WHERE signal IS NOT NULL',
  'DROP INDEX pieces_en_alerte',
  'CREATE INDEX pieces_en_alerte ON pieces (reference, id) WHERE stock - reserve <= seuil_alerte',
  // A list is one walk along the index of its sort.
  'CREATE INDEX pieces_disponible ON pieces ((stock - reserve), id)',
  // The book goes with its part, which can be removed only while nobody ever needed it; nothing else takes a line out of it.
  `CREATE TABLE mouvements_stock (
     id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
     piece_id integer NOT NULL REFERENCES pieces ON DELETE CASCADE,
     type text NOT NULL CHECK (type IN ('entree', 'sortie', 'inventaire', 'retour')),
     quantite integer NOT NULL CHECK (quantite >= 0),
     variation integer NOT NULL,
     stock integer NOT NULL CHECK (stock >= 0),
     motif text,
     intervention_id integer REFERENCES interventions,
     auteur_id integer REFERENCES users,
     date_creation timestamptz(3) NOT NULL DEFAULT now(),
     CHECK (CASE type WHEN 'inventaire' THEN quantite = stock WHEN 'sortie' THEN variation = -quantite
                      ELSE variation = quantite END))`,
  'CREATE INDEX mouvements_stock_piece ON mouvements_stock (piece_id, id)',
  'CREATE INDEX mouvements_stock_type ON mouvements_stock (piece_id, type, id)',
  'CREATE INDEX mouvements_stock_intervention ON mouvements_stock (intervention_id) WHERE intervention_id IS NOT NULL',
  `INSERT INTO mouvements_stock (piece_id, type, quantite, variation, stock, motif)
   SELECT id, 'inventaire', stock, stock, stock, 'Ouverture' FROM pieces ORDER BY id`,
];

const DOWN = [
  'DROP TABLE mouvements_stock',
  'ALTER TABLE pieces DROP CONSTRAINT pieces_reserve_check',
  'DROP INDEX pieces_en_alerte',
  'DROP INDEX pieces_disponible',
  'DROP INDEX besoins_pieces_un_seul',
  'DROP INDEX besoins_pieces_en_cours',
  'DROP INDEX besoins_pieces_a_signaler',
  'ALTER TABLE interventions DROP COLUMN cout_pieces',
  'ALTER TABLE besoins_pieces DROP CONSTRAINT besoins_pieces_quantites_check',
  `UPDATE besoins_pieces SET statut = 'rendue' WHERE statut = 'annulee'`,
  // What is only partly there waits as a whole again, and has nothing set aside.
  `UPDATE pieces p SET stock = p.stock - held.units
   FROM (SELECT piece_id, sum(quantite) AS units FROM besoins_pieces WHERE statut = 'reservee' AND quantite_recue = 0
         GROUP BY piece_id) held
   WHERE held.piece_id = p.id`,
  `UPDATE besoins_pieces SET statut = 'demandee' WHERE statut = 'reservee' AND quantite_recue > 0`,
  `ALTER TABLE besoins_pieces DROP COLUMN quantite_reservee, DROP COLUMN quantite_recue, DROP COLUMN signal,
     DROP COLUMN prix_unitaire,
     ADD CONSTRAINT besoins_pieces_statut_check
       CHECK (statut IN ('demandee', 'reservee', 'recue', 'consommee', 'rendue'))`,
  `ALTER TABLE pieces DROP COLUMN reserve, DROP COLUMN prix_unitaire,
     DROP COLUMN unite, DROP COLUMN alerte_dite`,
  'CREATE INDEX pieces_en_alerte ON pieces (reference, id) WHERE stock <= seuil_alerte',
];

export class Stock1765800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
