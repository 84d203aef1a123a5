import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Livraison } from '../../src/domain/messages/sms';
import { signatureOf, signingKey } from '../../src/domain/signatures';

/** A gateway of text messages of a test's own: takes, refuses, takes and says nothing; and calls back, badly if told to. */

/** What it does with a request: refuses it with a status (and a code), or takes it and lets the answer be lost. */
export type Behaviour = { status: number; code?: string } | 'cut' | 'silence';
type Hold = (answer: () => void) => void;

export interface ReceivedSms {
  cle: string;
  de: string;
  a: string;
  texte: string;
  encodage: string;
  segments: number;
  statuts: string;
}

export interface SmsGateway {
  url: string;
  jeton: string;
  secret: string;
  /** Every request that came with the right token, repeats and refused ones included. */
  requests: ReceivedSms[];
  /** The text messages that left: one a key, however often it came. */
  sent: ReceivedSms[];
  /** What it does with the next requests for a number. */
  behave(number: string, ...behaviours: Behaviour[]): void;
  /** Takes the next message for a number, and keeps its answer back. */
  hold(number: string): { arrived: Promise<void>; answer(): void };
  close(): Promise<void>;
}

/** What its calls are signed with. */
export const SMS_SECRET = 'whsec_c2l4dGVlbiBieXRlcyBhbmQgc2l4dGVlbiBtb3JlIQ==';

export async function openSmsGateway(): Promise<SmsGateway> {
  const jeton = randomUUID();
  const requests: ReceivedSms[] = [];
  const sent = new Map<string, ReceivedSms>();
  const behaviours = new Map<string, Behaviour[]>();
  const holds = new Map<string, Hold>();
  const server = createServer(async (request, response) => {
    const sms = (await json(request).catch(() => null)) as ReceivedSms | null;
    if (sms === null) return;
    const key = request.headers['idempotency-key'];
    if (request.headers.authorization !== `Bearer ${jeton}`) return void response.writeHead(401).end();
    if (typeof key !== 'string' || key !== sms.cle) return void response.writeHead(400).end();
    requests.push(sms);
    const behaviour = behaviours.get(sms.a)?.shift();
    if (typeof behaviour === 'object') {
      const body = JSON.stringify({ code: behaviour.code });
      return void response.writeHead(behaviour.status, { 'content-type': 'application/json' }).end(body);
    }
    if (!sent.has(key)) sent.set(key, sms);
    const answer = () => void response.writeHead(202).end(JSON.stringify({ id: randomUUID() }));
    const hold = holds.get(sms.a);
    holds.delete(sms.a);
    if (behaviour === 'cut') request.socket.destroy();
    else if (hold !== undefined) hold(answer);
    else if (behaviour === undefined) answer();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/messages`,
    jeton,
    secret: SMS_SECRET,
    requests,
    get sent() {
      return [...sent.values()];
    },
    behave: (number, ...given) => behaviours.set(number, given),
    hold: (number) => {
      let answered = () => {};
      const arrived = new Promise<void>((resolve) => {
        holds.set(number, (answer) => {
          answered = answer;
          resolve();
        });
      });
      return { arrived, answer: () => answered() };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** A call of the gateway, ready to be sent, once or more often. */
export interface Rappel {
  path: '/sms/statuts' | '/sms/entrants';
  body: string;
  headers: Record<string, string>;
}

export interface RappelOptions {
  id?: string;
  /** When it is sent, in milliseconds since the epoch. */
  at?: number;
  secret?: string;
}

export function statutCall(
  content: { cle: string; statut: Livraison; raison?: string; date?: string },
  options?: RappelOptions,
): Rappel {
  return signed('/sms/statuts', content, options);
}

export function entrantCall(
  content: { de: string; texte: string; date?: string },
  options?: RappelOptions,
): Rappel {
  return signed('/sms/entrants', content, options);
}

function signed(path: Rappel['path'], content: object, options: RappelOptions = {}): Rappel {
  const { id = `msg_${randomUUID()}`, at = Date.now(), secret = SMS_SECRET } = options;
  const body = JSON.stringify(content);
  const timestamp = String(Math.floor(at / 1000));
  return {
    path,
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signatureOf({ id, timestamp }, body, signingKey(secret)),
    },
  };
}

/** Sends a call. @param api `http://host:port`. @returns the status of the answer. */
export async function call(api: string, { path, body, headers }: Rappel): Promise<number> {
  const answer = await fetch(`${api}/api/v1${path}`, { method: 'POST', body, headers });
  await answer.arrayBuffer();
  return answer.status;
}
