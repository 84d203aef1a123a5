import Router from '@koa/router';
import type { Context } from 'koa';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { Access } from '../auth/access';
import { loadPrincipal } from '../auth/sessions';
import { forbidden, RegieError } from '../domain/errors';
import type { Actor } from '../services/actor';
import { type Refused, recordRefusal } from '../services/refus';
import { readBody } from './body';
import type { AppContext } from './context';
import { inTransaction, readIdempotencyKey } from './idempotency';
import type { Answer, Call, Route } from './route';
import { MAX_ID } from './schemas';
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
  const actor: Actor = {
    userId: access?.principal.userId ?? null,
    cleApiId: access?.principal.cleApiId ?? null,
    now: app.clock(),
    correlationId: ctx.state.correlationId,
    adresse: ctx.state.adresse,
  };
  try {
    if (access !== null) admit(app, route, access);
    return await handle(app, route, ctx, access, actor);
  } catch (error) {
    // What somebody was refused is on record (ASVS 16.3.2), also when the transaction of the request is not.
    if (access !== null && error instanceof RegieError && error.code === 'INTERDIT') {
      await recordRefusal(app.db, actor, refusedOn(route, ctx));
    }
    throw error;
  }
}

/**
 * Whether somebody may come as far as the handler, where the row decides.
 * @throws {RegieError} `INTERDIT`, `SECOND_FACTEUR_A_ACTIVER`
 */
function admit({ config }: AppContext, { access: wanted }: Route, access: Access): void {
  const { role, cleApiId, secondFacteur } = access.principal;
  if (typeof wanted !== 'string') {
    if (!access.mayEver(...wanted)) throw forbidden();
  } else if (cleApiId !== null) {
    throw forbidden();
  }
  const enrolled = secondFacteur || cleApiId !== null || !config.secondFacteurRoles.includes(role);
  if (!enrolled && wanted !== 'enrolment') throw new RegieError('SECOND_FACTEUR_A_ACTIVER');
}

/** What a refused request was about, for the record. */
function refusedOn({ access, method, path }: Route, ctx: Context): Refused {
  const id = Number(ctx.params.id);
  return {
    entite: typeof access === 'string' ? 'session' : snakeCase(access[1]),
    entiteId: Number.isInteger(id) && id <= MAX_ID ? id : null,
    requete: `${method.toUpperCase()} ${path}`,
  };
}

/** `cle_api` for `CleApi`. */
function snakeCase(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, '_$&').toLowerCase();
}

async function handle(
  app: AppContext,
  route: Route,
  ctx: Context,
  access: Access | null,
  actor: Actor,
): Promise<Answer> {
  const params = checkParams(route, ctx);
  const query = check(route.query ?? NO_FIELDS, { ...ctx.query });
  const rawBody = await readBody(route, ctx);
  const unchecked = route.body === undefined || route.bodyType === 'multipart';
  const body = unchecked ? undefined : check(route.body!, rawBody);
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

  const inside = (tx: EntityManager, afterCommit: Call<never, never, never>['afterCommit']) =>
    route.handle({ ...call, tx, afterCommit } as Call<never, never, never>);
  return route.transaction ? inTransaction(call, inside) : inside(app.db.manager, (task) => task());
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
