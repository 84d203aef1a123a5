import type { Jour, Probleme, Technicien, Travail } from '../../src/domain/planification/semaine/probleme';

const LEVELS = ['junior', 'confirme', 'senior', 'expert'];

/** A day of somebody. */
export interface Agenda {
  /** When they arrive who leave at a moment; the end of the day when they do not. Travel lies in their time, free of everything. */
  arrive(from: number, minutes: number): number;
  /** The first moment from another on at which work can begin; null when there is none. */
  begin(travail: Travail, from: number): number | null;
}

/** Minute by minute: slow, obvious, and without a line of the search, for what is compared with it. */
export function agendaOf({ calendriers, pas }: Probleme, who: Technicien, jour: Jour): Agenda {
  const within = (plages: Technicien['pauses'], minute: number) =>
    plages.some(([de, a]) => de <= minute && minute < a);
  const away = [...who.absences, ...who.occupations, ...who.pauses];
  const isFree = (minute: number, calendrier: number | null) =>
    !within(away, minute) &&
    (calendrier === null
      ? within(who.heures.flat(), minute)
      : within(who.heures[calendrier]!, minute) && !within(calendriers[calendrier]!.fermetures, minute));
  /** For each minute how many from there on are open without a break. */
  const runs = new Map<number | null, number[]>();
  for (const calendrier of [null, ...calendriers.keys()]) {
    const run = new Array<number>(jour.fin - jour.debut + 1).fill(0);
    for (let i = run.length - 2; i >= 0; i--)
      run[i] = isFree(jour.debut + i, calendrier) ? run[i + 1]! + 1 : 0;
    runs.set(calendrier, run);
  }
  const skilled = (travail: Travail) =>
    LEVELS.indexOf(who.niveau) >= LEVELS.indexOf(travail.niveau_minimum ?? 'junior') &&
    travail.competences.every((wanted) =>
      who.habilitations.some(
        ({ competence, valide_du, valide_jusqu_au }) =>
          competence === wanted && (valide_du ?? '') <= jour.date && jour.date <= (valide_jusqu_au ?? '9'),
      ),
    );
  return {
    arrive(from: number, minutes: number): number {
      let left = minutes;
      let minute = from;
      for (; left > 0 && minute < jour.fin; minute++) if (runs.get(null)![minute - jour.debut]! > 0) left--;
      return left > 0 ? jour.fin : minute;
    },
    begin(travail: Travail, from: number): number | null {
      if (!skilled(travail)) return null;
      const run = runs.get(travail.calendrier)!;
      for (let start = Math.ceil(from / pas) * pas; start < jour.fin; start += pas) {
        if (run[start - jour.debut]! < travail.duree || start < (travail.au_plus_tot ?? 0)) continue;
        const fits = ([de, a]: readonly [number, number]) => de <= start && start + travail.duree <= a;
        if (travail.fenetres === null || travail.fenetres.some(fits)) return start;
      }
      return null;
    },
  };
}
