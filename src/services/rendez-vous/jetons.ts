import { createHash, randomBytes } from 'node:crypto';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Secrets } from '../../auth/secrets';
import { query } from '../../db/sql';

/**
 * The token of the link by which a participant sees, moves or cancels their part, without an account. Of it a SHA-256 alone is
 * stored, which cannot be searched for: it has 256 bits. Who reads the database can use none of the links.
 */
export interface Jeton {
  /** For the link, and nowhere else. */
  jeton: string;
  /** For `participants.jeton_hash`. */
  hash: Buffer;
}

const PURPOSE = 'gestion de rendez-vous';
const PURPOSE_ATTENTE = 'liste d’attente';

/** A new one: 256 random bits, for a link that is written down once. */
export function createJeton(): Jeton {
  const jeton = randomBytes(32).toString('base64url');
  return { jeton, hash: hashJeton(jeton) };
}

/**
 * The one of a participant, which the page shows when it has booked and each mail to them bears: it is made anew whenever it
 * has to be written, so that one link holds in all of them. It opens something while its hash stands in their row.
 */
export function jetonDe(secrets: Secrets, { id, uid }: { id: number; uid: string }): Jeton {
  const jeton = secrets.sign(PURPOSE, `${id} ${uid}`);
  return { jeton, hash: hashJeton(jeton) };
}

const CONFIRMATION = 'confirmation de rendez-vous';

/** What only a mail to them says: that whoever has it reads what is sent to the address that was given. */
export function codeDe(secrets: Secrets, { id, uid }: { id: number; uid: string }): string {
  return secrets.sign(CONFIRMATION, `${id} ${uid}`);
}

export function isCode(secrets: Secrets, { id, uid }: { id: number; uid: string }, code: string): boolean {
  return secrets.isSignature(CONFIRMATION, `${id} ${uid}`, code);
}

/** The one of somebody who waits, likewise: by its link they see what is offered to them, answer, or leave. */
export function jetonDAttente(secrets: Secrets, listeAttenteId: number, participantId: number): Jeton {
  const jeton = secrets.sign(PURPOSE_ATTENTE, `${listeAttenteId} ${participantId}`);
  return { jeton, hash: hashJeton(jeton) };
}

export function hashJeton(jeton: string): Buffer {
  return createHash('sha256').update(jeton).digest();
}

/** After the end of an appointment its link still shows what there was for this long, in milliseconds. */
const APRES = 30 * 86_400_000;

/** Has the link of a participant open their part until a while after the end. @param fin of the appointment. */
export async function ouvrirLien(
  tx: EntityManager,
  participantId: number,
  { hash }: Jeton,
  fin: Date,
): Promise<void> {
  await query(
    tx,
    sql`UPDATE participants SET jeton_hash = ${hash}, jeton_expire_le = ${new Date(fin.getTime() + APRES)}
        WHERE id = ${participantId}`,
  );
}

/** The same of somebody who waits: until after the last of their days (`2026-12-20`), wherever that is. */
export function ouvrirLienDAttente(
  tx: EntityManager,
  participantId: number,
  jeton: Jeton,
  dateFin: string,
): Promise<void> {
  return ouvrirLien(tx, participantId, jeton, new Date(Date.parse(dateFin) + 2 * 86_400_000));
}

/** The link opens nothing any more. */
export async function revoquerLien(tx: EntityManager, participantId: number): Promise<void> {
  await query(
    tx,
    sql`UPDATE participants SET jeton_hash = NULL, jeton_expire_le = NULL WHERE id = ${participantId}`,
  );
}
