import sql, { type Sql } from 'sql-template-tag';
import type { Access } from '../../auth/access';
import { EQUIPEMENT_COLUMNS, INTERVENTION_COLUMNS, TECHNICIEN_COLUMNS } from '../../auth/columns';
import { memoryOf } from '../../db/memory';
import { type Executor, queryOne } from '../../db/sql';
import type { Horaires } from '../../domain/identite/techniciens';
import { startOfWeek } from '../../domain/local-time';
import { type Agenda, averageLoad, endOfWorkingDays } from '../../domain/planification/charge';
import { ECHEANCE_MAINTENANCE } from '../parc/equipements';
import { readCalendars } from '../planification/calendriers';

/**
 * The figures of a dashboard, within what the caller may see: a responsable's are those of their sites, a technicien's
 * their own. Three statements, whatever the number of rows.
 */

/** Key figures look back this far, so that they follow what changes and cost the same after ten years. */
const KPI_DAYS = 90;
/** The load looks this many days of work ahead. */
const LOAD_DAYS = 5;

export interface DashboardStats {
  interventions: {
    total: number;
    ouvertes: number;
    en_cours: number;
    /** Finished since Monday. */
    terminees_semaine: number;
    /** Of those that are neither finished nor cancelled. */
    critiques: number;
  };
  equipements: { total: number; operationnels: number; en_panne: number; maintenance_due: number };
  techniciens: {
    total: number;
    disponibles: number;
    en_intervention: number;
    /** Percent of the working time of those available that is booked in the coming days of work; null without any. */
    charge_moyenne: number | null;
  };
  /** Over the last {@link KPI_DAYS} days; null where nothing was finished or rated. */
  kpi: {
    temps_moyen_resolution: string | null;
    /** From creation to the end. */
    temps_moyen_resolution_heures: number | null;
    /** Percent finished before their deadline. */
    taux_respect_delais: number | null;
    /** 1 to 5. */
    satisfaction_client: number | null;
  };
}

export async function readStats(
  executor: Executor,
  access: Access,
  now: Date,
  timeZone: string,
): Promise<DashboardStats> {
  const [{ kpi, ...interventions }, equipements, techniciens] = await Promise.all([
    interventionStats(executor, access, now, timeZone),
    equipementStats(executor, access, now),
    technicienStats(executor, access, now, timeZone),
  ]);
  return { interventions, equipements, techniciens, kpi };
}

type InterventionStats = DashboardStats['interventions'] & Pick<DashboardStats, 'kpi'>;

async function interventionStats(
  executor: Executor,
  access: Access,
  now: Date,
  timeZone: string,
): Promise<InterventionStats> {
  const monday = new Date(startOfWeek(now.getTime(), timeZone));
  const since = new Date(now.getTime() - KPI_DAYS * 86_400_000);
  const mine = access.where('read', 'Dashboard', INTERVENTION_COLUMNS);
  // The equipment is joined for those alone whose sites decide: without it the counts read nothing but an index.
  const from = /\be\./.test(mine.text)
    ? sql`interventions i JOIN equipements e ON e.id = i.equipement_id`
    : sql`interventions i`;
  const total = totalStatement(executor, from, mine);
  const row = await queryOne<
    DashboardStats['interventions'] & {
      heures: number | null;
      respect: number | null;
      satisfaction: number | null;
    }
  >(
    executor,
    sql`SELECT (${total.statement})::integer AS total, vivantes.*, terminees.*
        FROM (
          SELECT count(*) FILTER (WHERE i.statut = 'ouverte')::integer AS ouvertes,
                 count(*) FILTER (WHERE i.statut = 'en_cours')::integer AS en_cours,
                 count(*) FILTER (WHERE i.priorite = 'critique')::integer AS critiques
          FROM ${from} WHERE i.statut NOT IN ('terminee', 'annulee') AND ${mine}) vivantes,
        (
          SELECT count(*) FILTER (WHERE i.date_fin >= ${monday})::integer AS terminees_semaine,
                 extract(epoch FROM avg(i.date_fin - i.date_creation))::double precision / 3600 AS heures,
                 100.0::double precision * count(*) FILTER (WHERE i.depasse_le IS NULL)
                   / nullif(count(*), 0) AS respect,
                 avg(i.satisfaction_note)::double precision AS satisfaction
          FROM ${from} WHERE i.statut = 'terminee' AND i.date_fin >= ${since} AND ${mine}) terminees`,
  );
  total.remember(row!.total);
  const { ouvertes, en_cours, terminees_semaine, critiques, heures, respect, satisfaction } = row!;
  const hours = rounded(heures);
  return {
    total: row!.total,
    ouvertes,
    en_cours,
    terminees_semaine,
    critiques,
    kpi: {
      temps_moyen_resolution: hours === null ? null : `${hours.toFixed(1)} heures`,
      temps_moyen_resolution_heures: hours,
      taux_respect_delais: rounded(respect),
      satisfaction_client: rounded(satisfaction),
    },
  };
}

/** Totals up to this are counted each time. */
const COUNTED_TOTAL = 10_000;

/** Larger ones, the one figure whose cost grows with the years, are remembered for a while. */
function totalStatement(
  executor: Executor,
  from: Sql,
  mine: Sql,
): { statement: Sql; remember: (total: number) => void } {
  const { totals } = memoryOf(executor);
  const key = JSON.stringify([from.text, from.values, mine.text, mine.values]);
  const known = totals.get(key);
  if (known !== undefined) return { statement: sql`SELECT ${known}::integer`, remember: () => {} };
  return {
    statement: sql`SELECT count(*) FROM ${from} WHERE ${mine}`,
    remember: (total) => {
      if (total > COUNTED_TOTAL) totals.remember(key, total);
    },
  };
}

async function equipementStats(
  executor: Executor,
  access: Access,
  now: Date,
): Promise<DashboardStats['equipements']> {
  const row = await queryOne<DashboardStats['equipements']>(
    executor,
    sql`SELECT count(*)::integer AS total,
               count(*) FILTER (WHERE e.statut = 'operationnel')::integer AS operationnels,
               count(*) FILTER (WHERE e.statut = 'en_panne')::integer AS en_panne,
               count(*) FILTER (WHERE ${ECHEANCE_MAINTENANCE} <= ${now})::integer AS maintenance_due
        FROM equipements e WHERE ${access.where('read', 'Equipement', EQUIPEMENT_COLUMNS)}`,
  );
  return row!;
}

/** The techniciens whom the caller may send to work, or themselves. Their visits count on whatever site. */
async function technicienStats(
  executor: Executor,
  access: Access,
  now: Date,
  timeZone: string,
): Promise<DashboardStats['techniciens']> {
  // Of no site in particular: people work on several.
  const calendar = (await readCalendars(executor, [null], timeZone)).get(null)!;
  const end = new Date(endOfWorkingDays(now.getTime(), LOAD_DAYS, calendar));
  const row = await queryOne<{
    total: number;
    disponibles: number;
    en_intervention: number;
    agendas: (Omit<Agenda, 'hours'> & { horaires: Horaires | null })[];
  }>(
    executor,
    sql`SELECT count(*)::integer AS total,
               count(*) FILTER (WHERE t.disponibilite)::integer AS disponibles,
               count(*) FILTER (WHERE t.id IN (
                 SELECT unnest(i.technicien_id || i.equipiers) FROM interventions i
                 WHERE i.statut = 'en_cours'))::integer AS en_intervention,
               coalesce(json_agg(json_build_object(
                 'horaires', t.horaires, 'absences', t.absences, 'booked', booked.duree))
                 FILTER (WHERE t.disponibilite), '[]') AS agendas
        FROM techniciens t
        JOIN users u ON u.id = t.user_id
        CROSS JOIN LATERAL (
          SELECT coalesce(sum(extract(epoch FROM least(o.fin, ${end}) - greatest(o.debut, ${now})) * 1000), 0) AS duree
          FROM occupations o
          WHERE o.genre = 'personne' AND o.ressource_id = t.user_id AND o.exclusive
            AND tstzrange(o.debut, o.fin) && tstzrange(${now}, ${end})) booked
        WHERE u.is_active AND ${access.where('assign', 'Technicien', TECHNICIEN_COLUMNS)}`,
  );
  const { agendas, ...counts } = row!;
  const load = averageLoad(
    agendas.map(({ horaires, ...agenda }) => ({ ...agenda, hours: horaires ?? calendar.hours })),
    now.getTime(),
    end.getTime(),
    calendar,
  );
  return { ...counts, charge_moyenne: rounded(load) };
}

/** One decimal. */
function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}
