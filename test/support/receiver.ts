import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { type Certificate, selfSigned } from './certificates';

/** What came to a receiver of webhooks. */
export interface Received {
  headers: IncomingHttpHeaders;
  /** Byte for byte. */
  body: string;
  /** Of the body. */
  id: string;
  evenement: string;
  ressource: string;
  id_ressource: number;
  version: number | null;
  at: number;
}

/** Somebody else's system, which speaks TLS with a certificate of its own making. */
export interface Receiver {
  url: string;
  /** Whom to trust to trust it, in PEM. */
  ca: string;
  received: Received[];
  /** Connections that were ever made to it. */
  connections(): number;
  /** How it answers from now on: 204 unless said. */
  answer(how: Answer): void;
  /** Checks a delivery as the reference library does. @throws when it is not signed with the secret. */
  verify(secret: string, delivery: Received): unknown;
  stop(): Promise<void>;
}

export type Answer = (response: ServerResponse, delivery: Received) => void;

export const answering =
  (status: number, body = '', headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end(body);

export async function startReceiver(
  certificate: Certificate = selfSigned('127.0.0.1', 'localhost'),
): Promise<Receiver> {
  const received: Received[] = [];
  let how: Answer = answering(204);
  let connections = 0;
  const server = createServer(certificate, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const delivery: Received = { ...JSON.parse(body), headers: request.headers, body, at: Date.now() };
    received.push(delivery);
    how(response, delivery);
  });
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/regie`,
    ca: certificate.cert,
    received,
    connections: () => connections,
    answer: (given) => {
      how = given;
    },
    verify: (secret, { body, headers }) =>
      new Webhook(secret).verify(body, headers as Record<string, string>),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
