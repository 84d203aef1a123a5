import { RegieError } from '../../../domain/errors';
import {
  type Depassements,
  depassementsAt,
  type Engage,
  type EngagementClos,
  settle,
} from '../../../domain/interventions/engagements';
import { computeFranchis, type Franchi } from '../../../domain/interventions/escalade';
import type { Statut } from '../../../domain/interventions/interventions';

/**
 * What an event settles of the targets, and which of them had been broken before it. Where a calendar leaves no time to
 * count with, nothing is settled: that keeps nobody from ending the work.
 */
export function settledBy(
  before: Engage,
  statut: Statut,
  now: Date,
): { clos: EngagementClos[]; depassements: Depassements } {
  try {
    const depassements = depassementsAt(before, now.getTime());
    return settle({ ...before, depassements }, { statut }, now.getTime());
  } catch (error) {
    if (error instanceof RegieError && error.code === 'VALIDATION')
      return { clos: [], depassements: before.depassements };
    throw error;
  }
}

/** Levels that a change of the rules has left behind, as its line of the history tells them. */
export function crossedBy(before: Engage, after: Engage): { franchis_retroactivement?: Franchi[] } {
  if (after.reglesDepuis === before.reglesDepuis) return {};
  const franchis_retroactivement = computeFranchis(after);
  return franchis_retroactivement.length === 0 ? {} : { franchis_retroactivement };
}
