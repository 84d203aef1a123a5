import { NATURES_TEMPS, type NatureTemps } from '../../domain/interventions/temps';
import type { Ecriture } from '../ecriture';
import type { Sheet } from '../sheet';
import { facts } from './facts';
import { table } from './table';

export interface TempsRapport {
  nature: NatureTemps;
  debut: string;
  fin: string;
  personne: string;
}

/**
 * Time that people spent, with its sums. @param minutes whole ones by nature, of all segments, also of those that are not
 * shown.
 */
export function temps(
  sheet: Sheet,
  ecriture: Ecriture,
  given: readonly TempsRapport[],
  minutes: Record<NatureTemps, number>,
): void {
  const { intervention: mots, natures, duree } = ecriture.textes;
  facts(
    sheet,
    NATURES_TEMPS.map((nature) => ({ label: natures[nature], valeur: duree(minutes[nature]) })),
    3,
  );
  sheet.y += 12;
  table(
    sheet,
    [
      { titre: mots.nature_, part: 0.14 },
      { titre: mots.debut, part: 0.23 },
      { titre: mots.fin, part: 0.23 },
      { titre: mots.dureeColonne, part: 0.14 },
      { titre: mots.par, part: 0.26, auto: true },
    ],
    given.map(({ nature, debut, fin, personne }) => [
      natures[nature],
      ecriture.moment(debut),
      ecriture.moment(fin),
      ecriture.entre(debut, fin),
      personne,
    ]),
  );
}
