import { Client } from 'pg';
import { APPLICATION_SETTINGS } from './data-source';

/** What somebody who listens is woken by. */
export interface Bell {
  /**
   * Resolves when something was committed since the last time, at the latest after `timeout` milliseconds.
   * @throws {Error} what the connection was lost to
   */
  next: (timeout: number) => Promise<void>;
  /** As if something had been committed. */
  ring: () => void;
  close: () => Promise<void>;
}

/**
 * Hears what is notified on a channel, as it is committed, over a connection of its own.
 * @param channel of this program's choosing: it is part of the statement.
 * @param signal ends the waiting, though not the connection, which is the caller's to close.
 */
export async function listen(databaseUrl: string, channel: string, signal: AbortSignal): Promise<Bell> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: `regie-${channel}`,
    options: APPLICATION_SETTINGS,
  });
  let rung = true;
  let lost: Error | null = null;
  let wake = () => {};
  const ring = () => {
    rung = true;
    wake();
  };
  client.on('notification', ring);
  // A lost connection ends the waiting, rather than the process.
  client.on('error', (error) => {
    lost = error;
    ring();
  });
  signal.addEventListener('abort', ring);
  await client.connect();
  await client.query(`LISTEN ${channel}`);
  return {
    next: async (timeout) => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeout);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
      if (lost !== null) throw lost;
    },
    ring,
    close: async () => {
      signal.removeEventListener('abort', ring);
      await client.end().catch(() => {});
    },
  };
}
