import type { Middleware } from 'koa';

/** A year, in seconds: browsers that came by TLS once do not come without it again. */
const TLS_ONLY = `max-age=${365 * 24 * 3600}; includeSubDomains`;

/**
 * What every answer carries; the documentation pages relax the content policy for their own scripts.
 * @param publicUrl where people reach the API.
 */
export function securityHeaders(publicUrl: string): Middleware {
  const overTls = publicUrl.startsWith('https:');
  return async (ctx, next) => {
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Referrer-Policy', 'no-referrer');
    ctx.set('X-Frame-Options', 'DENY');
    ctx.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    ctx.set('Cross-Origin-Opener-Policy', 'same-origin');
    ctx.set('Cross-Origin-Resource-Policy', 'same-origin');
    if (overTls) ctx.set('Strict-Transport-Security', TLS_ONLY);
    await next();
  };
}
