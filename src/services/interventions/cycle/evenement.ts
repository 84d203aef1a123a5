import type { EntityManager } from 'typeorm';
import { Intervention } from '../../../db/interventions/interventions';
import { isStarted } from '../../../domain/interventions/interventions';
import type { DonneesIntervention, ModeleIntervention } from '../../../domain/interventions/textes';
import type { Actor } from '../../actor';
import { difference, record } from '../../historique';
import { type Audience, announce } from '../../messages/messages';
import { breachAt } from './clock';
import { echeancesOf, type LockedIntervention } from './locked';

/** One event of a lifecycle: what changed, why, and who is told. */
export interface Evenement {
  action: string;
  /** What brought it about; a cause acts once. */
  cause: string;
  changes: Partial<Intervention>;
  /** Further facts for the history, such as the parts that came. */
  details?: Record<string, unknown>;
  annonces?: Annonce[];
}

export interface Annonce {
  modele: ModeleIntervention;
  audience: Audience;
  donnees?: Partial<DonneesIntervention>;
}

/**
 * Writes an event: the row with its new deadlines, one history row under the next number, and the messages,
 * all in the given transaction. `locked` holds the new state afterwards.
 */
export async function writeEvenement(
  tx: EntityManager,
  actor: Actor,
  locked: LockedIntervention,
  evenement: Evenement,
): Promise<void> {
  const { intervention } = locked;
  const numero = intervention.numero_evenement + 1;
  const changes: Partial<Intervention> = {
    depasse_le: breachAt(intervention, actor.now),
    ...evenement.changes,
  };
  // Nobody takes over what is not under way.
  if (!isStarted(changes.statut ?? intervention.statut)) changes.a_transmettre_depuis = null;
  const { avant, apres } = difference(intervention, changes);
  Object.assign(intervention, changes);
  const written = {
    ...changes,
    numero_evenement: numero,
    echeances: echeancesOf(locked),
  };
  await tx.update(Intervention, { id: intervention.id }, written as object);
  Object.assign(intervention, written);

  await record(tx, actor, {
    entite: 'intervention',
    entiteId: intervention.id,
    action: evenement.action,
    avant,
    apres: { ...apres, ...evenement.details },
    numeroEvenement: numero,
    cause: evenement.cause,
  });
  for (const { modele, audience, donnees } of evenement.annonces ?? []) {
    await announce(tx, actor, {
      evenement: `intervention:${intervention.id}:${numero}`,
      modele,
      audience,
      siteId: locked.siteId,
      donnees: { ...messageData(locked), ...donnees },
    });
  }
}

/** What every message about an intervention says. */
export function messageData({
  intervention,
  equipement,
  technicien,
  planning,
  calendar,
}: LockedIntervention): DonneesIntervention {
  return {
    intervention_id: intervention.id,
    titre: intervention.titre,
    priorite: intervention.priorite,
    urgence: intervention.urgence,
    equipement,
    technicien: technicien === null ? null : { nom: technicien.nom, prenom: technicien.prenom },
    date_planifiee: planning?.date_planifiee.toISOString() ?? null,
    duree_estimee: planning?.duree_estimee ?? null,
    date_limite: intervention.date_limite.toISOString(),
    fuseau_horaire: calendar.zone,
  };
}
