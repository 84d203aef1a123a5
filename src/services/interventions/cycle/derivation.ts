import { isDeepStrictEqual } from 'node:util';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Intervention } from '../../../db/interventions/interventions';
import { type Executor, query } from '../../../db/sql';
import { type Echeance, isResolutionTold } from '../../../domain/interventions/escalade';
import { isLive } from '../../../domain/interventions/interventions';
import { DEFAULT_HOURS } from '../../../domain/working-time';
import { systemActor } from '../../actor';
import { record } from '../../historique';
import { dateLimiteOf } from './clock';
import { echeancesOf, type LockedIntervention } from './locked';

/**
 * What follows from rules that change while interventions are open: zone data, the zone of a site, hours. What is still to
 * come moves with them; what has passed, or has been told, stays as it was.
 */

type Situated = Pick<LockedIntervention, 'intervention' | 'calendar' | 'planning'>;
type Derived = Pick<Intervention, 'date_limite' | 'echeances'>;

/** Writes what follows from the rules of now where it differs from what the row holds. */
export async function refresh(tx: EntityManager, locked: LockedIntervention, now: Date): Promise<void> {
  const { intervention } = locked;
  const derived = derive(locked, now);
  if (isHeld(intervention, derived)) return;
  const { date_limite, echeances } = derived;
  const moved = date_limite.getTime() !== intervention.date_limite.getTime();
  // Deadlines alone are no change that somebody made: the version stays, and with it every ETag that was handed out.
  await query(
    tx,
    sql`UPDATE interventions SET date_limite = ${date_limite}, echeances = ${JSON.stringify(echeances)}::jsonb,
          version = version + ${moved ? 1 : 0}
        WHERE id = ${intervention.id}`,
  );
  if (moved) {
    await record(tx, systemActor(now, `recalcul-${intervention.id}`), {
      entite: 'intervention',
      entiteId: intervention.id,
      action: 'recalcul',
      avant: { date_limite: intervention.date_limite },
      apres: { date_limite },
    });
  }
  Object.assign(intervention, derived, { version: intervention.version + (moved ? 1 : 0) });
}

/** Rows looked at a time. */
const BATCH = 500;

/**
 * Marks the open interventions whose deadlines follow differently by now, so that the reconciler has their workflows
 * look at them again. To be done when the rules may have changed: at the setup of a new version or configuration.
 * @param timeZone of sites that name none.
 * @param siteId the site whose zone has changed, or null for all.
 */
export async function markOutdated(
  executor: Executor,
  timeZone: string,
  now: Date,
  siteId: number | null = null,
): Promise<void> {
  for (let after = 0; ; ) {
    const rows = await query<
      Intervention & { fuseau_horaire: string | null; planning_id: number | null; date_planifiee: Date }
    >(
      executor,
      sql`SELECT i.*, s.fuseau_horaire, p.id AS planning_id, p.date_planifiee
          FROM interventions i
          JOIN equipements e ON e.id = i.equipement_id
          LEFT JOIN sites s ON s.id = e.site_id
          LEFT JOIN plannings p ON p.intervention_id = i.id AND p.statut IN ('planifiee', 'en_cours')
          WHERE i.id > ${after} AND i.workflow_demarre AND i.statut NOT IN ('terminee', 'annulee')
            AND (${siteId}::integer IS NULL OR e.site_id = ${siteId})
          ORDER BY i.id LIMIT ${BATCH}`,
    );
    const outdated = rows.filter(({ fuseau_horaire, planning_id, date_planifiee, ...intervention }) => {
      const calendar = { hours: DEFAULT_HOURS, zone: fuseau_horaire ?? timeZone };
      const planning = planning_id === null ? null : { id: planning_id, date_planifiee, duree_estimee: 0 };
      return !isHeld(intervention, derive({ intervention, calendar, planning }, now));
    });
    if (outdated.length > 0) {
      await query(
        executor,
        sql`UPDATE interventions SET workflow_demarre = false WHERE id = ANY(${outdated.map(({ id }) => id)}::integer[])`,
      );
    }
    if (rows.length < BATCH) return;
    after = rows.at(-1)!.id;
  }
}

function derive(situated: Situated, now: Date): Derived {
  const date_limite = deriveDeadline(situated, now);
  const intervention = { ...situated.intervention, date_limite };
  return { date_limite, echeances: echeancesOf({ ...situated, intervention }) };
}

/** A deadline that somebody named, that has passed or been told, or of what is over, is what it is. */
function deriveDeadline({ intervention, calendar }: Situated, now: Date): Date {
  const { statut, date_limite, resolution_armee_le, escalades } = intervention;
  const stands =
    !isLive(statut) || date_limite <= now || isResolutionTold(escalades, resolution_armee_le.getTime());
  return stands ? date_limite : dateLimiteOf({ intervention, calendar });
}

/** Whether the row holds what follows; JSON has no order of fields. */
function isHeld(held: Derived, derived: Derived): boolean {
  const plain = (echeances: Echeance[]) =>
    echeances.map(({ etape, niveau, date, cle }) => [etape, niveau, date, cle]);
  return (
    held.date_limite.getTime() === derived.date_limite.getTime() &&
    isDeepStrictEqual(plain(held.echeances), plain(derived.echeances))
  );
}
