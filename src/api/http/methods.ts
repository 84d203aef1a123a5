import type Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { RegieError } from '../../domain/errors';
import { withoutTrailingSlash } from './paths';
import type { Route } from './route';
import { BASE_PATH } from './router';

/** What is answered to a method that a path does not take: 405 with `Allow`, or to `OPTIONS` the same without a fault. */

/**
 * A path that is a name of its own, such as `/users/import`, takes its own methods only: the router would hand all others
 * to `/users/:id`, which it matches too.
 */
export function keepToOwnMethods(routes: readonly Route[]): Middleware {
  const methodsOf = new Map<string, Set<string>>();
  for (const { method, path } of routes.filter(({ path }) => !path.includes(':'))) {
    const methods = methodsOf.get(BASE_PATH + path) ?? new Set();
    methodsOf.set(BASE_PATH + path, methods.add(method.toUpperCase()));
    if (method === 'get') methods.add('HEAD');
  }
  return async (ctx, next) => {
    const methods = methodsOf.get(withoutTrailingSlash(ctx.path));
    if (methods === undefined || methods.has(ctx.method)) return next();
    answerAllowed(ctx, methods);
  };
}

/** After all routes: a known path by an unknown method, or an unknown path, which is 404. */
export function refuseMethod(router: Router): Middleware {
  return async (ctx) => {
    const methods = new Set(router.match(ctx.path, 'OPTIONS').path.flatMap((layer) => layer.methods));
    if (methods.size === 0) throw new RegieError('INTROUVABLE');
    answerAllowed(ctx, methods);
  };
}

function answerAllowed(ctx: Context, methods: Set<string>): void {
  ctx.set('Allow', [...methods].sort().join(', '));
  if (ctx.method !== 'OPTIONS') throw new RegieError('METHODE_NON_ACCEPTEE');
  ctx.status = 204;
}
