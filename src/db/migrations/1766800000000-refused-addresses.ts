import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The address of a person that a mail server said takes no mail, when, and in whose words. It speaks of that address alone: a
 * person who has another by now is written to again.
 */
export class RefusedAddresses1766800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE users
         ADD COLUMN email_refuse citext,
         ADD COLUMN email_refuse_le timestamptz,
         ADD COLUMN email_refuse_raison text,
         ADD CONSTRAINT users_email_refuse_whole CHECK (
           (email_refuse IS NULL) = (email_refuse_le IS NULL) AND (email_refuse IS NULL) = (email_refuse_raison IS NULL))`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE users DROP COLUMN email_refuse, DROP COLUMN email_refuse_le, DROP COLUMN email_refuse_raison',
    );
  }
}
