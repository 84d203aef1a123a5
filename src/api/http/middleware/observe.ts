import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';
import type { AppContext } from '../../context';
import { clientAddresses } from '../client-address';
import { loggedPath } from '../paths';

/** Correlation, the access log and the request metrics: what an operator sees of each request. */
export function observe(app: AppContext): Middleware {
  const addressOf = clientAddresses(app.config.trustedProxies);
  const { requestsTotal, requestDuration } = app.metrics;
  return async (ctx, next) => {
    const start = performance.now();
    const correlationId = correlationOf(ctx.get('X-Request-Id'), ctx.get('traceparent'));
    ctx.state.correlationId = correlationId;
    ctx.state.adresse = addressOf(ctx.req);
    ctx.set('X-Request-Id', correlationId);
    await next();
    const seconds = (performance.now() - start) / 1000;
    // The pattern, not the path: ids would make a series of each row.
    const endpoint = String((ctx as { _matchedRoute?: unknown })._matchedRoute ?? 'none');
    requestsTotal.inc({ method: ctx.method, endpoint, status: ctx.status });
    requestDuration.observe({ method: ctx.method, endpoint }, seconds);
    app.logger.debug(
      {
        correlationId,
        method: ctx.method,
        path: loggedPath(ctx),
        status: ctx.status,
        userId: ctx.state.userId,
        ms: seconds * 1000,
      },
      'request',
    );
  };
}

/** The caller's request id, else the trace it belongs to (W3C `traceparent`), else a new one. */
function correlationOf(requestId: string, traceparent: string): string {
  if (/^[\w.:-]{1,128}$/.test(requestId)) return requestId;
  const trace = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}$/.exec(traceparent);
  return trace?.[1] ?? randomUUID();
}
