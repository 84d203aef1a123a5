import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { type Executor, query, queryOne } from '../../db/sql';
import { type Livraison, livraisonAfter, volonteOf } from '../../domain/messages/sms';
import { readNumero, recordInvalid, recordWord } from './numeros';
import { SansObjet } from './outbox';

/** Text messages: to which number each goes, and what the gateway tells of them afterwards. */

/** Where a message goes, as far as its row and its person say. */
interface Destination {
  is_active: boolean;
  telephone: string | null;
  /** That an earlier try was written for. */
  numero: string | null;
  /** What the gateway has told of it, if anything. */
  livraison: Livraison | null;
}

/**
 * The number that a message goes to, E.164: that of its first try, so that one key never stands for two numbers. Null when
 * the gateway has it already, and only its answer was lost.
 * @param toE164 of what the person's row holds; null for what no text message reaches.
 * @throws {SansObjet} when it goes to nobody.
 */
export async function destinationOf(
  executor: Executor,
  messageId: number,
  toE164: (telephone: string) => string | null,
): Promise<string | null> {
  const found = await queryOne<Destination>(
    executor,
    sql`SELECT coalesce(u.is_active, a.id IS NOT NULL) AS is_active,
               coalesce(u.telephone, t.telephone, a.telephone) AS telephone, m.numero, m.livraison
        FROM messages m LEFT JOIN users u ON u.id = m.destinataire_id LEFT JOIN techniciens t ON t.user_id = u.id
          LEFT JOIN participants a ON a.id = m.participant_id
        WHERE m.id = ${messageId}`,
  );
  if (found?.livraison != null) return null;
  if (found === null || !found.is_active) throw new SansObjet('The account is not active');
  const { telephone } = found;
  const numero = found.numero ?? (telephone === null ? null : toE164(telephone));
  if (numero === null) throw new SansObjet('The person has no number that takes text messages');
  const { arret, invalide } = await readNumero(executor, numero);
  if (arret) throw new SansObjet('STOP was answered from this number');
  if (invalide) throw new SansObjet('The gateway said that nobody has this number');
  return numero;
}

/** Whether the gateway has told anything of a message: then it has it. */
export async function estLivre(executor: Executor, messageId: number): Promise<boolean> {
  const row = await queryOne(
    executor,
    sql`SELECT id FROM messages WHERE id = ${messageId} AND livraison IS NOT NULL`,
  );
  return row !== null;
}

/** Writes down, before a message is handed over, where it goes and how long it is. */
export async function markWritten(
  executor: Executor,
  messageId: number,
  numero: string,
  segments: number,
): Promise<void> {
  await query(
    executor,
    sql`UPDATE messages SET numero = ${numero}, segments = ${segments} WHERE id = ${messageId}`,
  );
}

/** A call of the gateway, as its signature names it. */
export interface Rappel {
  /** The same for every attempt of the gateway. */
  id: string;
  /** Seconds since the epoch, of this attempt. */
  horodatage: number;
}

/** `entendu` for the first time, `repete` by a gateway that did not hear our answer, `rejoue` by whoever copied it. */
export type Ecoute = 'entendu' | 'repete' | 'rejoue';

/** Whether a call is new, in the transaction that does what it says. */
async function hear(tx: EntityManager, { id, horodatage }: Rappel): Promise<Ecoute> {
  const heard = await queryOne<{ horodatage: string }>(
    tx,
    sql`INSERT INTO rappels_sms AS r (id, horodatage) VALUES (${id}, ${horodatage})
        ON CONFLICT (id) DO NOTHING RETURNING r.horodatage`,
  );
  if (heard !== null) return 'entendu';
  const again = await queryOne<{ later: boolean }>(
    tx,
    sql`UPDATE rappels_sms r SET horodatage = greatest(r.horodatage, ${horodatage}::bigint)
        FROM (SELECT id, horodatage FROM rappels_sms WHERE id = ${id} FOR UPDATE) former
        WHERE r.id = former.id RETURNING former.horodatage < ${horodatage}::bigint AS later`,
  );
  return again?.later ? 'repete' : 'rejoue';
}

export interface Statut {
  /** The key that the message was handed over under. */
  cle: string;
  statut: Livraison;
  /** Why it was not delivered. */
  raison?: string;
  date?: Date;
}

/**
 * What became of a message, in whatever order it is told. It also says that the gateway has it: one that is still to be
 * sent, since the answer was lost, is then not handed over again (`destinationOf`).
 */
export async function recordStatut(
  tx: EntityManager,
  rappel: Rappel,
  { cle, statut, raison, date }: Statut,
  now: Date,
): Promise<Ecoute> {
  const ecoute = await hear(tx, rappel);
  if (ecoute !== 'entendu') return ecoute;
  const row = await queryOne<{ id: number; numero: string | null; livraison: Livraison | null }>(
    tx,
    sql`SELECT id, numero, livraison FROM messages
        WHERE message_id = ${messageIdOf(cle)} AND canal = 'sms' FOR UPDATE`,
  );
  if (row === null) return ecoute;
  const livraison = livraisonAfter(row.livraison, statut);
  const when = date === undefined || date > now ? now : date;
  await query(
    tx,
    sql`UPDATE messages m
        SET livraison = ${livraison},
            date_livraison = CASE WHEN m.livraison = ${livraison} THEN m.date_livraison ELSE ${when}::timestamptz END
        WHERE m.id = ${row.id}`,
  );
  if (row.numero !== null && livraison === 'non_livre' && raison === 'numero_invalide') {
    await recordInvalid(tx, row.numero, now);
  }
  return ecoute;
}

export interface Entrant {
  /** E.164. */
  de: string;
  texte: string;
  /** When it was sent. */
  date?: Date;
}

/** A message that somebody sent us: STOP and START are heard, nothing else is kept. */
export async function recordEntrant(
  tx: EntityManager,
  rappel: Rappel,
  { de, texte, date }: Entrant,
  now: Date,
): Promise<Ecoute> {
  const ecoute = await hear(tx, rappel);
  const volonte = volonteOf(texte);
  if (ecoute !== 'entendu' || volonte === null) return ecoute;
  await recordWord(tx, de, volonte === 'arret', date === undefined || date > now ? now : date);
  return ecoute;
}

/** The key under which a message is handed to the gateway: its Message-ID, without the brackets. */
export function cleOf(messageId: string): string {
  return messageId.replace(/^<(.*)>$/, '$1');
}

function messageIdOf(cle: string): string {
  return `<${cle}>`;
}
