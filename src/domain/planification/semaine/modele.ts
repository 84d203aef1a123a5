import { NIVEAUX_EXPERIENCE } from '../../identite/techniciens';
import { PRIORITES } from '../../priorites';
import { croiser, dureeTotale, enlever, reunir } from './plages';
import type { Jour, Plage, Probleme, Technicien, Travail } from './probleme';

/**
 * A problem made ready for the search: sorted by id, so that the order of the input cannot matter, and everything that
 * never changes worked out once, in arrays of numbers. A *tournée* is a day of a technicien, `technicien × jours + jour`.
 */
export interface Modele {
  readonly probleme: Probleme;
  /** By id. */
  readonly techniciens: readonly Technicien[];
  /** By intervention. */
  readonly travaux: readonly Travail[];
  readonly jours: number;
  readonly tournees: number;
  readonly lieux: number;
  readonly minutes: Int32Array;
  /** Place of the base by technicien, -1 where nobody knows. */
  readonly base: Int32Array;
  /** What somebody's time looks like before it is cut into numbers, by technicien. */
  readonly temps: readonly Temps[];
  /** Stretches in which somebody may travel, by tournée: `presence[2k], presence[2k + 1]` from `presenceDe[t]` to `presenceDe[t + 1]`. */
  readonly presenceDe: Int32Array;
  readonly presence: Int32Array;
  /**
   * When work may begin, by work and tournée, on the grid, the last moment included: pairs `debuts[2k], debuts[2k + 1]` from
   * `debutsDe[travail × tournées + tournée]`. Empty where somebody cannot do it, and for what the search does not move.
   */
  readonly debutsDe: Int32Array;
  readonly debuts: Int32Array;
  /** The tournées that have any, by work. */
  readonly candidates: readonly Int32Array[];
  readonly duree: Int32Array;
  readonly lieu: Int32Array;
  /** `JAMAIS` without one. */
  readonly echeance: Int32Array;
  /** What a minute of lateness weighs. */
  readonly poidsRetard: Int32Array;
  /** What it weighs to leave something out. */
  readonly poidsAbsent: Float64Array;
  /** Minutes of presence in the period by technicien, at least 1. */
  readonly capacite: Float64Array;
  /** Whether the search decides about it: neither locked, nor with a crew, nor longer than everybody's stretches. */
  readonly libre: Uint8Array;
  /** By work and tournée, 1 where it would be another technicien or day than today. */
  readonly change: Uint8Array;
}

/** Somebody's time, by calendar where closings or clocks differ. */
export interface Temps {
  /** Hours of any calendar, before anything is taken away: says which day a moment belongs to. */
  heures: readonly Plage[];
  /** Hours without pauses and closings, by calendar: the stretches that long work fills. */
  ouvert: readonly (readonly Plage[])[];
  /** What of them is free: also without absences and occupations. */
  libre: readonly (readonly Plage[])[];
  /** Free in any calendar: where there may be travel. */
  presence: readonly Plage[];
}

/** Later than any instant, in minutes; sums with durations stay within 32 bits. */
export const JAMAIS = 2 ** 30;

export function creerModele(probleme: Probleme): Modele {
  const techniciens = [...probleme.techniciens].sort((a, b) => a.id - b.id);
  const travaux = [...probleme.travaux].sort((a, b) => a.intervention - b.intervention);
  const jours = probleme.jours.length;
  const tournees = techniciens.length * jours;
  const temps = techniciens.map((technicien) => tempsDe(technicien, probleme));
  const jourDe = (t: number, [debut]: Plage) => jourDuMoment(probleme, temps[t]!, debut);

  const presenceDe = new Int32Array(tournees + 1);
  const presence: number[] = [];
  for (let t = 0; t < techniciens.length; t++) {
    const parJour = parJours(temps[t]!.presence, jours, (plage) => jourDe(t, plage));
    for (let jour = 0; jour < jours; jour++) {
      for (const plage of parJour[jour]!) presence.push(...plage);
      presenceDe[t * jours + jour + 1] = presence.length / 2;
    }
  }

  const libre = new Uint8Array(travaux.length);
  const debutsDe = new Int32Array(travaux.length * tournees + 1);
  const debuts: number[] = [];
  const candidates: Int32Array[] = [];
  const change = new Uint8Array(travaux.length * tournees);
  // The stretches of somebody by day and calendar are the same for all work; cutting them up once spares most of the time.
  const libres = techniciens.map((_, t) =>
    temps[t]!.libre.map((plages) => parJours(plages, jours, (plage) => jourDe(t, plage))),
  );
  travaux.forEach((travail, j) => {
    libre[j] = decideParRecherche(travail, techniciens) ? 1 : 0;
    const possibles: number[] = [];
    techniciens.forEach((technicien, t) => {
      const apte =
        libre[j] === 1 && travail.duree <= technicien.plus_long_travail && peutFaire(technicien, travail);
      const valide = apte ? tempsValide(technicien, travail, probleme.jours) : [];
      for (let jour = 0; jour < jours; jour++) {
        const tournee = t * jours + jour;
        const avant = debuts.length;
        const plages = croiser(apte ? (libres[t]![travail.calendrier]?.[jour] ?? []) : [], valide);
        for (const [de, a] of debutsPossibles(plages, travail, probleme.pas)) debuts.push(de, a);
        if (debuts.length > avant) possibles.push(tournee);
        debutsDe[j * tournees + tournee + 1] = debuts.length / 2;
        change[j * tournees + tournee] = changePlan(probleme, technicien, jour, travail) ? 1 : 0;
      }
    });
    candidates.push(Int32Array.from(possibles));
  });

  return {
    probleme,
    techniciens,
    travaux,
    jours,
    tournees,
    lieux: probleme.trajets.lieux,
    minutes: Int32Array.from(probleme.trajets.minutes, Math.ceil),
    base: Int32Array.from(techniciens, ({ base }) => base ?? -1),
    temps,
    presenceDe,
    presence: Int32Array.from(presence),
    debutsDe,
    debuts: Int32Array.from(debuts),
    candidates,
    duree: Int32Array.from(travaux, ({ duree }) => duree),
    lieu: Int32Array.from(travaux, ({ lieu }) => lieu),
    echeance: Int32Array.from(travaux, ({ echeance }) => echeance ?? JAMAIS),
    poidsRetard: Int32Array.from(travaux, poidsDuRetard),
    poidsAbsent: poidsDesAbsents(travaux),
    capacite: Float64Array.from(temps, (un) => Math.max(1, dureeTotale(un.presence))),
    libre,
    change,
  };
}

function tempsDe(technicien: Technicien, { calendriers, jours }: Probleme): Temps {
  const reunies = reunir(technicien.heures.flat());
  // Whoever works round the clock has days nevertheless: they part at midnight, where a night shift does not.
  const minuits = jours.map(({ debut }) => debut);
  const coupures = minuits.filter((m) => reunies.some(([de, a]) => a - de > JOURNEE && de < m && m < a));
  const couper = (plages: readonly Plage[]) => couperAux(plages, coupures);
  const heures = couper(reunies);
  const ouvert = technicien.heures.map((plages, calendrier) =>
    couper(enlever(reunir(plages), [...technicien.pauses, ...(calendriers[calendrier]?.fermetures ?? [])])),
  );
  const pris = [...technicien.absences, ...technicien.occupations];
  return {
    heures,
    ouvert,
    libre: ouvert.map((plages) => enlever(plages, pris)),
    presence: enlever(heures, [...technicien.pauses, ...pris]),
  };
}

const JOURNEE = 24 * 60;

function couperAux(plages: readonly Plage[], coupures: readonly number[]): Plage[] {
  return plages.flatMap(([debut, fin]) => {
    const bornes = [debut, ...coupures.filter((coupure) => debut < coupure && coupure < fin), fin];
    return bornes.slice(1).map((borne, i) => [bornes[i]!, borne] as const);
  });
}

/**
 * The day that a moment of somebody belongs to: the one on which the stretch began, so that a night shift is one day's
 * work. -1 outside the period.
 */
export function jourDuMoment({ jours }: Probleme, { heures }: Temps, moment: number): number {
  const plage = heures.find(([debut, fin]) => debut <= moment && moment < fin);
  const depuis = plage?.[0] ?? moment;
  const jour = jours.findIndex(({ debut, fin }) => debut <= depuis && depuis < fin);
  // A night that began before the period is its first day's.
  return jour < 0 && plage !== undefined
    ? jours.findIndex(({ debut, fin }) => debut <= moment && moment < fin)
    : jour;
}

function parJours(plages: readonly Plage[], jours: number, jourDe: (plage: Plage) => number): Plage[][] {
  const parJour: Plage[][] = Array.from({ length: jours }, () => []);
  for (const plage of plages) parJour[jourDe(plage)]?.push(plage);
  return parJour;
}

/** When work may begin within stretches, on the grid: first and last moment of each, both included. */
export function debutsPossibles(plages: readonly Plage[], travail: Travail, pas: number): Plage[] {
  const { duree, fenetres, au_plus_tot: auPlusTot } = travail;
  const permises = fenetres === null ? plages : croiser(plages, reunir(fenetres));
  return permises.flatMap(([debut, fin]) => {
    const de = Math.ceil(Math.max(debut, auPlusTot ?? debut) / pas) * pas;
    const a = Math.floor((fin - duree) / pas) * pas;
    return de <= a ? [[de, a] as const] : [];
  });
}

function decideParRecherche(travail: Travail, techniciens: readonly Technicien[]): boolean {
  if (travail.verrouille !== null || travail.equipe.length > 0) return false;
  return techniciens.some(
    (technicien) => travail.duree <= technicien.plus_long_travail && peutFaire(technicien, travail),
  );
}

/** Whether nothing stands against somebody whatever the time, but for the validity of skills. */
export function peutFaire(technicien: Technicien, travail: Travail): boolean {
  return aCompetences(technicien, travail) && aNiveau(technicien, travail) && vaSurSite(technicien, travail);
}

/** Whether every skill asked for is held, valid or not. */
export function aCompetences({ habilitations }: Technicien, { competences }: Travail): boolean {
  return competences.every((voulue) =>
    habilitations.some(({ competence }) => memeCompetence(competence, voulue)),
  );
}

export function aNiveau({ niveau }: Technicien, { niveau_minimum: minimum }: Travail): boolean {
  return minimum === null || NIVEAUX_EXPERIENCE.indexOf(niveau) >= NIVEAUX_EXPERIENCE.indexOf(minimum);
}

export function vaSurSite({ sites }: Technicien, { site }: Travail): boolean {
  return site === null || sites === null || sites.includes(site);
}

/** The days on which every skill asked for is held and valid, as stretches of time. */
export function tempsValide(technicien: Technicien, travail: Travail, jours: readonly Jour[]): Plage[] {
  const valides = jours.filter(({ date }) => estHabilite(technicien, travail, date));
  const plages = valides.map(({ debut, fin }): Plage => [debut, fin]);
  // The last night of the period goes on where no day is known; what is valid for longer than its day is valid there.
  const derniere = jours.at(-1);
  if (derniere !== undefined && valides.at(-1) === derniere && !expire(technicien, travail, derniere.date)) {
    plages.push([derniere.fin, derniere.fin + JOURNEE]);
  }
  return reunir(plages);
}

function expire(technicien: Technicien, travail: Travail, date: string): boolean {
  return !travail.competences.every((voulue) =>
    technicien.habilitations.some(
      ({ competence, valide_jusqu_au: au }) =>
        memeCompetence(competence, voulue) && (au === null || au > date),
    ),
  );
}

function estHabilite(technicien: Technicien, travail: Travail, date: string): boolean {
  return travail.competences.every((voulue) =>
    technicien.habilitations.some(
      ({ competence, valide_du: du, valide_jusqu_au: au }) =>
        memeCompetence(competence, voulue) && (du === null || du <= date) && (au === null || date <= au),
    ),
  );
}

const COLLATION = new Intl.Collator('fr', { sensitivity: 'base' });

/** As everywhere: neither case nor accents count. */
function memeCompetence(une: string, autre: string): boolean {
  return une === autre || COLLATION.compare(une, autre) === 0;
}

function changePlan(probleme: Probleme, { id }: Technicien, jour: number, { actuel }: Travail): boolean {
  if (actuel === null) return false;
  const { debut, fin } = probleme.jours[jour]!;
  return actuel.technicien !== id || actuel.debut < debut || actuel.debut >= fin;
}

/** 2, 4, 8, 16 by priority, half as much again for what is urgent. */
function poidsDuRetard({ priorite, urgence }: Travail): number {
  const poids = 2 ** (PRIORITES.indexOf(priorite) + 1);
  return urgence ? poids * 1.5 : poids;
}

/** The largest base whose weights, summed up over all work, are still exact as numbers. */
const PLUS_GRANDE_BASE = 6_000;

/**
 * By priority 2 or, urgent, 3 times the power of a base that is larger than all of a lower priority together: one more
 * of a higher priority outweighs any number below it. Beyond 2,000 pieces of work it outweighs 2,000 of them.
 */
function poidsDesAbsents(travaux: readonly Travail[]): Float64Array {
  const base = Math.min(3 * travaux.length + 1, PLUS_GRANDE_BASE);
  return Float64Array.from(
    travaux,
    ({ priorite, urgence }) => (urgence ? 3 : 2) * base ** PRIORITES.indexOf(priorite),
  );
}

/** Higher priorities first, then what is urgent, then by deadline, then what takes longer, then by id. */
export function parUrgence({ travaux, duree, echeance }: Modele, lesquels: readonly number[]): number[] {
  const rang = (travail: number) => {
    const { priorite, urgence } = travaux[travail]!;
    return 2 * PRIORITES.indexOf(priorite) + (urgence ? 1 : 0);
  };
  return [...lesquels].sort(
    (a, b) => rang(b) - rang(a) || echeance[a]! - echeance[b]! || duree[b]! - duree[a]! || a - b,
  );
}
