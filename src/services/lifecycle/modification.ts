import type { Intervention } from '../../db/interventions';
import type { Modification } from '../../domain/demandes';
import { deadlineOf, defaultDateLimite, delay } from '../../domain/escalade';
import type { Actor } from '../actor';
import { countedFrom, UNCOUNTED } from './clock';
import { countingOf, type Dossier } from './dossier';
import type { Evenement } from './evenement';

/**
 * Changes priority, urgency or deadline, which arms the timers anew: waits are counted from this moment with
 * the new delays. A deadline that somebody named stays; one that followed from the priority follows again.
 */
export function modify(actor: Actor, dossier: Dossier, changements: Modification): Omit<Evenement, 'cause'> {
  const { date_limite: named, ...fields } = changements;
  const { intervention } = dossier;
  const changes: Partial<Intervention> = { ...fields };
  const counting = {
    ...countingOf(dossier),
    priorite: changes.priorite ?? intervention.priorite,
    urgence: changes.urgence ?? intervention.urgence,
  };
  const rearmed = counting.priorite !== intervention.priorite || counting.urgence !== intervention.urgence;
  if (rearmed) Object.assign(changes, { arme_le: actor.now, niveau_escalade: 0 });

  const imposee = named === undefined ? intervention.date_limite_imposee : named !== null;
  if (typeof named === 'string') {
    const deadline = deadlineOf(named, dossier.calendar.zone, actor.now.getTime());
    Object.assign(changes, { date_limite: deadline, ...UNCOUNTED });
  } else if (!imposee && (rearmed || named === null)) {
    Object.assign(changes, {
      date_limite: new Date(defaultDateLimite(counting, actor.now.getTime())),
      ...countedFrom(actor.now, delay(counting, 'resolution')),
    });
  }
  // The same deadline again is no other deadline: what was told of it stays told.
  if (
    changes.date_limite !== undefined &&
    changes.date_limite.getTime() !== intervention.date_limite.getTime()
  )
    changes.resolution_armee_le = actor.now;
  changes.date_limite_imposee = imposee;
  return { action: 'modification', changes };
}
