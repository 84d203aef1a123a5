import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Secrets } from '../auth/secrets';
import type { DocumentSettings } from '../config';
import type { MailRenderer } from '../mail/renderer';
import type { MailTransport } from '../mail/transport';
import type { Maison } from '../mail/views/maison';
import type { Outgoing } from '../net/outgoing';
import type { SmsTransport } from '../net/sms';
import type { RapportRenderer } from '../pdf/renderer';
import type { Trajets } from '../services/planification/trajets';
import type { ObjectStore } from '../storage/objects';
import type { People } from '../threads/people';

/** What activities are built from; made once a worker process. */
export interface ActivityContext {
  db: DataSource;
  /** With the rights to what is medical: for what names patients, where it leaves. */
  medical: DataSource;
  store: ObjectStore;
  mail: MailTransport;
  /** What documents are made with, each in a thread of its own. */
  rapports: RapportRenderer;
  mails: MailRenderer;
  /** The house that mails are from. */
  maison: () => Promise<Maison>;
  secrets: Secrets;
  /** Null where text messages are not sent. */
  sms: SmsTransport | null;
  /** Segments of a text message, at most. */
  smsSegments: number;
  /** ISO 3166, of telephone numbers without the code of their country. */
  telephonePays: string | null;
  /** Calls addresses that people gave. */
  outgoing: Outgoing;
  /** Whom a push service asks about us: `mailto:` or `https:`. */
  pushContact: string;
  client: Client;
  /** Those whose orders this worker carries out. */
  people: People;
  /** How long travel takes. */
  trajets: Trajets;
  taskQueue: string;
  databaseUrl: string;
  publicUrl: string;
  /** Whom mails are from, as their header has it. */
  mailFrom: string;
  documents: DocumentSettings;
  /** For how many months it is known who read what of a patient. */
  accesConservationMois: number;
  /** Zone of sites that name none. */
  timeZone: string;
  logger: Logger;
}
