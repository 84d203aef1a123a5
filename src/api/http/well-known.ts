import type { Middleware } from 'koa';
import type { TokenService } from '../../auth/tokens';
import { RegieError } from '../../domain/errors';

const JWKS_PATH = '/.well-known/jwks.json';

/** The public keys of our tokens (RFC 7517), for whoever verifies them elsewhere; at the root, where RFC 8615 puts it. */
export function wellKnown(tokens: TokenService): Middleware {
  const keys = tokens.publicKeys();
  return async (ctx, next) => {
    if (ctx.path !== JWKS_PATH) return next();
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
      ctx.set('Allow', 'GET, HEAD');
      throw new RegieError('METHODE_NON_ACCEPTEE');
    }
    // Short: a key that has just come into use must be found soon.
    ctx.set('Cache-Control', 'public, max-age=300');
    ctx.type = 'application/jwk-set+json';
    ctx.body = { keys };
  };
}
