import { join } from 'node:path';
import type { Context, Middleware } from 'koa';
import type { PasswordPolicy } from '../../domain/identite/passwords';
import { LANGUES, type Langue } from '../../domain/writing';
import { file, servePages } from '../http/pages';
import { pageFor } from './page';

/** Neither scripts nor styles in the page itself, and nobody to speak to but the API it comes from. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * `/mot-de-passe`: where the links of the mails lead, so that an installation without a frontend of its own is complete.
 * It takes the token from behind the `#` of its address, which no server is sent, and clears it from there.
 */
export function passwordPage(policy: PasswordPolicy): Middleware {
  return servePages(
    new Map([
      [
        '/mot-de-passe',
        (ctx) => {
          const langue = langueOf(ctx);
          ctx.set('Content-Security-Policy', POLICY);
          ctx.set('Content-Language', langue);
          ctx.vary('Accept-Language');
          ctx.type = 'text/html';
          ctx.body = pageFor(langue, policy);
        },
      ],
      ['/mot-de-passe/browser.js', file(join(__dirname, 'browser.js'))],
      ['/mot-de-passe/style.css', file(join(__dirname, 'style.css'))],
    ]),
  );
}

/** What the link says, which is the language of the mail; else what the browser prefers, or French. */
function langueOf(ctx: Context): Langue {
  const said = LANGUES.find((langue) => langue === ctx.query.langue);
  return said ?? LANGUES.find((langue) => langue === ctx.acceptsLanguages(...LANGUES)) ?? 'fr';
}
