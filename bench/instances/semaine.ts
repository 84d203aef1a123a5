import { NIVEAUX_EXPERIENCE } from '../../src/domain/identite/techniciens';
import { creerHasard } from '../../src/domain/planification/semaine/hasard';
import type {
  Jour,
  Plage,
  Probleme,
  Technicien,
  Trajets,
  Travail,
} from '../../src/domain/planification/semaine/probleme';
import { DEFAULT_TRAJETS, type Point, trajetBetween } from '../../src/domain/planification/trajets';
import { PRIORITES } from '../../src/domain/priorites';

/**
 * Weeks in the shape of an industrial site near Khouribga, the same for the same number: a plant, its mines and their
 * stations within 40 km, people who start from a few workshops, work with skills, half-day windows and deadlines.
 */
export interface TailleSemaine {
  graine: number;
  techniciens: number;
  travaux: number;
  jours: number;
  lieux: number;
  /** In percent of work or people; 0 leaves it out. */
  verrouilles: number;
  equipes: number;
  longs: number;
  absences: number;
  /** Skills that run out, or begin, within the week. */
  expirations: number;
  /** Work that somebody is planned for already. */
  planifies: number;
}

/** The week that the goals speak of: every rule in it, little enough of what cannot be moved to leave a choice. */
export const SEMAINE_500: TailleSemaine = {
  ...{ graine: 500, techniciens: 30, travaux: 500, jours: 5, lieux: 60 },
  ...{ verrouilles: 2, equipes: 2, longs: 1, absences: 20, expirations: 5, planifies: 30 },
};

const COMPETENCES = [
  ...['Électricité HT', 'Hydraulique', 'Mécanique', 'Automatisme'],
  ...['Soudure', 'Instrumentation', 'Levage', 'Froid'],
] as const;
const COMPETENCES_CHACUN = 4;
const CENTRE: Point = { latitude: 32.88, longitude: -6.91 };
const JOURNEE = 24 * 60;
const JAMAIS = Number.POSITIVE_INFINITY;
/** Monday 14 December 2026, 00:00 UTC, which is midnight in Casablanca. */
const LUNDI = Date.UTC(2026, 11, 14) / 60_000;
const [MATIN, MIDI, APRES_MIDI, SOIR] = [8 * 60, 12 * 60, 13 * 60, 17 * 60];
const DUREES = [30, 45, 60, 60, 90, 90, 120, 180] as const;

export function creerSemaine(taille: TailleSemaine): Probleme {
  const hasard = creerHasard(taille.graine);
  const entre = (min: number, max: number) => min + hasard.entier(max - min + 1);
  const choisir = <T>(liste: readonly T[]): T => liste[hasard.entier(liste.length)]!;
  const chance = (pourCent: number) => hasard.suivant() * 100 < pourCent;

  const jours = Array.from({ length: taille.jours }, (_, jour): Jour => {
    const debut = LUNDI + jour * JOURNEE;
    return {
      date: new Date(debut * 60_000).toISOString().slice(0, 10),
      debut,
      fin: debut + JOURNEE,
    };
  });
  const points = lieuxAutour(taille.lieux, () => hasard.suivant());
  /** Workshops, from which days begin. */
  const ateliers = Math.max(1, Math.floor(taille.lieux / 12));
  const sites = Math.max(1, Math.floor(taille.lieux / 6));

  const techniciens = Array.from({ length: taille.techniciens }, (_, t): Technicien => {
    const tenues = new Set<string>([COMPETENCES[t % COMPETENCES.length]!]);
    while (tenues.size < COMPETENCES_CHACUN) tenues.add(choisir(COMPETENCES));
    const absences: Plage[] = [];
    if (chance(taille.absences)) {
      const debut = choisir(jours).debut + choisir([MATIN, APRES_MIDI]);
      absences.push([debut, debut + choisir([4 * 60, 10 * 60])]);
    }
    const heures = jours.map(({ debut }): Plage => [debut + MATIN, debut + SOIR]);
    return {
      id: 100 + t,
      habilitations: [...tenues].map((competence) => ({
        competence,
        valide_du: chance(taille.expirations / 2) ? choisir(jours).date : null,
        valide_jusqu_au: chance(taille.expirations) ? choisir(jours).date : null,
      })),
      niveau: choisir(NIVEAUX_EXPERIENCE),
      base: hasard.entier(ateliers),
      sites: null,
      // The second calendar is of sites that begin later.
      heures: [heures, heures.map(([debut, fin]): Plage => [debut + 60, fin])],
      plus_long_travail: 4 * 60,
      absences,
      occupations: chance(taille.absences) ? [plageDans(choisir(jours), entre(MATIN, SOIR - 60), 60)] : [],
      pauses: jours.map(({ debut }): Plage => [debut + MIDI, debut + APRES_MIDI]),
      charge: 0,
    };
  });

  const travaux = Array.from({ length: taille.travaux }, (_, j): Travail => {
    const long = chance(taille.longs);
    const duree = long ? choisir([5 * 60, 10 * 60]) : choisir(DUREES);
    const jour = choisir(jours);
    const lieu = hasard.entier(taille.lieux);
    const meneur = choisir(techniciens);
    const equipier = choisir(techniciens);
    const debut = jour.debut + choisir([MATIN, APRES_MIDI]) + 15 * hasard.entier(4);
    const echeance = chance(40) ? choisir(jours).debut + choisir([MIDI, SOIR]) : null;
    const auPlusTot = chance(10) ? choisir(jours).debut + MATIN : null;
    return {
      intervention: 1_000 + j,
      priorite: choisir(PRIORITES),
      urgence: chance(10),
      duree,
      competences: chance(15) ? [choisir(COMPETENCES), choisir(COMPETENCES)] : [choisir(COMPETENCES)],
      niveau_minimum: chance(10) ? choisir(['confirme', 'senior'] as const) : null,
      lieu,
      site: lieu % sites,
      calendrier: lieu % 5 === 0 ? 1 : 0,
      // Most have time until after the week, as a backlog has.
      echeance,
      // What can only be late says nothing of a plan.
      au_plus_tot: auPlusTot !== null && (echeance ?? JAMAIS) - auPlusTot >= 4 * 60 ? auPlusTot : null,
      fenetres: !long && chance(30) ? demiJournees(jours, chance(50)) : null,
      actuel: chance(taille.planifies) ? { technicien: meneur.id, debut } : null,
      equipe: chance(taille.equipes) && meneur.id !== equipier.id ? [equipier.id] : [],
      verrouille: null,
    };
  });
  verrouiller(travaux, techniciens, taille.verrouilles, chance);
  return {
    jours,
    // Of the second the plant closes on the last morning.
    calendriers: [{ fermetures: [] }, { fermetures: [plageDans(jours.at(-1)!, MATIN, 4 * 60)] }],
    techniciens,
    travaux,
    trajets: trajetsEntre(points),
    pas: 5,
  };
}

/** Most places lie close to a few centres, the others anywhere around. */
function lieuxAutour(nombre: number, suivant: () => number): Point[] {
  const autour = (centre: Point, degres: number): Point => ({
    latitude: centre.latitude + (2 * suivant() - 1) * degres,
    longitude: centre.longitude + (2 * suivant() - 1) * degres,
  });
  const centres = Array.from({ length: 6 }, () => autour(CENTRE, 0.3));
  return Array.from({ length: nombre }, (_, lieu) =>
    lieu % 4 === 3 ? autour(CENTRE, 0.35) : autour(centres[Math.floor(suivant() * centres.length)]!, 0.06),
  );
}

function trajetsEntre(points: readonly Point[]): Trajets {
  const paires = points.flatMap((de) => points.map((vers) => trajetBetween(de, vers, DEFAULT_TRAJETS)));
  return {
    lieux: points.length,
    minutes: Int32Array.from(paires, ({ minutes }) => Math.ceil(minutes)),
    km: Float64Array.from(paires, ({ km }) => km),
  };
}

function demiJournees(jours: readonly Jour[], matin: boolean): Plage[] {
  return jours.map((jour) => plageDans(jour, matin ? MATIN : APRES_MIDI, 4 * 60));
}

function plageDans({ debut }: Jour, minute: number, duree: number): Plage {
  return [debut + minute, debut + minute + duree];
}

/** Locks some of the work where it stands in the plan of today, one visit a half-day of each technicien at most. */
function verrouiller(
  travaux: Travail[],
  techniciens: readonly Technicien[],
  pourCent: number,
  chance: (pourCent: number) => boolean,
): void {
  const pris = new Set<string>();
  for (const travail of travaux) {
    const { actuel, equipe, duree } = travail;
    if (actuel === null || equipe.length > 0 || duree > 180) continue;
    const { occupations } = techniciens.find(({ id }) => id === actuel.technicien)!;
    if (occupations.some(([de, a]) => de < actuel.debut + duree && a > actuel.debut)) continue;
    const cle = `${actuel.technicien} ${Math.floor(actuel.debut / MIDI)}`;
    // A third of the work is planned, so that a locked share of all is three times as much of it.
    if (pris.has(cle) || !chance(3 * pourCent)) continue;
    pris.add(cle);
    travail.verrouille = actuel;
  }
}
