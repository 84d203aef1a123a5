import type { Context } from 'koa';

/** Below which all of the contract lies. */
export const BASE_PATH = '/api/v1';

/** What comes first in a path below {@link BASE_PATH}, as it is written: `users` of `/api/v1/users/3`; empty elsewhere. */
export function firstName(path: string): string {
  if (!path.startsWith(`${BASE_PATH}/`)) return '';
  const from = BASE_PATH.length + 1;
  const to = path.indexOf('/', from);
  return to === -1 ? path.slice(from) : path.slice(from, to);
}

/**
 * The path without the one slash that may end it (contract §1). Not by a pattern: one that looks for slashes at the end
 * tries each of ten thousand others first.
 */
export function withoutTrailingSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** Below which somebody may write a patient's name where an id is expected. */
const MEDICAL =
  /^\/api\/v1\/(?:patients|cabinets|consultations|fusions|exports|conservation|demandes-droits)(?=\/|$)/i;

/**
 * A path as it may be logged: of an address whose path is the proof of who asks, only its pattern; of one that reaches what
 * is medical, its pattern with ids, and nothing of what is none.
 */
export function loggedPath(ctx: Context): string {
  const pattern = String((ctx as { _matchedRoute?: unknown })._matchedRoute ?? '');
  if (pattern.includes(':jeton')) return pattern;
  const medical = MEDICAL.exec(ctx.path);
  if (medical === null) return ctx.path;
  if (!MEDICAL.test(pattern)) return ctx.path === medical[0] ? ctx.path : `${medical[0]}/…`;
  const params = ctx.params as Record<string, string>;
  return pattern.replace(/:(\w+)/g, (whole, name) =>
    /^\d{1,10}$/.test(params[name] ?? '') ? params[name]! : whole,
  );
}
