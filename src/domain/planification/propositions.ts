import { dayAfter, startOfDay } from '../local-time';
import { PRIORITES, type Priorite } from '../priorites';

/**
 * Plans that are proposed: what they are called, how long they count, what of an intervention has changed since, and in
 * which order their lines can be carried out. Instants are milliseconds unless they are text.
 */

export const GENRES = ['semaine', 'journee'] as const;
export type Genre = (typeof GENRES)[number];

/** What is written down; that one is out of date follows from the clock. */
export type StatutEcrit = 'en_cours' | 'prete' | 'appliquee' | 'annulee';
export const STATUTS_PROPOSITION = ['en_cours', 'prete', 'appliquee', 'annulee', 'perimee'] as const;
export type StatutProposition = (typeof STATUTS_PROPOSITION)[number];

/** What became of a line when the proposal was applied. */
export const RESULTATS = ['appliquee', 'inchangee', 'modifiee_entretemps', 'refusee'] as const;
export type Resultat = (typeof RESULTATS)[number];

export const SOURCES_TRAJETS = ['grand_cercle', 'service', 'service_injoignable'] as const;
/** Where journeys come from: great circles, a road service, or great circles because the service did not answer. */
export type SourceTrajets = (typeof SOURCES_TRAJETS)[number];

/** A stretch of work; instants in ISO 8601. */
export interface Segment {
  debut: string;
  fin: string;
}

/** A visit as it is planned. */
export interface Plan {
  technicien_id: number;
  /** An instant in ISO 8601. */
  date_planifiee: string;
  /** Minutes. */
  duree_estimee: number;
}

/** How an intervention stood when a visit of it was proposed, as far as the proposal follows from it. */
export interface Vue {
  statut: string;
  priorite: Priorite;
  urgence: boolean;
  competences: string[];
  site_id: number | null;
  /** Others who go along. */
  equipiers: number[];
  actuel: Plan | null;
}

/** Whose orders carry a proposal out, and by what right. */
export interface AuteurApplication {
  userId: number;
  sessionId: string | null;
  cleApiId: number | null;
  /** The request that asked for it, as keys name their paths (`domain/identite/cles-api.ts`). */
  requete: string;
  correlationId: string;
  adresse: string | null;
}

/** A proposal that nobody applied is out of date after so long: from a Friday afternoon to Monday morning, and some. */
export const LIFETIME = 72 * 3_600_000;

/** Something that stands in a proposal under `perimee` is so from its expiry on. */
export function statutOf(
  { statut, date_expiration }: { statut: StatutEcrit; date_expiration: Date },
  now: Date,
): StatutProposition {
  return statut === 'prete' && date_expiration <= now ? 'perimee' : statut;
}

/** A week of ISO 8601, which begins on Monday: `2026-W51`. */
const SEMAINE = /^(\d{4})-W(\d{2})$/;

/** The Monday of a week of ISO 8601; null for one that there is not, as the 53rd of most years. */
export function mondayOf(semaine: string): string | null {
  const [, year, week] = SEMAINE.exec(semaine) ?? [];
  if (year === undefined || Number(week) < 1) return null;
  // The first week is the one that holds 4 January.
  const fourth = `${year}-01-04`;
  const firstMonday = dayAfter(fourth, -daysSinceMonday(fourth));
  const monday = dayAfter(firstMonday, 7 * (Number(week) - 1));
  return semaineOf(monday) === semaine ? monday : null;
}

/** The week of ISO 8601 that a day lies in. */
export function semaineOf(day: string): string {
  // A week belongs to the year of its Thursday.
  const thursday = dayAfter(day, 3 - daysSinceMonday(day));
  const year = thursday.slice(0, 4);
  const dayOfYear = (Date.parse(thursday) - Date.parse(`${year}-01-01`)) / 86_400_000;
  return `${year}-W${String(1 + Math.floor(dayOfYear / 7)).padStart(2, '0')}`;
}

function daysSinceMonday(day: string): number {
  return (new Date(day).getUTCDay() + 6) % 7;
}

/** The days of a week in a zone, in order; an instant for the beginning of each and of the day after. */
export interface Jour {
  date: string;
  debut: number;
  fin: number;
}

/** So many days from the first one on. */
export function joursFrom(first: string, count: number, zone: string): Jour[] {
  return Array.from({ length: count }, (_, index) => {
    const date = dayAfter(first, index);
    return { date, debut: startOfDay(date, zone), fin: startOfDay(dayAfter(date, 1), zone) };
  });
}

/**
 * What of an intervention is not as it was when its visit was proposed, by the names of its fields; nothing when the
 * proposal still stands on what it stood on. A deadline that moves with its calendar takes nothing from a plan.
 * @param liberee the proposal itself has taken it off its former place.
 */
export function changesSince(vue: Vue, present: Vue, liberee: boolean): string[] {
  const expected = liberee ? { ...vue, statut: 'ouverte', equipiers: [], actuel: null } : vue;
  const changes: string[] = [];
  if (expected.statut !== present.statut) changes.push('statut');
  if (expected.priorite !== present.priorite) changes.push('priorite');
  if (expected.urgence !== present.urgence) changes.push('urgence');
  if (expected.competences.join('\n') !== present.competences.join('\n'))
    changes.push('competences_requises');
  if (expected.site_id !== present.site_id) changes.push('site_id');
  if (expected.equipiers.join() !== present.equipiers.join()) changes.push('equipiers');
  for (const field of ['technicien_id', 'date_planifiee', 'duree_estimee'] as const) {
    if (expected.actuel?.[field] !== present.actuel?.[field]) changes.push(field);
  }
  return changes;
}

/** Whether a visit stands already where it is proposed. */
export function isSamePlan(one: Plan | null, other: Plan): boolean {
  return (
    one !== null &&
    one.technicien_id === other.technicien_id &&
    one.date_planifiee === other.date_planifiee &&
    one.duree_estimee === other.duree_estimee
  );
}

/** Time that people are to spend, or spend by now, on something. */
export interface Emploi {
  /** Null for what is none of an intervention. */
  interventionId: number | null;
  techniciens: readonly number[];
  segments: readonly (readonly [debut: number, fin: number])[];
}

/** A line that is still to be carried out. */
export interface LigneRestante extends Emploi {
  id: number;
  interventionId: number;
  priorite: Priorite;
}

/** What can be done next of a proposal. */
export interface Suite {
  /** At once and side by side: none of them stands in another's way. */
  appliquer: LigneRestante[];
  /**
   * Where each waits for the place of another, this one leaves its own first: nothing else would ever begin. It blocks
   * somebody, so it has a visit.
   */
  liberer: LigneRestante | null;
}

/**
 * In which order the lines of a proposal can be carried out one by one, since no two visits of one person may overlap at
 * any moment: a line waits for those that are about to leave its place. One whose place is taken by anything else is
 * carried out all the same, and refused by what refuses everybody.
 */
export function nextOf(lignes: readonly LigneRestante[], present: readonly Emploi[]): Suite {
  const pending = new Map(lignes.map((ligne) => [ligne.interventionId, ligne]));
  const waitsFor = new Map<LigneRestante, LigneRestante[]>();
  const appliquer: LigneRestante[] = [];
  for (const ligne of lignes) {
    const inTheWay = present.filter(
      (other) => other.interventionId !== ligne.interventionId && overlaps(ligne, other),
    );
    const leaving = inTheWay.flatMap(({ interventionId }) =>
      interventionId === null ? [] : (pending.get(interventionId) ?? []),
    );
    if (leaving.length > 0 && leaving.length === inTheWay.length) waitsFor.set(ligne, leaving);
    else appliquer.push(ligne);
  }
  const liberer = appliquer.length === 0 && lignes.length > 0 ? leastOfCircle(lignes[0]!, waitsFor) : null;
  return { appliquer, liberer };
}

function overlaps(one: Emploi, other: Emploi): boolean {
  return (
    one.techniciens.some((id) => other.techniciens.includes(id)) &&
    one.segments.some(([debut, fin]) => other.segments.some(([from, to]) => from < fin && to > debut))
  );
}

/** Everybody waits, so whoever goes from one to whom it waits for comes around. Of those the least urgent gives way. */
function leastOfCircle(
  first: LigneRestante,
  waitsFor: ReadonlyMap<LigneRestante, readonly LigneRestante[]>,
): LigneRestante {
  const way: LigneRestante[] = [];
  let at = first;
  while (!way.includes(at)) {
    way.push(at);
    at = waitsFor.get(at)![0]!;
  }
  const circle = way.slice(way.indexOf(at));
  const weight = ({ priorite }: LigneRestante) => PRIORITES.indexOf(priorite);
  return circle.toSorted((a, b) => weight(a) - weight(b) || a.id - b.id)[0]!;
}
