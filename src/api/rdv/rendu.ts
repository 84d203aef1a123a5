import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import type { Context } from 'koa';
import { lisibleSur, melange } from '../../domain/couleurs';
import { TEXTES_PAGE, type TextesPage } from '../../domain/rendez-vous/textes-page';
import { LANGUES, type Langue } from '../../domain/writing';
import type { Maison } from '../../services/parametres';
import { ICONES } from './icones';

/** The document of a page: its frame, and one of the bodies in `templates`. */

const BODIES = ['prestations', 'choisir', 'formulaire', 'gestion', 'attente', 'message'] as const;
export type Corps = (typeof BODIES)[number];
const PARTS = ['etapes', 'fiche', 'probleme', 'zone', 'creneau'];

/** Each in itself. */
const NOMS: Readonly<Record<Langue, string>> = { fr: 'Français', en: 'English', ar: 'العربية' };

/** The grounds on which colours of the house are written: of the card when it is light and dark (`style.css`). */
const CARTES = { clair: ['#ffffff', '#f4f2ee'], sombre: ['#1e2327', '#14171a'] } as const;

/** What each page is written from, beside what its body needs. */
export interface Page {
  corps: Corps;
  titre: string;
  langue: Langue;
  /** Of search engines: what only its owner is to find is not for them. */
  public: boolean;
  vue: object;
}

export interface Site {
  maison: Maison;
  /** Origins whose pages may show these. */
  cadres: readonly string[];
}

/** Answers with a page. */
export function rendre(ctx: Context, { maison, cadres }: Site, page: Page): void {
  ctx.set('Content-Security-Policy', policy(couleursDe(maison), cadres));
  // Who may frame it is said above; this older header knows none or oneself only.
  ctx.remove('X-Frame-Options');
  ctx.set('Content-Language', page.langue);
  ctx.vary('Accept-Language');
  ctx.type = 'text/html';
  ctx.body = ecrire(maison, page, ctx.url);
}

/** The page in the reader's language; whatever people typed appears as they typed it. @param url of the request. */
export function ecrire(maison: Maison, { langue, ...page }: Page, url: string): string {
  const t: TextesPage = TEXTES_PAGE[langue];
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  return template()({
    ...page.vue,
    t,
    corps: page.corps,
    titre: page.titre,
    robots: page.public ? 'index, follow' : 'noindex, nofollow',
    langue,
    dir: langue === 'ar' ? 'rtl' : 'ltr',
    couleurs: couleursDe(maison),
    accueil: `/rdv?langue=${langue}`,
    maison: {
      nom: maison.nom,
      initiale: maison.nom.trim().slice(0, 1).toUpperCase(),
      coordonnees: maison.coordonnees,
      logo: maison.logo,
    },
    langues: LANGUES.map((code) => {
      const query = new URLSearchParams(searchParams);
      query.set('langue', code);
      return { code, nom: NOMS[code], href: `${pathname}?${query}`, courante: code === langue };
    }),
  });
}

/** Nothing from anywhere else; the one style in the page is named by its digest. */
function policy(couleurs: string, cadres: readonly string[]): string {
  const digest = createHash('sha256').update(couleurs).digest('base64');
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'sha256-${digest}'`,
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${["'self'", ...cadres].join(' ')}`,
  ].join('; ');
}

/** Shares of the colour of the house in the ground behind what may be chosen, and under the pointer. */
const TEINTES = { clair: [0.09, 0.24], sombre: [0.2, 0.34] } as const;

function couleursDe({ couleur, encre }: Maison): string {
  const of = (scheme: 'clair' | 'sombre') => {
    const [carte] = CARTES[scheme];
    const [teinte, survol] = TEINTES[scheme].map((share) => melange(carte, couleur, share));
    return `--accent:${lisibleSur(couleur, [...CARTES[scheme], teinte!])};--teinte:${teinte};--survol:${survol}`;
  };
  return (
    `:root{--maison:${couleur};--maison-encre:${encre};${of('clair')}}` +
    `@media (prefers-color-scheme:dark){:root{${of('sombre')}}}`
  );
}

let made: Handlebars.TemplateDelegate | undefined;

/** Read and compiled when a page is first asked for. */
function template(): Handlebars.TemplateDelegate {
  if (made !== undefined) return made;
  const own = Handlebars.create();
  const read = (name: string) => readFileSync(join(__dirname, 'templates', `${name}.hbs`), 'utf8');
  own.registerHelper(
    'icone',
    (name: string) =>
      new Handlebars.SafeString(
        `<svg class="icone" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${ICONES[name]}</svg>`,
      ),
  );
  for (const name of [...BODIES, ...PARTS]) own.registerPartial(name, read(name));
  made = own.compile(read('layout'));
  return made;
}
