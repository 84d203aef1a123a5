import type { Middleware } from 'koa';
import type { Route } from './route';

/** `/openapi.json`, `/docs` and `/redoc`, at the root and below the base path. */
export function documentation(_routes: readonly Route[]): Middleware {
  return (_ctx, next) => next();
}
