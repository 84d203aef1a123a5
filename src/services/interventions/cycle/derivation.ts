import { isDeepStrictEqual } from 'node:util';
import sql, { raw } from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Intervention } from '../../../db/interventions/interventions';
import { type Executor, query } from '../../../db/sql';
import { RegieError } from '../../../domain/errors';
import { type Echeance, isResolutionTold } from '../../../domain/interventions/escalade';
import { isLive } from '../../../domain/interventions/interventions';
import type { ContratCandidat, Machine } from '../../../domain/parc/contrats';
import type { PolitiqueKept } from '../../../domain/parc/niveaux';
import { systemActor } from '../../actor';
import { record } from '../../historique';
import { applying, candidatsSql, niveauHeldSql } from '../../parc/contrats';
import { closeRecalculs, dueRecalculs } from '../../parc/recalculs';
import { readCalendars } from '../../planification/calendriers';
import { techniciensKept } from '../../planification/conflits';
import { breachAt, dateLimiteOf } from './clock';
import { announceConflits } from './conflits';
import { crossedBy, settledBy } from './engagements';
import { echeancesOf, engageOf, type Followed, type LockedIntervention, TARGET_FIELDS } from './locked';

/**
 * What follows from rules that change while interventions are open: zone data, the zone of a site, hours, contracts, levels
 * of service. What is still to come moves with them; what has passed, or has been told, stays as it was.
 */

interface Situated extends Followed {
  intervention: Followed['intervention'] & Pick<Intervention, 'echeances' | 'depasse_le'>;
}
type Derived = Pick<
  Intervention,
  'date_limite' | 'echeances' | 'niveau_service_id' | 'politique' | 'regles_depuis'
>;

/** The contracts that may apply to the intervention `i`, for {@link refresh}: to be read with it. */
export const CANDIDATS = candidatsSql('e', sql`i.date_creation`);
export type Candidats = ContratCandidat[] | null;

/** Writes what follows from the rules of now where it differs from what the row holds. */
export async function refresh(
  tx: EntityManager,
  locked: LockedIntervention & { besides: Candidats },
  now: Date,
): Promise<void> {
  const { intervention, siteId: site_id, clientId: client_id } = locked;
  const level = levelOf(intervention, { site_id, client_id }, locked.besides, locked.calendar.zone);
  const derived = derive(locked, level, now);
  if (isHeld(intervention, derived)) return;
  const { date_limite, echeances, regles_depuis, politique } = derived;
  const moved = date_limite.getTime() !== intervention.date_limite.getTime();
  const isOther = !isSameLevel(intervention, derived);
  const before = engageOf(locked);
  // What was broken by the rules of before stays broken.
  const depasse_le = isOther ? breachAt(intervention, now) : intervention.depasse_le;
  const { depassements } = isOther ? settledBy(before, intervention.statut, now) : before;
  // Deadlines alone are no change that somebody made: the version stays, and with it every ETag that was handed out.
  const [written] = await query<{ niveau_service_id: number | null }>(
    tx,
    sql`UPDATE interventions SET date_limite = ${date_limite}, echeances = ${JSON.stringify(echeances)}::jsonb,
          niveau_service_id = ${niveauHeldSql(derived.niveau_service_id)},
          politique = ${politique === null ? null : JSON.stringify(politique)}::jsonb,
          regles_depuis = ${regles_depuis}, depasse_le = ${depasse_le},
          depassements = ${JSON.stringify(depassements)}::jsonb, version = version + ${moved ? 1 : 0}
        WHERE id = ${intervention.id} RETURNING niveau_service_id`,
  );
  const avant: Record<string, unknown> = moved ? { date_limite: intervention.date_limite } : {};
  const apres: Record<string, unknown> = moved ? { date_limite } : {};
  if (isOther) {
    Object.assign(avant, { niveau_service: describe(intervention) });
    Object.assign(apres, { niveau_service: describe(derived) });
  }
  Object.assign(intervention, derived, written, {
    depasse_le,
    depassements,
    version: intervention.version + (moved ? 1 : 0),
  });
  if (moved || isOther) {
    await record(tx, systemActor(now, `recalcul-${intervention.id}`), {
      entite: 'intervention',
      entiteId: intervention.id,
      action: 'recalcul',
      avant,
      apres: { ...apres, ...crossedBy(before, engageOf(locked)) },
    });
  }
}

/** Work that is reopened goes by the level of now: while it was over, nothing of it followed. */
export async function refreshReopened(
  tx: EntityManager,
  locked: LockedIntervention,
  now: Date,
): Promise<void> {
  const [row] = await query<{ candidats: Candidats }>(
    tx,
    sql`SELECT ${CANDIDATS} AS candidats
        FROM interventions i JOIN equipements e ON e.id = i.equipement_id WHERE i.id = ${locked.intervention.id}`,
  );
  await refresh(tx, { ...locked, besides: row!.candidats }, now);
}

/** A level as the history names it; null for that of the house. */
function describe({ niveau_service_id: id, politique }: Pick<Derived, 'niveau_service_id' | 'politique'>) {
  return politique === null ? null : { id, nom: politique.nom, version: politique.version };
}

type Level = Pick<Derived, 'niveau_service_id' | 'politique'>;

/** The level that applies to an open intervention by now; of what is over it is the one that did. */
function levelOf(
  intervention: Level & Pick<Intervention, 'statut' | 'date_creation'>,
  machine: Machine,
  candidats: Candidats,
  zone: string,
): Level {
  if (!isLive(intervention.statut)) return intervention;
  return applying(candidats, machine, intervention.date_creation.getTime(), zone);
}

/** Rows looked at a time. */
const BATCH = 500;

const OPEN_COLUMNS = raw(
  ['id', 'date_creation', 'echeances', 'depasse_le', ...TARGET_FIELDS]
    .map((field) => `i.${field}`)
    .join(', '),
);
type OpenRow = Situated['intervention'] &
  Pick<Intervention, 'id' | 'date_creation'> &
  Machine & { candidats: Candidats; planning_id: number | null; date_planifiee: Date };

/**
 * Marks the open interventions whose deadlines follow differently by now, so that the reconciler has their workflows
 * look at them again. To be done when the rules may have changed: at the setup of a new version or configuration.
 * @param timeZone of sites that name none.
 * @param siteId the site whose calendar has changed, or null for all.
 */
export async function markOutdated(
  executor: Executor,
  timeZone: string,
  now: Date,
  siteId: number | null = null,
): Promise<void> {
  for (let after = 0; ; ) {
    const rows = await query<OpenRow>(
      executor,
      sql`SELECT ${OPEN_COLUMNS}, e.site_id, e.client_id, ${CANDIDATS} AS candidats,
            p.id AS planning_id, p.date_planifiee
          FROM interventions i
          JOIN equipements e ON e.id = i.equipement_id
          LEFT JOIN plannings p ON p.intervention_id = i.id AND p.statut IN ('planifiee', 'en_cours')
          WHERE i.id > ${after} AND i.workflow_demarre AND i.statut NOT IN ('terminee', 'annulee')
            AND (${siteId}::integer IS NULL OR e.site_id = ${siteId})
          ORDER BY i.id LIMIT ${BATCH}`,
    );
    const sites = rows.map(({ site_id }) => site_id);
    const calendars = await readCalendars(executor, sites, timeZone);
    const outdated = rows.filter((row) => {
      const { planning_id, date_planifiee, candidats, site_id, client_id, ...intervention } = row;
      const calendar = calendars.get(site_id)!;
      const planning = planning_id === null ? null : { date_planifiee };
      const level = levelOf(intervention, { site_id, client_id }, candidats, calendar.zone);
      return !isHeld(intervention, derive({ intervention, calendar, planning }, level, now));
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

/**
 * Carries out what changes of calendars, and of people's own time, have asked for: marks what follows differently by now,
 * and tells of the visits that have become impossible. To be done every so often.
 * @param timeZone of sites that name none.
 * @param besides marks what else follows from the calendar of a site, or from all of them when it is null.
 */
export async function deriveAfterChanges(
  db: DataSource,
  timeZone: string,
  now: Date,
  besides: (siteId: number | null) => Promise<void> = async () => {},
): Promise<void> {
  const due = await dueRecalculs(db);
  const ofCalendars = due.filter(({ technicien_id }) => technicien_id === null);
  const sites = [...new Set(ofCalendars.map(({ site_id }) => site_id))];
  for (const site of sites.includes(null) ? [null] : sites) {
    await markOutdated(db, timeZone, now, site);
    await announceConflits(db, { site }, timeZone, now);
    await besides(site);
  }
  const people = new Set(due.flatMap(({ technicien_id }) => technicien_id ?? []));
  for (const id of await techniciensKept(db, now)) people.add(id);
  if (people.size > 0) await announceConflits(db, { techniciens: [...people] }, timeZone, now);
  if (due.length > 0) await closeRecalculs(db, due);
}

/** What follows; where a calendar leaves no time to count with, what was counted before it stands. */
function derive(situated: Situated, level: Level, now: Date): Derived {
  try {
    const isOther = !isSameRules(situated.intervention, level);
    const by = {
      ...situated.intervention,
      ...level,
      ...(isOther ? { regles_depuis: now } : {}),
    };
    const date_limite = deriveDeadline({ ...situated, intervention: by }, now);
    const intervention = { ...by, date_limite };
    const { niveau_service_id, politique, regles_depuis } = by;
    const echeances = echeancesOf({ ...situated, intervention });
    return { date_limite, echeances, niveau_service_id, politique, regles_depuis };
  } catch (error) {
    if (error instanceof RegieError && error.code === 'VALIDATION') return situated.intervention;
    throw error;
  }
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
    isSameLevel(held, derived) &&
    isDeepStrictEqual(plain(held.echeances), plain(derived.echeances))
  );
}

/** Whether it is the same level, and says the same. */
function isSameLevel(held: Level, other: Level): boolean {
  return (
    held.niveau_service_id === other.niveau_service_id && isDeepStrictEqual(held.politique, other.politique)
  );
}

/** Whether the same follows from both, whatever they are called. */
function isSameRules({ politique: held }: Level, { politique: other }: Level): boolean {
  if (held === null || other === null) return held === other;
  const rules = ({ calendrier, delais, niveaux, attente_motifs }: PolitiqueKept) => [
    calendrier,
    delais,
    niveaux,
    attente_motifs,
  ];
  return isDeepStrictEqual(rules(held), rules(other));
}
