import type Router from '@koa/router';
import Koa from 'koa';
import { RegieError } from '../domain/errors';
import type { AppContext } from './context';
import { documentation } from './documentation';
import { cors } from './middleware/cors';
import { answerErrors } from './middleware/errors';
import { observe } from './middleware/observe';
import { securityHeaders } from './middleware/security-headers';
import { createRouter } from './router';
import { ROUTES } from './routes';

/** The Koa application of one process. */
export function createApp(app: AppContext): Koa {
  const koa = new Koa();
  koa.on('error', () => {
    // Everything is answered and logged in `answerErrors`; what remains is a client that went away.
  });
  const router = createRouter(app, ROUTES);
  koa.use(observe(app));
  koa.use(cors(app.config.corsOrigins));
  koa.use(securityHeaders);
  koa.use(answerErrors(app));
  koa.use(documentation(ROUTES));
  koa.use(router.routes());
  koa.use(refuseMethod(router));
  return koa;
}

/** A known path by an unknown method is 405 with `Allow`; an unknown path is 404. */
function refuseMethod(router: Router): Koa.Middleware {
  return async (ctx) => {
    const allowed = new Set<string>();
    for (const layer of router.match(ctx.path, 'OPTIONS').path) {
      for (const method of layer.methods) allowed.add(method);
    }
    if (allowed.size === 0) throw new RegieError('INTROUVABLE');
    ctx.set('Allow', [...allowed].sort().join(', '));
    if (ctx.method === 'OPTIONS') {
      ctx.status = 204;
      return;
    }
    throw new RegieError('METHODE_NON_ACCEPTEE');
  };
}
