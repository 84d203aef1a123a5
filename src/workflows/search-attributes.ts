import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import { isLive } from '../domain/interventions/interventions';
import type { Snapshot } from '../domain/interventions/snapshot';
import type { StatutRendezVous } from '../domain/rendez-vous/rendez-vous';

/** What the Web UI can search for and show in its lists; registered by the worker at start. */
export const SEARCH_ATTRIBUTES = {
  Statut: 'KEYWORD',
  Priorite: 'KEYWORD',
  TypeIntervention: 'KEYWORD',
  TechnicienId: 'INT',
  EquipementId: 'INT',
  DateLimite: 'DATETIME',
  EnRetard: 'BOOL',
} as const;

const KEYS = Object.fromEntries(
  Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, defineSearchAttributeKey(name, type)]),
) as {
  [Name in keyof typeof SEARCH_ATTRIBUTES]: ReturnType<
    typeof defineSearchAttributeKey<(typeof SEARCH_ATTRIBUTES)[Name]>
  >;
};

/** @param now milliseconds since the epoch. */
export function searchAttributesOf(situation: Snapshot, now: number): SearchAttributeUpdatePair[] {
  const late = isLive(situation.statut) && situation.dateLimite < now;
  return [
    { key: KEYS.Statut, value: situation.statut },
    { key: KEYS.Priorite, value: situation.priorite },
    { key: KEYS.TypeIntervention, value: situation.typeIntervention },
    { key: KEYS.TechnicienId, value: situation.technicienId },
    { key: KEYS.EquipementId, value: situation.equipementId },
    { key: KEYS.DateLimite, value: new Date(situation.dateLimite) },
    { key: KEYS.EnRetard, value: late },
  ];
}

/** What lists show of an appointment: its state. */
export function rendezVousAttributesOf(statut: StatutRendezVous): SearchAttributeUpdatePair[] {
  return [{ key: KEYS.Statut, value: statut }];
}
