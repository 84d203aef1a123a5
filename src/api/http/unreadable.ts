import { randomUUID } from 'node:crypto';
import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ErrorCode, RegieError } from '../../domain/errors';
import { PROBLEMS, toProblem } from './problems';

/** By what Node.js calls it; anything else is malformed. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'ENTETES_TROP_GROS',
  ERR_HTTP_REQUEST_TIMEOUT: 'DELAI_DEPASSE',
};

/** Answers what Node.js itself cannot read, so that no request comes as far as Koa, in the form of all other answers. */
export function answerUnreadable(server: Server): void {
  const responses = new WeakMap<Duplex, ServerResponse>();
  server.on('request', ({ socket }, response) => responses.set(socket, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const response = responses.get(socket);
    // The client has gone, or reads an answer among whose bytes ours would end up.
    if (!socket.writable || (response?.headersSent && !response.writableFinished)) socket.destroy();
    // Neither its path nor the language that it asks for is known.
    else refuseOn(socket, new RegieError(CODES[error.code ?? ''] ?? 'REQUETE_MALFORMEE'), '/');
  });
}

/** Answers a request that does not come as far as Koa with a problem, and closes its connection. */
export function refuseOn(socket: Duplex, error: RegieError, path: string): void {
  socket.end(answerTo(error, path), () => socket.destroy());
}

function answerTo(error: RegieError, path: string): string {
  const correlationId = randomUUID();
  const { status } = PROBLEMS[error.code];
  const { retryAfter } = error.details;
  const body = JSON.stringify(toProblem(error, { path, correlationId, langue: 'fr' }));
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json',
    'Content-Language: fr',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    `X-Request-Id: ${correlationId}`,
    ...(retryAfter === undefined ? [] : [`Retry-After: ${retryAfter}`]),
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
