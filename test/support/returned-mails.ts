import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { returnToken } from '../../src/auth/return-tokens';
import type { Secrets } from '../../src/auth/secrets';
import type { User } from '../../src/db/identite/users';
import { systemActor } from '../../src/services/actor';
import { announce } from '../../src/services/messages/messages';

/** Mails that come back, as a real mail server wrote it and as whoever transmits it signs it. */

export const RETOURS_SECRET = 'a secret of thirty-two bytes, at least';

/** What Exim sent back of a mail of ours: to an address that is nobody's, or by a policy against who sends. */
export function returnedMail(why: 'adresse' | 'politique', jeton: string): string {
  return readFileSync(join(__dirname, '..', 'mail', 'retours', `${why}.eml`), 'latin1').replace(
    'JETON',
    jeton,
  );
}

/** Tells somebody something by mail. */
export async function tell(
  { db }: { db: DataSource },
  user: User,
): Promise<{ id: number; message_id: string }> {
  const evenement = `essai:${randomUUID()}`;
  await db.transaction((tx) =>
    announce(tx, systemActor(new Date(), evenement), evenement, {
      modele: 'stock_bas',
      audience: { users: [user.id] },
      donnees: {
        piece_id: 1,
        reference: 'R',
        designation: 'Joint',
        stock: 1,
        disponible: 1,
        seuil_alerte: 2,
      },
    }),
  );
  const [message] = await db.query('SELECT id, message_id FROM messages WHERE evenement = $1', [evenement]);
  return message;
}

/** What a mail to somebody carries, by which it is known again. */
export function jetonOf({ app }: { app: { secrets: Secrets } }, messageId: number, user: User): string {
  return returnToken(app.secrets, messageId, user.email);
}

export interface Signing {
  secret?: string;
  /** Milliseconds since the epoch. */
  at?: number;
  /** What is signed, instead of what is sent. */
  over?: string;
}

/** A signed request to `/emails/retours`. @param source a character for each byte. */
export function signedReturn(
  source: string,
  { secret = RETOURS_SECRET, at = Date.now(), over = source }: Signing = {},
): { body: Buffer; headers: Record<string, string> } {
  const [id, timestamp] = [randomUUID(), String(Math.floor(at / 1000))];
  const signature = createHmac('sha256', secret)
    .update(`${id}.${timestamp}.`)
    .update(Buffer.from(over, 'latin1'))
    .digest('base64');
  return {
    body: Buffer.from(source, 'latin1'),
    headers: {
      'content-type': 'message/rfc822',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
  };
}
