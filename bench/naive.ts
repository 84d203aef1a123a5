import type { Probleme, Travail, VisitePlan } from '../src/domain/planification/semaine/probleme';
import { PRIORITES } from '../src/domain/priorites';
import { type Agenda, agendaOf } from './instances/agenda';

/**
 * How a week is planned without a search, one visit after the other: what a search has to be better than. Written without
 * a line of it.
 */

interface Stop {
  travail: Travail;
  /** Null for what may be moved by what comes before it. */
  fixed: number | null;
  duree: number;
}

interface Route {
  technicien: number;
  base: number | null;
  agenda: Agenda;
  debut: number;
  stops: Stop[];
}

interface Schedule {
  starts: number[];
  late: number;
  travel: number;
}

/** What is compared of the places for a visit, most important first. */
type Score = (after: Schedule, before: Schedule, position: number) => number[];

/** The earliest time at which anybody can come, as automatic assignment chooses. */
const EARLIEST: Score = ({ starts }, _, position) => [starts[position]!];
/** The least lateness, then the least travel added. */
const CHEAPEST: Score = (after, before) => [after.late - before.late, after.travel - before.travel];

/**
 * First-fit by deadline: in the order of deadlines, each at the first free time.
 * @param fixed visits that stand already: of crews, in several stretches, locked.
 */
export function firstFit(probleme: Probleme, fixed: readonly VisitePlan[]): VisitePlan[] {
  return plan(probleme, fixed, EARLIEST);
}

/** Sequential best insertion: in the order of deadlines, each where it costs least; nothing moves to another day or person. */
export function bestInsertion(probleme: Probleme, fixed: readonly VisitePlan[]): VisitePlan[] {
  return plan(probleme, fixed, CHEAPEST);
}

/** Which of these could still be added to a plan by moving others on within their day. */
export function placeable(
  probleme: Probleme,
  visites: readonly VisitePlan[],
  left: readonly Travail[],
): Travail[] {
  const routes = routesOf(
    probleme,
    visites,
    (visite) => visite.segments?.length === 1 && isFree(probleme, visite),
  );
  return left.filter((travail) => bestPlace(probleme, routes, travail, CHEAPEST) !== null);
}

function plan(probleme: Probleme, fixed: readonly VisitePlan[], score: Score): VisitePlan[] {
  const routes = routesOf(probleme, fixed, () => false);
  const planned = new Set(fixed.map(({ intervention }) => intervention));
  const order = probleme.travaux
    .filter(({ intervention }) => !planned.has(intervention))
    .sort(
      (a, b) =>
        (a.echeance ?? Number.MAX_SAFE_INTEGER) - (b.echeance ?? Number.MAX_SAFE_INTEGER) ||
        PRIORITES.indexOf(b.priorite) - PRIORITES.indexOf(a.priorite) ||
        a.intervention - b.intervention,
    );
  for (const travail of order) {
    const place = bestPlace(probleme, routes, travail, score);
    place?.route.stops.splice(place.position, 0, { travail, fixed: null, duree: travail.duree });
  }
  const moving = routes.flatMap((route) => {
    const { starts } = schedule(probleme, route, route.stops)!;
    return route.stops.flatMap(({ travail, fixed: at }, i) =>
      at === null
        ? [{ intervention: travail.intervention, technicien: route.technicien, debut: starts[i]! }]
        : [],
    );
  });
  return [...fixed, ...moving];
}

function bestPlace(probleme: Probleme, routes: readonly Route[], travail: Travail, score: Score) {
  let best: { route: Route; position: number; score: number[] } | null = null;
  for (const route of routes) {
    if (route.agenda.begin(travail, route.debut) === null) continue;
    const before = schedule(probleme, route, route.stops)!;
    for (let position = 0; position <= route.stops.length; position++) {
      const stops = route.stops.toSpliced(position, 0, { travail, fixed: null, duree: travail.duree });
      const after = schedule(probleme, route, stops);
      if (after === null) continue;
      const scored = score(after, before, position);
      if (best === null || isLess(scored, best.score)) best = { route, position, score: scored };
    }
  }
  return best;
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const differs = a.findIndex((value, i) => value !== b[i]);
  return differs >= 0 && a[differs]! < b[differs]!;
}

/** Everything as early as it can be; null when something does not fit. */
function schedule(
  { trajets }: Probleme,
  { base, agenda, debut }: Route,
  stops: readonly Stop[],
): Schedule | null {
  const starts: number[] = [];
  let late = 0;
  let travel = 0;
  let last: Stop | null = null;
  let free = debut;
  const trip = (from: number | null, to: number | null) =>
    from === null || to === null ? 0 : trajets.minutes[from * trajets.lieux + to]!;
  for (const stop of stops) {
    const minutes = trip(last === null ? base : last.travail.lieu, stop.travail.lieu);
    const ready = last === null ? debut : agenda.arrive(free, minutes);
    const start = stop.fixed ?? agenda.begin(stop.travail, ready);
    // What is fixed may stand as close together as it likes, but nothing else comes in its way.
    if (start === null || (ready > start && !(last?.fixed !== null && stop.fixed !== null))) return null;
    starts.push(start);
    travel += minutes;
    free = start + stop.duree;
    if (stop.fixed === null) {
      const over = Math.max(0, free - (stop.travail.echeance ?? Number.POSITIVE_INFINITY));
      late += over * (1 + PRIORITES.indexOf(stop.travail.priorite));
    }
    last = stop;
  }
  return { starts, late, travel: travel + (last === null ? 0 : trip(last.travail.lieu, base)) };
}

function isFree({ travaux }: Probleme, { intervention }: VisitePlan): boolean {
  const travail = travaux.find((one) => one.intervention === intervention)!;
  return travail.verrouille === null && travail.equipe.length === 0;
}

/** The day of each with what stands on it. */
function routesOf(
  probleme: Probleme,
  visites: readonly VisitePlan[],
  moves: (visite: VisitePlan) => boolean,
): Route[] {
  const { techniciens, jours, travaux } = probleme;
  const stays = visites.flatMap((visite) => {
    const travail = travaux.find(({ intervention }) => intervention === visite.intervention)!;
    const segments = visite.segments ?? [[visite.debut, visite.debut + travail.duree] as const];
    return [visite.technicien, ...travail.equipe].flatMap((who) =>
      segments.map(([de, a]) => ({ who, travail, de, duree: a - de, fixed: moves(visite) ? null : de })),
    );
  });
  return techniciens.flatMap((who) =>
    jours.map((jour): Route => {
      const own = stays.filter((stay) => stay.who === who.id && jour.debut <= stay.de && stay.de < jour.fin);
      return {
        ...{ technicien: who.id, base: who.base, agenda: agendaOf(probleme, who, jour), debut: jour.debut },
        stops: own
          .sort((a, b) => a.de - b.de)
          .map(({ travail, duree, fixed }) => ({ travail, duree, fixed })),
      };
    }),
  );
}
