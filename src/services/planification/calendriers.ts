import sql, { type Sql } from 'sql-template-tag';
import { memoryOf } from '../../db/memory';
import { type Executor, query } from '../../db/sql';
import { PAYS_OF_ZONE } from '../../domain/planification/feries';
import { type Calendar, type Closing, DEFAULT_HOURS, type WorkingHours } from '../../domain/working-time';

/**
 * By which calendar a site works: its hours and zone, the public holidays of its country, its closings. It is read within
 * the statements that need it, so that nobody counts with an old one, as one text: equal texts are one calendar in
 * memory, whose days are worked out once (docs/decisions/029).
 */

const PAYS_OF_ANY_ZONE = [...new Set(Object.values(PAYS_OF_ZONE))];

/**
 * The calendar of the site `s`, or of what stands on none when there is no such row, for {@link calendarOf}. The database
 * is not asked about zones: where the zone decides on the country, the holidays of each that it may be are read.
 * @param timeZone of sites that name none.
 */
export function calendrierSql(timeZone: string): Sql {
  const usual = PAYS_OF_ZONE[timeZone];
  return sql`(json_build_array(s.fuseau_horaire, s.pays, s.horaires,
    (SELECT json_agg(json_build_array(debut, fin, demi_journee, pays) ORDER BY debut, fin, demi_journee, pays)
     FROM (SELECT f.date AS debut, f.date AS fin, f.demi_journee, f.pays FROM jours_feries f
           WHERE f.pays = ANY(CASE WHEN s.pays IS NOT NULL THEN ARRAY[s.pays]
             WHEN s.fuseau_horaire IS NULL THEN ${usual === undefined ? [] : [usual]}::text[]
             ELSE ${PAYS_OF_ANY_ZONE}::text[] END)
           UNION ALL
           SELECT c.date_debut, c.date_fin, NULL, NULL
           FROM jsonb_to_recordset(s.fermetures) AS c (date_debut date, date_fin date)) closed))::text)`;
}

/** Of more calendars than these none is remembered any more: there are few. */
const MAX_KNOWN = 500;

/**
 * The calendar that {@link calendrierSql} describes; the same object for the same description.
 * @param timeZone of sites that name none.
 */
export function calendarOf(executor: Executor, calendrier: string, timeZone: string): Calendar {
  const { calendars: known, hours: knownHours } = memoryOf(executor);
  const key = `${timeZone} ${calendrier}`;
  let calendar = known.get(key);
  if (calendar === undefined) {
    if (known.size >= MAX_KNOWN) {
      known.clear();
      knownHours.clear();
    }
    calendar = parse(calendrier, timeZone, knownHours);
    known.set(key, calendar);
  }
  return calendar;
}

type Written = [
  zone: string | null,
  pays: string | null,
  hours: WorkingHours | null,
  /** The country is null for closings of the site itself. */
  closed: [debut: string, fin: string, demi_journee: Closing['demi_journee'], pays: string | null][] | null,
];

function parse(calendrier: string, timeZone: string, knownHours: Map<string, WorkingHours>): Calendar {
  const [given, pays, hours, closed] = JSON.parse(calendrier) as Written;
  const zone = given ?? timeZone;
  const country = pays ?? PAYS_OF_ZONE[zone];
  const closings = (closed ?? [])
    .filter(([, , , of]) => of === null || of === country)
    .map(([debut, fin, demi_journee]) => ({ debut, fin, demi_journee }));
  return { zone, hours: hours === null ? DEFAULT_HOURS : sameHours(hours, knownHours), closings };
}

/**
 * The hours of somebody; the same object for equal ones, so that days are worked out once for all who keep them. For
 * statements that read many people.
 */
export function sharedHours(executor: Executor, hours: WorkingHours): WorkingHours {
  const { hours: knownHours } = memoryOf(executor);
  if (knownHours.size >= MAX_KNOWN) knownHours.clear();
  return sameHours(hours, knownHours);
}

/** Equal hours are one object, since what is known of days belongs to it. */
function sameHours(hours: WorkingHours, knownHours: Map<string, WorkingHours>): WorkingHours {
  const text = JSON.stringify(hours);
  const same = knownHours.get(text) ?? hours;
  knownHours.set(text, same);
  return same;
}

/**
 * The calendars of sites; of what stands on none under null.
 * @param timeZone of sites that name none.
 */
export async function readCalendars(
  executor: Executor,
  siteIds: readonly (number | null)[],
  timeZone: string,
): Promise<Map<number | null, Calendar>> {
  const rows = await query<{ id: number | null; calendrier: string }>(
    executor,
    sql`SELECT asked.id, ${calendrierSql(timeZone)} AS calendrier
        FROM unnest(${[...new Set(siteIds)]}::integer[]) AS asked (id) LEFT JOIN sites s ON s.id = asked.id`,
  );
  return new Map(rows.map(({ id, calendrier }) => [id, calendarOf(executor, calendrier, timeZone)]));
}
