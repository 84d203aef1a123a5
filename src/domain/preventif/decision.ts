import { addDays, dayAfter, dayAt } from '../local-time';
import type { Calendar } from '../working-time';
import { type DateDue, datesFrom, instantOn } from './dates';
import { hasCalendar, isFloating, type RegleDuPlan } from './plans';

/**
 * What becomes of the dates on which a plan is due, for one equipment, from what the rows say. Pure: whoever decides holds
 * the lock of the plan, writes what is decided, and asks again when there is more. Instants are milliseconds since the epoch.
 */

export const RESULTATS = ['creee', 'sautee', 'absorbee', 'fusionnee', 'realisee'] as const;
/**
 * `creee`: an intervention. `absorbee`: a plan of higher rank in the same group is due at about the same time. `fusionnee`:
 * the work that was open already stands for it. `realisee`: it had been done within the tolerance before.
 */
export type Resultat = (typeof RESULTATS)[number];

export const MOTIFS_SAUT = ['jour_ferme', 'precedente_ouverte', 'rattrapage', 'pause'] as const;
export type MotifSaut = (typeof MOTIFS_SAUT)[number];

/** A date that has been decided on. */
export interface Decidee {
  cle: string;
  date: number;
  resultat: Resultat;
  /** The work that stands for it. */
  intervention: number | null;
}

/** What the rows say of a plan on one equipment. */
export interface Passe {
  /** Dates up to this instant are not looked at any more. */
  suiviDepuis: number;
  /** Of the dates since then. */
  decidees: readonly Decidee[];
  /** The intervention of the plan that is open, the latest of several. */
  ouverte: number | null;
  /** The last end of its work, or of what stood for it. */
  derniereFin: number | null;
  /** The last date that came to nothing, or whose work was cancelled. */
  derniereSansTravail: number | null;
  /** The last date of all, whatever came of it. */
  derniere: number | null;
  /** Work that was finished and belongs to no date of the calendar, as far as no date has counted it. */
  faites: readonly { intervention: number; fin: number }[];
}

/** A plan of the same group and of higher rank on the same equipment. */
export interface Voisin {
  plan: number;
  rang: number;
  regle: RegleDuPlan;
  passe: Passe;
}

/** What is to be written of a date. */
export interface Decision {
  cle: string;
  occurrence: string;
  date: number;
  resultat: Resultat;
  motif: MotifSaut | null;
  /** Decided after it was over. */
  rattrapage: boolean;
  /** The work that stands for it; `precedente` is the one that this very decision has created last. */
  intervention: number | 'precedente' | null;
  absorbeePar: { plan: number; cle: string } | null;
}

/** Within this a date was not missed, only slow to be decided. */
const SLOW = 60 * 60_000;
/** Dates of a plan that are decided at a time; more wait for the next time. */
export const MAX_DECISIONS = 100;
/** Dates that are looked at for it. */
const MAX_LOOKED_AT = 5_000;

/** What a date is known by. */
function cleOf({ occurrence }: Pick<DateDue, 'occurrence'>): string {
  return occurrence;
}

/** Decides on what is due by now, in order, at most so many at a time. */
export function decide(
  plan: RegleDuPlan,
  calendar: Calendar,
  passe: Passe,
  voisins: readonly Voisin[],
  now: number,
  most = MAX_DECISIONS,
): Decision[] {
  if (!hasCalendar(plan) || most <= 0) return [];
  const decisions: Decision[] = [];
  const judge = (due: DateDue, isLast: boolean) => {
    const created = decisions.some(({ resultat }) => resultat === 'creee');
    // What has been done counts for one date.
    const counted = decisions.flatMap(({ resultat, intervention }) =>
      resultat === 'realisee' ? [intervention] : [],
    );
    const faites = passe.faites.filter(({ intervention }) => !counted.includes(intervention));
    const known = { ...passe, faites, ouverte: created ? ('precedente' as const) : passe.ouverte };
    decisions.push(decisionOn(plan, calendar, known, voisins, due, isLast, now));
  };

  if (isFloating(plan)) {
    let seen = passe;
    while (decisions.length < most) {
      const next = nextOf(plan, calendar, seen);
      if (next === null || next.generation > now) break;
      judge(next, true);
      seen = after(seen, decisions.at(-1)!);
    }
    return decisions;
  }
  const due: DateDue[] = [];
  for (const date of undecided(plan, calendar, passe)) {
    if (date.generation > now) break;
    due.push(date);
  }
  const missed = due.filter((date) => isMissed(date, now)).at(-1);
  for (const date of due.slice(0, most)) judge(date, date === missed);
  return decisions;
}

/** What is written of dates that passed while the plan was paused and that nobody makes up for; the latest ones. */
export function decidePaused(plan: RegleDuPlan, calendar: Calendar, passe: Passe, now: number): Decision[] {
  if (!hasCalendar(plan)) return [];
  const due: DateDue[] = [];
  const dates = isFloating(plan) ? [nextOf(plan, calendar, passe)] : undecided(plan, calendar, passe);
  for (const date of dates) {
    if (date === null || date.date > now) break;
    due.push(date);
  }
  return due.slice(-MAX_DECISIONS).map((date) => ({ ...blank(date), resultat: 'sautee', motif: 'pause' }));
}

/** The dates that are still to come, in order; of one whose next follows from the work at most the next. */
export function* upcoming(plan: RegleDuPlan, calendar: Calendar, passe: Passe): Generator<DateDue> {
  if (!hasCalendar(plan)) return;
  if (isFloating(plan)) {
    const next = nextOf(plan, calendar, passe);
    if (next !== null) yield next;
  } else yield* undecided(plan, calendar, passe);
}

/** A date of a forecast. */
export interface Prevision extends DateDue {
  /** The plan of higher rank whose work will stand for it. */
  absorbeePar: number | null;
  /** It follows from work that is not done yet, as if that were done on the day on which it is due. */
  estimee: boolean;
}

/** The next dates after now, those that are left out among them. */
export function* forecast(
  plan: RegleDuPlan,
  calendar: Calendar,
  passe: Passe,
  voisins: readonly Voisin[],
  now: number,
): Generator<Prevision> {
  if (!hasCalendar(plan)) return;
  const foretell = (due: DateDue, estimee: boolean): Prevision => ({
    ...due,
    absorbeePar: due.sautee ? null : (absorbingOf(plan, calendar, voisins, due)?.plan ?? null),
    estimee,
  });
  if (!isFloating(plan)) {
    for (const due of undecided(plan, calendar, passe)) if (due.date > now) yield foretell(due, false);
    return;
  }
  let estimee = passe.ouverte !== null;
  let seen = estimee
    ? { ...passe, ouverte: null, derniereFin: now, derniere: Math.max(now, passe.derniere ?? now) }
    : passe;
  for (let n = 0; n < MAX_LOOKED_AT; n++) {
    const due = nextOf(plan, calendar, seen);
    if (due === null) return;
    if (due.date > now) yield foretell(due, estimee);
    estimee = true;
    seen = { ...seen, derniereFin: due.date, derniere: due.date };
  }
}

/**
 * Up to when everything has been decided by now, so that dates before it need not be looked at again.
 * @param passe once what was due has been decided.
 */
export function decidedUntil(plan: RegleDuPlan, calendar: Calendar, passe: Passe, now: number): number {
  if (!hasCalendar(plan) || isFloating(plan)) return passe.suiviDepuis;
  for (const { occurrence } of undecided(plan, calendar, passe)) {
    return Math.max(passe.suiviDepuis, Math.min(now, Date.parse(occurrence) - DAY));
  }
  return passe.suiviDepuis;
}

const DAY = 86_400_000;

function* undecided(plan: RegleDuPlan, calendar: Calendar, passe: Passe): Generator<DateDue> {
  const known = new Set(passe.decidees.map(({ cle }) => cle));
  let looked = 0;
  for (const date of datesFrom(plan, calendar, dayAt(passe.suiviDepuis, calendar.zone))) {
    looked += 1;
    if (looked > MAX_LOOKED_AT) return;
    if (!known.has(cleOf(date)) && isFollowed(date, plan, calendar, passe)) yield date;
  }
}

/** Whether the day of the rule, at the time of the plan, lies after what is not looked at any more. */
function isFollowed(
  { occurrence, jour, date }: DateDue,
  plan: RegleDuPlan,
  calendar: Calendar,
  { suiviDepuis }: Passe,
): boolean {
  if (occurrence === jour) return date > suiviDepuis;
  return Math.max(date, instantOn(plan, occurrence, calendar.zone)) > suiviDepuis;
}

/** The date that follows from what was last done or last due; null while its work is open, or where none is left. */
function nextOf(plan: RegleDuPlan, calendar: Calendar, passe: Passe): DateDue | null {
  const fromWork = plan.base === 'derniere_realisation';
  if (fromWork && passe.ouverte !== null) return null;
  const anchors = fromWork ? [passe.derniereFin, passe.derniereSansTravail] : [passe.derniere];
  const last = Math.max(...anchors.map((anchor) => anchor ?? Number.NEGATIVE_INFINITY));
  const anchor = Number.isFinite(last) ? dayAt(last, calendar.zone) : null;
  // The first date may be done early, or a meter come before it.
  const cameFirst = last > passe.suiviDepuis;
  const continues = anchor !== null && (anchor >= plan.date_debut! || cameFirst);
  const rule = continues ? { ...plan, date_debut: anchor } : plan;
  const followed = dayAt(passe.suiviDepuis, calendar.zone);
  const first = [plan.date_debut!, followed].sort().at(-1)!;
  const from = continues ? dayAfter(anchor, 1) : first;
  const known = new Set(passe.decidees.map(({ cle }) => cle));
  for (const date of datesFrom(rule, calendar, from)) {
    const isNew = !known.has(cleOf(date)) && (continues || date.date > passe.suiviDepuis);
    // A day that was moved to, or before, the one it is counted from would be due again at once.
    if (isNew && (!continues || date.jour > anchor)) return date;
  }
  return null;
}

/** What the rows will say once a decision is written. */
function after(passe: Passe, { cle, date, resultat }: Decision): Passe {
  return {
    ...passe,
    decidees: [...passe.decidees, { cle, date, resultat, intervention: null }],
    ouverte:
      resultat === 'creee' || resultat === 'fusionnee'
        ? (passe.ouverte ?? Number.POSITIVE_INFINITY)
        : passe.ouverte,
    derniereSansTravail:
      resultat === 'creee' || resultat === 'fusionnee'
        ? passe.derniereSansTravail
        : Math.max(date, passe.derniereSansTravail ?? date),
    derniere: Math.max(date, passe.derniere ?? date),
  };
}

function isMissed({ date, generation }: DateDue, now: number): boolean {
  return Math.max(date, generation) < now - SLOW;
}

function blank(date: DateDue): Decision {
  return {
    cle: cleOf(date),
    occurrence: date.occurrence,
    date: date.date,
    resultat: 'creee',
    motif: null,
    rattrapage: false,
    intervention: null,
    absorbeePar: null,
  };
}

function decisionOn(
  plan: RegleDuPlan,
  calendar: Calendar,
  passe: Omit<Passe, 'ouverte'> & { ouverte: Decision['intervention'] },
  voisins: readonly Voisin[],
  due: DateDue,
  isLast: boolean,
  now: number,
): Decision {
  const rattrapage = isMissed(due, now);
  const decision = { ...blank(due), rattrapage };
  const skip = (motif: MotifSaut): Decision => ({ ...decision, resultat: 'sautee', motif });
  if (due.sautee) return skip('jour_ferme');

  const twin = passe.decidees.find(({ date, resultat }) => date === due.date && resultat !== 'sautee');
  if (twin !== undefined) return { ...decision, resultat: 'fusionnee', intervention: twin.intervention };
  const absorbing = absorbingOf(plan, calendar, voisins, due);
  if (absorbing !== null) return { ...decision, resultat: 'absorbee', absorbeePar: absorbing };
  const done = doneBefore(plan, calendar, passe, due);
  if (done !== null) return { ...decision, resultat: 'realisee', intervention: done };
  if (rattrapage && (plan.rattrapage === 'aucune' || (plan.rattrapage === 'derniere' && !isLast))) {
    return skip('rattrapage');
  }
  if (passe.ouverte === null || plan.si_precedente_ouverte === 'creer') return decision;
  if (plan.si_precedente_ouverte === 'sauter') return skip('precedente_ouverte');
  return { ...decision, resultat: 'fusionnee', intervention: passe.ouverte };
}

/** Work without a date of its own that was finished within the tolerance before this one. */
function doneBefore(
  { tolerance_jours }: RegleDuPlan,
  { zone }: Calendar,
  { faites }: Pick<Passe, 'faites'>,
  { date }: DateDue,
): number | null {
  const earliest = addDays(date, -tolerance_jours, zone);
  const done = faites.filter(({ fin }) => fin >= earliest && fin <= date);
  return done.at(-1)?.intervention ?? null;
}

/** The date of the highest rank within the tolerance of this one; of one that was left out, the work is not done. */
function absorbingOf(
  { tolerance_jours }: RegleDuPlan,
  calendar: Calendar,
  voisins: readonly Voisin[],
  { date, jour }: DateDue,
): Decision['absorbeePar'] {
  const [earliest, latest] = [-1, 1].map((sign) => addDays(date, sign * tolerance_jours, calendar.zone)) as [
    number,
    number,
  ];
  for (const { plan, regle, passe } of [...voisins].sort((a, b) => b.rang - a.rang || a.plan - b.plan)) {
    const within = (at: number) => at >= earliest && at <= latest;
    const decided = passe.decidees.find(({ date: at, resultat }) => within(at) && resultat !== 'sautee');
    if (decided !== undefined) return { plan, cle: decided.cle };
    const since = {
      ...passe,
      suiviDepuis: Math.max(passe.suiviDepuis, Date.parse(jour) - (tolerance_jours + 47) * DAY),
    };
    for (const due of upcoming(regle, calendar, since)) {
      if (due.date > latest) break;
      if (within(due.date) && !due.sautee) return { plan, cle: cleOf(due) };
    }
  }
  return null;
}
