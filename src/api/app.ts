import Koa from 'koa';
import type { AppContext } from './context';
import { devMails } from './dev-mails';
import { documentation } from './http/documentation';
import { keepToOwnMethods, refuseMethod } from './http/methods';
import { cors } from './http/middleware/cors';
import { answerErrors } from './http/middleware/errors';
import { observe } from './http/middleware/observe';
import { securityHeaders } from './http/middleware/security-headers';
import { endUnreadBodies } from './http/middleware/unread-bodies';
import { createRouters, routed } from './http/router';
import { wellKnown } from './http/well-known';
import { passwordPage } from './password-page';
import { rdvPages } from './rdv';
import { ROUTES } from './routes';

/** The Koa application of one process. */
export function createApp(app: AppContext): Koa {
  const koa = new Koa();
  koa.on('error', () => {
    // Everything is answered and logged in `answerErrors`; what remains is a client that went away.
  });
  const routers = createRouters(app, ROUTES);
  koa.use(endUnreadBodies(app.config.documents.maxOctets));
  koa.use(observe(app));
  koa.use(cors(app.config.corsOrigins));
  koa.use(securityHeaders(app.config.publicUrl));
  koa.use(answerErrors(app));
  koa.use(documentation(ROUTES));
  koa.use(passwordPage(app.config.politiqueMotDePasse));
  koa.use(rdvPages(app));
  koa.use(devMails(app.config));
  koa.use(wellKnown(app.tokens));
  koa.use(keepToOwnMethods(ROUTES));
  koa.use(routed(routers));
  koa.use(refuseMethod(routers));
  return koa;
}
