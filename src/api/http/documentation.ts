import { createHash } from 'node:crypto';
import type { Middleware } from 'koa';
import { clientHas } from './etags';
import { openApiDocument } from './openapi/document';
import { redocPage, SWAGGER_START, swaggerPage } from './openapi/pages';
import { cacheable, file, type Page, servePages } from './pages';
import { BASE_PATH } from './paths';
import type { Route } from './route';

/** Scripts and styles of these pages come from here, and the pages speak to nobody else. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // Both viewers write styles into their elements.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `/openapi.json`, `/docs` and `/redoc`, at the root and below the base path. */
export function documentation(routes: readonly Route[]): Middleware {
  const document = documentPage(routes);
  return servePages(new Map([...pagesBelow('', document), ...pagesBelow(BASE_PATH, document)]));
}

function pagesBelow(prefix: string, document: Page): [path: string, page: Page][] {
  return [
    [`${prefix}/openapi.json`, document],
    [`${prefix}/docs`, viewer(swaggerPage(prefix))],
    [`${prefix}/redoc`, viewer(redocPage(prefix))],
    [`${prefix}/docs/start.js`, script(SWAGGER_START)],
    [`${prefix}/docs/swagger-ui.js`, file(require.resolve('swagger-ui-dist/swagger-ui-bundle.js'))],
    [`${prefix}/docs/swagger-ui.css`, file(require.resolve('swagger-ui-dist/swagger-ui.css'))],
    [`${prefix}/docs/icon.png`, file(require.resolve('swagger-ui-dist/favicon-32x32.png'))],
    [`${prefix}/redoc/redoc.js`, file(require.resolve('redoc/bundles/redoc.standalone.js'))],
  ];
}

/** The document is made when it is first asked for: most processes never are. */
function documentPage(routes: readonly Route[]): Page {
  let made: { json: string; etag: string } | undefined;
  return (ctx) => {
    if (made === undefined) {
      const json = JSON.stringify(openApiDocument(routes));
      made = { json, etag: `"${createHash('sha256').update(json).digest('base64url')}"` };
    }
    ctx.set('Cache-Control', 'no-cache');
    ctx.set('ETag', made.etag);
    ctx.type = 'application/json';
    ctx.body = made.json;
    if (clientHas(ctx, made.etag)) ctx.status = 304;
  };
}

function viewer(html: string): Page {
  return (ctx) => {
    ctx.set('Content-Security-Policy', PAGE_POLICY);
    ctx.type = 'text/html';
    ctx.body = html;
  };
}

function script(code: string): Page {
  return (ctx) => {
    cacheable(ctx);
    ctx.type = 'text/javascript';
    ctx.body = code;
  };
}
