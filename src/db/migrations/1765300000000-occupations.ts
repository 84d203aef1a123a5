import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One table of everything that takes somebody's time, under one exclusion constraint; visits in segments, with crews
 * (docs/decisions/030).
 */
export class Occupations1765300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const LIVE = `('planifiee', 'en_cours')`;

/** Of whatever says nothing of segments: one, from its start for as long as it takes. */
const ONE_SEGMENT = (row: string) => `jsonb_build_array(jsonb_build_object(
  'debut', replace(to_jsonb(${row}.date_planifiee) #>> '{}', '+00:00', 'Z'),
  'fin', replace(to_jsonb(${row}.date_planifiee + make_interval(mins => ${row}.duree_estimee)) #>> '{}', '+00:00', 'Z')))`;

const UP = [
  // Whom the work is given to beside its technicien.
  `ALTER TABLE interventions ADD COLUMN equipiers integer[] NOT NULL DEFAULT '{}'`,
  'CREATE INDEX interventions_equipiers ON interventions USING gin (equipiers)',
  `ALTER TABLE plannings
     ADD COLUMN equipiers integer[] NOT NULL DEFAULT '{}',
     ADD COLUMN segments jsonb,
     -- The end of the last segment.
     ADD COLUMN date_fin timestamptz(3),
     -- What stood against the visit when somebody planned it all the same.
     ADD COLUMN raisons_forcees text[] NOT NULL DEFAULT '{}',
     ADD COLUMN debut_reel timestamptz(3),
     ADD COLUMN fin_reelle timestamptz(3)`,
  // Long ones of before went through the night: as they were booked they stay, and are nobody's mistake.
  `UPDATE plannings p SET segments = ${ONE_SEGMENT('p')},
     date_fin = p.date_planifiee + make_interval(mins => p.duree_estimee),
     raisons_forcees = CASE WHEN p.statut IN ${LIVE} THEN ARRAY['hors_horaires'] ELSE '{}' END,
     debut_reel = CASE WHEN p.statut = 'en_cours' THEN
       (SELECT i.date_debut FROM interventions i WHERE i.id = p.intervention_id) END`,
  `ALTER TABLE plannings
     ALTER COLUMN segments SET NOT NULL, ALTER COLUMN date_fin SET NOT NULL,
     ADD CONSTRAINT plannings_segments CHECK (jsonb_array_length(segments) BETWEEN 1 AND 500),
     -- Lists look back so far for visits that are not over.
     ADD CONSTRAINT plannings_duree CHECK (date_fin > date_planifiee AND date_fin - date_planifiee <= interval '60 days'),
     ADD CONSTRAINT plannings_equipe CHECK (cardinality(equipiers) <= 10 AND NOT technicien_id = ANY(equipiers)),
     DROP CONSTRAINT plannings_sans_chevauchement`,
  'CREATE INDEX plannings_equipiers ON plannings USING gin (equipiers)',

  `CREATE TABLE occupations (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     genre text NOT NULL CHECK (genre IN ('personne', 'salle')),
     -- Of a person the id of their account, whatever they are besides.
     ressource_id integer NOT NULL,
     debut timestamptz(3) NOT NULL,
     fin timestamptz(3) NOT NULL CHECK (fin > debut),
     exclusive boolean NOT NULL DEFAULT true,
     -- What it is for, one of these; the first of several kinds.
     planning_id integer REFERENCES plannings ON DELETE CASCADE,
     CONSTRAINT occupations_origine CHECK (num_nonnulls(planning_id) = 1),
     CONSTRAINT occupations_sans_chevauchement EXCLUDE USING gist
       (genre WITH =, ressource_id WITH =, tstzrange(debut, fin) WITH &&) WHERE (exclusive))`,
  'CREATE INDEX occupations_planning ON occupations (planning_id)',
  'CREATE INDEX occupations_ressource ON occupations (ressource_id, genre, debut)',

  `CREATE FUNCTION planning_complete() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF NEW.segments IS NULL OR TG_OP = 'UPDATE' AND NEW.segments = OLD.segments
        AND (NEW.date_planifiee <> OLD.date_planifiee OR NEW.duree_estimee <> OLD.duree_estimee) THEN
       NEW.segments := ${ONE_SEGMENT('NEW')};
     END IF;
     NEW.date_fin := (NEW.segments #>> '{-1,fin}')::timestamptz;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER plannings_complete BEFORE INSERT OR UPDATE ON plannings
     FOR EACH ROW EXECUTE FUNCTION planning_complete()`,

  /*
   * What a visit occupies follows from its row, in the statement that writes it. A cancelled one occupies nothing; of what
   * is over stays what was used, until it ended, for whoever looks back, and it keeps nobody from anything.
   */
  `CREATE FUNCTION planning_occupe() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF TG_OP = 'UPDATE' THEN DELETE FROM occupations WHERE planning_id = NEW.id; END IF;
     IF NEW.statut <> 'annulee' THEN
       INSERT INTO occupations (genre, ressource_id, debut, fin, exclusive, planning_id)
       SELECT 'personne', t.user_id, s.debut,
         CASE WHEN NEW.statut IN ${LIVE} THEN s.fin ELSE least(s.fin, coalesce(NEW.fin_reelle, s.fin)) END,
         NEW.statut IN ${LIVE}, NEW.id
       FROM techniciens t, jsonb_to_recordset(NEW.segments) AS s (debut timestamptz, fin timestamptz)
       WHERE t.id = ANY(NEW.technicien_id || NEW.equipiers)
         AND (NEW.statut IN ${LIVE} OR NEW.fin_reelle IS NULL OR s.debut < NEW.fin_reelle)
       ORDER BY t.user_id, s.debut;
     END IF;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER plannings_occupent AFTER INSERT ON plannings FOR EACH ROW EXECUTE FUNCTION planning_occupe()`,
  `CREATE TRIGGER plannings_occupent_autrement AFTER UPDATE ON plannings FOR EACH ROW
     WHEN (OLD.technicien_id <> NEW.technicien_id OR OLD.equipiers <> NEW.equipiers OR OLD.segments <> NEW.segments
           OR (OLD.statut IN ${LIVE}) <> (NEW.statut IN ${LIVE}) OR NEW.statut NOT IN ${LIVE} AND OLD.statut <> NEW.statut
           OR NEW.statut = 'realisee' AND OLD.fin_reelle IS DISTINCT FROM NEW.fin_reelle)
     EXECUTE FUNCTION planning_occupe()`,

  `INSERT INTO occupations (genre, ressource_id, debut, fin, exclusive, planning_id)
   SELECT 'personne', t.user_id, p.date_planifiee, p.date_fin, p.statut IN ${LIVE}, p.id
   FROM plannings p JOIN techniciens t ON t.id = p.technicien_id
   WHERE p.statut IN ${LIVE} OR p.statut = 'realisee' AND p.date_fin < now()
   ORDER BY p.id`,

  // Visits to be looked at anew since somebody's own time has changed.
  `ALTER TABLE recalculs ADD COLUMN technicien_id integer REFERENCES techniciens ON DELETE CASCADE`,
  'CREATE INDEX recalculs_technicien ON recalculs (technicien_id)',
  // What holidays and absences have made impossible by now is told of too.
  `INSERT INTO recalculs (site_id) SELECT NULL WHERE EXISTS (SELECT FROM plannings WHERE statut IN ${LIVE})`,
];

const DOWN = [
  'DELETE FROM recalculs WHERE technicien_id IS NOT NULL',
  'ALTER TABLE recalculs DROP COLUMN technicien_id',
  'DROP TRIGGER plannings_occupent_autrement ON plannings',
  'DROP TRIGGER plannings_occupent ON plannings',
  'DROP TRIGGER plannings_complete ON plannings',
  'DROP FUNCTION planning_occupe()',
  'DROP FUNCTION planning_complete()',
  'DROP TABLE occupations',
  `ALTER TABLE plannings DROP COLUMN equipiers, DROP COLUMN segments, DROP COLUMN date_fin, DROP COLUMN raisons_forcees,
     DROP COLUMN debut_reel, DROP COLUMN fin_reelle,
     ADD CONSTRAINT plannings_sans_chevauchement EXCLUDE USING gist
       (technicien_id WITH =, creneau(date_planifiee, duree_estimee) WITH &&)
       WHERE (statut IN ${LIVE})`,
  'ALTER TABLE interventions DROP COLUMN equipiers',
];
