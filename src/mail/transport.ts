import { createTransport } from 'nodemailer';
import { refuseInTransaction } from '../db/transaction';
import { isAddressRefused, refusOf } from '../domain/identite/adresses';
import { contentTypeInvitation, FICHIER_INVITATION } from '../domain/rendez-vous/ical';
import type { PartieCalendrier } from '../domain/rendez-vous/invitations';
import type { Langue } from '../domain/writing';
import type { MailImage } from './render';
import { MESSAGE_HEADER } from './retours';

/** Hands mails to the SMTP server. One that fails is not tried again here: the caller keeps it and decides. */

export interface OutgoingMail {
  /** Stable for the event and its reader, `<…@…>`: what lets a repeated delivery be recognised. */
  messageId: string;
  /** The root of its thread, `<…@…>`, which need never have been sent; null for a mail that stands alone. */
  fil: string | null;
  langue: Langue;
  to: { address: string; name?: string };
  sujet: string;
  html: string;
  text: string;
  images?: readonly MailImage[];
  /** What it tells the reader's calendar (RFC 6047). */
  calendrier?: readonly PartieCalendrier[];
  correlationId: string;
  /** By which it is known again when a server sends it back. */
  jeton: string;
  /** Where a POST switches such mails off for their reader (RFC 8058); null where nothing can. */
  unsubscribe?: string | null;
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

/** Because there is no such recipient, as far as their server says; in its words. */
export class AddressRefused extends MailRefused {
  override name = 'AddressRefused';
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
    {
      from,
      // Nobody is answered by a machine (RFC 3834), nor by Exchange, which goes by a header of its own.
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'OOF, AutoReply' },
    },
  );

  return {
    async send({
      messageId,
      fil,
      langue,
      to,
      sujet,
      html,
      text,
      images = [],
      calendrier = [],
      correlationId,
      jeton,
      unsubscribe = null,
    }) {
      refuseInTransaction('the mail server');
      const address = singleAddress(to.address);
      try {
        await transporter.sendMail({
          messageId: oneLine(messageId),
          to: { address, name: oneLine(to.name ?? '') },
          subject: oneLine(sujet),
          // Each follows the root, not the one before it: a mail that is late, refused or deleted breaks no thread.
          ...(fil === null ? {} : { inReplyTo: oneLine(fil), references: oneLine(fil) }),
          headers: {
            'X-Correlation-Id': oneLine(correlationId),
            'Content-Language': langue,
            [MESSAGE_HEADER]: jeton,
            ...unsubscribing(unsubscribe),
          },
          html,
          text,
          // Programs look for one part beside the text, or open the file; several appointments are files alone.
          alternatives: calendrier.length === 1 ? calendrier.map(calendarPart) : [],
          attachments: [
            ...images.map(({ cid, type, contenu }) => ({
              cid,
              contentType: type,
              contentDisposition: 'inline' as const,
              content: Buffer.from(contenu, 'base64'),
            })),
            ...calendrier.map((part, n) => ({
              ...calendarPart(part),
              filename:
                calendrier.length === 1 ? FICHIER_INVITATION : FICHIER_INVITATION.replace('.', `-${n + 1}.`),
            })),
          ],
          signal: AbortSignal.timeout(sendTimeout),
        });
      } catch (error) {
        throw refusalOf(error) ?? error;
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

/** In base64: no server may fold or end its lines otherwise. */
function calendarPart({ methode, contenu }: PartieCalendrier) {
  return {
    contentType: contentTypeInvitation(methode),
    content: Buffer.from(contenu),
    contentTransferEncoding: 'base64' as const,
  };
}

/** One click of the reader's mail program, without an account (RFC 8058); both are to be signed by the mail server. */
function unsubscribing(url: string | null): Record<string, string> {
  if (url === null) return {};
  return {
    'List-Unsubscribe': `<${oneLine(url)}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  };
}

/** Control characters, line breaks among them, would start a header of their own. */
function oneLine(value: string): string {
  return value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

/** A 5xx answer to the recipient or to the content. Other 5xx (sender, credentials) are ours to mend, then to retry. */
function refusalOf(error: unknown): MailRefused | null {
  if (!(error instanceof Error)) return null;
  const {
    permanent,
    command,
    response = '',
  } = error as Error & {
    permanent?: boolean;
    command?: string;
    response?: string;
  };
  if (permanent !== true || (command !== 'RCPT TO' && command !== 'DATA')) return null;
  const refus = refusOf(response);
  // What is said once the content is there may be said of the content.
  return command === 'RCPT TO' && isAddressRefused(refus)
    ? new AddressRefused(refus.texte, { cause: error })
    : new MailRefused(error.message, { cause: error });
}
