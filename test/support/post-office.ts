import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A mail server of a test's own: remembers what came, and lets a sender wait for its 250 when told to. */
export interface PostOffice {
  url: string;
  /** Message-IDs of the mails whose content came, answered or not, repeats included. */
  received: string[];
  /** What those mails consisted of, as they came. */
  contents: string[];
  /** Message-IDs of the mails that were answered with 250, repeats included. */
  accepted: string[];
  /** Answers whoever writes to this address with a code and these words, from now on, or takes their mail again (null). */
  refuse(address: string, answer: { code: number; text: string } | null): void;
  /** Leaves the next mail to this address without an answer. */
  hold(address: string): HeldMail;
  close(): Promise<void>;
}

export interface HeldMail {
  /** Resolves when the content has come; the sender waits from then on. */
  arrived: Promise<void>;
  /** Answers 250 after all. */
  accept(): void;
  /** Answers 451: try again later. */
  refuse(): void;
}

type Answer = (isTaken: boolean) => void;

export async function openPostOffice(): Promise<PostOffice> {
  const received: string[] = [];
  const contents: string[] = [];
  const accepted: string[] = [];
  const refusals = new Map<string, { code: number; text: string }>();
  const holds = new Map<string, (answer: Answer) => void>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onRcptTo: ({ address }, _session, callback) => {
      const refusal = refusals.get(address);
      if (refusal === undefined) callback();
      else callback(Object.assign(new Error(refusal.text), { responseCode: refusal.code }));
    },
    onData: async (stream, session, callback) => {
      const content = await text(stream).catch(() => null);
      // Its sender was killed in the middle of it.
      if (content === null) return;
      const messageId = /^Message-ID:\s*(\S+)/im.exec(content)![1]!;
      const answer: Answer = (isTaken) => {
        if (isTaken) accepted.push(messageId);
        callback(isTaken ? null : Object.assign(new Error('Try again later'), { responseCode: 451 }));
      };
      received.push(messageId);
      contents.push(content);
      const address = session.envelope.rcptTo[0]!.address;
      const hold = holds.get(address);
      holds.delete(address);
      if (hold === undefined) answer(true);
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
    contents,
    accepted,
    refuse: (address, answer) => {
      if (answer === null) refusals.delete(address);
      else refusals.set(address, answer);
    },
    hold: (address) => {
      let answered: Answer = () => {};
      const arrived = new Promise<void>((resolve) => {
        holds.set(address, (answer) => {
          answered = answer;
          resolve();
        });
      });
      return { arrived, accept: () => answered(true), refuse: () => answered(false) };
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
