import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Documents that are sealed, versions of any name, what was deleted, and what was found when files were read again. */
export class Coffre1766300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE documents
      ADD COLUMN signataire jsonb,
      ADD COLUMN serie_id integer,
      ADD COLUMN cle_donnees bytea,
      ADD COLUMN cle_anneau text,
      ADD COLUMN date_suppression timestamptz,
      ADD COLUMN date_verification timestamptz,
      ADD COLUMN anomalie text,
      ADD CHECK (is_encrypted = (cle_donnees IS NOT NULL)),
      ADD CHECK ((cle_donnees IS NULL) = (cle_anneau IS NULL))`);
    // Until now versions were what has one name in one place.
    await runner.query(`UPDATE documents d
      SET serie_id = nullif(v.premier, d.id), numero_version = v.numero
      FROM (SELECT id, first_value(id) OVER serie AS premier, row_number() OVER serie AS numero FROM documents
            WINDOW serie AS (PARTITION BY intervention_id, equipement_id, nom ORDER BY numero_version, id)) v
      WHERE v.id = d.id AND (v.premier <> d.id OR v.numero <> d.numero_version)`);
    await runner.query(
      'CREATE UNIQUE INDEX documents_serie ON documents ((coalesce(serie_id, id)), numero_version)',
    );
    await runner.query(
      'CREATE INDEX documents_cle ON documents (cle_anneau, id) WHERE cle_anneau IS NOT NULL',
    );
    await runner.query(
      'CREATE INDEX documents_supprimes ON documents (date_suppression) WHERE date_suppression IS NOT NULL',
    );
    await runner.query('CREATE INDEX documents_anomalies ON documents (id) WHERE anomalie IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DELETE FROM documents WHERE is_encrypted OR date_suppression IS NOT NULL');
    await runner.query(`ALTER TABLE documents
      DROP COLUMN signataire, DROP COLUMN serie_id, DROP COLUMN cle_donnees, DROP COLUMN cle_anneau,
      DROP COLUMN date_suppression, DROP COLUMN date_verification, DROP COLUMN anomalie`);
  }
}
