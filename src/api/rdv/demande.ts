import type { Context } from 'koa';
import { isZone } from '../../domain/local-time';
import { LANGUES, type Langue } from '../../domain/writing';

/** What the address of a page, or its form, says. Whatever makes no sense counts as not said: people edit addresses. */

export interface Demande {
  langue: Langue;
  /** Minutes. */
  duree: number | undefined;
  personne: number | undefined;
  /** As chosen; undefined where the page chooses. */
  fuseau: string | undefined;
  /** First day shown. */
  du: string | undefined;
  jour: string | undefined;
  /** Of the slot chosen. */
  debut: Date | undefined;
  retenue: string | undefined;
  expire: Date | undefined;
  /** By which holds know this visitor. */
  visiteur: string | undefined;
}

type Champs = Readonly<Record<string, unknown>>;

export function lire(ctx: Context, champs: Champs, langueMaison: Langue): Demande {
  const texte = (nom: string, forme: RegExp) => {
    const value = champs[nom];
    return typeof value === 'string' && forme.test(value) ? value : undefined;
  };
  const nombre = (nom: string) => {
    const value = texte(nom, /^\d{1,9}$/);
    return value === undefined ? undefined : Number(value);
  };
  const jour = (nom: string) => {
    const value = texte(nom, /^20\d\d-\d\d-\d\d$/);
    return value !== undefined && new Date(value).toJSON()?.startsWith(value) ? value : undefined;
  };
  const instant = (nom: string) => {
    const value = texte(nom, /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/);
    const at = new Date(value ?? Number.NaN);
    return Number.isNaN(at.getTime()) ? undefined : at;
  };
  const fuseau = texte('fuseau', /^[\w+/-]{1,64}$/);
  return {
    langue: langueDe(ctx, champs.langue, langueMaison),
    duree: nombre('duree'),
    personne: nombre('personne'),
    fuseau: fuseau !== undefined && isZone(fuseau) ? fuseau : undefined,
    du: jour('du'),
    jour: jour('jour'),
    // Of a form with a button for each of some others, the one that was pressed.
    debut: instant('autre') ?? instant('debut'),
    retenue: texte('retenue', /^[\w-]{10,64}$/),
    expire: instant('expire'),
    visiteur: texte('visiteur', /^[\w-]{16,64}$/),
  };
}

/** What the address says, else what the browser prefers, else the language of the house. */
function langueDe(ctx: Context, asked: unknown, maison: Langue): Langue {
  const found = LANGUES.find((langue) => langue === asked);
  if (found !== undefined) return found;
  const header = ctx.get('Accept-Language');
  if (header === '') return maison;
  return LANGUES.find((langue) => langue === ctx.acceptsLanguages(...LANGUES)) ?? maison;
}

/** An address with what is said of it; what is undefined is left out. */
export function adresse(
  path: string,
  given: Readonly<Record<string, string | number | undefined>>,
  fragment = '',
): string {
  const query = new URLSearchParams();
  for (const [nom, value] of Object.entries(given)) if (value !== undefined) query.set(nom, String(value));
  return `${path}?${query}${fragment === '' ? '' : `#${fragment}`}`;
}

/** What goes along from page to page. */
export function suite({ langue, duree, personne, fuseau, visiteur }: Demande) {
  return { langue, duree, personne, fuseau, visiteur };
}

/** The same as fields of a form. */
export function caches(given: Readonly<Record<string, string | number | undefined>>) {
  return Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([nom, valeur]) => ({ nom, valeur: String(valeur) }));
}
