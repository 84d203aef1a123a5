import sql from 'sql-template-tag';
import type { Access } from '../../auth/access';
import { TECHNICIEN_COLUMNS } from '../../auth/columns';
import type { Technicien } from '../../db/identite/techniciens';
import { type Executor, queryOne } from '../../db/sql';
import { forbidden, notFound } from '../../domain/errors';
import { freeStretches, type Segment } from '../../domain/planification/segments';
import { CAN_WORK } from '../identite/techniciens';
import { calendarOf, calendrierSql } from './calendriers';
import { homeSite } from './candidats';
import { busySql } from './occupations';

/** When somebody is free, the end excluded. */
export interface Disponibilite {
  debut: Date;
  fin: Date;
}

/**
 * The stretches of a period in which a technicien is at work, not away and not taken, in one statement, by the calendar of
 * {@link homeSite}. What takes their time is not said. Somebody who does no work any more has none.
 * @param period of at most 60 days.
 * @param timeZone of sites that name none.
 * @throws {RegieError} `INTROUVABLE`; `INTERDIT` unless it is the caller, or somebody whom they may send to work
 */
export async function readDisponibilites(
  executor: Executor,
  access: Access,
  technicienId: number,
  period: { debut: Date; fin: Date },
  timeZone: string,
): Promise<Disponibilite[]> {
  const row = await queryOne<
    Pick<Technicien, 'absences' | 'horaires'> & {
      readable: boolean;
      assignable: boolean;
      actif: boolean;
      calendrier: string;
      busy: Segment[];
    }
  >(
    executor,
    sql`SELECT ${access.where('read', 'Technicien', TECHNICIEN_COLUMNS)} AS readable,
          ${access.where('assign', 'Technicien', TECHNICIEN_COLUMNS)} AS assignable,
          ${CAN_WORK} AS actif, t.absences, t.horaires, ${calendrierSql(timeZone)} AS calendrier,
          ${busySql(sql`u.id`, period, null)} AS busy
        FROM techniciens t JOIN users u ON u.id = t.user_id LEFT JOIN sites s ON s.id = ${homeSite()}
        WHERE t.id = ${technicienId}`,
  );
  if (row === null || !row.readable) throw notFound();
  if (!row.assignable) throw forbidden();
  if (!row.actif) return [];
  const calendar = calendarOf(executor, row.calendrier, timeZone);
  const presence = { hours: row.horaires ?? calendar.hours, absences: row.absences };
  const asked: Segment = [period.debut.getTime(), period.fin.getTime()];
  return Array.from(freeStretches(presence, row.busy, asked, calendar), ([from, to]) => ({
    debut: new Date(from),
    fin: new Date(to),
  }));
}
