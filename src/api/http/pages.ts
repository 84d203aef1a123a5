import { createReadStream, statSync } from 'node:fs';
import { extname } from 'node:path';
import type { Context, Middleware } from 'koa';
import { RegieError } from '../../domain/errors';
import { withoutTrailingSlash } from './paths';

/** Pages for people, beside the API: each is only read, and brings its own content policy. */

export type Page = (ctx: Context) => void | Promise<void>;

export function servePages(pages: ReadonlyMap<string, Page>): Middleware {
  return async (ctx, next) => {
    const page = pages.get(withoutTrailingSlash(ctx.path));
    if (page === undefined) return next();
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
      ctx.set('Allow', 'GET, HEAD');
      throw new RegieError('METHODE_NON_ACCEPTEE');
    }
    await page(ctx);
  };
}

export function file(path: string): Page {
  const { size } = statSync(path);
  return (ctx) => {
    cacheable(ctx);
    ctx.type = extname(path);
    ctx.body = createReadStream(path);
    ctx.length = size;
  };
}

export function cacheable(ctx: Context): void {
  ctx.set('Cache-Control', 'public, max-age=3600');
}
