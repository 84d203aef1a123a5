import type { Context } from 'koa';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { publicAccess } from '../../auth/public-access';
import { dayAfter, dayAt } from '../../domain/local-time';
import type { Actor } from '../../services/actor';
import type { Maison } from '../../services/parametres';
import { type CreneauAnswer, listCreneaux } from '../../services/rendez-vous/creneaux';
import { appelantPublic, type Garde } from '../../services/rendez-vous/sans-compte';
import type { AppContext } from '../context';
import { callerOf, PRECEDENCE } from '../places';
import { HORIZON, JOURS, type ParJours } from './choisir';
import { lundiDe } from './dates';
import type { Demande } from './demande';
import type { Page } from './rendu';

/** One request for a page, and what all of them do with it. */

/** What each page is made with. */
export interface Visite {
  app: AppContext;
  ctx: Context;
  actor: Actor;
  maison: Maison;
  demande: Demande;
  /** Of the address, or of the form that was sent. */
  champs: Readonly<Record<string, unknown>>;
  path: string;
  show(page: Omit<Page, 'langue'>, status?: number): void;
}

/** One transaction, when it is its turn among those who change something. */
export function inTurn<Result>(
  { app, actor }: Visite,
  work: (tx: EntityManager) => Promise<Result>,
): Promise<Result> {
  const take = async () => {
    await app.places.readers.calm(PRECEDENCE);
    return app.db.transaction(work);
  };
  return app.places.writes.run(take, callerOf(actor)) as Promise<Result>;
}

export function gardeOf({ app, actor }: Visite): Garde {
  const { secrets, config } = app;
  return { executor: app.db, secrets, actor, bits: config.rdv.preuveBits, limites: config.rateLimits };
}

/** By whose clocks times are shown. */
export function zoneDe(v: Pick<Visite, 'demande'>, prestation: { fuseau_horaire: string }): string {
  return v.demande.fuseau ?? prestation.fuseau_horaire;
}

/** The days around what is asked for, with what is free on them. */
export async function jours(
  { app, actor, demande }: Visite,
  slug: string,
  zone: string,
  more: { report_de?: string; duree?: number; access?: Access } = {},
): Promise<{ premier: string; jours: ParJours; prochain: CreneauAnswer | null }> {
  const { access = publicAccess(), ...rest } = more;
  const asked = {
    prestation: slug,
    duree: demande.duree,
    intervenant_id: demande.personne,
    appelant: demande.visiteur && appelantPublic(app.secrets, actor, demande.visiteur),
    ...rest,
  };
  const today = dayAt(actor.now.getTime(), zone);
  const find = (debut: string, days: number, premier = false) =>
    listCreneaux(
      app.reads,
      access,
      asked,
      { debut, fin: dayAfter(debut, days - 1), fuseau_horaire: zone, premier },
      actor.now,
      app.config.timeZone,
    );
  const premier = lundiDe(demande.du ?? demande.jour ?? today);
  const found = await find(premier, JOURS);
  if (Object.keys(found).length > 0) return { premier, jours: found, prochain: null };
  // Days as text: the later one.
  const from = [premier, today].sort().at(-1)!;
  const later = await find(from, HORIZON, true);
  const earlier = Object.keys(later).length > 0 || from === today ? later : await find(today, HORIZON, true);
  const prochain = Object.values(earlier)[0]?.[0] ?? null;
  if (prochain === null || demande.du !== undefined) return { premier, jours: {}, prochain };
  // Who has not said from when on begins where there is something.
  const monday = lundiDe(prochain.debut.slice(0, 10));
  return { premier: monday, jours: await find(monday, JOURS), prochain };
}

/** After a POST a page that may be read again, and gone back to, without doing anything. */
export function seeOther({ ctx }: Pick<Visite, 'ctx'>, to: string): void {
  ctx.status = 303;
  ctx.redirect(to);
  ctx.status = 303;
}
