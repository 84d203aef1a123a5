import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What happens around an appointment by itself, and what people without an account are told of it (docs/decisions/051). */
export class SuiviRendezVous1767120000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

/** Runs as its owner: the application reads what happened, and cannot make any of it up. */
const AS_OWNER = 'SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp';

const UP = [
  `ALTER TABLE rendez_vous
     -- When its workflow has to look at it; null when nothing comes any more.
     ADD COLUMN suivi_le timestamptz(3) DEFAULT now(),
     -- When it last did.
     ADD COLUMN suivi_lu_le timestamptz(3),
     -- Since when its beginning is settled: what was to be said before is not said any more.
     ADD COLUMN horaire_depuis timestamptz(3) NOT NULL DEFAULT now(),
     -- The sequence that settled it.
     ADD COLUMN horaire_sequence integer NOT NULL DEFAULT 0`,
  'CREATE INDEX rendez_vous_suivi ON rendez_vous (suivi_le) WHERE suivi_le IS NOT NULL',
  // Whoever changes it has its workflow look again, whether they know of that or not.
  `CREATE FUNCTION rendez_vous_suivi() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF (NEW.statut, NEW.debut, NEW.fin, NEW.sequence, NEW.expire_le, NEW.prestation_id)
          IS DISTINCT FROM (OLD.statut, OLD.debut, OLD.fin, OLD.sequence, OLD.expire_le, OLD.prestation_id)
        AND NEW.suivi_le IS NOT DISTINCT FROM OLD.suivi_le THEN
       NEW.suivi_le := now();
     END IF;
     IF (NEW.debut <> OLD.debut OR NEW.statut = 'confirme' AND OLD.statut IN ('retenu', 'a_valider'))
        AND NEW.horaire_depuis = OLD.horaire_depuis THEN
       NEW.horaire_depuis := now();
       NEW.horaire_sequence := NEW.sequence;
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER rendez_vous_suivi BEFORE UPDATE ON rendez_vous
     FOR EACH ROW EXECUTE FUNCTION rendez_vous_suivi()`,

  `ALTER TABLE prestations
     -- Since when each of its reminders is one, by what names it.
     ADD COLUMN rappels_depuis jsonb NOT NULL DEFAULT '{}',
     ADD COLUMN rappels_modifies_le timestamptz(3) NOT NULL DEFAULT now()`,
  `CREATE FUNCTION prestations_rappels() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF TG_OP = 'UPDATE' AND NEW.rappels IS NOT DISTINCT FROM OLD.rappels THEN RETURN NEW; END IF;
     NEW.rappels_modifies_le := now();
     NEW.rappels_depuis := coalesce((
       SELECT jsonb_object_agg(r.cle, coalesce(
         CASE WHEN TG_OP = 'UPDATE' THEN OLD.rappels_depuis -> r.cle END, to_jsonb(now())))
       FROM (SELECT DISTINCT (e ->> 'avant') || ' ' || (e ->> 'canal') AS cle
             FROM jsonb_array_elements(NEW.rappels) e) r), '{}');
     RETURN NEW;
   END $$`,
  `UPDATE prestations p SET rappels_depuis = coalesce((
     SELECT jsonb_object_agg((e ->> 'avant') || ' ' || (e ->> 'canal'), to_jsonb(p.date_modification))
     FROM jsonb_array_elements(p.rappels) e), '{}')`,
  `CREATE TRIGGER prestations_rappels BEFORE INSERT OR UPDATE OF rappels ON prestations
     FOR EACH ROW EXECUTE FUNCTION prestations_rappels()`,

  `ALTER TABLE messages
     ALTER COLUMN destinataire_id DROP NOT NULL,
     -- Who reads it, where it is somebody without an account.
     ADD COLUMN participant_id integer REFERENCES participants ON DELETE CASCADE,
     ADD CONSTRAINT messages_lecteur CHECK (num_nonnulls(destinataire_id, participant_id) = 1)`,
  `CREATE INDEX messages_participant ON messages (participant_id, canal, id) WHERE participant_id IS NOT NULL`,

  // What happens to an appointment, from what becomes of its row: of a hold, and of what follows it by itself, nothing is told.
  `CREATE FUNCTION rendez_vous_evenements() RETURNS trigger LANGUAGE plpgsql ${AS_OWNER} AS $$
   BEGIN
     IF TG_OP = 'INSERT' THEN
       INSERT INTO public.evenements (evenement, ressource, id_ressource, version, date)
       SELECT 'rendez_vous.cree', 'rendez_vous', id, version, date_modification FROM lignes
       WHERE statut <> 'retenu' ORDER BY id;
     ELSE
       INSERT INTO public.evenements (evenement, ressource, id_ressource, version, date)
       SELECT e.nom, 'rendez_vous', e.id, e.version, e.date_modification FROM (
         SELECT n.id, n.version, n.date_modification, CASE
           WHEN n.statut IN ('retenu', 'expire') AND o.statut = 'retenu' THEN NULL
           WHEN o.statut = 'retenu' THEN 'rendez_vous.cree'
           WHEN n.statut <> o.statut THEN CASE n.statut
             WHEN 'confirme' THEN 'rendez_vous.confirme'
             WHEN 'refuse' THEN 'rendez_vous.refuse'
             WHEN 'annule' THEN 'rendez_vous.annule'
             WHEN 'expire' THEN 'rendez_vous.expire'
             WHEN 'arrive' THEN 'rendez_vous.arrive'
             WHEN 'honore' THEN 'rendez_vous.honore'
             WHEN 'absent' THEN 'rendez_vous.absent'
             ELSE 'rendez_vous.modifie' END
           WHEN n.debut <> o.debut OR n.fin <> o.fin THEN 'rendez_vous.reporte'
           WHEN n.intervenants <> o.intervenants THEN 'rendez_vous.reaffecte'
           WHEN n.version <> o.version THEN 'rendez_vous.modifie' END AS nom
         FROM lignes n JOIN avant o ON o.id = n.id) e
       WHERE e.nom IS NOT NULL ORDER BY e.id;
     END IF;
     IF FOUND THEN PERFORM public.evenements_reveiller(); END IF;
     RETURN NULL;
   END $$`,
  'REVOKE EXECUTE ON FUNCTION rendez_vous_evenements() FROM PUBLIC',
  `CREATE TRIGGER rendez_vous_evenements AFTER INSERT ON rendez_vous REFERENCING NEW TABLE AS lignes
     FOR EACH STATEMENT EXECUTE FUNCTION rendez_vous_evenements()`,
  `CREATE TRIGGER rendez_vous_evenements_autrement AFTER UPDATE ON rendez_vous
     REFERENCING OLD TABLE AS avant NEW TABLE AS lignes
     FOR EACH STATEMENT EXECUTE FUNCTION rendez_vous_evenements()`,
];

const DOWN = [
  'DROP TRIGGER rendez_vous_evenements ON rendez_vous',
  'DROP TRIGGER rendez_vous_evenements_autrement ON rendez_vous',
  'DROP FUNCTION rendez_vous_evenements()',
  `DELETE FROM evenements WHERE ressource = 'rendez_vous'`,
  'DELETE FROM messages WHERE participant_id IS NOT NULL',
  `ALTER TABLE messages DROP CONSTRAINT messages_lecteur, DROP COLUMN participant_id,
     ALTER COLUMN destinataire_id SET NOT NULL`,
  'DROP TRIGGER prestations_rappels ON prestations',
  'DROP FUNCTION prestations_rappels()',
  'ALTER TABLE prestations DROP COLUMN rappels_depuis, DROP COLUMN rappels_modifies_le',
  'DROP TRIGGER rendez_vous_suivi ON rendez_vous',
  'DROP FUNCTION rendez_vous_suivi()',
  `ALTER TABLE rendez_vous DROP COLUMN suivi_le, DROP COLUMN suivi_lu_le, DROP COLUMN horaire_depuis,
     DROP COLUMN horaire_sequence`,
];
