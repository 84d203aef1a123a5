import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Middleware } from 'koa';

/**
 * What is left of a body once its request has been answered: the rest of a file that was refused, or all of what
 * somebody without a token sends. Node.js would go on reading it for as long as a request may take, five minutes, and
 * the connection with it. It is passed over for a moment, so that an ordinary client gets to read its answer and may go
 * on with the connection; then the connection ends.
 */

/** How long after the answer, in milliseconds. */
export const UNREAD_PERIOD = 5_000;

/**
 * To stand around everything that answers.
 * @param unreadBytes how much is passed over: as much as any route takes, since there are clients that read no answer before
 * they have sent all of their body. Beyond that nothing more is read, and who sends it stands still until the time is over.
 */
export function endUnreadBodies(unreadBytes: number): Middleware {
  return async ({ req, res }, next) => {
    await next();
    // Before the answer goes out, since Node.js otherwise takes to throwing away what it cannot count.
    if (!req.complete) passOver(req, res, unreadBytes);
  };
}

function passOver(req: IncomingMessage, res: ServerResponse, unreadBytes: number): void {
  let left = unreadBytes;
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) req.pause();
  });
  req.resume();
  let deadline: NodeJS.Timeout | undefined;
  const answered = () => {
    if (!req.complete) deadline = setTimeout(() => req.socket?.destroy(), UNREAD_PERIOD);
  };
  if (res.closed) answered();
  else res.once('close', answered);
  for (const end of ['end', 'close']) req.once(end, () => clearTimeout(deadline));
}
