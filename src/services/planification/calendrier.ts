import { createHash } from 'node:crypto';
import sql from 'sql-template-tag';
import { Access } from '../../auth/access';
import { INTERVENTION_COLUMNS, PLANNING_COLUMNS, SITE_COLUMNS } from '../../auth/columns';
import type { RulesFor } from '../../auth/permissions';
import type { SegmentRow } from '../../db/planification/planning';
import { type Executor, query } from '../../db/sql';
import { MAX_SPAN } from '../../domain/planification/segments';
import { type VisiteCalendrier, writeCalendrier } from '../../ical/calendrier';
import { findCalendrierOwner } from '../identite/calendriers';
import { goneToBy, PLANNING_FROM } from './planning';

/** The calendar of a technicien, as the program reads it to which they gave its address. */

const DAY = 24 * 3_600_000;
/** How far it reaches back, and ahead, in milliseconds. */
const PAST = 30 * DAY;
const FUTURE = 366 * DAY;
/** How long a visit that was cancelled is said to be so: long enough for every program to hear of it. */
const CANCELLED_PERIOD = 42 * DAY;
/** More than anybody can carry out in that time; a calendar has an end. */
const MAX_VISITS = 5_000;

/**
 * The visits of a technicien as one calendar, with the tag of its bytes.
 * @param hote by which this installation is known.
 * @throws {RegieError} `INTROUVABLE` when the token does not open this calendar.
 */
export async function readCalendrier(
  executor: Executor,
  { technicienId, jeton, hote, now }: { technicienId: number; jeton: string; hote: string; now: Date },
  rulesFor: RulesFor,
): Promise<{ calendrier: string; etag: string }> {
  const { principal, technicien } = await findCalendrierOwner(executor, technicienId, jeton);
  const access = new Access(principal, rulesFor);
  const [debut, fin] = [new Date(now.getTime() - PAST), new Date(now.getTime() + FUTURE)];
  const rows = await query<Omit<VisiteCalendrier, 'segments'> & { segments: SegmentRow[] }>(
    executor,
    sql`SELECT p.id, p.version, p.intervention_id, p.segments, p.notes, p.date_modification,
          p.statut = 'annulee' AS annulee,
          CASE WHEN ${access.where('read', 'Intervention', INTERVENTION_COLUMNS)} THEN
            json_build_object('titre', i.titre, 'priorite', i.priorite, 'equipement',
              json_build_object('nom', e.nom, 'localisation', e.localisation)) END AS intervention,
          CASE WHEN s.id IS NOT NULL AND ${access.where('read', 'Site', SITE_COLUMNS)} THEN
            json_build_object('nom', s.nom, 'adresse', s.adresse) END AS site
        FROM ${PLANNING_FROM} LEFT JOIN sites s ON s.id = e.site_id
        WHERE ${goneToBy([technicienId])} AND ${access.where('read', 'Planning', PLANNING_COLUMNS)}
          AND p.date_planifiee > ${new Date(debut.getTime() - MAX_SPAN)}
          AND p.date_fin > ${debut} AND p.date_planifiee < ${fin}
          AND (p.statut <> 'annulee' OR p.date_modification > ${new Date(now.getTime() - CANCELLED_PERIOD)})
        ORDER BY p.date_planifiee, p.id LIMIT ${MAX_VISITS}`,
  );
  const visites = rows.map((row) => ({
    ...row,
    segments: row.segments.map(({ debut, fin }) => ({ debut: new Date(debut), fin: new Date(fin) })),
  }));
  const calendrier = writeCalendrier({ technicien, langue: principal.langue, hote, visites });
  return { calendrier, etag: `"${createHash('sha256').update(calendrier).digest('base64url')}"` };
}
