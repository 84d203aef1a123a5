import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Prepares a server for being closed without cutting anything short. Node.js alone would wait for connections that
 * are open without a request, and for those whose request ended after the server began to close.
 * @returns closes the server: accepts nothing more, lets requests end, and cuts after `period` milliseconds.
 */
export function drainable(server: Server, period: number): () => Promise<void> {
  const requestsOn = new Map<Socket, number>();
  let closing = false;
  const endIfIdle = (socket: Socket) => {
    if (closing && requestsOn.get(socket) === 0) socket.end();
  };
  const count = (socket: Socket, change: number) => {
    const requests = requestsOn.get(socket);
    if (requests !== undefined) requestsOn.set(socket, requests + change);
  };

  server.on('connection', (socket) => {
    requestsOn.set(socket, 0);
    socket.on('close', () => requestsOn.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    count(socket, 1);
    response.on('close', () => {
      count(socket, -1);
      endIfIdle(socket);
    });
  });

  return async () => {
    closing = true;
    const deadline = setTimeout(() => server.closeAllConnections(), period);
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of requestsOn.keys()) endIfIdle(socket);
    await closed;
    clearTimeout(deadline);
  };
}
