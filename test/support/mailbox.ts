/** What the mail catcher received, through its REST API. */

export interface CaughtMail {
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
}

/** The mails to one address, oldest first. */
export async function mailsTo(address: string): Promise<CaughtMail[]> {
  const response = await fetch(
    `${process.env.TEST_MAIL_API}/email?to.address=${encodeURIComponent(address)}&sort=asc`,
  );
  return (await response.json()) as CaughtMail[];
}
