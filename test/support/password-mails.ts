import type { Client, Reply } from './client';
import { eventually } from './eventually';
import { type CaughtMail, mailsTo } from './mailbox';

/** Mails with a link by which a password is chosen. */

const LINK = /\/mot-de-passe#jeton=([\w.-]+)/;

/** The token of the link in a mail. */
export function tokenIn({ text }: CaughtMail): string {
  return LINK.exec(text)![1]!;
}

/** The mails with a link to one address, oldest first, once there are that many. */
export function linkMails(address: string, count: number): Promise<CaughtMail[]> {
  return eventually(
    async () => (await mailsTo(address)).filter(({ text }) => LINK.test(text)),
    (mails) => mails.length >= count,
  );
}

/** Uses the token of a link. */
export function reset(anonymous: Client, token: string, password: string): Promise<Reply> {
  return anonymous.post('/auth/reset-password', { token, new_password: password });
}
