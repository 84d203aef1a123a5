import { agendaOf } from '../../../../bench/instances/agenda';
import type { Probleme, Travail } from '../../../../src/domain/planification/semaine/probleme';

/**
 * The least that a tiny week can cost, by trying every order of everything on every day of everybody: what is left out by
 * priority from the highest down, lateness, travel. Knows work that lies in one stretch, without crews.
 */
export function leastCost(probleme: Probleme): number[] {
  const { travaux, techniciens, jours, trajets } = probleme;
  const routes = techniciens.flatMap((who) =>
    jours.map((jour) => ({ who, jour, day: agendaOf(probleme, who, jour) })),
  );
  let best: number[] | null = null;
  const left = new Set(travaux);

  /** Goes on behind `last`, which ended at `free`, or with the next person's day. */
  const go = (r: number, last: Travail | null, free: number, late: number, travel: number): void => {
    const route = routes[r];
    if (route === undefined) {
      const cost = [...absence(left), late, travel];
      if (best === null || compareCosts(cost, best) < 0) best = cost;
      return;
    }
    const minutes = (from: number | null, to: number | null) =>
      from === null || to === null ? 0 : trajets.minutes[from * trajets.lieux + to]!;
    const { who, day } = route;
    go(r + 1, null, 0, late, travel + (last === null ? 0 : minutes(last.lieu, who.base)));
    for (const travail of [...left]) {
      const trip = minutes(last === null ? who.base : last.lieu, travail.lieu);
      const start = day.begin(travail, last === null ? route.jour.debut : day.arrive(free, trip));
      if (start === null) continue;
      left.delete(travail);
      const over = Math.max(0, start + travail.duree - (travail.echeance ?? Number.POSITIVE_INFINITY));
      go(r, travail, start + travail.duree, late + over * weight(travail), travel + trip);
      left.add(travail);
    }
  };
  go(0, null, 0, 0, 0);
  return best!;
}

const PRIORITIES = ['critique', 'haute', 'normale', 'basse'];

/** Of what is left out, from the highest priority down. */
export function absence(left: Iterable<Travail>): number[] {
  const sums = [0, 0, 0, 0];
  for (const { priorite, urgence } of left) sums[PRIORITIES.indexOf(priorite)]! += urgence ? 3 : 2;
  return sums;
}

export function weight({ priorite, urgence }: Travail): number {
  return [16, 8, 4, 2][PRIORITIES.indexOf(priorite)]! * (urgence ? 1.5 : 1);
}

export function compareCosts(a: readonly number[], b: readonly number[]): number {
  const differs = a.findIndex((value, i) => value !== b[i]);
  return differs < 0 ? 0 : a[differs]! - b[differs]!;
}
