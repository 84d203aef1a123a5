import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The private address under which the calendar program of a technicien reads their visits. */
export class Calendriers1765700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE calendriers_techniciens (
         technicien_id integer PRIMARY KEY REFERENCES techniciens (id) ON DELETE CASCADE,
         empreinte bytea NOT NULL CHECK (octet_length(empreinte) = 32),
         date_creation timestamptz(3) NOT NULL
       )`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE calendriers_techniciens');
  }
}
