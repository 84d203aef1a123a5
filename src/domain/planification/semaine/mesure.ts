import { desequilibreDe, ecartDeCharge } from './cout';
import { membresDe, segmentsDe } from './fixes';
import { creerModele, jourDuMoment, type Modele } from './modele';
import type { Bilan, Cout, Plage, Probleme, VisitePlan } from './probleme';

/** What a plan comes to, whoever made it: the same measure for a proposal and for what is planned today. */

/** A visit with what is known of it once its days are laid out. */
export interface VisiteMesuree extends Required<VisitePlan> {
  /** Index of the work. */
  travail: number;
  fin: number;
  retard_minutes: number;
  trajet_minutes: number;
  km: number;
}

export interface Mesure {
  visites: VisiteMesuree[];
  bilan: Bilan;
  cout: Cout;
}

/**
 * Measures any plan of the work of a problem, also one that breaks its rules. What is no work of it is left out; who is
 * none of its techniciens travels nowhere.
 */
export function evaluer(probleme: Probleme, plan: readonly VisitePlan[]): { bilan: Bilan; cout: Cout } {
  const { bilan, cout } = mesurer(creerModele(probleme), plan);
  return { bilan, cout };
}

interface Etape {
  debut: number;
  lieu: number;
  /** Where travel to it is written down: at the first stretch of whoever leads. */
  visite: VisiteMesuree | null;
  travail: number;
}

export function mesurer(modele: Modele, plan: readonly VisitePlan[]): Mesure {
  const { probleme, techniciens, travaux, jours } = modele;
  const indices = new Map(travaux.map(({ intervention }, j) => [intervention, j]));
  const charge = Float64Array.from(techniciens, (technicien) => technicien.charge);
  const tournees: Etape[][] = Array.from({ length: modele.tournees }, () => []);
  const visites: VisiteMesuree[] = [];
  let retard = 0;
  let retardMinutes = 0;
  let ecart = 0;
  for (const { intervention, technicien, debut, segments: connus } of plan) {
    const j = indices.get(intervention);
    if (j === undefined) continue;
    const meneur = techniciens.findIndex(({ id }) => id === technicien);
    const segments = connus ?? segmentsDe(modele, meneur, j, debut);
    const fin = segments.at(-1)![1];
    const depasse = Math.max(0, fin - modele.echeance[j]!);
    const visite: VisiteMesuree = {
      ...{ intervention, technicien, debut, segments, travail: j, fin },
      ...{ retard_minutes: depasse, trajet_minutes: 0, km: 0 },
    };
    visites.push(visite);
    retardMinutes += depasse;
    retard += depasse * modele.poidsRetard[j]!;
    ecart += changeDe(modele, j, technicien, debut);
    for (const membre of membresDe(modele, meneur, j)) {
      segments.forEach(([de, a]: Plage, i) => {
        charge[membre]! += a - de;
        const jour = jourDuMoment(probleme, modele.temps[membre]!, de);
        const premiere = i === 0 && membre === meneur ? visite : null;
        const etape = { debut: de, lieu: modele.lieu[j]!, visite: premiere, travail: j };
        tournees[membre * jours + jour]?.push(etape);
      });
    }
  }
  const { minutes, km } = parcourir(modele, tournees);
  const places = new Set(visites.map(({ travail }) => travail));
  let nonAffectees = 0;
  for (let j = 0; j < travaux.length; j++) if (!places.has(j)) nonAffectees += modele.poidsAbsent[j]!;
  return {
    visites,
    bilan: {
      affectees: places.size,
      non_affectees: travaux.length - places.size,
      retard_minutes: retardMinutes,
      trajet_minutes: minutes,
      km: Math.round(km * 10) / 10,
      ecart_charge: ecartDeCharge(modele, charge),
    },
    cout: {
      ...{ non_affectees: nonAffectees, retard, trajet: minutes },
      ...{ desequilibre: desequilibreDe(modele, charge), ecart },
    },
  };
}

function changeDe({ travaux, probleme }: Modele, j: number, technicien: number, debut: number): number {
  const { actuel } = travaux[j]!;
  if (actuel === null) return 0;
  const jour = probleme.jours.find((un) => un.debut <= actuel.debut && actuel.debut < un.fin);
  const memeJour = jour !== undefined && jour.debut <= debut && debut < jour.fin;
  return technicien === actuel.technicien && memeJour ? 0 : 1;
}

/** Each day from the base through its visits in their order and back; writes down the way to each visit. */
function parcourir(modele: Modele, tournees: readonly Etape[][]): { minutes: number; km: number } {
  const { lieux, base, jours, probleme } = modele;
  let minutes = 0;
  let km = 0;
  tournees.forEach((etapes, t) => {
    if (etapes.length === 0) return;
    etapes.sort((a, b) => a.debut - b.debut || a.travail - b.travail);
    const chezSoi = base[(t / jours) | 0]!;
    let ici = chezSoi;
    for (const { lieu, visite } of [...etapes, { lieu: chezSoi, visite: null }]) {
      if (ici >= 0 && lieu >= 0) {
        const indice = ici * lieux + lieu;
        minutes += modele.minutes[indice]!;
        km += probleme.trajets.km[indice]!;
        if (visite !== null) {
          visite.trajet_minutes = modele.minutes[indice]!;
          visite.km = Math.round(probleme.trajets.km[indice]! * 10) / 10;
        }
      }
      ici = lieu;
    }
  });
  return { minutes, km };
}
