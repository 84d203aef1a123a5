import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Echeance } from '../domain/interventions/escalade';
import type { OrdreRule } from '../domain/interventions/ordres';
import type { Snapshot } from '../domain/interventions/snapshot';
import { searchAttributesOf } from './search-attributes';

/** What an operator sees of an intervention in Temporal's Web UI: searchable columns and a few lines of text. */
export function showSituation(situation: Snapshot): void {
  const changed = searchAttributesOf(situation, Date.now()).filter(isNew);
  if (changed.length > 0) upsertSearchAttributes(changed);
  setCurrentDetails(describe(situation));
}

const ETAPES = {
  affectation: 'affectation attendue',
  demarrage: 'démarrage attendu',
  resolution: 'fin des travaux attendue',
} as const;

/** One line for a timer. */
export function describeEcheance(echeance: Echeance | undefined): string {
  if (echeance === undefined) return '';
  const { etape, niveau, limite } = echeance;
  if (etape === 'cloture') return 'clôture : fin de la période de réouverture';
  if (etape === 'pieces') return 'relance des pièces manquantes';
  return limite === undefined
    ? `${ETAPES[etape]}, niveau ${niveau}`
    : `${ETAPES[etape]}, rappel avant l’échéance`;
}

/** One line for an order. */
export function describeOrdre({ type, statut }: OrdreRule): string {
  return statut === undefined ? type : `statut : ${statut}`;
}

function isNew({ key, value }: SearchAttributeUpdatePair): boolean {
  const present = workflowInfo().typedSearchAttributes.get(key as never) as unknown;
  if (present instanceof Date && value instanceof Date) return present.getTime() !== value.getTime();
  return (present ?? null) !== value;
}

function describe(situation: Snapshot): string {
  const { statut, priorite, urgence, technicienId, echeances } = situation;
  const lines = [
    `**${statut}** · priorité ${priorite}${urgence ? ' · urgente' : ''}`,
    technicienId === null ? 'Aucun technicien' : `Technicien ${technicienId}`,
    `À résoudre avant ${new Date(situation.dateLimite).toISOString()}`,
    ...echeances
      .slice(0, 3)
      .map((echeance) => `- ${new Date(echeance.date).toISOString()} : ${describeEcheance(echeance)}`),
    ...(situation.rapportAttendu === null ? [] : ['Rapport à établir']),
    ...(situation.rapportAbandonne ? ['**Rapport abandonné**, à redemander : `POST …/rapport`'] : []),
  ];
  return lines.join('\n\n');
}
