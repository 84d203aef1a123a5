import type { MigrationInterface, QueryRunner } from 'typeorm';
import { empreinteAcces2Sql, empreinteAccesSql, FORMAT_ACCES, ORIGINE_ACCES } from '../cabinet/empreintes';

/**
 * Records that are opened with a reason: told, and reviewed by somebody else. The log of accesses says by which of them a
 * record was open, takes every kind of access, and forgets in time what is older than it is kept, so that what is left can
 * still be verified (docs/decisions/067).
 */
export class BrisDeGlace1767380000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const AS_OWNER = 'SECURITY DEFINER SET search_path = pg_catalog, medical, pg_temp';

/** Takes a head of the practice that nobody holds, or starts another chain (1767320000000). */
function chain(format: string, empreinte: string): string {
  return `CREATE OR REPLACE FUNCTION medical.acces_chainer() RETURNS trigger LANGUAGE plpgsql ${AS_OWNER} AS $$
     BEGIN
       LOOP
         SELECT chaine, rang + 1, empreinte INTO NEW.chaine, NEW.rang, NEW.empreinte_precedente
           FROM medical.acces_chaines WHERE cabinet_id = NEW.cabinet_id ORDER BY chaine LIMIT 1 FOR UPDATE SKIP LOCKED;
         EXIT WHEN FOUND;
         -- Of two that start one at the same moment, the second looks again.
         INSERT INTO medical.acces_chaines (cabinet_id, chaine)
           SELECT NEW.cabinet_id, coalesce(max(chaine), 0) + 1 FROM medical.acces_chaines WHERE cabinet_id = NEW.cabinet_id
           ON CONFLICT DO NOTHING;
       END LOOP;
       ${format}
       NEW.empreinte := ${empreinte};
       UPDATE medical.acces_chaines SET rang = NEW.rang, empreinte = NEW.empreinte
         WHERE cabinet_id = NEW.cabinet_id AND chaine = NEW.chaine;
       RETURN NEW;
     END $$`;
}

/** So long at least an access is kept, whoever asks for what: 180 days. */
const FLOOR = 'make_interval(hours => 4320)';

const UP = [
  `ALTER TABLE medical.acces_dossier
     ADD COLUMN bris_de_glace_id integer,
     -- With which expression its hash was worked out (src/db/cabinet/empreintes.ts).
     ADD COLUMN format smallint NOT NULL DEFAULT 1,
     ADD CONSTRAINT acces_dossier_bris_de_glace FOREIGN KEY (cabinet_id, bris_de_glace_id)
       REFERENCES medical.bris_de_glace (cabinet_id, id),
     DROP CONSTRAINT acces_dossier_action_check,
     ADD CONSTRAINT acces_dossier_action_check CHECK (action IN ('lecture', 'recherche', 'liste', 'export', 'impression',
       'telechargement', 'ecriture', 'bris_de_glace', 'refus')),
     DROP CONSTRAINT acces_dossier_finalite_check,
     ADD CONSTRAINT acces_dossier_finalite_check CHECK (finalite IN ('TREAT', 'HOPERAT', 'HPAYMT', 'ETREAT', 'PATRQT'))`,
  'ALTER TABLE medical.acces_dossier ALTER COLUMN format DROP DEFAULT',
  'CREATE INDEX acces_dossier_date ON medical.acces_dossier (cabinet_id, date)',
  chain(`NEW.format := ${FORMAT_ACCES};`, empreinteAcces2Sql('NEW')),
  // Where a chain begins, once what stood before was old enough to be forgotten; signed, since only we may say so.
  `ALTER TABLE medical.acces_chaines
     ADD COLUMN debut_rang bigint NOT NULL DEFAULT 0,
     ADD COLUMN debut_empreinte bytea NOT NULL DEFAULT '\\x${ORIGINE_ACCES}',
     ADD COLUMN debut_signature text,
     ADD CONSTRAINT acces_chaines_debut CHECK (debut_rang <= rang AND (debut_rang = 0) = (debut_signature IS NULL))`,
  /*
   * Forgets the first rows of a chain, up to one of them. It runs as the owner of the tables, since the medical role itself
   * removes none of them; and whoever calls it, no row that is younger than the least that is kept. Up to the row where it
   * begins already, that is signed anew.
   */
  `CREATE FUNCTION medical.acces_oublier(dans integer, la_chaine smallint, jusqu_a bigint, signature text)
     RETURNS bigint LANGUAGE plpgsql ${AS_OWNER} AS $$
     DECLARE
       fin bytea;
       oubliees bigint;
     BEGIN
       PERFORM FROM medical.acces_chaines WHERE cabinet_id = dans AND chaine = la_chaine FOR UPDATE;
       UPDATE medical.acces_chaines SET debut_signature = signature
         WHERE cabinet_id = dans AND chaine = la_chaine AND debut_rang = jusqu_a;
       IF FOUND THEN RETURN 0; END IF;
       SELECT empreinte INTO STRICT fin FROM medical.acces_dossier
         WHERE cabinet_id = dans AND chaine = la_chaine AND rang = jusqu_a;
       IF EXISTS (SELECT FROM medical.acces_dossier WHERE cabinet_id = dans AND chaine = la_chaine AND rang <= jusqu_a
                    AND date > now() - ${FLOOR}) THEN
         RAISE EXCEPTION 'Accesses of the last 180 days are kept' USING ERRCODE = '42501';
       END IF;
       DELETE FROM medical.acces_dossier WHERE cabinet_id = dans AND chaine = la_chaine AND rang <= jusqu_a;
       GET DIAGNOSTICS oubliees = ROW_COUNT;
       UPDATE medical.acces_chaines SET debut_rang = jusqu_a, debut_empreinte = fin, debut_signature = signature
         WHERE cabinet_id = dans AND chaine = la_chaine;
       RETURN oubliees;
     END $$`,
  'REVOKE EXECUTE ON FUNCTION medical.acces_oublier(integer, smallint, bigint, text) FROM PUBLIC',
  // By that function alone: of the tables' owner nobody else acts.
  'DROP TRIGGER acces_dossier_immuable ON medical.acces_dossier',
  `CREATE FUNCTION medical.acces_immuable() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF TG_OP = 'DELETE' AND OLD.date <= now() - ${FLOOR} THEN RETURN OLD; END IF;
       RAISE EXCEPTION '% is only added to', TG_TABLE_NAME;
     END $$`,
  `CREATE TRIGGER acces_dossier_immuable BEFORE UPDATE OR DELETE ON medical.acces_dossier
     FOR EACH ROW EXECUTE FUNCTION medical.acces_immuable()`,
  `CREATE TRIGGER acces_dossier_entier BEFORE TRUNCATE ON medical.acces_dossier
     FOR EACH STATEMENT EXECUTE FUNCTION medical.immuable()`,
  `ALTER TABLE medical.bris_de_glace
     -- That the patient was told of it, and by which way; 'aucun' where there is none that they agreed to.
     ADD COLUMN averti_le timestamptz(3),
     ADD COLUMN averti_par text CHECK (averti_par IN ('compte', 'email', 'sms', 'aucun')),
     ADD CONSTRAINT bris_de_glace_averti CHECK ((averti_le IS NULL) = (averti_par IS NULL)),
     -- How often those who run the practice were asked to review it, and when last.
     ADD COLUMN demandes integer NOT NULL DEFAULT 0,
     ADD COLUMN demandee_le timestamptz(3),
     ADD COLUMN revue_par integer REFERENCES public.users,
     ADD COLUMN revue_le timestamptz(3),
     ADD COLUMN conclusion text CHECK (conclusion IN ('justifie', 'injustifie', 'a_suivre')),
     -- Sealed, as the reason is.
     ADD COLUMN commentaire bytea,
     ADD CONSTRAINT bris_de_glace_revue CHECK (
       (revue_par IS NULL) = (revue_le IS NULL) AND (revue_par IS NULL) = (conclusion IS NULL)
       AND (commentaire IS NULL OR revue_par IS NOT NULL)),
     -- Whoever opened a record does not judge whether they should have.
     ADD CONSTRAINT bris_de_glace_revue_par_autrui CHECK (revue_par <> user_id),
     -- When something of it is to be done; null once there is nothing any more.
     ADD COLUMN suivi_le timestamptz(3)`,
  // Those that were opened before nobody was told of, nor asked to review them.
  'ALTER TABLE medical.bris_de_glace ALTER COLUMN suivi_le SET DEFAULT now()',
  'CREATE INDEX bris_de_glace_suivi ON medical.bris_de_glace (cabinet_id, suivi_le) WHERE suivi_le IS NOT NULL',
  'CREATE INDEX bris_de_glace_auteur ON medical.bris_de_glace (cabinet_id, user_id, date_debut)',
  // It is never open for longer than it was going to be, and reviewed once.
  `CREATE FUNCTION medical.bris_de_glace_fige() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF NEW.date_fin > OLD.date_fin THEN RAISE EXCEPTION 'A record is not kept open any longer'; END IF;
       IF OLD.revue_le IS NOT NULL AND (NEW.revue_par, NEW.revue_le, NEW.conclusion, NEW.commentaire)
            IS DISTINCT FROM (OLD.revue_par, OLD.revue_le, OLD.conclusion, OLD.commentaire) THEN
         RAISE EXCEPTION 'A review is not changed';
       END IF;
       RETURN NEW;
     END $$`,
  `CREATE TRIGGER bris_de_glace_fige BEFORE UPDATE ON medical.bris_de_glace
     FOR EACH ROW EXECUTE FUNCTION medical.bris_de_glace_fige()`,
];

const DOWN = [
  'DROP TRIGGER bris_de_glace_fige ON medical.bris_de_glace',
  'DROP FUNCTION medical.bris_de_glace_fige()',
  'DROP INDEX medical.bris_de_glace_suivi, medical.bris_de_glace_auteur',
  `ALTER TABLE medical.bris_de_glace DROP COLUMN averti_le, DROP COLUMN averti_par, DROP COLUMN demandes,
     DROP COLUMN demandee_le, DROP COLUMN revue_par, DROP COLUMN revue_le, DROP COLUMN conclusion,
     DROP COLUMN commentaire, DROP COLUMN suivi_le`,
  'DROP TRIGGER acces_dossier_entier ON medical.acces_dossier',
  'DROP TRIGGER acces_dossier_immuable ON medical.acces_dossier',
  'DROP FUNCTION medical.acces_immuable()',
  `CREATE TRIGGER acces_dossier_immuable BEFORE UPDATE OR DELETE OR TRUNCATE ON medical.acces_dossier
     FOR EACH STATEMENT EXECUTE FUNCTION medical.immuable()`,
  'DROP FUNCTION medical.acces_oublier(integer, smallint, bigint, text)',
  `ALTER TABLE medical.acces_chaines DROP COLUMN debut_rang, DROP COLUMN debut_empreinte, DROP COLUMN debut_signature`,
  chain('', empreinteAccesSql('NEW')),
  'DROP INDEX medical.acces_dossier_date',
  // Rows of before stay, of whatever kind: the log is only added to.
  `ALTER TABLE medical.acces_dossier DROP COLUMN bris_de_glace_id, DROP COLUMN format,
     DROP CONSTRAINT acces_dossier_action_check,
     ADD CONSTRAINT acces_dossier_action_check CHECK (action IN ('lecture', 'recherche', 'liste', 'ecriture')) NOT VALID,
     DROP CONSTRAINT acces_dossier_finalite_check,
     ADD CONSTRAINT acces_dossier_finalite_check CHECK (finalite IN ('TREAT', 'HOPERAT')) NOT VALID`,
];
