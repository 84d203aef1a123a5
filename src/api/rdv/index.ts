import { join } from 'node:path';
import type { Context, Middleware } from 'koa';
import { networkOf } from '../../auth/addresses';
import { newDefi } from '../../auth/defis';
import { RegieError } from '../../domain/errors';
import { dayAt, withOffset } from '../../domain/local-time';
import { TEXTES_PAGE } from '../../domain/rendez-vous/textes-page';
import type { Actor } from '../../services/actor';
import { readParametres } from '../../services/parametres';
import {
  listPrestationsPubliques,
  type PrestationPublique,
  readPrestationPublique,
} from '../../services/rendez-vous/public';
import type { Retenue } from '../../services/rendez-vous/reservation';
import {
  acceptSansPreuve,
  appelantPublic,
  compterRetenue,
  lienDejaReserve,
  requirePreuve,
  reserverSansCompte,
  retenirSansCompte,
} from '../../services/rendez-vous/sans-compte';
import type { AppContext } from '../context';
import { readBody } from '../http/body';
import { clientHas } from '../http/etags';
import { cacheable, file, type Page as Serve, servePages } from '../http/pages';
import { withoutTrailingSlash } from '../http/paths';
import { toRegieError } from '../http/problems';
import { attendre } from './attendre';
import { lieuEnMots, vueDuChoix } from './choisir';
import { adresse, type Demande, lire, suite } from './demande';
import { vueDuFormulaire } from './formulaire';
import { agenda, gerer } from './gerer';
import { refusEnMots } from './refus';
import { rendre } from './rendu';
import { lireReservation } from './saisie';
import { gardeOf, inTurn, jours, seeOther, type Visite, zoneDe } from './visite';

/**
 * `/rdv/{slug}`: where people book who have no account, and `/rdv/gestion/{jeton}` and `/rdv/attente/{jeton}`, where the links of
 * their mails lead. The pages are forms and links that need no script; a POST acts and leads on to a page that only shows. `GET` and `HEAD` change
 * nothing: who opens links to see what they are, as mail scanners do, does nothing.
 */
export function rdvPages(app: AppContext): Middleware {
  const assets = servePages(
    new Map<string, Serve>([
      ['/rdv/style.css', file(join(__dirname, 'style.css'))],
      ['/rdv/browser.js', file(join(__dirname, 'browser.js'))],
      ['/rdv/logo.png', (ctx) => logo(app, ctx)],
    ]),
  );
  return async (ctx, next) => {
    const path = withoutTrailingSlash(ctx.path);
    const [, slug, jeton, ics] =
      /^\/rdv(?:\/([a-z0-9-]{1,64})(?:\/([\w-]{1,100})(\.ics)?)?)?$/.exec(path) ?? [];
    const isPage =
      path === '/rdv' ||
      (slug !== undefined && (jeton === undefined || slug === 'gestion' || (slug === 'attente' && !ics)));
    if (!isPage) return path.startsWith('/rdv/') ? assets(ctx, next) : next();
    const acts = ctx.method === 'POST' && slug !== undefined && ics === undefined;
    if (!acts && ctx.method !== 'GET' && ctx.method !== 'HEAD') {
      ctx.set('Allow', slug === undefined || ics !== undefined ? 'GET, HEAD' : 'GET, HEAD, POST');
      throw new RegieError('METHODE_NON_ACCEPTEE');
    }
    // What of the address may be written down, here and in the figures.
    const pattern =
      jeton === undefined ? (slug === undefined ? '/rdv' : '/rdv/:slug') : `/rdv/${slug}/:jeton`;
    Object.assign(ctx, { _matchedRoute: pattern });
    await visite(app, ctx, { path: ics === undefined ? path : path.slice(0, -4), slug, jeton, acts, ics });
  };
}

interface Adresse {
  path: string;
  slug: string | undefined;
  jeton: string | undefined;
  acts: boolean;
  ics: string | undefined;
}

async function visite(
  app: AppContext,
  ctx: Context,
  { path, slug, jeton, acts, ics }: Adresse,
): Promise<void> {
  const actor: Actor = {
    userId: null,
    cleApiId: null,
    now: app.clock(),
    correlationId: ctx.state.correlationId,
    adresse: ctx.state.adresse,
  };
  const maison = await readParametres(app.reads);
  const champs = acts ? ((await readBody(FORM, ctx)) as Record<string, unknown>) : { ...ctx.query };
  const demande = lire(ctx, champs, maison.langue);
  const show: Visite['show'] = (page, status = 200) => {
    ctx.status = status;
    rendre(ctx, { maison, cadres: app.config.rdv.cadres }, { ...page, langue: demande.langue });
  };
  const v: Visite = { app, ctx, actor, maison, demande, champs, path, show };
  try {
    app.debits?.count(networkOf(actor.adresse!), 'anonyme', actor.now);
    const own = slug === 'attente' ? attendre : gerer;
    if (acts) await (jeton === undefined ? choisi(v, slug!) : own(v, jeton));
    else if (slug === undefined) await reading(v, () => offres(v));
    else if (jeton !== undefined)
      await reading(v, () => (ics === undefined ? own(v, jeton) : agenda(v, jeton)));
    else await reading(v, () => choisir(v, slug));
  } catch (thrown) {
    tell(v, thrown);
  }
}

const FORM = { body: {} as never, bodyType: 'form' as const };

const reading = (v: Visite, work: () => Promise<void>) => v.app.places.readers.during(work);

/** What went wrong, in words, on a page of the house; what only we can mend is logged as everywhere. */
function tell(v: Visite, thrown: unknown): void {
  const error = toRegieError(thrown);
  const { langue } = v.demande;
  const t = TEXTES_PAGE[langue];
  const lien = adresse('/rdv', { langue });
  const told = (titre: string, aide: string, status: number) =>
    v.show({ corps: 'message', titre, public: false, vue: { titre, aide, lien } }, status);
  if (error.code === 'INTROUVABLE' || error.code === 'VALIDATION')
    told(t.introuvable, t.introuvableAide, 404);
  else if (error.code === 'LIEN_INVALIDE') told(t.lienMort, t.lienMortAide, 404);
  else if (error.code === 'TROP_DE_REQUETES' || error.code === 'SERVICE_INDISPONIBLE') {
    const isBusy = error.code === 'TROP_DE_REQUETES';
    v.ctx.set('Retry-After', String(error.details.retryAfter ?? 5));
    told(t.patience, isBusy ? t.trop : t.panne, isBusy ? 429 : 503);
  } else throw error;
}

async function offres(v: Visite): Promise<void> {
  const { langue } = v.demande;
  const t = TEXTES_PAGE[langue];
  const rows = await listPrestationsPubliques(v.app.reads);
  const prestations = rows.map(({ slug, nom, description, durees, lieu }) => ({
    nom,
    href: adresse(`/rdv/${slug}`, { langue }),
    duree: durees.map(t.minutes).join(' · '),
    genre: lieuEnMots(lieu, langue)?.genre,
    resume: description?.split('\n')[0],
  }));
  v.show({ corps: 'prestations', titre: t.choisirPrestation, public: true, vue: { prestations } });
}

async function choisir(v: Visite, slug: string): Promise<void> {
  const { app, demande } = v;
  const prestation = await readPrestationPublique(app.reads, slug, app.config.timeZone);
  sane(demande, prestation);
  if (demande.debut !== undefined) return remplir(v, prestation, demande.debut);
  return montrerChoix(v, prestation, null);
}

/** Of a length or a person that it does not have, an old link may speak: then there is none chosen. */
function sane(demande: Demande, { durees, intervenants }: PrestationPublique): void {
  if (demande.duree !== undefined && !durees.includes(demande.duree)) demande.duree = undefined;
  if (!intervenants.some(({ id }) => id === demande.personne)) demande.personne = undefined;
}

async function montrerChoix(
  v: Visite,
  prestation: PrestationPublique,
  probleme: object | null,
  status = 200,
): Promise<void> {
  const zone = zoneDe(v, prestation);
  const { demande, actor, path, app } = v;
  demande.visiteur ??= app.secrets
    .sign('visiteur', `${actor.now.getTime()} ${actor.correlationId}`)
    .slice(0, 22);
  const found = await jours(v, prestation.slug, zone);
  v.show(
    {
      corps: 'choisir',
      titre: prestation.nom,
      public: true,
      vue: vueDuChoix({
        prestation,
        demande,
        zone,
        ...found,
        now: actor.now,
        path,
        probleme: probleme ?? undefined,
      }),
    },
    status,
  );
}

interface Rempli {
  saisi?: Readonly<Record<string, string>>;
  fautes?: ReadonlyMap<string, string>;
  verification?: boolean;
  probleme?: { titre: string; alternatives?: readonly { debut: string }[] | undefined } | null;
  status?: number;
}

async function remplir(
  v: Visite,
  prestation: PrestationPublique,
  debut: Date,
  rempli: Rempli = {},
): Promise<void> {
  const { demande, app, actor, path } = v;
  const zone = zoneDe(v, prestation);
  const minutes = demande.duree ?? prestation.durees[0]!;
  const defi = newDefi(
    app.secrets,
    { prestation: prestation.slug, adresse: actor.adresse! },
    app.config.rdv.preuveBits,
    actor.now,
  );
  v.show(
    {
      corps: 'formulaire',
      titre: prestation.nom,
      public: false,
      vue: vueDuFormulaire({
        prestation,
        demande,
        debut,
        fin: new Date(debut.getTime() + minutes * 60_000),
        zone,
        path,
        preuve: defi,
        now: actor.now,
        saisi: rempli.saisi ?? {},
        fautes: rempli.fautes ?? new Map(),
        verification: rempli.verification ?? false,
        probleme: rempli.probleme ?? null,
      }),
    },
    rempli.status,
  );
}

/** What a form of the page asks for: to hold a time, or to book it. */
async function choisi(v: Visite, slug: string): Promise<void> {
  const { app, demande, champs } = v;
  const prestation = await readPrestationPublique(app.reads, slug, app.config.timeZone);
  sane(demande, prestation);
  if (demande.debut === undefined) return montrerChoix(v, prestation, null, 422);
  if (champs.acte === 'reserver') return reserver(v, prestation, demande.debut);
  return retenir(v, prestation, demande.debut);
}

async function retenir(v: Visite, prestation: PrestationPublique, debut: Date): Promise<void> {
  const { app, actor, demande, path } = v;
  const { slug } = prestation;
  const { secrets, config } = app;
  const wish = { prestation: slug, debut, duree: demande.duree, intervenant_id: demande.personne };
  const appelant = appelantPublic(secrets, actor, demande.visiteur);
  const leadOn = (held: Retenue | null) => {
    if (held !== null && held.a_suivre !== null) app.engine.followRendezVousInBackground(held.a_suivre);
    seeOther(
      v,
      adresse(path, {
        ...suite(demande),
        debut: withOffset(debut.getTime(), zoneDe(v, prestation)),
        retenue: held?.uid,
        expire: held?.expire_le.toISOString(),
      }),
    );
  };
  try {
    await compterRetenue(gardeOf(v));
    const { timeZone } = config;
    return leadOn(
      await inTurn(v, (tx) => retenirSansCompte({ tx, secrets, actor, timeZone }, wish, appelant)),
    );
  } catch (thrown) {
    const refus = refusEnMots(thrown, demande.langue);
    // Who may not hold any more may still book.
    if (thrown instanceof RegieError && thrown.code === 'TROP_DE_REQUETES') return leadOn(null);
    if (refus === null) throw thrown;
    const zone = zoneDe(v, prestation);
    demande.jour = dayAt(debut.getTime(), zone);
    return montrerChoix(v, prestation, { titre: refus.titre }, 409);
  }
}

async function reserver(v: Visite, prestation: PrestationPublique, debut: Date): Promise<void> {
  const { app, actor, demande, champs, ctx } = v;
  const t = TEXTES_PAGE[demande.langue];
  const saisie = lireReservation(champs, prestation, demande, debut, app.config.telephonePays);
  const again = (rempli: Rempli) => remplir(v, prestation, debut, { saisi: saisie.saisi, ...rempli });
  if (saisie.fautes.size > 0) return again({ fautes: saisie.fautes, status: 422 });
  // Only a machine fills in what nobody sees: it is told what a person would be, and nothing is booked.
  if (typeof champs.site_web === 'string' && champs.site_web !== '')
    return again({ status: 200, verification: true });
  const { reservation } = saisie;
  const before = await lienDejaReserve(app.db, app.secrets, actor, reservation);
  if (before !== null) return fait(v, before);

  const garde = gardeOf(v);
  const { defi, preuve } = champs as Record<string, string>;
  if (preuve) {
    const at = preuve.lastIndexOf(':');
    const shown = { defi: preuve.slice(0, at), reponse: preuve.slice(at + 1) };
    try {
      await requirePreuve(garde, prestation.slug, shown);
    } catch (error) {
      if (!(error instanceof RegieError) || error.code !== 'VALIDATION') throw error;
      return again({ probleme: { titre: t.formulairePerime }, status: 422 });
    }
  } else if (garde.bits > 0) {
    // No script ran: what is booked is shown once more, and few from one address are believed without any work.
    const isShown = champs.verifie === 'oui' && typeof defi === 'string';
    if (!isShown) return again({ verification: true });
    if (!(await acceptSansPreuve(garde, prestation.slug, defi)))
      return again({ verification: true, probleme: { titre: t.formulairePerime }, status: 422 });
  } else await requirePreuve(garde, prestation.slug, undefined);

  const appelant = appelantPublic(app.secrets, actor, demande.visiteur);
  const { timeZone } = app.config;
  const book = (given: typeof reservation) =>
    inTurn(v, (tx) => reserverSansCompte({ tx, secrets: app.secrets, actor, timeZone }, given, appelant));
  try {
    const { rendezVous, jeton } = await book(reservation).catch((error) => {
      // The time is held no longer, and may be free all the same.
      if (!(error instanceof RegieError) || error.code !== 'RETENUE_EXPIREE') throw error;
      return book({ ...reservation, retenue: undefined });
    });
    app.engine.followRendezVousInBackground(rendezVous.id);
    return fait(v, jeton);
  } catch (thrown) {
    const refus = refusEnMots(thrown, demande.langue);
    if (refus === null) throw thrown;
    ctx.status = 409;
    demande.retenue = undefined;
    demande.expire = undefined;
    return again({ probleme: refus, status: 409 });
  }
}

/** Leads on to what was booked. */
function fait(v: Visite, jeton: string): void {
  const { langue, fuseau } = v.demande;
  seeOther(v, adresse(`/rdv/gestion/${jeton}`, { langue, fuseau, fait: 'oui' }));
}

/** The logo of the house, as its pages show it. */
async function logo(app: AppContext, ctx: Context): Promise<void> {
  const { logo: found } = await readParametres(app.reads);
  if (found === null) throw new RegieError('INTROUVABLE');
  const etag = `"${found.checksum}"`;
  cacheable(ctx);
  ctx.set('ETag', etag);
  ctx.type = 'image/png';
  if (clientHas(ctx, etag)) {
    ctx.status = 304;
    return;
  }
  ctx.length = found.taille;
  if (ctx.method !== 'HEAD') ctx.body = await app.store.get(found.cle);
}
