import Koa from 'koa';
import type { AppContext } from './context';
import { documentation } from './documentation';
import { keepToOwnMethods, refuseMethod } from './methods';
import { cors } from './middleware/cors';
import { answerErrors } from './middleware/errors';
import { observe } from './middleware/observe';
import { securityHeaders } from './middleware/security-headers';
import { endUnreadBodies } from './middleware/unread-bodies';
import { passwordPage } from './password-page';
import { createRouter } from './router';
import { ROUTES } from './routes';
import { wellKnown } from './well-known';

/** The Koa application of one process. */
export function createApp(app: AppContext): Koa {
  const koa = new Koa();
  koa.on('error', () => {
    // Everything is answered and logged in `answerErrors`; what remains is a client that went away.
  });
  const router = createRouter(app, ROUTES);
  koa.use(endUnreadBodies());
  koa.use(observe(app));
  koa.use(cors(app.config.corsOrigins));
  koa.use(securityHeaders(app.config.publicUrl));
  koa.use(answerErrors(app));
  koa.use(documentation(ROUTES));
  koa.use(passwordPage(app.config.politiqueMotDePasse));
  koa.use(wellKnown(app.tokens));
  koa.use(keepToOwnMethods(ROUTES));
  koa.use(router.routes());
  koa.use(refuseMethod(router));
  return koa;
}
