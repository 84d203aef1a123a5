import type { Secrets } from './secrets';

/**
 * The token of a link by which somebody chooses a password: `<id>.<signature>`. It is made when the mail is written and
 * stored nowhere: whoever reads the database can use none of the links in it.
 */

const PURPOSE = 'lien mot de passe';

export function linkToken(secrets: Secrets, lienId: string): string {
  return `${lienId}.${secrets.sign(PURPOSE, lienId)}`;
}

/** The id of the link that a token is of, or null when we never made it. */
export function readLinkToken(secrets: Secrets, token: string): string | null {
  const [, lienId, signature] = /^([0-9a-f-]{36})\.([\w-]{43})$/.exec(token) ?? [];
  if (lienId === undefined || !secrets.isSignature(PURPOSE, lienId, signature!)) return null;
  return lienId;
}
