import type { Context, Middleware } from 'koa';
import { z } from 'zod';
import type { Config } from '../../config';
import { notFound } from '../../domain/errors';
import type { Contenu } from '../../domain/messages';
import { LANGUES, type Langue } from '../../domain/writing';
import { EXEMPLES, EXTREMES } from '../../mail/exemples';
import type { RenderedMail } from '../../mail/render';
import { createMailRenderer } from '../../mail/renderer';
import { MAISON } from '../../mail/views/maison';
import { servePages } from '../http/pages';
import { indexPage, THEMES, withTheme } from './page';

const PATH = '/dev/mails';

/** Nothing but the styles that stand in the pages themselves, and each other. */
const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

const EXAMPLES = Object.entries<Contenu>({ ...EXEMPLES, ...EXTREMES });

const QUERY = z.object({
  langue: z.enum(LANGUES).default('fr'),
  theme: z.enum(THEMES).default('clair'),
  forme: z.enum(['html', 'texte']).default('html'),
});

/**
 * `/dev/mails`, for whoever works on the mails: every one in every language and scheme, as it would be sent. It shows people
 * who do not exist, and is not there at all unless `DEV_PAGES` is on.
 */
export function devMails(config: Config): Middleware {
  if (!config.devPages) return (_, next) => next();
  const render = renderer(config);
  const mail = (contenu: Contenu) => async (ctx: Context) => {
    const { success, data } = QUERY.safeParse(ctx.query);
    if (!success) throw notFound();
    const rendered = await render(contenu, data.langue);
    if (data.forme === 'texte') showText(ctx, rendered);
    else show(ctx, withTheme(rendered.html, data.theme));
  };
  return servePages(
    new Map([
      [PATH, (ctx: Context) => show(ctx, indexPage(EXAMPLES.map(([name]) => name)))],
      ...EXAMPLES.map(([name, contenu]) => [`${PATH}/${name}`, mail(contenu)] as const),
    ]),
  );
}

/** In a thread, as the worker has it: the templates take more memory than an API process should. */
function renderer({ publicUrl, timeZone }: Config) {
  const mails = createMailRenderer();
  return (contenu: Contenu, langue: Langue) =>
    mails.render({
      contenu,
      langue,
      publicUrl,
      timeZone,
      maison: MAISON,
      token: 'exemple',
      correlationId: 'exemple',
    });
}

function show(ctx: Context, html: string): void {
  ctx.set('Content-Security-Policy', POLICY);
  ctx.set('X-Frame-Options', 'SAMEORIGIN');
  ctx.type = 'text/html';
  ctx.body = html;
}

/** What else a mail consists of: its subject, the root of its thread, and its text. */
function showText(ctx: Context, { sujet, fil, langue, text }: RenderedMail): void {
  const headers = [
    `Subject: ${sujet}`,
    `Content-Language: ${langue}`,
    ...(fil ? [`References: ${fil}`] : []),
  ];
  ctx.type = 'text/plain';
  ctx.body = `${headers.join('\n')}\n\n${text}`;
}
