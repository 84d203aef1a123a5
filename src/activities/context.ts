import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Secrets } from '../auth/secrets';
import type { MailRenderer } from '../mail/renderer';
import type { MailTransport } from '../mail/transport';
import type { RapportRenderer } from '../pdf/renderer';
import type { ObjectStore } from '../storage/objects';

/** What activities are built from; made once a worker process. */
export interface ActivityContext {
  db: DataSource;
  store: ObjectStore;
  mail: MailTransport;
  /** What documents are made with, each in a thread of its own. */
  rapports: RapportRenderer;
  mails: MailRenderer;
  secrets: Secrets;
  client: Client;
  taskQueue: string;
  databaseUrl: string;
  publicUrl: string;
  /** Zone of sites that name none. */
  timeZone: string;
  logger: Logger;
}
