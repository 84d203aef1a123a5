import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A mail server of a test's own: remembers what came, and lets a sender wait for its 250 when told to. */
export interface PostOffice {
  url: string;
  /** Message-IDs of the mails whose content came, answered or not, repeats included. */
  received: string[];
  /** Message-IDs of the mails that were answered with 250, repeats included. */
  accepted: string[];
  /** Leaves the next mail to this address without an answer. */
  hold(address: string): HeldMail;
  close(): Promise<void>;
}

export interface HeldMail {
  /** Resolves when the content has come; the sender waits from then on. */
  arrived: Promise<void>;
  /** Answers 250 after all. */
  accept(): void;
}

export async function openPostOffice(): Promise<PostOffice> {
  const received: string[] = [];
  const accepted: string[] = [];
  const holds = new Map<string, (answer: () => void) => void>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onData: async (stream, session, callback) => {
      const content = await text(stream).catch(() => null);
      // Its sender was killed in the middle of it.
      if (content === null) return;
      const messageId = /^Message-ID:\s*(\S+)/im.exec(content)![1]!;
      const answer = () => {
        accepted.push(messageId);
        callback();
      };
      received.push(messageId);
      const address = session.envelope.rcptTo[0]!.address;
      const hold = holds.get(address);
      holds.delete(address);
      if (hold === undefined) answer();
      else hold(answer);
    },
  });
  // Likewise, between two commands.
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    received,
    accepted,
    hold: (address) => {
      let accept = () => {};
      const arrived = new Promise<void>((resolve) => {
        holds.set(address, (answer) => {
          accept = answer;
          resolve();
        });
      });
      return { arrived, accept: () => accept() };
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
