import type { Access } from '../../auth/access';
import type { Executor } from '../../db/sql';
import type { Candidatures, Need } from '../../domain/planification/candidats';
import { DEFAULT_DURATION } from '../../domain/planification/planning';
import type { TrajetSettings } from '../../domain/planification/trajets';
import type { Calendar } from '../../domain/working-time';
import type { Actor } from '../actor';
import { type Affectation, explainCandidatures, findCandidatures } from '../planification/candidats';
import {
  type InterventionRow,
  permissionSubject,
  readIntervention,
  readVisitContext,
  type VisitContext,
} from './interventions';
import { requireLegal } from './ordres';

/** An intervention that somebody is about to plan, with what is to be known for it. */
export interface ToPlan {
  row: InterventionRow;
  context: VisitContext;
  /** The time of its visit that is still to come, or null. */
  planned: Date | null;
}

/** What somebody names; what they do not is as it was, or as usual. */
export interface Named {
  date_planifiee?: Date;
  duree_estimee?: number;
}

/**
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, and before any searching `TRANSITION_INVALIDE` or `CLOTUREE` when it is
 *   too late to plan anything
 */
export async function readToPlan(
  executor: Executor,
  access: Access,
  actor: Actor,
  id: number,
  timeZone: string,
): Promise<ToPlan> {
  const row = await readIntervention(executor, access, id);
  access.require('assign', 'Intervention', permissionSubject(row));
  requireLegal(row, { type: 'assignation' }, actor.now);
  const context = await readVisitContext(executor, id, timeZone);
  // Whoever changes only the technicien keeps the visit's time, unless that time has passed.
  const planned = row.planning_date !== null && row.planning_date > actor.now ? row.planning_date : null;
  return { row, context, planned };
}

/** What is needed of whoever goes. */
export function needOf(
  { row, context, planned }: ToPlan,
  { date_planifiee, duree_estimee }: Named,
  now: Date,
  trajets: TrajetSettings,
): Need & Calendar {
  return {
    competences: row.competences_requises,
    priorite: row.priorite,
    date: (date_planifiee ?? planned)?.getTime() ?? null,
    duration: (duree_estimee ?? context.lastDuration ?? DEFAULT_DURATION) * 60_000,
    now: now.getTime(),
    lieu: context.lieu,
    trajets,
    ...context.calendar,
  };
}

/**
 * Who would be sent, and why the others would not: what `PUT /interventions/{id}/assign` goes by when nobody is named.
 * @throws {RegieError} what {@link readToPlan} does
 */
export async function readCandidats(
  executor: Executor,
  access: Access,
  actor: Actor,
  id: number,
  named: Named,
  { timeZone, trajets }: { timeZone: string; trajets: TrajetSettings },
): Promise<Affectation> {
  const toPlan = await readToPlan(executor, access, actor, id, timeZone);
  const need = needOf(toPlan, named, actor.now, trajets);
  const { id: interventionId, equipement_site_id: siteId, equipiers: equipe } = toPlan.row;
  const found = await findCandidatures(executor, need, { interventionId, siteId, equipe });
  return explainCandidatures(preferring(found, toPlan), need);
}

/** Whom the plan of preventive work prefers comes before the best, if they can do it. */
export function preferring(
  { possibles, ...others }: Candidatures,
  { context: { technicienPrefere } }: Pick<ToPlan, 'context'>,
): Candidatures {
  const isPreferred = ({ technicienId }: { technicienId: number }) => technicienId === technicienPrefere;
  return {
    ...others,
    possibles: [...possibles.filter(isPreferred), ...possibles.filter((one) => !isPreferred(one))],
  };
}
