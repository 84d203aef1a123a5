import type { Intervention } from '../../../db/interventions/interventions';
import { computeDateLimite } from '../../../domain/interventions/horloge';
import { isLive, type Statut } from '../../../domain/interventions/interventions';
import { countingOf, type LockedIntervention } from './locked';

/** The resolution clock of an intervention as its row holds it (`domain/interventions/horloge.ts` has the rule). */

type Situated = Pick<LockedIntervention, 'intervention' | 'calendar'>;

/** The deadline that follows from the row, unless a person named one: then it stands. */
export function dateLimiteOf({ intervention, calendar }: Situated): Date {
  if (intervention.date_limite_imposee) return intervention.date_limite;
  const { resolution_depuis, pauses } = intervention;
  const depuis = resolution_depuis.getTime();
  return new Date(computeDateLimite(countingOf({ intervention, calendar }), { depuis, pauses }));
}

/** What a move to another state does to the clock: it stops while parts are awaited, and goes on afterwards. */
export function clock(locked: LockedIntervention, to: Statut, now: Date): Partial<Intervention> {
  const { intervention, calendar } = locked;
  const { horloge_arretee_le, pauses } = intervention;
  if (to === 'attente_pieces') return { horloge_arretee_le: now };
  if (horloge_arretee_le === null) return {};
  const resumed = {
    horloge_arretee_le: null,
    pauses: [...pauses, { debut: horloge_arretee_le.getTime(), fin: now.getTime() }],
  };
  // What had passed before the wait began has passed.
  if (intervention.date_limite <= horloge_arretee_le) return resumed;
  return {
    ...resumed,
    date_limite: dateLimiteOf({ intervention: { ...intervention, ...resumed }, calendar }),
  };
}

/**
 * The first deadline that passed stays on record whatever is done to the deadline afterwards, and is what figures count.
 * One that was set at this very moment has not been in force yet: of two changes made at once, only what they come to counts.
 * @returns what the row is to hold of it at this moment, before anything else is done to it.
 */
export function breachAt(intervention: Intervention, now: Date): Date | null {
  const { statut, depasse_le, date_limite, date_limite_imposee, horloge_arretee_le, resolution_armee_le } =
    intervention;
  if (depasse_le !== null || !isLive(statut) || resolution_armee_le >= now) return depasse_le;
  const runsUntil = horloge_arretee_le === null || date_limite_imposee ? now : horloge_arretee_le;
  return date_limite < runsUntil ? date_limite : null;
}
