import koaCors from '@koa/cors';
import type { Middleware } from 'koa';

/** Lets the configured origins call the API from a browser; what else an answer says, they may read too. */
export function cors(origins: readonly string[]): Middleware {
  return koaCors({
    origin: (ctx) => {
      const origin = ctx.get('Origin');
      return origins.includes(origin) ? origin : '';
    },
    credentials: true,
    maxAge: 600,
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposeHeaders: [
      'ETag',
      'Link',
      'Location',
      'Retry-After',
      'X-Request-Id',
      'X-Total-Count',
      'X-Total-Count-Exact',
      'X-Unread-Count',
      'Idempotency-Replayed',
      'Content-Disposition',
    ],
  });
}
