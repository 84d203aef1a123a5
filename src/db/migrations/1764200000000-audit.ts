import type { MigrationInterface, QueryRunner } from 'typeorm';
import { empreinteSql, ORIGINE } from '../audit/audit';

/**
 * Makes a row that is changed or removed behind the application's back show: each carries the hash of its predecessor
 * in one of several chains, so that writers need not queue up behind one another.
 */
export class Audit1764200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of CHAINS) await runner.query(statement);
    await chainExisting(runner);
    for (const statement of [...PROTECTION, ...INDEXES]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const FIRST_CHAINS = 64;
/** Half of them: wherever one starts to look, as many heads again lie ahead. */
const STARTING_POINTS = FIRST_CHAINS / 2;

const CHAINS = [
  `ALTER TABLE historique
     ADD COLUMN chaine smallint,
     ADD COLUMN rang bigint,
     ADD COLUMN empreinte_precedente bytea,
     ADD COLUMN empreinte bytea`,
  // The head of each chain. Room is left in the pages so that a new version of a row stays beside the old one.
  `CREATE TABLE audit_chaines (
     chaine smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     rang bigint NOT NULL DEFAULT 0,
     empreinte bytea NOT NULL DEFAULT '\\x${ORIGINE}') WITH (fillfactor = 20)`,
  `INSERT INTO audit_chaines (rang) SELECT 0 FROM generate_series(1, ${FIRST_CHAINS})`,
  /*
   * Takes a head that nobody holds, or starts another chain: nobody ever waits here, so that nobody can wait in a
   * circle. It looks from another place each minute: while a long transaction runs, such as a backup, PostgreSQL keeps
   * every version that a head has had, and going through those of one head would soon cost milliseconds. It runs as its
   * owner, since the application itself may not touch the heads.
   */
  `CREATE FUNCTION historique_chainer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
     SET search_path = pg_catalog, public, pg_temp AS $$
     DECLARE
       debut smallint := 1 + (extract(epoch FROM now())::bigint / 60) % ${STARTING_POINTS};
     BEGIN
       SELECT chaine, rang + 1, empreinte INTO NEW.chaine, NEW.rang, NEW.empreinte_precedente
         FROM public.audit_chaines WHERE chaine >= debut ORDER BY chaine LIMIT 1 FOR UPDATE SKIP LOCKED;
       IF NOT FOUND THEN
         INSERT INTO public.audit_chaines DEFAULT VALUES
           RETURNING chaine, rang + 1, empreinte INTO NEW.chaine, NEW.rang, NEW.empreinte_precedente;
       END IF;
       NEW.empreinte := ${empreinteSql('NEW')};
       UPDATE public.audit_chaines SET rang = NEW.rang, empreinte = NEW.empreinte WHERE chaine = NEW.chaine;
       RETURN NEW;
     END $$`,
  // Whoever could call it from a table of their own would move the heads.
  'REVOKE EXECUTE ON FUNCTION historique_chainer() FROM PUBLIC',
];

/** Rows chained in one statement: each stays well within the time limit of statements. */
const BATCH = 20_000;

/** Chains the rows there are, in the order in which they came, all in the first chain. */
async function chainExisting(runner: QueryRunner): Promise<void> {
  await runner.query('ALTER TABLE historique DISABLE TRIGGER historique_immuable');
  await runner.query(
    `CREATE FUNCTION pg_temp.chainer_existants() RETURNS integer LANGUAGE plpgsql AS $$
     DECLARE
       tete audit_chaines;
       ligne historique;
       nombre integer := 0;
     BEGIN
       SELECT * INTO tete FROM audit_chaines WHERE chaine = 1;
       FOR ligne IN
         SELECT * FROM historique
         WHERE id > coalesce((SELECT id FROM historique WHERE chaine = 1 AND rang = tete.rang), 0)
         ORDER BY id LIMIT ${BATCH}
       LOOP
         ligne.chaine := 1;
         ligne.rang := tete.rang + 1;
         ligne.empreinte_precedente := tete.empreinte;
         ligne.empreinte := ${empreinteSql('ligne')};
         UPDATE historique h
           SET chaine = 1, rang = ligne.rang, empreinte_precedente = ligne.empreinte_precedente, empreinte = ligne.empreinte
           WHERE h.id = ligne.id;
         tete.rang := ligne.rang;
         tete.empreinte := ligne.empreinte;
         nombre := nombre + 1;
       END LOOP;
       UPDATE audit_chaines SET rang = tete.rang, empreinte = tete.empreinte WHERE chaine = 1;
       RETURN nombre;
     END $$`,
  );
  await runner.query('CREATE UNIQUE INDEX historique_rang_unique ON historique (chaine, rang)');
  for (let chained = BATCH; chained === BATCH; ) {
    [{ chained }] = await runner.query('SELECT pg_temp.chainer_existants() AS chained');
  }
  await runner.query('DROP FUNCTION pg_temp.chainer_existants()');
  await runner.query('ALTER TABLE historique ENABLE TRIGGER historique_immuable');
}

const PROTECTION = [
  `ALTER TABLE historique
     ALTER COLUMN chaine SET NOT NULL,
     ALTER COLUMN rang SET NOT NULL,
     ALTER COLUMN empreinte_precedente SET NOT NULL,
     ALTER COLUMN empreinte SET NOT NULL,
     ADD CONSTRAINT historique_rang_unique UNIQUE USING INDEX historique_rang_unique`,
  `CREATE TRIGGER historique_chainer BEFORE INSERT ON historique
     FOR EACH ROW EXECUTE FUNCTION historique_chainer()`,
  `CREATE FUNCTION audit_chaines_avancer() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION 'audit_chaines only moves on'; END $$`,
  `CREATE TRIGGER audit_chaines_garder BEFORE DELETE OR TRUNCATE ON audit_chaines
     FOR EACH STATEMENT EXECUTE FUNCTION audit_chaines_avancer()`,
  `CREATE TRIGGER audit_chaines_avancer BEFORE UPDATE ON audit_chaines
     FOR EACH ROW WHEN (NEW.chaine <> OLD.chaine OR NEW.rang <> OLD.rang + 1)
     EXECUTE FUNCTION audit_chaines_avancer()`,
];

/** Each filter of the audit, alone or with a period, is a walk along one index in the order of the list. */
const INDEXES = [
  'CREATE INDEX historique_date ON historique (date, id)',
  'CREATE INDEX historique_entite_date ON historique (entite, date, id)',
  'CREATE INDEX historique_action_date ON historique (action, date, id)',
  'CREATE INDEX historique_auteur_date ON historique (auteur_id, date, id) WHERE auteur_id IS NOT NULL',
  'CREATE INDEX historique_cle_api_date ON historique (cle_api_id, date, id) WHERE cle_api_id IS NOT NULL',
  'CREATE INDEX historique_adresse_date ON historique (adresse, date, id) WHERE adresse IS NOT NULL',
  'CREATE INDEX historique_correlation_date ON historique (correlation_id, date, id)',
];

const DOWN = [
  `DROP INDEX historique_date, historique_entite_date, historique_action_date, historique_auteur_date,
     historique_cle_api_date, historique_adresse_date, historique_correlation_date`,
  'DROP TRIGGER historique_chainer ON historique',
  'DROP FUNCTION historique_chainer()',
  'DROP TABLE audit_chaines',
  'DROP FUNCTION audit_chaines_avancer()',
  `ALTER TABLE historique
     DROP COLUMN chaine, DROP COLUMN rang, DROP COLUMN empreinte_precedente, DROP COLUMN empreinte`,
];
