import type { Context } from 'koa';
import { langueOf } from '../http/langue';

/** What somebody sees who follows the link of a mail by hand: a button, since to look at a page changes nothing. */

/** Neither scripts nor anything from elsewhere; the button sends its form to where the page is. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export function unsubscribePage(
  ctx: Context,
  isDone: boolean,
): { body: string; headers: Record<string, string> } {
  const langue = langueOf(ctx);
  const t = TEXTES[langue];
  ctx.vary('Accept-Language');
  ctx.type = 'text/html';
  const body = `<!doctype html>
<html lang="${langue}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <meta name="color-scheme" content="light dark">
    <title>${t.titre} · Régie</title>
    <link rel="icon" href="data:,">
    <style>
      body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 32rem; padding: 2rem 1rem; }
      button { font: inherit; padding: .6rem 1.2rem; }
    </style>
  </head>
  <body>
    <main>
      <h1>${t.titre}</h1>
      ${
        isDone
          ? `<p role="status">${t.fait}</p>`
          : `<p>${t.question}</p>
      <form method="post">
        <input type="hidden" name="List-Unsubscribe" value="One-Click">
        <button>${t.bouton}</button>
      </form>`
      }
    </main>
  </body>
</html>
`;
  return {
    body,
    headers: {
      'Content-Security-Policy': POLICY,
      'Content-Language': langue,
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
    },
  };
}

const TEXTES = {
  fr: {
    titre: 'Ne plus recevoir ces emails',
    question:
      'Voulez-vous ne plus recevoir d’emails de ce genre ? Ce qu’ils disent reste à lire dans l’application.',
    bouton: 'Ne plus les recevoir',
    fait: 'C’est fait. Vous pouvez changer d’avis dans vos préférences.',
  },
  en: {
    titre: 'Stop these emails',
    question:
      'Do you want to receive no more emails of this kind? What they say is still there to read in the application.',
    bouton: 'Stop them',
    fait: 'Done. You can change your mind in your preferences.',
  },
};
