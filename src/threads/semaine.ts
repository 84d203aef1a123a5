import { evaluer } from '../domain/planification/semaine/mesure';
import type {
  Bilan,
  Probleme,
  Progression,
  Proposition,
  VisitePlan,
} from '../domain/planification/semaine/probleme';
import { creerRecherche, iterationsParDefaut } from '../domain/planification/semaine/recherche';
import { serveTask } from './serve-task';

/** Entry of the process that searches for a week. */

export interface TacheSemaine {
  probleme: Probleme;
  /** What is planned today, to be measured beside what is found. */
  actuel: VisitePlan[];
}

/** Few enough that somebody who has gone is missed at once: some ten milliseconds. */
const AT_ONCE = 50;

serveTask<TacheSemaine, Progression, { proposition: Proposition; avant: Bilan }>(({ probleme, actuel }) => {
  const recherche = creerRecherche(probleme, { iterations: iterationsParDefaut(probleme) });
  return {
    advance: () => void recherche.avancer(AT_ONCE),
    get done() {
      return recherche.terminee;
    },
    get progress() {
      return recherche.progression;
    },
    result: () => ({ proposition: recherche.proposition(), avant: evaluer(probleme, actuel).bilan }),
  };
});
