import { randomUUID } from 'node:crypto';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { queryOne } from '../../db/sql';
import {
  type CleAnnoncee,
  type DonneesAvis,
  type ModeleAvis,
  maskedEmail,
} from '../../domain/identite/textes';
import type { Actor } from '../actor';
import { announce } from '../messages/messages';

/** Telling people what was done to their account: if it was not them, they are the first who can know. */

export interface Avis {
  modele: ModeleAvis;
  /** The session in which it was done, or which was ended; null without one. */
  sessionId: string | null;
  /** For `cle_api_creee`. */
  cle?: CleAnnoncee;
  /** For `adresse_changee`: who can read only one of these mailboxes is told too. */
  emails?: { ancien: string; nouveau: string };
}

/**
 * Tells somebody, by notification and email, what was done to their account, in the transaction that does it:
 *
 *     await warn(tx, actor, userId, { modele: 'second_facteur_active', sessionId: sessionOf(access) });
 *
 * When, from which address and by whom (if not by themselves) comes from the actor; with what device, from the session.
 * Nobody is told who is not active.
 */
export async function warn(
  tx: EntityManager,
  actor: Actor,
  userId: number,
  { modele, sessionId, cle, emails }: Avis,
): Promise<void> {
  const auteur = await authorFor(tx, actor, userId);
  const donnees: DonneesAvis = {
    date: actor.now.toISOString(),
    // Where somebody else works is not theirs to know.
    adresse: auteur === null ? actor.adresse : null,
    auteur,
    session: sessionId === null ? null : await describeSession(tx, sessionId),
    ...(cle === undefined ? {} : { cle }),
    ...(emails === undefined ? {} : { nouvel_email: maskedEmail(emails.nouveau) }),
  };
  // Each time is an event of its own; whoever runs the transaction again has rolled it back.
  await announce(tx, actor, `compte:${userId}:${randomUUID()}`, {
    audience: { titulaire: [userId] },
    modele,
    donnees,
    emails: emails && [emails.ancien, emails.nouveau],
  });
}

/** Who acts, as somebody else may be told; null for oneself, for the system and for whoever is not known. */
export async function authorFor(
  tx: EntityManager,
  actor: Pick<Actor, 'userId'>,
  userId: number,
): Promise<{ nom: string; prenom: string } | null> {
  if (actor.userId === null || actor.userId === userId) return null;
  return queryOne(tx, sql`SELECT nom, prenom FROM users WHERE id = ${actor.userId}`);
}

async function describeSession(tx: EntityManager, sessionId: string): Promise<DonneesAvis['session']> {
  const session = await queryOne<{ date_creation: Date; adresse: string | null; agent: string | null }>(
    tx,
    sql`SELECT date_creation, adresse, agent FROM sessions WHERE id = ${sessionId}`,
  );
  return session === null ? null : { ...session, date_creation: session.date_creation.toISOString() };
}
