import sql from 'sql-template-tag';
import type { RapportDemande } from '../../db/pilotage/rapports';
import { type Executor, query, queryOne } from '../../db/sql';
import { RAPPORT } from '../../domain/limites';
import { dayAt, startOfDay } from '../../domain/local-time';
import type { DonneesEquipement } from '../../pdf/rapports/equipement';

/**
 * The history of an equipment in two statements, no more of it than the report shows.
 * @param timeZone of a site that names none.
 * @returns null for an equipment that is gone.
 */
export async function readEquipementData(
  executor: Executor,
  { equipement_id, date_creation }: RapportDemande,
  timeZone: string,
): Promise<DonneesEquipement | null> {
  const zone = sql`coalesce(s.fuseau_horaire, ${timeZone})`;
  const row = await queryOne<
    Omit<DonneesEquipement, 'date_rapport' | 'reste' | 'annees'> & {
      total_arrets: number;
      compteurs: CompteurRow[];
    }
  >(
    executor,
    sql`SELECT ${zone} AS fuseau_horaire,
          json_build_object('id', e.id, 'nom', e.nom, 'type', e.type, 'modele', e.modele,
            'numero_serie', e.numero_serie, 'localisation', e.localisation, 'site', s.nom,
            'client', CASE WHEN c.id IS NOT NULL THEN concat_ws(' ', c.prenom, c.nom) END, 'statut', e.statut,
            'date_installation', e.date_installation, 'garantie_fin', e.garantie_fin,
            'derniere_maintenance', e.derniere_maintenance, 'prochaine_maintenance', e.prochaine_maintenance,
            'cout_remplacement', e.cout_remplacement::text) AS equipement,
          (SELECT json_build_object('interventions', count(*),
             'correctives', count(*) FILTER (WHERE i.type_intervention = 'corrective'),
             'preventives', count(*) FILTER (WHERE i.type_intervention = 'preventive'),
             'cout', coalesce(sum(i.cout_pieces), 0)::text,
             'minutes_travail', (SELECT coalesce(round(sum(extract(epoch FROM t.fin - t.debut)) / 60), 0)::integer
               FROM temps t JOIN interventions w ON w.id = t.intervention_id
               WHERE w.equipement_id = e.id AND t.nature = 'travail' AND t.fin IS NOT NULL),
             'minutes_panne', (SELECT ${stopped('panne')}), 'minutes_maintenance', (SELECT ${stopped('maintenance')}))
             FROM interventions i WHERE i.equipement_id = e.id) AS totaux,
          (SELECT coalesce(json_agg(w ORDER BY w.date DESC, w.id DESC), '[]') FROM (
             SELECT i.id, coalesce(i.date_debut, i.date_creation) AS date,
               left(i.titre, ${RAPPORT.ligne.caracteres}::integer) AS titre, i.type_intervention, i.statut,
               coalesce(i.cout_pieces, 0)::text AS cout,
               CASE WHEN u.id IS NOT NULL THEN concat_ws(' ', u.prenom, u.nom) END AS technicien
             FROM interventions i LEFT JOIN techniciens t ON t.id = i.technicien_id LEFT JOIN users u ON u.id = t.user_id
             WHERE i.equipement_id = e.id ORDER BY coalesce(i.date_debut, i.date_creation) DESC, i.id DESC
             LIMIT ${RAPPORT.travaux}) w) AS interventions,
          (SELECT coalesce(json_agg(a ORDER BY a.debut DESC), '[]') FROM (
             SELECT cause, debut, fin, intervention_id FROM arrets WHERE equipement_id = e.id
             ORDER BY debut DESC, id DESC LIMIT ${RAPPORT.arrets}) a) AS arrets,
          (SELECT count(*)::integer FROM arrets WHERE equipement_id = e.id) AS total_arrets,
          (SELECT coalesce(json_agg(json_build_object('nom', k ->> 'nom', 'unite', k ->> 'unite', 'releves',
             (SELECT coalesce(json_agg(json_build_object('date', v.date, 'valeur', v.valeur) ORDER BY v.date, v.id), '[]')
                FROM (SELECT r.id, r.date, r.valeur FROM releves r
                      WHERE r.equipement_id = e.id AND r.compteur = k ->> 'nom'
                        AND NOT EXISTS (SELECT FROM releves c WHERE c.corrige_id = r.id)
                      ORDER BY r.date DESC, r.id DESC LIMIT ${RAPPORT.releves}) v)) ORDER BY n), '[]')
             FROM jsonb_array_elements(e.compteurs) WITH ORDINALITY m (k, n)) AS compteurs
        FROM equipements e LEFT JOIN sites s ON s.id = e.site_id LEFT JOIN users c ON c.id = e.client_id
        WHERE e.id = ${equipement_id}`,
  );
  if (row === null) return null;
  const { total_arrets, ...read } = row;
  return {
    ...read,
    annees: await readYears(executor, equipement_id!, date_creation, read.fuseau_horaire),
    date_rapport: date_creation.toISOString(),
    reste: {
      interventions: read.totaux.interventions - read.interventions.length,
      arrets: total_arrets - read.arrets.length,
    },
  };

  /** Time that the machine has stood still for a cause, however many stops overlap; in minutes. */
  function stopped(cause: 'panne' | 'maintenance') {
    return sql`coalesce(round(sum(extract(epoch FROM upper(stretch) - lower(stretch))) / 60), 0)::integer
      FROM unnest((SELECT range_agg(tstzrange(a.debut, greatest(coalesce(a.fin, ${date_creation}), a.debut)))
                   FROM arrets a WHERE a.equipement_id = e.id AND a.cause = ${cause})) AS stretch`;
  }
}

type CompteurRow = DonneesEquipement['compteurs'][number];

/** Years back of which something is told, and how many of them at most. */
const YEARS = 40;
const SHOWN_YEARS = 10;

/** What was done and spent in each year of the site's calendar, the years without work left out. */
function readYears(
  executor: Executor,
  equipementId: number,
  until: Date,
  zone: string,
): Promise<DonneesEquipement['annees']> {
  const last = Number(dayAt(until.getTime(), zone).slice(0, 4));
  const years = Array.from({ length: YEARS }, (_, ago) => last - ago);
  const starts = [last + 1, ...years].map((year) => new Date(startOfDay(`${year}-01-01`, zone)));
  return query(
    executor,
    sql`SELECT * FROM (
          SELECT a.annee, count(*)::integer AS interventions, coalesce(sum(i.cout_pieces), 0)::text AS cout
          FROM interventions i
          JOIN unnest(${years}::integer[], ${starts.slice(1)}::timestamptz[], ${starts.slice(0, -1)}::timestamptz[])
            AS a (annee, debut, fin)
            ON coalesce(i.date_fin, i.date_creation) >= a.debut AND coalesce(i.date_fin, i.date_creation) < a.fin
          WHERE i.equipement_id = ${equipementId} GROUP BY a.annee ORDER BY a.annee DESC LIMIT ${SHOWN_YEARS}) latest
        ORDER BY annee`,
  );
}
