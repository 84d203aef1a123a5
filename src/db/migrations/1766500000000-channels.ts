import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The outbox carries more than emails: each message names its channel and what it is about, in whose order it leaves. One
 * whose reader it no longer concerns ends without having been sent.
 */
export class Channels1766500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `ALTER TABLE messages
     DROP CONSTRAINT messages_canal_check,
     ADD CONSTRAINT messages_canal_check CHECK (canal IN ('email', 'sms', 'push')),
     ALTER COLUMN canal SET DEFAULT 'email',
     DROP CONSTRAINT messages_statut_check,
     ADD CONSTRAINT messages_statut_check CHECK (statut IN ('a_envoyer', 'envoye', 'abandonne', 'sans_objet')),
     -- "intervention:12", "piece:3"; empty for what is about the person alone.
     ADD COLUMN sujet text NOT NULL DEFAULT ''`,
  `UPDATE messages SET sujet = CASE
       WHEN donnees ? 'intervention_id' THEN 'intervention:' || (donnees->>'intervention_id')
       WHEN donnees ? 'piece_id' THEN 'piece:' || (donnees->>'piece_id')
       ELSE '' END`,
  'DROP INDEX messages_a_envoyer',
  `CREATE INDEX messages_a_envoyer ON messages (canal, prochain_essai, id) WHERE statut = 'a_envoyer'`,
  'DROP INDEX messages_a_envoyer_destinataire',
  `CREATE INDEX messages_a_envoyer_destinataire ON messages (destinataire_id, canal, sujet, id)
     WHERE statut = 'a_envoyer'`,
];

const DOWN = [
  `DELETE FROM messages WHERE canal <> 'email'`,
  `UPDATE messages SET statut = 'abandonne' WHERE statut = 'sans_objet'`,
  'DROP INDEX messages_a_envoyer_destinataire',
  `CREATE INDEX messages_a_envoyer_destinataire ON messages (destinataire_id, id) WHERE statut = 'a_envoyer'`,
  'DROP INDEX messages_a_envoyer',
  `CREATE INDEX messages_a_envoyer ON messages (prochain_essai, id) WHERE statut = 'a_envoyer'`,
  `ALTER TABLE messages
     DROP COLUMN sujet,
     ALTER COLUMN canal DROP DEFAULT,
     DROP CONSTRAINT messages_statut_check,
     ADD CONSTRAINT messages_statut_check CHECK (statut IN ('a_envoyer', 'envoye', 'abandonne')),
     DROP CONSTRAINT messages_canal_check,
     ADD CONSTRAINT messages_canal_check CHECK (canal IN ('email'))`,
];
