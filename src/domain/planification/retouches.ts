import { estLongue, membresDe, ouvertureCommune } from './semaine/fixes';
import { aCompetences, aNiveau, type Modele, tempsValide, vaSurSite } from './semaine/modele';
import { remplir } from './semaine/places';
import { contient, enlever, reunir } from './semaine/plages';
import type { CodeRefus, Plage } from './semaine/probleme';

/**
 * Changing a plan by hand: whether a visit can stand where somebody puts it. The same rules as those of the search, but for
 * travel, which is told and not refused: whoever moves a visit may know a shorter way.
 */

/** Where a visit stands, or what speaks against it. */
export type Pose = { segments: Plage[] } | { refus: Exclude<CodeRefus, 'fenetre'> };

/**
 * @param technicien id of one of the problem.
 * @param debut minutes since the epoch.
 * @returns null for work or people that the problem does not know.
 */
export function poser(modele: Modele, intervention: number, technicien: number, debut: number): Pose | null {
  const travail = modele.travaux.findIndex((un) => un.intervention === intervention);
  const meneur = modele.techniciens.findIndex(({ id }) => id === technicien);
  const voulu = modele.travaux[travail];
  const personne = modele.techniciens[meneur];
  if (voulu === undefined || personne === undefined) return null;
  if (!aCompetences(personne, voulu)) return { refus: 'competence' };
  if (!aNiveau(personne, voulu)) return { refus: 'niveau' };
  if (!vaSurSite(personne, voulu)) return { refus: 'site' };

  const membres = membresDe(modele, meneur, travail);
  if (membres.length < 1 + new Set(voulu.equipe).size) return { refus: 'equipe' };
  const longue = estLongue(modele, membres, travail);
  const remplirDans = (ouvert: readonly Plage[]) => {
    if (longue) return remplir(ouvert, debut, voulu.duree);
    const entier: Plage = [debut, debut + voulu.duree];
    return contient(ouvert, entier) ? [entier] : null;
  };
  const heures = enlever(reunir(personne.heures[voulu.calendrier] ?? []), personne.pauses);
  if (remplirDans(heures) === null) return { refus: 'hors_horaires' };
  const segments = remplirDans(modele.temps[meneur]!.ouvert[voulu.calendrier] ?? []);
  if (segments === null) return { refus: 'ferie' };
  const touche = (plages: readonly Plage[]) =>
    segments.some(([depuis, fin]) => plages.some(([de, a]) => de < fin && a > depuis));
  if (touche(personne.absences)) return { refus: 'absent' };
  const valide = tempsValide(personne, voulu, modele.probleme.jours);
  if (!segments.every((segment) => contient(valide, segment))) return { refus: 'habilitation_expiree' };
  if (touche(personne.occupations)) return { refus: 'creneau_pris' };
  const { ouvert, libre } = ouvertureCommune(modele, membres, travail);
  const communs = remplirDans(ouvert);
  if (communs === null || !communs.every((segment) => contient(libre, segment))) return { refus: 'equipe' };
  return { segments: communs };
}
