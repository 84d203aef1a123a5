import type { Context } from 'koa';

/** Whether the client has this version already (`If-None-Match`, RFC 9110 §13.1.2: a list, compared weakly). */
export function clientHas(ctx: Context, etag: string): boolean {
  return ctx
    .get('If-None-Match')
    .split(',')
    .map((part) => part.trim().replace(/^W\//, ''))
    .some((part) => part === etag || part === '*');
}
