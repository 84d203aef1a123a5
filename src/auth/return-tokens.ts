import type { Secrets } from './secrets';

/**
 * What a mail carries in its headers, so that whoever returns it (a bounce) proves that it is one of ours and went to this
 * address: `<id of the message>.<signature>`. Nobody else can have an address pass for one that takes no mail.
 */

const PURPOSE = 'retour de mail';

export function returnToken(secrets: Secrets, messageId: number, email: string): string {
  return `${messageId}.${secrets.sign(PURPOSE, contentOf(messageId, email))}`;
}

/** The message that a token names, before anything is believed; null when it is none. */
export function messageOfToken(token: string): number | null {
  const [, id] = /^([1-9]\d{0,9})\.[\w-]{43}$/.exec(token) ?? [];
  return id === undefined || Number(id) > 2 ** 31 - 1 ? null : Number(id);
}

/** Whether we made the token for a mail to this address. */
export function isReturnToken(secrets: Secrets, token: string, email: string): boolean {
  const id = messageOfToken(token);
  if (id === null) return false;
  return secrets.isSignature(PURPOSE, contentOf(id, email), token.slice(token.indexOf('.') + 1));
}

function contentOf(messageId: number, email: string): string {
  return `${messageId}\n${email.toLowerCase()}`;
}
