import type { Intervention } from '../../../db/interventions/interventions';
import { computeDateLimite, type Pause } from '../../../domain/interventions/horloge';
import { isLive, type Statut } from '../../../domain/interventions/interventions';
import type { AttenteMotif } from '../../../domain/parc/niveaux';
import { countingOf, type LockedIntervention } from './locked';

/** The resolution clock of an intervention as its row holds it (`domain/interventions/horloge.ts` has the rule). */

interface Situated {
  intervention: Pick<
    Intervention,
    | 'priorite'
    | 'urgence'
    | 'politique'
    | 'date_limite'
    | 'date_limite_imposee'
    | 'resolution_depuis'
    | 'pauses'
  >;
  calendar: LockedIntervention['calendar'];
}

/** The deadline that follows from the row, unless a person named one: then it stands. */
export function dateLimiteOf({ intervention, calendar }: Situated): Date {
  if (intervention.date_limite_imposee) return intervention.date_limite;
  const { resolution_depuis, pauses } = intervention;
  const depuis = resolution_depuis.getTime();
  return new Date(computeDateLimite(countingOf({ intervention, calendar }), { depuis, pauses }));
}

/**
 * What a move to another state does to the clock: it stops while parts are awaited, and goes on afterwards. Other reasons
 * to wait stop it if the level of service says so.
 * @param motif of a wait that is not for parts.
 */
export function clock(
  locked: LockedIntervention,
  to: Statut,
  now: Date,
  motif: AttenteMotif | null = null,
): Partial<Intervention> {
  const { intervention, calendar } = locked;
  const { horloge_arretee_le, pauses, attente_motif } = intervention;
  if (to === 'attente_pieces') {
    const stops = motif === null || motif.arrete_horloge;
    return { attente_motif: motif?.motif ?? null, horloge_arretee_le: stops ? now : null };
  }
  if (horloge_arretee_le === null) return { attente_motif: null };
  const pause: Pause = { debut: horloge_arretee_le.getTime(), fin: now.getTime() };
  if (attente_motif !== null) pause.motif = attente_motif;
  const resumed = { attente_motif: null, horloge_arretee_le: null, pauses: [...pauses, pause] };
  // What had passed before the wait began has passed.
  if (intervention.date_limite <= horloge_arretee_le) return resumed;
  return {
    ...resumed,
    date_limite: dateLimiteOf({ intervention: { ...intervention, ...resumed }, calendar }),
  };
}

type MayBreak = Pick<
  Intervention,
  | 'statut'
  | 'depasse_le'
  | 'date_limite'
  | 'date_limite_imposee'
  | 'horloge_arretee_le'
  | 'resolution_armee_le'
>;

/**
 * The first deadline that passed stays on record whatever is done to the deadline afterwards, and is what figures count.
 * One that was set at this very moment has not been in force yet: of two changes made at once, only what they come to counts.
 * @returns what the row is to hold of it at this moment, before anything else is done to it.
 */
export function breachAt(intervention: MayBreak, now: Date): Date | null {
  const { statut, depasse_le, date_limite, date_limite_imposee, horloge_arretee_le, resolution_armee_le } =
    intervention;
  if (depasse_le !== null || !isLive(statut) || resolution_armee_le >= now) return depasse_le;
  const runsUntil = horloge_arretee_le === null || date_limite_imposee ? now : horloge_arretee_le;
  return date_limite < runsUntil ? date_limite : null;
}
