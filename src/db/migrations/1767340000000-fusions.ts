import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * That two patients of a practice are one person, and that they are not (docs/decisions/063). What is moved from one to the
 * other keeps every byte but whose it is: nothing else of a row can change on this way, of none that is only added to either.
 */
export class Fusions1767340000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const OF_OPENED = 'cabinet_id = ANY ((SELECT medical.cabinets_ouverts())::integer[])';
const AS_OWNER = 'SECURITY DEFINER SET search_path = pg_catalog, medical, pg_temp';
const REFUSED = `RAISE EXCEPTION '% is only added to', TG_TABLE_NAME;`;
const patient = (column: string) =>
  `FOREIGN KEY (cabinet_id, ${column}) REFERENCES medical.patients (cabinet_id, id)`;

const UP = [
  // Whom a patient turned out to be; they have nothing of their own from then on but what says who they were.
  `ALTER TABLE medical.patients ADD COLUMN fusionne_dans_id integer,
     ADD CONSTRAINT patients_fusionne_dans ${patient('fusionne_dans_id')},
     ADD CONSTRAINT patients_fusionne_autre CHECK (fusionne_dans_id <> id)`,
  `CREATE INDEX patients_fusionnes ON medical.patients (cabinet_id, fusionne_dans_id)
     WHERE fusionne_dans_id IS NOT NULL`,
  `ALTER TABLE medical.historique_patient DROP CONSTRAINT historique_patient_action_check,
     ADD CONSTRAINT historique_patient_action_check
       CHECK (action IN ('creation', 'modification', 'fusion', 'separation'))`,
  `CREATE TABLE medical.fusions (
     -- Drawn, as those of patients are.
     id integer PRIMARY KEY CHECK (id > 0),
     cabinet_id integer NOT NULL,
     receveur_id integer NOT NULL,
     absorbe_id integer NOT NULL,
     -- The keys of the rows that were moved, by table.
     lignes jsonb NOT NULL,
     -- The version of the one who received them: of two merges into one patient the later has the higher.
     rang integer NOT NULL,
     user_id integer NOT NULL REFERENCES public.users,
     date timestamptz(3) NOT NULL,
     annulee_le timestamptz(3),
     annulee_par integer REFERENCES public.users,
     CONSTRAINT fusions_ligne UNIQUE (cabinet_id, id),
     CONSTRAINT fusions_deux CHECK (receveur_id <> absorbe_id),
     CONSTRAINT fusions_annulee CHECK ((annulee_le IS NULL) = (annulee_par IS NULL)),
     CONSTRAINT fusions_receveur ${patient('receveur_id')},
     CONSTRAINT fusions_absorbe ${patient('absorbe_id')})`,
  'CREATE UNIQUE INDEX fusions_absorbe_une ON medical.fusions (cabinet_id, absorbe_id) WHERE annulee_le IS NULL',
  'CREATE INDEX fusions_receveur_date ON medical.fusions (cabinet_id, receveur_id, date)',
  'ALTER TABLE medical.fusions ENABLE ROW LEVEL SECURITY',
  'ALTER TABLE medical.fusions FORCE ROW LEVEL SECURITY',
  `CREATE POLICY fusions_cabinet ON medical.fusions USING (${OF_OPENED}) WITH CHECK (${OF_OPENED})`,
  /*
   * Whether a row is being moved from a patient to another. Triggers that let nothing of a row change ask it: only the
   * function below, as the owner of the tables, makes it true.
   */
  `CREATE FUNCTION medical.en_fusion(relation oid) RETURNS boolean LANGUAGE sql STABLE
     RETURN coalesce(current_setting('regie.fusion', true), '') = 'on'
       AND current_user = (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = relation)`,
  `CREATE OR REPLACE FUNCTION medical.immuable() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF TG_OP = 'UPDATE' AND medical.en_fusion(TG_RELID) THEN RETURN NEW; END IF;
       ${REFUSED}
     END $$`,
  // What tells rows of a table of one practice and patient apart, as an expression.
  `CREATE FUNCTION medical.cle_de(nom text) RETURNS text LANGUAGE sql STABLE
     RETURN (SELECT format('jsonb_build_array(%s)', string_agg(format('%I', a.attname), ', ' ORDER BY c.rang))
       FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS c (numero, rang)
       JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = c.numero
       WHERE i.indrelid = format('medical.%I', nom)::regclass AND i.indisprimary
         AND a.attname NOT IN ('cabinet_id', 'patient_id'))`,
  /*
   * Moves rows of a table between the two patients of a fusion: from the one that was merged, or back from the other once it
   * was undone. It is the only way, since the medical role may not change most of these tables.
   */
  `CREATE FUNCTION medical.deplacer(nom text, lignes jsonb, de integer, vers integer) RETURNS void
     LANGUAGE plpgsql ${AS_OWNER} AS $$
     BEGIN
       IF NOT EXISTS (SELECT FROM medical.fusions f WHERE (f.absorbe_id = de AND f.receveur_id = vers AND f.annulee_le IS NULL)
                        OR (f.receveur_id = de AND f.absorbe_id = vers AND f.annulee_le IS NOT NULL)) THEN
         RAISE EXCEPTION 'Patients % and % are not merged', de, vers USING ERRCODE = '42501';
       END IF;
       PERFORM set_config('regie.fusion', 'on', true);
       EXECUTE format('UPDATE medical.%I SET patient_id = $2 WHERE patient_id = $1
                         AND %s IN (SELECT jsonb_array_elements($3))', nom, medical.cle_de(nom))
         USING de, vers, lignes;
       PERFORM set_config('regie.fusion', 'off', true);
     END $$`,
  /* Puts a value in the place of what was sealed for somebody else, of a row that went back once a fusion was undone. */
  `CREATE FUNCTION medical.resceller(fusion integer, nom text, ligne jsonb, colonne text, valeur bytea) RETURNS void
     LANGUAGE plpgsql ${AS_OWNER} AS $$
     DECLARE dans integer;
     BEGIN
       SELECT cabinet_id INTO dans FROM medical.fusions f WHERE f.id = fusion AND f.annulee_le IS NOT NULL;
       IF dans IS NULL THEN RAISE EXCEPTION 'Merge % is not undone', fusion USING ERRCODE = '42501'; END IF;
       PERFORM set_config('regie.fusion', 'on', true);
       EXECUTE format('UPDATE medical.%I SET %I = $1 WHERE cabinet_id = $2 AND %s = $3', nom, colonne, medical.cle_de(nom))
         USING valeur, dans, ligne;
       PERFORM set_config('regie.fusion', 'off', true);
     END $$`,
];

const DOWN = [
  `DROP FUNCTION medical.resceller(integer, text, jsonb, text, bytea), medical.deplacer(text, jsonb, integer, integer),
     medical.cle_de(text)`,
  `CREATE OR REPLACE FUNCTION medical.immuable() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN ${REFUSED} END $$`,
  'DROP FUNCTION medical.en_fusion(oid)',
  'DROP TABLE medical.fusions',
  `ALTER TABLE medical.historique_patient DROP CONSTRAINT historique_patient_action_check,
     ADD CONSTRAINT historique_patient_action_check CHECK (action IN ('creation', 'modification')) NOT VALID`,
  'ALTER TABLE medical.patients DROP COLUMN fusionne_dans_id',
];
