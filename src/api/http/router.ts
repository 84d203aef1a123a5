import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { Access } from '../../auth/access';
import { networkOf } from '../../auth/addresses';
import { forbidden, RegieError } from '../../domain/errors';
import { covers } from '../../domain/identite/cles-api';
import type { Genre } from '../../domain/systeme/debits';
import type { Actor } from '../../services/actor';
import { recordWrongProof, WrongProof } from '../../services/identite/reauthentication';
import { type Refused, recordRefusal } from '../../services/refus';
import type { AppContext } from '../context';
import { callerOf } from '../places';
import { readBody, unparsedBody } from './body';
import { identify } from './caller';
import { requireDeclaredAccess } from './declared-access';
import { answeredBefore, inTransaction, readIdempotencyKey } from './idempotency';
import { inPractices, refuseMachines } from './medical';
import { BASE_PATH, firstName } from './paths';
import { type Answer, type Call, type EarlyCall, openApiPath, type Route } from './route';
import { idParam, NOTHING } from './schemas';
import { check } from './validation';

/** From declared routes to Koa: each request is authenticated, permitted, validated, handled, answered. */

/**
 * The routers of all routes, by the first name of their paths: a request is compared with those that begin as it does, ten of
 * four hundred.
 */
export type Routers = ReadonlyMap<string, Router>;

export function createRouters(app: AppContext, routes: readonly Route[]): Routers {
  requireDeclaredAccess(routes);
  const routers = new Map<string, Router>();
  // Whatever is asked of the database for a request that only reads is asked over the connections of reads.
  const reading: AppContext = Object.create(app, { db: { get: () => app.reads } });
  for (const route of routes) {
    const answer =
      route.method === 'get'
        ? (ctx: Context) => app.places.readers.during(() => run(reading, route, ctx))
        : (ctx: Context) => run(app, route, ctx);
    const name = firstName(BASE_PATH + route.path);
    // A proxy that keeps a path to itself writes it in one way: no other may lead there.
    const router = routers.get(name) ?? new Router({ prefix: BASE_PATH, sensitive: true });
    routers.set(name, router);
    router[route.method](route.path, async (ctx) => respond(ctx, await answer(ctx)));
  }
  return routers;
}

/** Hands a request to its route. */
export function routed(routers: Routers): Middleware {
  const byName = new Map([...routers].map(([name, router]) => [name, router.routes()]));
  return (ctx, next) => {
    const route = byName.get(firstName(ctx.path));
    return route === undefined ? next() : route(ctx as never, next);
  };
}

async function run(app: AppContext, route: Route, ctx: Context): Promise<Answer> {
  const arrive = () => authenticate(app, route, ctx);
  const access = await (route.method === 'get' ? arrive() : app.places.arrivals.run(arrive));
  const actor: Actor = {
    userId: access?.principal.userId ?? null,
    cleApiId: access?.principal.cleApiId ?? null,
    now: app.clock(),
    correlationId: ctx.state.correlationId,
    adresse: ctx.state.adresse,
  };
  try {
    // What somebody may do in a practice is known where they belong to one is.
    if (access !== null && route.medical === undefined) admit(app, route, access);
    if (route.medical !== undefined) refuseMachines(access);
    return await handle(app, route, ctx, access, actor);
  } catch (error) {
    // What somebody was refused is on record (ASVS 16.3.2), also when the transaction of the request is not.
    if (access !== null && error instanceof RegieError && error.code === 'INTERDIT') {
      await recordRefusal(app.db, actor, refusedOn(route, ctx));
    }
    if (error instanceof WrongProof) await recordWrongProof(app.db.manager, app.secrets, actor);
    throw error;
  }
}

/**
 * Who asks, counted against what they may ask for; whoever cannot say so is counted by their address.
 * @returns null on routes that are open to anybody.
 * @throws {RegieError} `NON_AUTHENTIFIE`, `TROP_DE_REQUETES`
 */
async function authenticate(app: AppContext, route: Route, ctx: Context): Promise<Access | null> {
  const count = (appelant: string, genre: Genre) => {
    if (route.limited !== false) app.debits?.count(appelant, genre, app.clock());
  };
  const countAnonymous = () => count(networkOf(ctx.state.adresse), 'anonyme');
  if (route.access === 'public') {
    countAnonymous();
    return null;
  }
  const principal = await identify(app, ctx).catch((error) => {
    if (error instanceof RegieError && error.code === 'NON_AUTHENTIFIE') countAnonymous();
    throw error;
  });
  const { userId, cleApiId } = principal;
  ctx.state.userId = userId;
  const reads = ctx.method === 'GET' || ctx.method === 'HEAD';
  count(cleApiId === null ? `user ${userId}` : `cle_api ${cleApiId}`, reads ? 'lecture' : 'ecriture');
  return new Access(principal, app.rulesFor, (access) => admit(app, route, access));
}

/**
 * Whether somebody may come as far as the handler, where the row decides.
 * @throws {RegieError} `INTERDIT`, `SECOND_FACTEUR_A_ACTIVER`
 */
function admit({ config }: AppContext, { access: wanted, method, path }: Route, access: Access): void {
  const { role, cleApiId, chemins, secondFacteur } = access.principal;
  if (chemins !== null && !covers(chemins, method.toUpperCase(), openApiPath(path))) throw forbidden();
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
  const { data: id } = idParam.shape.id.safeParse(ctx.params.id);
  return {
    entite: typeof access === 'string' ? 'session' : snakeCase(access[1]),
    id: id ?? null,
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
  if (route.medical !== undefined) {
    const rawBody = await readBody(route, ctx);
    return inPractices(app, access!.principal, actor, (admitted) => admit(app, route, admitted), {
      route,
      read: (admitted) => callOf(app, route, ctx, admitted, actor, rawBody),
    });
  }
  const requested = requestOf(route, ctx);
  const rawBody = await readBody(route, ctx);
  route.verify?.(app, ctx, unparsedBody(ctx));
  const call = callOf(app, route, ctx, access as Access, actor, rawBody, requested);

  const { prepare } = route;
  if (route.transaction) {
    return inTransaction<unknown>(
      call,
      (inside) => route.handle({ ...call, ...inside } as unknown as Call<never, never, never>),
      prepare && (() => prepare(call as never)),
    );
  }
  const afterCommit = (task: () => void) => task();
  const carryOut = async () =>
    route.handle({ ...call, prepared: undefined, tx: app.db.manager, afterCommit } as Call<
      never,
      never,
      never
    >);
  const { throughEngine = false } = route;
  const waits = typeof throughEngine === 'function' ? throughEngine(call.body as never) : throughEngine;
  if (!waits) return carryOut();
  const { orders } = app.places;
  const before = orders.full ? await answeredBefore(call) : null;
  return before ?? orders.run(carryOut, callerOf(actor));
}

/** What a request names beside its body. */
function requestOf(route: Route, ctx: Context): { params: unknown; query: unknown } {
  return { params: checkParams(route, ctx), query: check(route.query ?? NOTHING, { ...ctx.query }) };
}

/** A request that has been checked. */
function callOf(
  app: AppContext,
  route: Route,
  ctx: Context,
  access: Access,
  actor: Actor,
  rawBody: unknown,
  requested = requestOf(route, ctx),
): EarlyCall<unknown, unknown, unknown> {
  const unchecked = route.body === undefined || route.bodyType === 'multipart';
  const body = unchecked ? undefined : check(route.body!, rawBody);
  const idempotencyKey =
    (access as Access | null) === null
      ? null
      : readIdempotencyKey(app, route, ctx, access.principal, rawBody);
  return { app, route, access, actor, ...requested, body, ctx, ifMatch: readIfMatch(ctx), idempotencyKey };
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

/** A path that names no possible row names nothing. */
function checkParams(route: Route, ctx: Context): unknown {
  const result = (route.params ?? NOTHING).safeParse(ctx.params);
  if (!result.success) throw new RegieError('INTROUVABLE');
  return result.data;
}

/** `If-Match` of the contract is one version; `*` asks for nothing. */
function readIfMatch(ctx: Context): number | null {
  const value = ctx.headers['if-match'];
  if (value === undefined || value === '*') return null;
  const match = /^(?:W\/)?"(\d{1,9})"$/.exec(value);
  if (match === null) {
    throw new RegieError('REQUETE_MALFORMEE', {
      detail: { fr: 'If-Match doit être un ETag', en: 'If-Match must be an ETag' },
    });
  }
  return Number(match[1]);
}
