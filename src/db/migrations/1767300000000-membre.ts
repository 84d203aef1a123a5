import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People whose rights come from what they belong to alone: a role that gives nothing by itself, least of all a site. */
export class Membre1767300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `ALTER TABLE users
     DROP CONSTRAINT users_role_check,
     ADD CONSTRAINT users_role_check CHECK (role IN ('admin', 'responsable', 'technicien', 'client', 'membre')),
     DROP CONSTRAINT users_tous_sites,
     ADD CONSTRAINT users_tous_sites CHECK (NOT tous_sites OR role NOT IN ('client', 'membre'))`,
];

const DOWN = [
  // There is no role as narrow: they stay out until somebody gives them another one.
  `UPDATE users SET role = 'client', is_active = false WHERE role = 'membre'`,
  `ALTER TABLE users
     DROP CONSTRAINT users_role_check,
     ADD CONSTRAINT users_role_check CHECK (role IN ('admin', 'responsable', 'technicien', 'client')),
     DROP CONSTRAINT users_tous_sites,
     ADD CONSTRAINT users_tous_sites CHECK (NOT tous_sites OR role <> 'client')`,
];
