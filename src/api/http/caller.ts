import type { Context } from 'koa';
import { isApiKey, loadMachine } from '../../auth/api-keys';
import type { Principal } from '../../auth/principal';
import { loadPrincipal, type TokenHolder } from '../../auth/sessions';
import { RegieError } from '../../domain/errors';
import { noteUse } from '../../services/identite/cles-api';
import type { AppContext } from '../context';

/** Who sends a request: a person by an access token, or a machine by its key; one query for either. */

/** @throws {RegieError} `NON_AUTHENTIFIE` */
export async function identify(app: AppContext, ctx: Context): Promise<Principal> {
  const token = bearerToken(ctx);
  const principal = isApiKey(token) ? await machine(app, ctx, token) : await person(app, token);
  if (principal === null) throw new RegieError('NON_AUTHENTIFIE');
  return principal;
}

/** The token of an `Authorization: Bearer` header, of which there may be one: of two, who knows which a proxy read. */
export function bearerToken(ctx: Context): string {
  const match = /^Bearer ([\w.~+/=-]+)$/i.exec(ctx.get('Authorization'));
  const given = ctx.req.headersDistinct.authorization?.length;
  if (match === null || given !== 1) throw new RegieError('NON_AUTHENTIFIE');
  return match[1]!;
}

async function person(app: AppContext, token: string): Promise<Principal | null> {
  return (await personOf(app, token))?.principal ?? null;
}

/**
 * Who an access token names, by whatever way it came.
 * @returns null when their session has ended
 * @throws {RegieError} `NON_AUTHENTIFIE` when it is no token of ours that is valid now
 */
export async function personOf(app: AppContext, token: string): Promise<TokenHolder | null> {
  const claims = app.tokens.verify(token, app.clock());
  const principal = await loadPrincipal(app.db, claims.sid);
  return principal?.userId === claims.user_id ? { principal, expires: new Date(claims.exp * 1_000) } : null;
}

async function machine(app: AppContext, ctx: Context, key: string): Promise<Principal | null> {
  const now = app.clock();
  const found = await loadMachine(app.db, key, now);
  if (found === null) return null;
  // Nobody waits for this, and no request fails for want of it.
  noteUse(app.db, found, ctx.state.adresse, now).catch((err) =>
    app.logger.warn({ err, correlationId: ctx.state.correlationId }, 'use of a key not noted'),
  );
  return found.principal;
}
