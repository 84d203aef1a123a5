import type { Context, Middleware } from 'koa';
import { RegieError } from '../../domain/errors';
import { BASE_PATH, firstName, withoutTrailingSlash } from './paths';
import type { Route } from './route';
import type { Routers } from './router';

/** What is answered to a method that a path does not take: 405 with `Allow`, or to `OPTIONS` the same without a fault. */

/**
 * A path that has a name where another one takes any, such as `/users/import` beside `/users/:id`, takes its own methods
 * only: the router would hand all others to that one, which matches too.
 */
export function keepToOwnMethods(routes: readonly Route[]): Middleware {
  const paths = [...new Set(routes.map(({ path }) => path))];
  const own = paths
    .filter((path) => paths.some((other) => takesAny(other, path)))
    .map((path) => ({
      name: firstName(BASE_PATH + path),
      pattern: new RegExp(`^${BASE_PATH}${path.replace(/:\w+/g, '[^/]+')}$`),
      methods: new Set(
        routes.flatMap((route) =>
          route.path !== path ? [] : route.method === 'get' ? ['GET', 'HEAD'] : [route.method.toUpperCase()],
        ),
      ),
    }));
  return async (ctx, next) => {
    const path = withoutTrailingSlash(ctx.path);
    const first = firstName(path);
    const found = own.find(({ name, pattern }) => name === first && pattern.test(path));
    if (found === undefined || found.methods.has(ctx.method)) return next();
    answerAllowed(ctx, found.methods);
  };
}

/** Whether `other` also matches what `path` does, and takes anything where that has a name. */
function takesAny(other: string, path: string): boolean {
  const [theirs, ours] = [other.split('/'), path.split('/')];
  if (other === path || theirs.length !== ours.length) return false;
  return theirs.every((segment, at) => segment.startsWith(':') || segment === ours[at]);
}

/** After all routes: a known path by an unknown method, or an unknown path, which is 404. */
export function refuseMethod(routers: Routers): Middleware {
  return async (ctx) => {
    const matched = routers.get(firstName(ctx.path))?.match(ctx.path, 'OPTIONS').path ?? [];
    const methods = new Set(matched.flatMap((layer) => layer.methods));
    if (methods.size === 0) throw new RegieError('INTROUVABLE');
    answerAllowed(ctx, methods);
  };
}

function answerAllowed(ctx: Context, methods: Set<string>): void {
  ctx.set('Allow', [...methods].sort().join(', '));
  if (ctx.method !== 'OPTIONS') throw new RegieError('METHODE_NON_ACCEPTEE');
  ctx.status = 204;
}
