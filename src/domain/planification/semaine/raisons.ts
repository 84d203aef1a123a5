import { estLongue, membresDe, ouvertureCommune } from './fixes';
import { aCompetences, aNiveau, type Modele, tempsValide, vaSurSite } from './modele';
import { placesPossibles } from './places';
import { croiser, enlever, reunir } from './plages';
import {
  CODES_REFUS,
  type CodeRefus,
  type NonAffectee,
  type Plage,
  type Refus,
  type Travail,
} from './probleme';

/** Why work found no place: for each technicien the first rule that fails, in the order of `CODES_REFUS`. */

/** As many techniciens as are named with their reason. */
const NOMMES = 5;

/** @param travail index of work that stands nowhere, in a plan to which nothing can be added. */
export function raisonsDe(modele: Modele, travail: number): NonAffectee {
  const { techniciens, travaux } = modele;
  const comptes: Partial<Record<CodeRefus, number>> = {};
  const refus = techniciens.flatMap(({ id }, t) => {
    // Whoever is named to come along is not asked to lead.
    if (travaux[travail]!.equipe.includes(id)) return [];
    const code = premierRefus(modele, t, travail);
    return [{ technicien: id, code, rang: CODES_REFUS.indexOf(code), loin: loinDe(modele, t, travail) }];
  });
  for (const code of CODES_REFUS) {
    const nombre = refus.filter((un) => un.code === code).length;
    if (nombre > 0) comptes[code] = nombre;
  }
  const meilleurs = refus
    .sort((a, b) => b.rang - a.rang || a.loin - b.loin || a.technicien - b.technicien)
    .slice(0, NOMMES)
    .map(({ technicien, code }): Refus => ({ technicien, code }));
  return { intervention: travaux[travail]!.intervention, comptes, meilleurs };
}

/** Minutes from the base to the work; those without a base come last. */
function loinDe({ base, lieu, lieux, minutes }: Modele, t: number, travail: number): number {
  const depuis = base[t]!;
  return depuis < 0 ? Number.MAX_SAFE_INTEGER : minutes[depuis * lieux + lieu[travail]!]!;
}

function premierRefus(modele: Modele, t: number, j: number): CodeRefus {
  const { probleme } = modele;
  const technicien = modele.techniciens[t]!;
  const travail = modele.travaux[j]!;
  if (!aCompetences(technicien, travail)) return 'competence';
  const valide = tempsValide(technicien, travail, probleme.jours);
  if (valide.length === 0) return 'habilitation_expiree';
  if (!aNiveau(technicien, travail)) return 'niveau';
  if (!vaSurSite(technicien, travail)) return 'site';

  const libreDeTout: Travail = { ...travail, fenetres: null, au_plus_tot: null };
  const longue = estLongue(modele, [t], j);
  const tient = (ouvert: readonly Plage[], libre: readonly Plage[], un: Travail = libreDeTout) =>
    !placesPossibles(un, { ouvert, libre }, probleme.pas, longue).next().done;

  const heures = enlever(reunir(technicien.heures[travail.calendrier] ?? []), technicien.pauses);
  if (!tient(heures, heures)) return 'hors_horaires';
  const ouvert = modele.temps[t]!.ouvert[travail.calendrier] ?? [];
  if (!tient(ouvert, ouvert)) return 'ferie';
  const present = enlever(ouvert, technicien.absences);
  if (!tient(ouvert, present)) return 'absent';
  const permis = croiser(present, valide);
  if (!tient(ouvert, permis)) return 'habilitation_expiree';
  if (!tient(ouvert, permis, travail)) return 'fenetre';
  return travail.equipe.length > 0 ? refusDeLEquipe(modele, t, j) : 'creneau_pris';
}

/** With a crew it may be that there is no time at which all of them could come, even with nothing else planned. */
function refusDeLEquipe(modele: Modele, t: number, j: number): CodeRefus {
  const { probleme } = modele;
  const travail = modele.travaux[j]!;
  const membres = membresDe(modele, t, j);
  if (membres.length < 1 + new Set(travail.equipe).size) return 'equipe';
  const { ouvert, libre } = ouvertureCommune(modele, membres, j);
  const valide = croiser(libre, tempsValide(modele.techniciens[t]!, travail, probleme.jours));
  const places = placesPossibles(
    travail,
    { ouvert, libre: valide },
    probleme.pas,
    estLongue(modele, membres, j),
  );
  return places.next().done ? 'equipe' : 'creneau_pris';
}
