import { EVENEMENTS, isRefusable } from '../domain/regles';
import type { Secrets } from './secrets';

/**
 * The link by which whoever reads a mail switches such mails off, without an account: `<user>.<event>.<signature>`. It does
 * nothing else, so it does not expire: mail programs keep mails for years.
 */

const PURPOSE = 'desabonnement';

/** Of a daily digest: all that can be switched off. */
const TOUT = '*';

export interface Desabonnement {
  userId: number;
  /** Of a rule, or `*`. */
  evenement: string;
}

/** Where a POST switches off mails such as this one. */
export function unsubscribeUrl(
  secrets: Secrets,
  publicUrl: string,
  {
    destinataire_id,
    regle,
    lot,
  }: { destinataire_id: number | null; regle: string | null; lot: string | null },
): string {
  const jeton = unsubscribeToken(secrets, {
    // What can be switched off has a rule, and goes to somebody with an account.
    userId: destinataire_id!,
    evenement: lot === 'resume' ? TOUT : regle!,
  });
  return `${publicUrl}/api/v1/notifications/desabonnement/${jeton}`;
}

export function unsubscribeToken(secrets: Secrets, { userId, evenement }: Desabonnement): string {
  const named = Buffer.from(`${userId}:${evenement}`).toString('base64url');
  return `${named}.${secrets.sign(PURPOSE, named)}`;
}

/** What a token is for, or null when we never made it. */
export function readUnsubscribeToken(secrets: Secrets, token: string): Desabonnement | null {
  const [, named, signature] = /^([\w-]{1,200})\.([\w-]{43})$/.exec(token) ?? [];
  if (named === undefined || !secrets.isSignature(PURPOSE, named, signature!)) return null;
  const [userId, evenement] = Buffer.from(named, 'base64url').toString().split(':');
  return { userId: Number(userId), evenement: evenement! };
}

/** The events that a link switches off. An event that there is no more switches nothing off. */
export function eventsOf({ evenement }: Desabonnement): string[] {
  return EVENEMENTS.filter((one) => (evenement === TOUT || one === evenement) && isRefusable({ regle: one }));
}
