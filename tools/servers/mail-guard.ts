import { type IncomingMessage, Server, type ServerResponse } from 'node:http';

/**
 * Loaded into the mail catcher before anything else (`node --require`). Every link that Régie sends can be read there,
 * and the catcher itself answers pages of any origin. Guarded, it answers its own pages alone: requests to another name
 * for this machine (DNS rebinding), or from a page of another origin, are refused before they reach it.
 */

const NAMES = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

function isWelcome({ headers: { host, origin } }: IncomingMessage): boolean {
  if (host === undefined || !NAMES.test(host)) return false;
  return origin === undefined || origin === `http://${host}`;
}

const { emit } = Server.prototype;
Server.prototype.emit = function (this: Server, event: string | symbol, ...args: unknown[]): boolean {
  const [request, answer] = args as [IncomingMessage, ServerResponse];
  if (event === 'request' && !isWelcome(request)) {
    answer.writeHead(403, { 'Content-Type': 'text/plain' }).end('For the pages of this machine alone\n');
    return true;
  }
  if (event === 'upgrade' && !isWelcome(request)) {
    request.socket.destroy();
    return true;
  }
  return Reflect.apply(emit, this, [event, ...args]);
};
