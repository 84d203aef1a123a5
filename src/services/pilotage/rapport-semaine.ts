import sql, { type Sql } from 'sql-template-tag';
import type { RapportDemande } from '../../db/pilotage/rapports';
import { type Executor, queryOne } from '../../db/sql';
import type { NatureTemps } from '../../domain/interventions/temps';
import { RAPPORT } from '../../domain/limites';
import { joursFrom, mondayOf } from '../../domain/planification/propositions';
import type { DonneesSemaine } from '../../pdf/rapports/semaine';
import { onSites } from './portee';

/** Minutes of what stands in `t`, by nature. */
const MINUTES = sql`json_build_object(
  'trajet', coalesce(round(sum(t.secondes) FILTER (WHERE t.nature = 'trajet') / 60), 0)::integer,
  'travail', coalesce(round(sum(t.secondes) FILTER (WHERE t.nature = 'travail') / 60), 0)::integer,
  'attente', coalesce(round(sum(t.secondes) FILTER (WHERE t.nature = 'attente') / 60), 0)::integer)`;

/**
 * The week of a technicien on the sites of the report, in one statement, whose days are those of the zone given.
 * @returns null for a technicien who is gone.
 */
export async function readSemaineData(
  executor: Executor,
  { technicien_id, periode, site_ids, date_creation }: RapportDemande,
  timeZone: string,
): Promise<DonneesSemaine | null> {
  const days = joursFrom(mondayOf(periode!)!, 7, timeZone).map(({ date: jour, debut, fin }) => ({
    jour,
    debut: new Date(debut).toISOString(),
    fin: new Date(fin).toISOString(),
  }));
  const [debut, fin] = [new Date(days[0]!.debut), new Date(days.at(-1)!.fin)];
  /** What was spent between two instants; what still runs counts until the report is made. */
  const spent = (from: Sql, to: Sql) => sql`SELECT x.intervention_id, x.nature,
      extract(epoch FROM least(coalesce(x.fin, ${date_creation}), ${to}) - greatest(x.debut, ${from})) AS secondes
    FROM temps x JOIN interventions i ON i.id = x.intervention_id JOIN equipements e ON e.id = i.equipement_id
    WHERE x.technicien_id = ${technicien_id} AND x.debut < ${to} AND coalesce(x.fin, ${date_creation}) > ${from}
      AND ${onSites(site_ids)}`;
  const visits = sql`FROM plannings p JOIN interventions i ON i.id = p.intervention_id
    JOIN equipements e ON e.id = i.equipement_id LEFT JOIN sites s ON s.id = e.site_id
    WHERE (p.technicien_id = ${technicien_id} OR p.equipiers @> ARRAY[${technicien_id}::integer])
      AND p.date_planifiee >= ${debut} AND p.date_planifiee < ${fin} AND ${onSites(site_ids)}`;
  const row = await queryOne<{
    technicien: DonneesSemaine['technicien'];
    visites: DonneesSemaine['visites'];
    total_visites: number;
    jours: DonneesSemaine['jours'];
    interventions: DonneesSemaine['interventions'];
    total_interventions: number;
    minutes: Record<NatureTemps, number>;
    terminees: number;
  }>(
    executor,
    sql`SELECT json_build_object('nom', u.nom, 'prenom', u.prenom, 'specialite', te.specialite) AS technicien,
          (SELECT coalesce(json_agg(v ORDER BY v.date, v.intervention_id), '[]') FROM (
             SELECT p.date_planifiee AS date, p.duree_estimee, p.statut, i.id AS intervention_id,
               left(i.titre, ${RAPPORT.ligne.caracteres}::integer) AS titre, e.nom AS equipement, s.nom AS site
             ${visits} ORDER BY p.date_planifiee, i.id LIMIT ${RAPPORT.visites}) v) AS visites,
          (SELECT count(*)::integer ${visits}) AS total_visites,
          (SELECT json_agg(json_build_object('jour', j.jour, 'minutes',
             (SELECT ${MINUTES} FROM (${spent(sql`j.debut`, sql`j.fin`)}) t)) ORDER BY j.jour)
             FROM jsonb_to_recordset(${JSON.stringify(days)}::jsonb)
               AS j (jour text, debut timestamptz, fin timestamptz)) AS jours,
          (SELECT coalesce(json_agg(json_build_object('id', b.id, 'titre', b.titre, 'minutes', b.minutes)
             ORDER BY b.total DESC, b.id), '[]') FROM (
             SELECT i.id, left(i.titre, ${RAPPORT.ligne.caracteres}::integer) AS titre, sum(t.secondes) AS total,
               ${MINUTES} AS minutes
             FROM (${spent(sql`${debut}`, sql`${fin}`)}) t JOIN interventions i ON i.id = t.intervention_id
             GROUP BY i.id ORDER BY total DESC, i.id LIMIT ${RAPPORT.visites}) b) AS interventions,
          (SELECT count(DISTINCT t.intervention_id)::integer
             FROM (${spent(sql`${debut}`, sql`${fin}`)}) t) AS total_interventions,
          (SELECT ${MINUTES} FROM (${spent(sql`${debut}`, sql`${fin}`)}) t) AS minutes,
          (SELECT count(*)::integer FROM interventions i JOIN equipements e ON e.id = i.equipement_id
             WHERE i.technicien_id = ${technicien_id} AND i.statut = 'terminee' AND i.date_fin >= ${debut}
               AND i.date_fin < ${fin} AND ${onSites(site_ids)}) AS terminees
        FROM techniciens te JOIN users u ON u.id = te.user_id WHERE te.id = ${technicien_id}`,
  );
  if (row === null) return null;
  const { total_visites, total_interventions, ...read } = row;
  return {
    ...read,
    date_rapport: date_creation.toISOString(),
    fuseau_horaire: timeZone,
    semaine: periode!,
    reste: {
      visites: total_visites - read.visites.length,
      interventions: total_interventions - read.interventions.length,
    },
  };
}
