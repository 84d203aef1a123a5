import { dayAfter, dayAt, endOfDay, startOfDay } from '../local-time';
import type { Intervalle } from './intervalles';

/** What a calendar shows at a time: which days, and what lies on each. Instants are milliseconds. */

export const VUES = ['jour', 'semaine', 'mois'] as const;
export type Vue = (typeof VUES)[number];

const monday = (day: string) => dayAfter(day, -((new Date(day).getUTCDay() + 6) % 7));

/** The days of a view, in order: the day itself, its week from Monday on, or the whole weeks that its month touches. */
export function joursDeVue(vue: Vue, day: string): string[] {
  if (vue === 'jour') return [day];
  if (vue === 'semaine') return Array.from({ length: 7 }, (_, n) => dayAfter(monday(day), n));
  const first = monday(`${day.slice(0, 7)}-01`);
  const nextMonth = dayAfter(`${day.slice(0, 7)}-01`, 31).slice(0, 7);
  const days: string[] = [];
  for (let shown = first; days.length % 7 > 0 || shown < `${nextMonth}-01`; shown = dayAfter(shown, 1)) {
    days.push(shown);
  }
  return days;
}

/** The days of a month alone, in order. @param day any of them */
export function joursDuMois(day: string): string[] {
  const month = day.slice(0, 7);
  return joursDeVue('mois', day).filter((shown) => shown.startsWith(month));
}

/** From when until when such days are, in a zone. */
export function periodeDeJours(jours: readonly string[], zone: string): Intervalle {
  return [startOfDay(jours[0]!, zone), endOfDay(jours.at(-1)!, zone)];
}

/** On which of the days some of a stretch lies; it ends before `fin`. */
export function joursTouches([debut, fin]: Intervalle, jours: readonly string[], zone: string): string[] {
  const [first, last] = [dayAt(debut, zone), dayAt(fin - 1, zone)];
  return jours.filter((jour) => jour >= first && jour <= last);
}
