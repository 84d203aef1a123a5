import type { EntityManager } from 'typeorm';
import { Planning } from '../../../db/planification/planning';
import type { Demande } from '../../../domain/interventions/demandes';
import type { Actor } from '../../actor';
import { findAssignable } from '../../planification/affectation';
import type { Annonce, Evenement } from './evenement';
import type { LockedIntervention } from './locked';

type Assignation = Extract<Demande, { type: 'assignation' }>;

/**
 * Plans the visit, or plans it anew. That two visits of one technicien never overlap is refused by the
 * database, not looked up beforehand.
 */
export async function assign(
  tx: EntityManager,
  actor: Actor,
  locked: LockedIntervention,
  demande: Assignation,
): Promise<Omit<Evenement, 'cause'>> {
  const { intervention } = locked;
  const technicien = await findAssignable(tx, demande.technicien_id, locked.siteId);
  const before = { technicien: locked.technicien, technicienId: intervention.technicien_id };
  const dateBefore = locked.planning?.date_planifiee.getTime();
  const visit = {
    technicien_id: demande.technicien_id,
    date_planifiee: new Date(demande.date_planifiee),
    duree_estimee: demande.duree_estimee,
  };
  if (locked.planning === null) {
    const inserted = await tx.insert(Planning, { intervention_id: intervention.id, ...visit });
    locked.planning = { id: inserted.identifiers[0]!.id as number, ...visit };
  } else {
    await tx.update(Planning, { id: locked.planning.id }, visit);
    locked.planning = { id: locked.planning.id, ...visit };
  }
  locked.technicien = technicien;

  const reassigned = before.technicienId !== demande.technicien_id;
  const annonces: Annonce[] = [
    { modele: reassigned ? 'assignee' : 'replanifiee', audience: { users: [technicien.user_id] } },
  ];
  if (before.technicien !== null) {
    if (reassigned) annonces.push({ modele: 'retiree', audience: { users: [before.technicien.user_id] } });
    annonces.push({
      modele: 'replanifiee',
      audience: { users: [locked.clientId, intervention.createur_id] },
    });
  }
  return {
    action: before.technicienId === null ? 'assignation' : 'replanification',
    changes: {
      statut: 'planifiee',
      technicien_id: demande.technicien_id,
      niveau_escalade: 0,
      // Another person at the same time is not another time: what was told of it stays told.
      ...(visit.date_planifiee.getTime() === dateBefore ? {} : { demarrage_arme_le: actor.now }),
    },
    details: { date_planifiee: visit.date_planifiee, duree_estimee: visit.duree_estimee },
    annonces,
  };
}
