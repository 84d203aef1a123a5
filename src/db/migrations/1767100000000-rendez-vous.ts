import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Appointments: who comes to what, and the time that they take of people and rooms. */
export class RendezVous1767100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `ALTER TABLE prestations
     ADD COLUMN questions jsonb NOT NULL DEFAULT '[]',
     ADD COLUMN lieu jsonb,
     ADD COLUMN rappels jsonb NOT NULL DEFAULT '[]'`,
  `CREATE TABLE seances (
     id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     prestation_id integer NOT NULL REFERENCES prestations,
     debut timestamptz(3) NOT NULL,
     fin timestamptz(3) NOT NULL CHECK (fin > debut),
     -- Minutes that are kept free around it.
     tampon_avant integer NOT NULL DEFAULT 0 CHECK (tampon_avant >= 0),
     tampon_apres integer NOT NULL DEFAULT 0 CHECK (tampon_apres >= 0),
     intervenants integer[] NOT NULL,
     salles integer[] NOT NULL DEFAULT '{}',
     places integer NOT NULL CHECK (places > 0),
     prises integer NOT NULL,
     CONSTRAINT seances_places CHECK (prises BETWEEN 0 AND places))`,
  'CREATE INDEX seances_prestation ON seances (prestation_id, debut) WHERE prises > 0',
  `CREATE TABLE rendez_vous (
     id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     uid text NOT NULL CONSTRAINT rendez_vous_uid_unique UNIQUE,
     prestation_id integer NOT NULL REFERENCES prestations,
     seance_id integer NOT NULL REFERENCES seances,
     -- Those of its seance, also after it has let it go.
     debut timestamptz(3) NOT NULL,
     fin timestamptz(3) NOT NULL CHECK (fin > debut),
     intervenants integer[] NOT NULL,
     salles integer[] NOT NULL DEFAULT '{}',
     -- The accounts of the intervenants, by which permissions know them.
     user_ids integer[] NOT NULL,
     statut text NOT NULL CHECK (statut IN
       ('retenu', 'a_valider', 'confirme', 'arrive', 'honore', 'absent', 'refuse', 'annule', 'expire')),
     sequence integer NOT NULL DEFAULT 0,
     -- Seats of the seance that it takes while it stands.
     places integer NOT NULL DEFAULT 1 CHECK (places >= 0),
     reponses jsonb NOT NULL DEFAULT '{}',
     origine text NOT NULL CHECK (origine IN ('membre', 'client', 'public')),
     -- Who booked it, when they have an account and booked for themselves.
     demandeur_id integer REFERENCES users,
     -- Of a hold, whose it is: one live hold each.
     appelant text,
     expire_le timestamptz(3),
     motif_annulation text,
     annule_par text CHECK (annule_par IN ('membre', 'intervenant', 'client', 'systeme')),
     tardif boolean,
     raison_affectation jsonb,
     serie_id uuid,
     date_creation timestamptz(3) NOT NULL DEFAULT now(),
     date_modification timestamptz(3) NOT NULL DEFAULT now(),
     version integer NOT NULL DEFAULT 1)`,
  'CREATE INDEX rendez_vous_seance ON rendez_vous (seance_id)',
  'CREATE INDEX rendez_vous_debut ON rendez_vous (debut)',
  'CREATE INDEX rendez_vous_prestation ON rendez_vous (prestation_id, debut)',
  'CREATE INDEX rendez_vous_user_ids ON rendez_vous USING gin (user_ids)',
  'CREATE INDEX rendez_vous_demandeur ON rendez_vous (demandeur_id)',
  'CREATE INDEX rendez_vous_serie ON rendez_vous (serie_id) WHERE serie_id IS NOT NULL',
  `CREATE UNIQUE INDEX rendez_vous_retenue_unique ON rendez_vous (appelant) WHERE statut = 'retenu'`,
  `CREATE INDEX rendez_vous_retenus ON rendez_vous (expire_le) WHERE statut = 'retenu'`,
  `CREATE TABLE participants (
     id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     rendez_vous_id integer NOT NULL REFERENCES rendez_vous ON DELETE CASCADE,
     -- The first one booked it.
     rang integer NOT NULL,
     nom text NOT NULL,
     email text,
     telephone text,
     langue text NOT NULL CHECK (langue IN ('fr', 'en', 'ar')),
     fuseau_horaire text NOT NULL,
     statut text NOT NULL DEFAULT 'attendu' CHECK (statut IN ('attendu', 'present', 'absent', 'annule')),
     -- What opens the page on which they change or cancel their part.
     jeton_hash bytea CONSTRAINT participants_jeton_unique UNIQUE,
     jeton_expire_le timestamptz(3),
     CONSTRAINT participants_rang_unique UNIQUE (rendez_vous_id, rang))`,
  'CREATE INDEX participants_email ON participants (lower(email))',

  `ALTER TABLE occupations ADD COLUMN seance_id integer REFERENCES seances ON DELETE CASCADE,
     DROP CONSTRAINT occupations_origine,
     ADD CONSTRAINT occupations_origine CHECK (num_nonnulls(planning_id, seance_id) = 1)`,
  'CREATE INDEX occupations_seance ON occupations (seance_id)',
  // What a seance occupies follows from its row, in the statement that writes it, while a seat of it is taken.
  `CREATE FUNCTION seance_occupe() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF TG_OP = 'UPDATE' THEN DELETE FROM occupations WHERE seance_id = NEW.id; END IF;
     IF NEW.prises > 0 THEN
       INSERT INTO occupations (genre, ressource_id, debut, fin, exclusive, seance_id)
       SELECT r.genre, r.id, NEW.debut - make_interval(mins => NEW.tampon_avant),
         NEW.fin + make_interval(mins => NEW.tampon_apres), true, NEW.id
       FROM (SELECT 'personne' AS genre, v.user_id AS id FROM intervenants v WHERE v.id = ANY(NEW.intervenants)
             UNION ALL SELECT 'salle', unnest(NEW.salles)) r
       ORDER BY r.genre, r.id;
     END IF;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER seances_occupent AFTER INSERT ON seances FOR EACH ROW EXECUTE FUNCTION seance_occupe()`,
  `CREATE TRIGGER seances_occupent_autrement AFTER UPDATE ON seances FOR EACH ROW
     WHEN ((OLD.prises > 0) <> (NEW.prises > 0) OR OLD.intervenants <> NEW.intervenants OR OLD.salles <> NEW.salles
           OR OLD.debut <> NEW.debut OR OLD.fin <> NEW.fin OR OLD.tampon_avant <> NEW.tampon_avant
           OR OLD.tampon_apres <> NEW.tampon_apres)
     EXECUTE FUNCTION seance_occupe()`,
];

const DOWN = [
  'DELETE FROM occupations WHERE seance_id IS NOT NULL',
  `ALTER TABLE occupations DROP CONSTRAINT occupations_origine, DROP COLUMN seance_id,
     ADD CONSTRAINT occupations_origine CHECK (num_nonnulls(planning_id) = 1)`,
  'DROP TABLE participants',
  'DROP TABLE rendez_vous',
  'DROP TABLE seances',
  'DROP FUNCTION seance_occupe()',
  `ALTER TABLE prestations DROP COLUMN questions, DROP COLUMN lieu, DROP COLUMN rappels`,
];
