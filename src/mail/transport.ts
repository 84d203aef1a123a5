import { createTransport } from 'nodemailer';
import { refuseInTransaction } from '../db/transaction';

/** Hands mails to the SMTP server. One that fails is not tried again here: the caller keeps it and decides. */

export interface OutgoingMail {
  /** Stable for the event and its reader, `<…@…>`: what lets a repeated delivery be recognised. */
  messageId: string;
  to: { address: string; name?: string };
  sujet: string;
  html: string;
  text: string;
  correlationId: string;
}

export interface MailTransport {
  /**
   * Resolves once the server has taken the message; fails when it has not in time.
   * @throws {MailRefused} when trying again would be refused again; any other error may pass with time.
   */
  send(mail: OutgoingMail): Promise<void>;
  /** Resolves when the server answers and accepts the credentials. */
  verify(): Promise<void>;
  /** Closes the pooled connections; a delivery in progress ends first. */
  close(): void;
}

/** The message itself will never go out: its recipient is not one address, or the server rejects it for good. */
export class MailRefused extends Error {
  override name = 'MailRefused';
}

const SECOND = 1000;

export interface MailTransportOptions {
  /** `smtp://` or `smtps://`; its query string overrides the options of the pool, e.g. `?maxConnections=10`. */
  smtpUrl: string;
  /** Address of the sender, with or without a name. */
  from: string;
  /** Milliseconds for one mail, waiting for a free connection included. */
  sendTimeout?: number;
}

/** A transport over a few connections that are kept open between mails. */
export function createMailTransport({
  smtpUrl,
  from,
  sendTimeout = 20 * SECOND,
}: MailTransportOptions): MailTransport {
  const transporter = createTransport(
    {
      url: smtpUrl,
      pool: true,
      maxConnections: 5,
      connectionTimeout: 5 * SECOND,
      greetingTimeout: 5 * SECOND,
      socketTimeout: 15 * SECOND,
      dnsTimeout: 5 * SECOND,
      idleTimeout: 30 * SECOND,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from, headers: { 'Auto-Submitted': 'auto-generated' } },
  );

  return {
    async send({ messageId, to, sujet, html, text, correlationId }) {
      refuseInTransaction('the mail server');
      const address = singleAddress(to.address);
      try {
        await transporter.sendMail({
          messageId: oneLine(messageId),
          to: { address, name: oneLine(to.name ?? '') },
          subject: oneLine(sujet),
          headers: { 'X-Correlation-Id': oneLine(correlationId) },
          html,
          text,
          signal: AbortSignal.timeout(sendTimeout),
        });
      } catch (error) {
        throw isRefusal(error) ? new MailRefused(error.message, { cause: error }) : error;
      }
    },
    async verify() {
      refuseInTransaction('the mail server');
      await transporter.verify();
    },
    close() {
      transporter.close();
    },
  };
}

/**
 * `address` if it is exactly one. Anything that address lists are written with is refused, not quoted: nodemailer reads
 * `a@b.ma, c@evil.com` as two recipients.
 */
function singleAddress(address: string): string {
  if (address.length > 254 || !/^[^\s\p{Cc}@,;:<>()[\]\\"]+@[^\s\p{Cc}@,;:<>()[\]\\"]+$/u.test(address)) {
    throw new MailRefused(`Not a single email address: ${JSON.stringify(address)}`);
  }
  return address;
}

/** Control characters, line breaks among them, would start a header of their own. */
function oneLine(value: string): string {
  return value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

/** A 5xx answer to the recipient or to the content. Other 5xx (sender, credentials) are ours to mend, then to retry. */
function isRefusal(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { permanent, command } = error as Error & { permanent?: boolean; command?: string };
  return permanent === true && (command === 'RCPT TO' || command === 'DATA');
}
