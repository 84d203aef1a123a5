import { dayAfter, endOfDay, instantOfWallClock, startOfDay, wallClockAt } from '../local-time';
import { joursFrom, parseRegle } from '../recurrence';
import { type Calendar, workingTimeBetween } from '../working-time';
import { isInSeason, type RegleDuPlan } from './plans';

/**
 * When a rule is due on a site: its days moved by seasons and closed days, at the wall clock of the plan, as instants.
 * Instants are milliseconds since the epoch. Never reached by workflows: zone data changes with Node.js.
 */

/** Why a date is not what the rule alone would make of it. */
export type Motif =
  /** The month has no such day: the last one stands for it. */
  | { code: 'fin_de_mois'; jour_voulu: number }
  /** The site is closed on that day. */
  | { code: 'jour_ferme'; de: string }
  /** The clocks skip that time. */
  | { code: 'heure_inexistante' }
  /** Due on the same day since closed days moved them together. */
  | { code: 'confondue'; de: string };

/** A date on which a plan is due. */
export interface DateDue {
  /** The day that the rule names, by which this date is known whatever moves it. */
  occurrence: string;
  /** The day on which it is due. */
  jour: string;
  date: number;
  /** When its intervention is to be created. */
  generation: number;
  /** Closed, and the plan leaves closed days out. */
  sautee: boolean;
  motifs: Motif[];
}

/** What dates follow from. */
export type RegleDeDates = Pick<
  RegleDuPlan,
  'regle' | 'date_debut' | 'heure' | 'saisons' | 'jour_ferme' | 'delai_generation'
>;

/** An open day is looked for this far from a closed one. */
const MAX_MOVE = 366;
/** Days before the first one asked for whose dates may have been moved beyond it. */
const LOOK_BACK = 45;
const MINUTE = 60_000;

/**
 * The dates of a plan in their order, those that are left out for closed days among them, within twelve years.
 * @param from occurrences before this day are none.
 */
export function* datesFrom(plan: RegleDeDates, calendar: Calendar, from: string): Generator<DateDue> {
  const regle = parseRegle(plan.regle!);
  const debut = plan.date_debut!;
  /** The last one, as long as others may still be moved onto its day; its instants are worked out once it is wanted. */
  let last: Omit<DateDue, 'date' | 'generation'> | null = null;
  const due = (date: Omit<DateDue, 'date' | 'generation'>): DateDue => ({
    ...date,
    ...instants(plan, date.jour, calendar.zone, date.motifs),
  });
  for (const { jour: occurrence, voulu } of joursFrom(regle, debut, dayAfter(from, -LOOK_BACK))) {
    if (!isInSeason(occurrence, plan.saisons)) continue;
    const motifs: Motif[] = voulu === null ? [] : [{ code: 'fin_de_mois', jour_voulu: voulu }];
    const open = openDay(occurrence, plan.jour_ferme, calendar);
    if (open !== occurrence) motifs.push({ code: 'jour_ferme', de: occurrence });
    const jour = open ?? occurrence;
    if (last !== null && last.jour === jour && !last.sautee) {
      if (last.motifs.length < MAX_MOTIFS) last.motifs.push({ code: 'confondue', de: occurrence });
      continue;
    }
    if (last !== null && last.occurrence >= from) yield due(last);
    last = { occurrence, jour, sautee: open === null, motifs };
  }
  if (last !== null && last.occurrence >= from) yield due(last);
}

/** Days that a date says to have been moved onto it, at most: a closing of months moves as many. */
const MAX_MOTIFS = 31;

function instants(
  { heure, delai_generation }: RegleDeDates,
  jour: string,
  zone: string,
  motifs: Motif[],
): Pick<DateDue, 'date' | 'generation'> {
  const time = Number(heure.slice(0, 2)) * 60 + Number(heure.slice(3));
  const at = (day: string) => {
    const wall = Date.parse(day) + time * MINUTE;
    const instant = instantOfWallClock(wall, zone);
    return { instant, skipped: wallClockAt(instant, zone) !== wall };
  };
  const { instant: date, skipped } = at(jour);
  if (skipped) motifs.push({ code: 'heure_inexistante' });
  return { date, generation: at(dayAfter(jour, -delai_generation)).instant };
}

/** The instant of the plan's time on a day. */
export function instantOn(plan: RegleDeDates, jour: string, zone: string): number {
  return instants(plan, jour, zone, []).date;
}

/** The day in whose place a closed one is due; null where it is left out, or none is open for a year. */
function openDay(jour: string, jourFerme: RegleDuPlan['jour_ferme'], calendar: Calendar): string | null {
  if (jourFerme === 'garder' || isOpen(jour, calendar)) return jour;
  if (jourFerme === 'sauter') return null;
  const step = jourFerme === 'avancer' ? -1 : 1;
  const { moves } = knownOf(calendar);
  const passed: string[] = [];
  let found: string | null = null;
  for (let other = jour; passed.length < MAX_MOVE; ) {
    const known = moves.get(`${step} ${other}`);
    if (known !== undefined) {
      found = known;
      break;
    }
    passed.push(other);
    other = dayAfter(other, step);
    if (isOpen(other, calendar)) {
      found = other;
      break;
    }
  }
  // Whatever lay on the way is moved to the same day.
  if (found !== null) for (const day of passed) moves.set(`${step} ${day}`, found);
  return found;
}

/** What is known of the days of a calendar: a closing of months has each date look for the same open one. */
interface Known {
  open: Map<string, boolean>;
  moves: Map<string, string>;
}

const known = new WeakMap<Calendar, Known>();
const MAX_KNOWN_DAYS = 5_000;

function knownOf(calendar: Calendar): Known {
  let days = known.get(calendar);
  if (days === undefined || days.open.size > MAX_KNOWN_DAYS) {
    days = { open: new Map(), moves: new Map() };
    known.set(calendar, days);
  }
  return days;
}

/** Whether anybody works on the site on that day. */
function isOpen(jour: string, calendar: Calendar): boolean {
  const { open } = knownOf(calendar);
  let isIt = open.get(jour);
  if (isIt === undefined) {
    const [start, end] = [startOfDay(jour, calendar.zone), endOfDay(jour, calendar.zone)];
    isIt = workingTimeBetween(start, end, calendar) > 0;
    open.set(jour, isIt);
  }
  return isIt;
}
