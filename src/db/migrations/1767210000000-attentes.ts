import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a request waits for by itself, before anybody of the house is asked (docs/decisions/056). */
export class Attentes1767210000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const suivi = (watched: readonly string[]) => {
  const row = (of: string) => `(${watched.map((column) => `${of}.${column}`).join(', ')})`;
  return `CREATE OR REPLACE FUNCTION rendez_vous_suivi() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF ${row('NEW')} IS DISTINCT FROM ${row('OLD')} AND NEW.suivi_le IS NOT DISTINCT FROM OLD.suivi_le THEN
       NEW.suivi_le := now();
     END IF;
     IF (NEW.debut <> OLD.debut OR NEW.statut = 'confirme' AND OLD.statut IN ('retenu', 'a_valider'))
        AND NEW.horaire_depuis = OLD.horaire_depuis THEN
       NEW.horaire_depuis := now();
       NEW.horaire_sequence := NEW.sequence;
     END IF;
     RETURN NEW;
   END $$`;
};
const WATCHED = ['statut', 'debut', 'fin', 'sequence', 'expire_le', 'prestation_id'];

const UP = [
  `ALTER TABLE rendez_vous
     -- The calendars that are read again, or the mail by which whoever booked says that it is theirs; null for the house.
     ADD COLUMN attente text CHECK (attente IN ('agendas', 'email')),
     ADD CONSTRAINT rendez_vous_attente CHECK (attente IS NULL OR statut = 'a_valider')`,
  suivi([...WATCHED, 'attente']),
];

const DOWN = [suivi(WATCHED), 'ALTER TABLE rendez_vous DROP COLUMN attente'];
