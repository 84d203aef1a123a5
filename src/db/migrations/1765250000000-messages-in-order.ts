import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds what is still to be sent to one person before a message of theirs. */
export class MessagesInOrder1765250000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX messages_a_envoyer_destinataire ON messages (destinataire_id, id) WHERE statut = 'a_envoyer'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX messages_a_envoyer_destinataire');
  }
}
