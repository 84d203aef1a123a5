/** What the mail catcher received, through its REST API. */

export interface CaughtMail {
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
  messageId: string;
}

/** The mails to one address, oldest first. */
export async function mailsTo(address: string): Promise<CaughtMail[]> {
  const response = await fetch(`${process.env.TEST_MAIL_API}/email`);
  const mails = (await response.json()) as (CaughtMail & { to: { address: string }[]; time: string })[];
  return mails
    .filter(({ to }) => to.some((recipient) => recipient.address === address))
    .sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
}
