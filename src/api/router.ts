import Router from '@koa/router';
import type { Context } from 'koa';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { Access } from '../auth/access';
import { loadPrincipal } from '../auth/sessions';
import { forbidden, RegieError } from '../domain/errors';
import type { Actor } from '../services/actor';
import { readBody } from './body';
import type { AppContext } from './context';
import { inTransaction, readIdempotencyKey } from './idempotency';
import type { Answer, Call, Route } from './route';
import { check } from './validation';

/** From declared routes to Koa: each request is authenticated, permitted, validated, handled, answered. */

export const BASE_PATH = '/api/v1';

const NO_FIELDS = z.strictObject({});

export function createRouter(app: AppContext, routes: readonly Route[]): Router {
  const router = new Router({ prefix: BASE_PATH });
  for (const route of routes) {
    router[route.method](route.path, async (ctx) => respond(ctx, await run(app, route, ctx)));
  }
  return router;
}

async function run(app: AppContext, route: Route, ctx: Context): Promise<Answer> {
  const access = route.access === 'public' ? null : await authenticate(app, ctx);
  if (access !== null && typeof route.access !== 'string' && !access.mayEver(...route.access))
    throw forbidden();

  const params = checkParams(route, ctx);
  const query = check(route.query ?? NO_FIELDS, { ...ctx.query });
  const rawBody = await readBody(route, ctx);
  const unchecked = route.body === undefined || route.bodyType === 'multipart';
  const body = unchecked ? undefined : check(route.body!, rawBody);
  const actor: Actor = {
    userId: access?.principal.userId ?? null,
    now: app.clock(),
    correlationId: ctx.state.correlationId,
  };
  const idempotencyKey =
    access === null ? null : readIdempotencyKey(app, route, ctx, access.principal.userId, rawBody);
  const call = {
    app,
    access: access as Access,
    actor,
    params,
    query,
    body,
    ctx,
    ifMatch: readIfMatch(ctx),
    idempotencyKey,
  };

  const handle = (tx: EntityManager, afterCommit: Call<never, never, never>['afterCommit']) =>
    route.handle({ ...call, tx, afterCommit } as Call<never, never, never>);
  return route.transaction ? inTransaction(call, handle) : handle(app.db.manager, (task) => task());
}

/**
 * An ETag is for `If-Match` alone: it names the version of the row, while what is computed or embedded in the answer
 * (a count, a delay, another row's name) changes without it, so that a 304 would keep a stale answer alive.
 */
function respond(ctx: Context, { status = 200, body, headers = {} }: Answer): void {
  ctx.status = status;
  ctx.set(headers);
  if (status === 204 || body === undefined) return;
  ctx.body = body;
}

async function authenticate(app: AppContext, ctx: Context): Promise<Access> {
  const token = bearerToken(ctx);
  const claims = app.tokens.verify(token, app.clock());
  const principal = await loadPrincipal(app.db, claims.sid);
  if (principal === null || principal.userId !== claims.user_id) throw new RegieError('NON_AUTHENTIFIE');
  ctx.state.userId = principal.userId;
  return new Access(principal);
}

/** The token of an `Authorization: Bearer` header. */
export function bearerToken(ctx: Context): string {
  const match = /^Bearer ([\w.~+/=-]+)$/i.exec(ctx.get('Authorization'));
  if (match === null) throw new RegieError('NON_AUTHENTIFIE');
  return match[1]!;
}

/** A path that names no possible row names nothing. */
function checkParams(route: Route, ctx: Context): unknown {
  const result = (route.params ?? NO_FIELDS).safeParse(ctx.params);
  if (!result.success) throw new RegieError('INTROUVABLE');
  return result.data;
}

/** `If-Match` of the contract is one version; `*` asks for nothing. */
function readIfMatch(ctx: Context): number | null {
  const value = ctx.get('If-Match');
  if (value === '' || value === '*') return null;
  const match = /^(?:W\/)?"(\d{1,9})"$/.exec(value);
  if (match === null) {
    throw new RegieError('REQUETE_MALFORMEE', {
      detail: { fr: 'If-Match doit être un ETag', en: 'If-Match must be an ETag' },
    });
  }
  return Number(match[1]);
}
