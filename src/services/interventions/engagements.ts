import sql, { raw } from 'sql-template-tag';
import type { Access } from '../../auth/access';
import { INTERVENTION_COLUMNS } from '../../auth/columns';
import type { Intervention } from '../../db/interventions/interventions';
import { type Executor, queryOne } from '../../db/sql';
import { notFound } from '../../domain/errors';
import { type Engagement, engagementsOf } from '../../domain/interventions/engagements';
import { calendarOf, calendrierSql } from '../planification/calendriers';
import { engageOf, type Followed, TARGET_FIELDS } from './cycle/locked';

const COLUMNS = raw([...TARGET_FIELDS, 'engagements_clos'].map((field) => `i.${field}`).join(', '));

/**
 * What was promised of an intervention and what became of it, each minute explained. Read in one statement; of what is over
 * it is explained by the calendar as it is known now.
 * @param timeZone of sites that name none.
 * @throws {RegieError} `INTROUVABLE` when there is none that the caller may see, `VALIDATION` where a calendar leaves no time
 *   to count with
 */
export async function readEngagements(
  executor: Executor,
  access: Access,
  id: number,
  timeZone: string,
  now: Date,
): Promise<Engagement[]> {
  const row = await queryOne<
    Followed['intervention'] &
      Pick<Intervention, 'engagements_clos'> & { calendrier: string; date_planifiee: Date | null }
  >(
    executor,
    sql`SELECT ${COLUMNS}, ${calendrierSql(timeZone)} AS calendrier,
          (SELECT p.date_planifiee FROM plannings p
           WHERE p.intervention_id = i.id AND p.statut IN ('planifiee', 'en_cours')) AS date_planifiee
        FROM interventions i JOIN equipements e ON e.id = i.equipement_id LEFT JOIN sites s ON s.id = e.site_id
        WHERE i.id = ${id} AND ${access.where('read', 'Intervention', INTERVENTION_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  const { calendrier, date_planifiee, engagements_clos, ...intervention } = row;
  const calendar = calendarOf(executor, calendrier, timeZone);
  const planning = date_planifiee === null ? null : { date_planifiee };
  return engagementsOf(engageOf({ intervention, calendar, planning }), engagements_clos, now.getTime());
}
