import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { Access } from '../../auth/access';
import { EQUIPEMENT_COLUMNS, INTERVENTION_COLUMNS } from '../../auth/columns';
import type { Equipement } from '../../db/parc/equipements';
import { type Executor, query } from '../../db/sql';
import { dayAt } from '../../domain/local-time';
import { ALERTES_EQUIPEMENT, type AlerteEquipement } from '../../domain/parc/equipements';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { EQUIPEMENT_LIST } from './equipements';

/** Machines that somebody should look at, each once, with all that is the matter. */

export interface AlerteRow
  extends Pick<
    Equipement,
    'id' | 'nom' | 'type' | 'numero_serie' | 'localisation' | 'site_id' | 'criticite' | 'statut'
  > {
  alertes: AlerteEquipement[];
  /** Since when it is broken without a break, as far as is known. */
  en_panne_depuis: Date | null;
  prochaine_maintenance: Date | null;
  garantie_fin: string | null;
  /** Repairs that are open and that the warranty may pay for; those that the caller may read. */
  interventions_sous_garantie: number[];
}

export interface AlerteFilters {
  alerte?: AlerteEquipement[];
  site_id?: number;
}

const { criticite, prochaine_maintenance, nom, id } = EQUIPEMENT_LIST.sortable;
export const ALERTE_LIST = {
  alias: 'e',
  sortable: { criticite: criticite!, prochaine_maintenance: prochaine_maintenance!, nom: nom!, id: id! },
  defaultSort: 'id',
} satisfies Partial<ListSpec>;

/** What is done with is late for nothing. */
const IN_SERVICE = raw(`e.statut <> 'hors_service'`);

/** @param timeZone of sites that name none. */
export async function listAlertes(
  executor: Executor,
  access: Access,
  { alerte = [...ALERTES_EQUIPEMENT], site_id }: AlerteFilters,
  page: PageRequest,
  now: Date,
  timeZone: string,
): Promise<Page<AlerteRow>> {
  // Each read once for all the machines: few interventions are open, and few machines broken.
  const repairs = sql`SELECT i.equipement_id, array_agg(i.id ORDER BY i.id) AS ids FROM interventions i
    WHERE i.id = ANY(${await repairsUnderWarranty(executor, access, timeZone)}::integer[]) GROUP BY i.equipement_id`;
  const stops = sql`SELECT a.equipement_id, min(a.debut) AS debut FROM arrets a
    WHERE a.fin IS NULL AND a.cause = 'panne' GROUP BY a.equipement_id`;
  const holds: Record<AlerteEquipement, Sql> = {
    en_panne: sql`e.statut = 'en_panne'`,
    maintenance_due: sql`(${IN_SERVICE} AND e.prochaine_maintenance <= ${now})`,
    reparation_sous_garantie: sql`r.ids IS NOT NULL`,
    obsolete: sql`(${IN_SERVICE} AND e.date_installation + make_interval(years => e.duree_vie_annees) <= ${now})`,
  };
  const names = ALERTES_EQUIPEMENT.map((name) => sql`CASE WHEN ${holds[name]} THEN ${name} END`);
  const spec: ListSpec = {
    ...ALERTE_LIST,
    columns: sql`e.id, e.nom, e.type, e.numero_serie, e.localisation, e.site_id, e.criticite, e.statut,
      array_remove(ARRAY[${join(names)}]::text[], NULL) AS alertes,
      CASE WHEN e.statut = 'en_panne' THEN a.debut END AS en_panne_depuis,
      e.prochaine_maintenance, e.garantie_fin::text, coalesce(r.ids, '{}') AS interventions_sous_garantie`,
    from: sql`equipements e LEFT JOIN (${repairs}) r ON r.equipement_id = e.id`,
    rows: sql`JOIN equipements e ON e.id = page._id LEFT JOIN (${repairs}) r ON r.equipement_id = e.id
      LEFT JOIN (${stops}) a ON a.equipement_id = e.id`,
  };
  const conditions = [
    access.where('read', 'Equipement', EQUIPEMENT_COLUMNS),
    sql`(${join(
      alerte.map((name) => holds[name]),
      ' OR ',
    )})`,
  ];
  if (site_id !== undefined) conditions.push(sql`e.site_id = ${site_id}`);
  return list<AlerteRow>(executor, spec, conditions, page);
}

/** Open repairs that the caller may read, reported while the warranty held by the calendar of the site, whenever that was. */
async function repairsUnderWarranty(executor: Executor, access: Access, timeZone: string): Promise<number[]> {
  const open = await query<{ id: number; date_creation: Date; garantie_fin: string; zone: string | null }>(
    executor,
    sql`SELECT i.id, i.date_creation, e.garantie_fin::text, s.fuseau_horaire AS zone
        FROM interventions i JOIN equipements e ON e.id = i.equipement_id LEFT JOIN sites s ON s.id = e.site_id
        WHERE i.statut NOT IN ('terminee', 'annulee') AND i.type_intervention = 'corrective'
          AND e.garantie_fin IS NOT NULL AND ${access.where('read', 'Intervention', INTERVENTION_COLUMNS)}`,
  );
  return open
    .filter(
      ({ date_creation, garantie_fin, zone }) =>
        dayAt(date_creation.getTime(), zone ?? timeZone) <= garantie_fin,
    )
    .map(({ id }) => id);
}
