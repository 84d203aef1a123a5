import type { Intervention } from '../../../db/interventions/interventions';
import { invalid } from '../../../domain/errors';
import { deadlineOf } from '../../../domain/interventions/escalade';
import type { Modification } from '../../../domain/interventions/ordres';
import type { Actor } from '../../actor';
import { dateLimiteOf } from './clock';
import type { Evenement } from './evenement';
import type { LockedIntervention } from './locked';

/**
 * Changes priority, urgency or deadline, or whether the equipment stands still. A deadline that somebody named stands until somebody changes it; one that follows
 * from the priority follows again from where the clock started, every pause replayed. What has been told stays told.
 * @throws {RegieError} `VALIDATION` for work that stops no equipment
 */
export function modify(
  actor: Actor,
  locked: LockedIntervention,
  changements: Modification,
): Omit<Evenement, 'cause'> {
  const { date_limite: named, ...fields } = changements;
  const { intervention, calendar } = locked;
  if (changements.arret && intervention.type_intervention !== 'corrective') {
    throw invalid({
      champ: 'arret',
      message: { fr: 'Seulement pour une corrective', en: 'Only for a corrective' },
    });
  }
  const changes: Partial<Intervention> = { ...fields };
  if (!concernsDeadline(intervention, changements)) return { action: 'modification', changes };
  if (named !== undefined) changes.date_limite_imposee = named !== null;
  if (typeof named === 'string') changes.date_limite = deadlineOf(named, calendar.zone, actor.now.getTime());

  const date_limite = dateLimiteOf({ intervention: { ...intervention, ...changes }, calendar });
  if (date_limite.getTime() !== intervention.date_limite.getTime()) {
    // The same deadline again is no other deadline: what was told of it stays told.
    Object.assign(changes, { date_limite, resolution_armee_le: actor.now });
  }
  return { action: 'modification', changes };
}

/** The same priority or urgency again, or a deadline given back that nobody had named, leaves the deadline what it was. */
function concernsDeadline(
  { priorite, urgence, date_limite_imposee }: Intervention,
  changements: Modification,
): boolean {
  if (changements.date_limite != null) return true;
  return (
    (changements.date_limite === null && date_limite_imposee) ||
    (changements.priorite ?? priorite) !== priorite ||
    (changements.urgence ?? urgence) !== urgence
  );
}
