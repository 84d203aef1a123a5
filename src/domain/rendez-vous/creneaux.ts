import { dayAfter, dayAt, endOfDay, startOfDay } from '../local-time';
import { type Calendar, stretchesFrom } from '../working-time';
import { covers, type Intervalle, intersection, isClear, union } from './intervalles';
import type { BesoinDeSalles, Prestation } from './prestations';

/**
 * When a prestation can be booked. One evaluator lists and books: what it lists, it accepts, and of everything else it says
 * why not. Instants and durations are milliseconds.
 *
 * Starts stand on a grid that begins anew with each stretch of work, so that what others book moves nobody's slots. The
 * appointment itself lies within working time; the time kept free around it only has to be free.
 */

export interface Ressource {
  id: number;
  /** When they work, or it is open. */
  calendrier: Calendar;
  /** Absences, visits, appointments with the time around them, holds of others, busy times of other calendars. */
  occupe: readonly Intervalle[];
}

export interface Salle extends Ressource {
  capacite: number;
  etiquettes: readonly string[];
}

/** A workshop that somebody has booked already. */
export interface Seance {
  debut: number;
  fin: number;
  intervenants: readonly number[];
  salles: readonly number[];
  places_restantes: number;
}

export interface Situation {
  prestation: Prestation;
  duree: number;
  /** Zone and working days of who offers it: windows and caps are counted by them. */
  maison: Calendar;
  maintenant: number;
  /** Those who are asked for: all of the prestation, or whom the caller has chosen. */
  intervenants: readonly Ressource[];
  salles: readonly Salle[];
  seances: readonly Seance[];
  /** When the appointments begin that count against the caps; one that is being moved does not. */
  debuts: readonly number[];
  /** Whether who asks has as many ahead of them as one client may. */
  comble?: boolean;
}

export const REFUS = ['PREAVIS', 'HORS_FENETRE', 'PLAFOND', 'HORS_DISPONIBILITE', 'CRENEAU_PRIS'] as const;
/** Why there is nothing to book at a time; the first that holds. */
export type Refus = (typeof REFUS)[number];

export interface Creneau {
  debut: number;
  fin: number;
  /** Who could do it: one of them where one does it, all of them where all do. */
  intervenants: readonly number[];
  salles: readonly number[];
  places_restantes: number;
}

export type Verdict = { creneau: Creneau } | { refus: Refus };

/** What one person or room has against a time. */
export const OBSTACLES = ['hors_horaires', 'hors_pas', 'occupe'] as const;
export type Obstacle = (typeof OBSTACLES)[number];

export interface Evaluateur {
  /** All starts in `[from, to)`, in order. */
  creneaux(from: number, to: number): Creneau[];
  verdict(debut: number): Verdict;
  /** Of each person and room what speaks against it; null where nothing does. */
  pourquoi(debut: number): {
    intervenants: Map<number, Obstacle | null>;
    salles: Map<number, Obstacle | null>;
  };
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export function creerEvaluateur(situation: Situation): Evaluateur {
  const { prestation, duree, intervenants, salles, seances, maintenant, comble = false } = situation;
  const [avant, apres] = [prestation.tampon_avant * MINUTE, prestation.tampon_apres * MINUTE];
  const pas = prestation.pas === 'auto' ? avant + duree + apres : prestation.pas * MINUTE;
  const equipes = equipesDe(prestation, intervenants);
  const besoins = prestation.salles.flatMap((besoin) => Array.from({ length: besoin.nombre }, () => besoin));
  const fenetre = fenetreOf(situation);
  const plafonne = plafondsOf(situation);
  const ouvertes = new Map(seances.filter((one) => one.places_restantes > 0).map((one) => [one.debut, one]));

  /** What holds whoever does it, or null. */
  function refusGeneral(debut: number): Refus | null {
    if (debut < maintenant + prestation.preavis.creer * MINUTE) return 'PREAVIS';
    if (debut < fenetre[0] || debut >= fenetre[1]) return 'HORS_FENETRE';
    return comble || (!ouvertes.has(debut) && plafonne(debut)) ? 'PLAFOND' : null;
  }

  function verdictDans(periode: Periode, debut: number): Verdict {
    const refus = refusGeneral(debut);
    if (refus !== null) return { refus };
    const seance = ouvertes.get(debut);
    if (seance !== undefined && seance.fin === debut + duree) return { creneau: seance };
    const fin = debut + duree;
    const presentes = equipes.filter((equipe) => periode.estDebut(equipe, debut));
    if (presentes.length === 0) return { refus: 'HORS_DISPONIBILITE' };
    const estLibre = (one: Ressource) => isClear(periode.occupe(one), debut - avant, fin + apres);
    const libres = presentes.filter((equipe) => equipe.requis.every(estLibre));
    if (libres.length === 0) return { refus: 'CRENEAU_PRIS' };
    const convient = (salle: Salle) =>
      salle.capacite >= prestation.places && covers(periode.travail(salle), debut, fin) && estLibre(salle);
    const choisies = choisirSalles(besoins, besoins.length === 0 ? [] : salles.filter(convient));
    if (choisies === null) return { refus: 'CRENEAU_PRIS' };
    const venus = (equipe: Equipe) =>
      equipe.facultatifs.filter((one) => covers(periode.travail(one), debut, fin) && estLibre(one));
    const ids = new Set(libres.flatMap((equipe) => [...equipe.requis, ...venus(equipe)].map(({ id }) => id)));
    return {
      creneau: { debut, fin, intervenants: [...ids], salles: choisies, places_restantes: prestation.places },
    };
  }

  return {
    creneaux(from, to) {
      const begin = Math.max(from, maintenant + prestation.preavis.creer * MINUTE, fenetre[0]);
      const end = Math.min(to, fenetre[1]);
      if (begin >= end) return [];
      const periode = new Periode(begin, end, duree, pas);
      const debuts = new Set(equipes.flatMap((equipe) => periode.debuts(equipe)));
      for (const debut of ouvertes.keys()) if (debut >= begin && debut < end) debuts.add(debut);
      return [...debuts]
        .sort((a, b) => a - b)
        .flatMap((debut) => {
          const verdict = verdictDans(periode, debut);
          return 'creneau' in verdict ? [verdict.creneau] : [];
        });
    },
    verdict: (debut) => verdictDans(new Periode(debut, debut + 1, duree, pas), debut),
    pourquoi(debut) {
      const periode = new Periode(debut, debut + 1, duree, pas);
      const fin = debut + duree;
      const obstacle = (one: Ressource, grid: boolean): Obstacle | null => {
        if (!covers(periode.travail(one), debut, fin)) return 'hors_horaires';
        if (!isClear(periode.occupe(one), debut - avant, fin + apres)) return 'occupe';
        return grid && !periode.estDebut({ requis: [one], facultatifs: [] }, debut) ? 'hors_pas' : null;
      };
      return {
        intervenants: new Map(intervenants.map((one) => [one.id, obstacle(one, true)])),
        salles: new Map(salles.map((one) => [one.id, obstacle(one, false)])),
      };
    },
  };
}

/** People who do it together, and those who come along when they can. */
interface Equipe {
  requis: readonly Ressource[];
  facultatifs: readonly Ressource[];
}

function equipesDe({ mode, intervenants }: Prestation, presents: readonly Ressource[]): Equipe[] {
  const obliges = new Set(intervenants.filter(({ obligatoire }) => obligatoire).map(({ id }) => id));
  const requis = presents.filter(({ id }) => obliges.has(id));
  // Somebody who has to be there has left: nobody does it without them.
  if (requis.length < obliges.size) return [];
  const autres = presents.filter(({ id }) => !obliges.has(id));
  if (mode === 'collectif') {
    // Nobody who has to come: then all have to.
    if (requis.length === 0) return autres.length === 0 ? [] : [{ requis: autres, facultatifs: [] }];
    return [{ requis, facultatifs: autres }];
  }
  if (autres.length === 0) return requis.length === 0 ? [] : [{ requis, facultatifs: [] }];
  return autres.map((one) => ({ requis: [...requis, one], facultatifs: [] }));
}

/** What is known of people and rooms for starts in `[from, to)`; worked out once. */
class Periode {
  private readonly stretches = new Map<Ressource, Intervalle[]>();
  private readonly work = new Map<Ressource, Intervalle[]>();
  private readonly busy = new Map<Ressource, Intervalle[]>();

  constructor(
    private readonly from: number,
    private readonly to: number,
    private readonly duree: number,
    private readonly pas: number,
  ) {}

  /** Stretches of work as the days have them, on each of which a grid begins. */
  private plages(one: Ressource): Intervalle[] {
    return remembered(this.stretches, one, () => {
      // A stretch is no longer than a day of 25 hours, so that the one in which a start lies is seen from its beginning.
      const [first, last] = [this.from - 2 * DAY, this.to + this.duree];
      const days = Math.ceil((last - first) / DAY) + 3;
      const found: Intervalle[] = [];
      for (const stretch of stretchesFrom(first, one.calendrier, days)) {
        if (stretch[0] >= last) break;
        if (stretch[0] < stretch[1]) found.push(stretch);
      }
      return found.sort((a, b) => a[0] - b[0]);
    });
  }

  travail(one: Ressource): readonly Intervalle[] {
    return remembered(this.work, one, () => union(this.plages(one)));
  }

  occupe(one: Ressource): readonly Intervalle[] {
    return remembered(this.busy, one, () => union(one.occupe));
  }

  private communes({ requis }: Equipe): readonly Intervalle[] {
    const [first, ...others] = requis.map((one) => this.plages(one));
    return others.reduce<readonly Intervalle[]>(intersection, first ?? []);
  }

  debuts(equipe: Equipe): number[] {
    const debuts: number[] = [];
    for (const [begin, end] of this.communes(equipe)) {
      const first = begin + Math.max(0, Math.ceil((this.from - begin) / this.pas)) * this.pas;
      for (let debut = first; debut < end && debut < this.to; debut += this.pas) {
        if (this.travaille(equipe, debut)) debuts.push(debut);
      }
    }
    return debuts;
  }

  /** Whether all of them work through it, and it stands on the grid of their common time. */
  estDebut(equipe: Equipe, debut: number): boolean {
    return (
      this.communes(equipe).some(
        ([begin, end]) => debut >= begin && debut < end && (debut - begin) % this.pas === 0,
      ) && this.travaille(equipe, debut)
    );
  }

  private travaille({ requis }: Equipe, debut: number): boolean {
    return requis.every((one) => covers(this.travail(one), debut, debut + this.duree));
  }
}

function remembered<Key, Value>(known: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
  }
  return value;
}

/** From when until when there is something to book. */
function fenetreOf({ prestation: { fenetre }, maison, maintenant }: Situation): Intervalle {
  const { zone } = maison;
  if ('date_debut' in fenetre)
    return [startOfDay(fenetre.date_debut, zone), endOfDay(fenetre.date_fin, zone)];
  const today = dayAt(maintenant, zone);
  if ('jours' in fenetre) return [Number.NEGATIVE_INFINITY, endOfDay(dayAfter(today, fenetre.jours), zone)];
  return [Number.NEGATIVE_INFINITY, endOfWorkingDays(maison, maintenant, fenetre.jours_ouvres)];
}

/** The end of the day that is so many working days after today; of today for none. */
function endOfWorkingDays(maison: Calendar, maintenant: number, count: number): number {
  const { zone } = maison;
  const tonight = endOfDay(dayAt(maintenant, zone), zone);
  let [left, end] = [count, tonight];
  for (const [from] of stretchesFrom(tonight, maison)) {
    if (left === 0) break;
    if (from < end) continue;
    end = endOfDay(dayAt(from, zone), zone);
    left--;
  }
  return end;
}

/** Whether one more that begins at an instant would be too many. */
function plafondsOf({
  prestation: { plafonds },
  maison: { zone },
  debuts,
}: Situation): (debut: number) => boolean {
  const { par_jour, par_semaine, par_mois } = plafonds;
  const periods = [
    [par_jour, (day: string) => day],
    [par_semaine, (day: string) => dayAfter(day, -((new Date(day).getUTCDay() + 6) % 7))],
    [par_mois, (day: string) => day.slice(0, 7)],
  ] as const;
  const full = periods.flatMap(([most, periodOf]) => {
    if (most === undefined) return [];
    const counts = new Map<string, number>();
    for (const debut of debuts) {
      const period = periodOf(dayAt(debut, zone));
      counts.set(period, (counts.get(period) ?? 0) + 1);
    }
    return [(day: string) => (counts.get(periodOf(day)) ?? 0) >= most];
  });
  if (full.length === 0) return () => false;
  return (debut) => {
    const day = dayAt(debut, zone);
    return full.some((isFull) => isFull(day));
  };
}

/**
 * A room of its own for each need, the smallest first; null when there are not enough. One that two needs could have goes to
 * the one that has no other (augmenting paths, as in Kuhn's algorithm for the assignment of nodes).
 */
function choisirSalles(besoins: readonly BesoinDeSalles[], libres: readonly Salle[]): number[] | null {
  const rooms = [...libres].sort((a, b) => a.capacite - b.capacite || a.id - b.id);
  const given = new Map<Salle, number>();
  const give = (besoin: number, seen: Set<Salle>): boolean => {
    for (const room of rooms) {
      if (seen.has(room) || !besoins[besoin]!.etiquettes.every((one) => room.etiquettes.includes(one)))
        continue;
      seen.add(room);
      const holder = given.get(room);
      if (holder === undefined || give(holder, seen)) {
        given.set(room, besoin);
        return true;
      }
    }
    return false;
  };
  if (!besoins.every((_, besoin) => give(besoin, new Set()))) return null;
  return [...given.keys()].map(({ id }) => id).sort((a, b) => a - b);
}
