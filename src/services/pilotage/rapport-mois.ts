import sql, { raw, type Sql } from 'sql-template-tag';
import type { RapportDemande } from '../../db/pilotage/rapports';
import { type Executor, queryOne } from '../../db/sql';
import { RAPPORT } from '../../domain/limites';
import { dayAfter, startOfDay } from '../../domain/local-time';
import { daysOfMonth } from '../../domain/pilotage/rapports';
import type { DonneesMois } from '../../pdf/rapports/mois';
import { onSites } from './portee';

/** Of interventions that were created in the month, and of those that were finished in it. */
const FIGURES = sql`count(*) FILTER (WHERE creee)::integer AS creees,
  count(*) FILTER (WHERE terminee)::integer AS terminees,
  count(*) FILTER (WHERE terminee AND echeance AND NOT depassee)::integer AS tenus,
  count(*) FILTER (WHERE terminee AND echeance)::integer AS echeances,
  coalesce(sum(cout_pieces) FILTER (WHERE terminee), 0)::text AS cout`;

/** The figures of a month on the sites of the report, in one statement; its days are those of the zone given. */
export async function readMoisData(
  executor: Executor,
  { periode, site_ids, site_id, date_creation }: RapportDemande,
  timeZone: string,
): Promise<DonneesMois> {
  const { debut: first, suivant } = daysOfMonth(periode!);
  const days: { jour: string; debut: string; fin: string }[] = [];
  for (let jour = first; jour < suivant; jour = dayAfter(jour, 1)) {
    const [debut, fin] = [startOfDay(jour, timeZone), startOfDay(dayAfter(jour, 1), timeZone)];
    days.push({ jour, debut: new Date(debut).toISOString(), fin: new Date(fin).toISOString() });
  }
  const [debut, fin] = [new Date(days[0]!.debut), new Date(days.at(-1)!.fin)];
  const counted = (field: string, values: Sql) => sql`(SELECT json_object_agg(v.valeur, coalesce(m.nombre, 0))
    FROM unnest(${values}) AS v (valeur)
    LEFT JOIN (SELECT ${raw(field)} AS valeur, count(*)::integer AS nombre FROM m WHERE creee GROUP BY 1) m USING (valeur))`;
  const row = await queryOne<{
    chiffres: DonneesMois['chiffres'];
    types: DonneesMois['types'];
    priorites: DonneesMois['priorites'];
    jours: DonneesMois['jours'];
    sites: DonneesMois['sites'];
    total_sites: number;
    perimetre: string[] | null;
  }>(
    executor,
    sql`WITH m AS MATERIALIZED (
          SELECT i.date_creation >= ${debut} AND i.date_creation < ${fin} AS creee,
                 coalesce(i.statut = 'terminee' AND i.date_fin >= ${debut} AND i.date_fin < ${fin}, false) AS terminee,
                 i.date_limite IS NOT NULL OR i.depasse_le IS NOT NULL AS echeance, i.depasse_le IS NOT NULL AS depassee,
                 i.cout_pieces, i.date_creation, i.date_fin, i.statut, i.type_intervention, i.priorite, i.satisfaction_note,
                 e.site_id
          FROM interventions i JOIN equipements e ON e.id = i.equipement_id
          WHERE ${onSites(site_ids)}
            AND ((i.date_creation >= ${debut} AND i.date_creation < ${fin}) OR (i.date_fin >= ${debut} AND i.date_fin < ${fin})))
        SELECT (SELECT to_json(f) FROM (SELECT ${FIGURES},
            count(*) FILTER (WHERE creee AND statut = 'annulee')::integer AS annulees,
            (SELECT count(*)::integer FROM interventions i JOIN equipements e ON e.id = i.equipement_id
               WHERE ${onSites(site_ids)} AND i.date_creation < ${fin} AND i.statut <> 'annulee'
                 AND (i.date_fin IS NULL OR i.date_fin >= ${fin})) AS ouvertes,
            round(extract(epoch FROM avg(date_fin - date_creation) FILTER (WHERE terminee)) / 60)::integer AS resolution,
            avg(satisfaction_note) FILTER (WHERE terminee)::double precision AS satisfaction,
            (SELECT json_build_object('trajet', coalesce(sum(n) FILTER (WHERE nature = 'trajet'), 0),
               'travail', coalesce(sum(n) FILTER (WHERE nature = 'travail'), 0),
               'attente', coalesce(sum(n) FILTER (WHERE nature = 'attente'), 0))
             FROM (SELECT t.nature,
                     round(sum(extract(epoch FROM least(t.fin, ${fin}) - greatest(t.debut, ${debut}))) / 60)::integer AS n
                   FROM temps t JOIN interventions i ON i.id = t.intervention_id JOIN equipements e ON e.id = i.equipement_id
                   WHERE t.fin > ${debut} AND t.debut < ${fin} AND ${onSites(site_ids)} GROUP BY 1) spent) AS minutes
            FROM m) f) AS chiffres,
          ${counted('type_intervention', sql`ARRAY['corrective', 'preventive', 'predictive']`)} AS types,
          ${counted('priorite', sql`ARRAY['basse', 'normale', 'haute', 'critique']`)} AS priorites,
          (SELECT json_agg(json_build_object('jour', j.jour,
             'creees', (SELECT count(*) FROM m WHERE m.date_creation >= j.debut AND m.date_creation < j.fin),
             'terminees', (SELECT count(*) FROM m WHERE terminee AND m.date_fin >= j.debut AND m.date_fin < j.fin)) ORDER BY j.jour)
             FROM jsonb_to_recordset(${JSON.stringify(days)}::jsonb)
               AS j (jour text, debut timestamptz, fin timestamptz)) AS jours,
          (SELECT coalesce(json_agg(x ORDER BY x.nom NULLS LAST), '[]') FROM (
             SELECT s.nom, ${FIGURES} FROM m LEFT JOIN sites s ON s.id = m.site_id
             GROUP BY s.id, s.nom ORDER BY s.nom NULLS LAST LIMIT ${RAPPORT.sites}) x) AS sites,
          (SELECT count(DISTINCT coalesce(site_id, 0))::integer FROM m) AS total_sites,
          CASE WHEN ${site_ids.length === 0} THEN NULL ELSE
            (SELECT coalesce(json_agg(s.nom ORDER BY s.nom), '[]') FROM sites s WHERE s.id = ANY(${site_ids})) END AS perimetre`,
  );
  const { total_sites, sites, ...read } = row!;
  return {
    ...read,
    date_rapport: date_creation.toISOString(),
    fuseau_horaire: timeZone,
    mois: periode!,
    // Of one site it would say again what stands above.
    sites: site_id === null ? sites : [],
    reste: { sites: site_id === null ? total_sites - sites.length : 0 },
  };
}
