import { creerHasard } from '../../src/domain/planification/semaine/hasard';
import type { Plage, Probleme, Trajets, Travail } from '../../src/domain/planification/semaine/probleme';
import { creerSemaine } from './semaine';

export interface TailleJournee {
  graine: number;
  arrets: number;
  /** Minutes of the widest window within which a visit has to lie; an hour more than that. */
  largeur: number;
  /** So many in a hundred visits have one. */
  fenetres: number;
}

const MATIN = 8 * 60;
/** Half-days, of which a window has an hour at least. */
const [DEBUTS, HEURES] = [[MATIN, 13 * 60], 3 * 60] as const;
const DUREES = [10, 15, 20, 30] as const;

/** One day of one person with as many stops, short enough to be done in it; planned today in the order of their numbers. */
export function creerJournee({ graine, arrets, largeur, fenetres }: TailleJournee): Probleme {
  const semaine = creerSemaine({
    ...{ graine, techniciens: 1, travaux: arrets, jours: 1, lieux: 40 },
    ...{ verrouilles: 0, equipes: 0, longs: 0, absences: 0, expirations: 0, planifies: 0 },
  });
  const hasard = creerHasard(graine);
  const [jour] = semaine.jours;
  const technicien = semaine.techniciens[0]!.id;
  const travaux = semaine.travaux.map((travail, j): Travail => {
    const debut = jour!.debut + DEBUTS[hasard.entier(DEBUTS.length)]! + hasard.entier(HEURES);
    const fenetre: Plage = [debut, debut + 60 + hasard.entier(largeur)];
    return {
      ...travail,
      ...{
        duree: DUREES[hasard.entier(DUREES.length)]!,
        competences: [],
        niveau_minimum: null,
        au_plus_tot: null,
      },
      lieu: hasard.entier(semaine.trajets.lieux),
      calendrier: 0,
      fenetres: hasard.suivant() * 100 < fenetres ? [fenetre] : null,
      actuel: { technicien, debut: jour!.debut + MATIN + 25 * j },
    };
  });
  return { ...semaine, travaux, trajets: rapprocher(semaine.trajets) };
}

/** A third of the way each, so that the day is not spent on the road. */
function rapprocher({ lieux, minutes, km }: Trajets): Trajets {
  return {
    lieux,
    minutes: Int32Array.from(minutes, (une) => Math.ceil(une / 3)),
    km: Float64Array.from(km, (un) => un / 3),
  };
}
