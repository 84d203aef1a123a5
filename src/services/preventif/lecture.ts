import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { PlanPreventif } from '../../db/preventif/plans';
import { type Executor, query, queryOne } from '../../db/sql';
import type { Decidee, Passe, Voisin } from '../../domain/preventif/decision';
import type { Calendar } from '../../domain/working-time';
import { calendarOf, calendrierSql } from '../planification/calendriers';

/** What the rows say of plans: whoever decides reads it all in three statements, however many equipments a plan has. */

/** A plan as decisions need it. */
export interface LockedPlan {
  plan: PlanPreventif;
  equipements: EquipementDuPlan[];
}

export interface EquipementDuPlan {
  id: number;
  nom: string;
  siteId: number | null;
  calendar: Calendar;
  compteurs: { nom: string; valeur: number }[];
  compteur_depart: number | null;
  compteur_vies: number;
  arme: boolean;
  consecutifs: number;
  declenchements: number;
}

export const PLAN_FIELDS = sql`p.id, p.nom, p.par_equipement, p.declencheur, p.base, p.regle, p.date_debut::text AS date_debut,
  p.heure, p.saisons, p.jour_ferme, p.delai_generation, p.tolerance_jours, p.si_precedente_ouverte, p.rattrapage,
  p.compteur, p.condition, p.groupe, p.rang, p.modele, p.createur_id, p.etat, p.pause_depuis, p.suivi_depuis,
  p.prochaine_decision, p.a_recalculer, p.horaire, p.horaire_dit, p.horaire_dit_le, p.date_creation,
  p.date_modification, p.version`;

/**
 * Locks the equipments of a plan, so that none is moved or read off meanwhile, and then the plan: in this order everywhere.
 * @param others equipments that the plan is about to have.
 * @param timeZone of sites that name none.
 * @returns null when there is no such plan.
 */
export async function lockPlan(
  tx: EntityManager,
  id: number,
  timeZone: string,
  others: readonly number[] = [],
): Promise<LockedPlan | null> {
  await query(
    tx,
    sql`SELECT id FROM equipements
        WHERE id = ANY(${others}::integer[])
          OR id IN (SELECT equipement_id FROM plans_preventifs_equipements WHERE plan_id = ${id})
        ORDER BY id FOR SHARE`,
  );
  await query(tx, sql`SELECT id FROM plans_preventifs WHERE id = ${id} FOR NO KEY UPDATE`);
  const plan = await queryOne<PlanPreventif>(
    tx,
    sql`SELECT ${PLAN_FIELDS} FROM plans_preventifs p WHERE p.id = ${id}`,
  );
  return plan === null ? null : { plan, equipements: await equipementsOf(tx, id, timeZone) };
}

/** The equipments of a plan in its order, with the calendars of their sites. */
export async function equipementsOf(
  executor: Executor,
  planId: number,
  timeZone: string,
): Promise<EquipementDuPlan[]> {
  const rows = await query<Omit<EquipementDuPlan, 'calendar'> & { calendrier: string }>(
    executor,
    sql`SELECT e.id, e.nom, e.site_id AS "siteId", e.compteurs, pe.compteur_depart, pe.compteur_vies, pe.arme,
          pe.consecutifs, pe.declenchements, ${calendrierSql(timeZone)} AS calendrier
        FROM plans_preventifs_equipements pe JOIN equipements e ON e.id = pe.equipement_id
        LEFT JOIN sites s ON s.id = e.site_id
        WHERE pe.plan_id = ${planId} ORDER BY pe.rang`,
  );
  return rows.map(({ calendrier, ...equipement }) => ({
    ...equipement,
    calendar: calendarOf(executor, calendrier, timeZone),
  }));
}

/** The equipments of which each has visits of its own; of a plan with one visit for all, the first. */
export function visited({ plan, equipements }: LockedPlan): EquipementDuPlan[] {
  return plan.par_equipement ? equipements : equipements.slice(0, 1);
}

/** Dates before these many days more than the tolerance of a plan are none that another date is compared with. */
const LOOK_BACK_DAYS = 47;
const DAY = 86_400_000;

/**
 * What stands for a date: its own intervention, or that of the plan that absorbed it.
 */
const WORK = sql`echeances_preventives d
  LEFT JOIN echeances_preventives a
    ON a.plan_id = d.absorbee_par AND a.equipement_id = d.equipement_id AND a.cle = d.absorbee_cle
  LEFT JOIN interventions i ON i.id = coalesce(d.intervention_id, a.intervention_id)`;

/** Work that has been counted for a date, and was cancelled after it had been reopened, counts for none. */
const STANDS = sql`NOT (d.resultat = 'realisee' AND i.statut = 'annulee')`;

interface PasseRow {
  plan_id: number;
  equipement_id: number;
  ouverte: number | null;
  derniereFin: Date | null;
  derniereSansTravail: Date | null;
  derniere: Date | null;
  tombee: number | null;
  decidees: [cle: string, date: number, resultat: Decidee['resultat'], intervention: number | null][] | null;
  faites: [intervention: number, fin: number][] | null;
}

/** What the rows say of each of some plans on each of some equipments; none of what has no row. */
async function readPasses(
  executor: Executor,
  planIds: readonly number[],
  equipementIds: readonly number[],
  since: Date,
): Promise<Map<string, PasseLue>> {
  const milliseconds = (expression: Sql) => sql`extract(epoch FROM ${expression}) * 1000`;
  const rows = await query<PasseRow>(
    executor,
    sql`SELECT d.plan_id, d.equipement_id,
          max(i.id) FILTER (WHERE i.statut NOT IN ('terminee', 'annulee')) AS ouverte,
          max(i.date_fin) FILTER (WHERE i.statut = 'terminee') AS "derniereFin",
          max(d.date) FILTER (WHERE i.id IS NULL OR i.statut = 'annulee') AS "derniereSansTravail",
          max(d.date) AS derniere,
          min(${milliseconds(sql`d.occurrence`)}) FILTER (WHERE d.date >= ${since} AND NOT ${STANDS}) AS tombee,
          json_agg(json_build_array(d.cle, ${milliseconds(sql`d.date`)}, d.resultat, i.id) ORDER BY d.date)
            FILTER (WHERE d.date >= ${since} AND d.occurrence IS NOT NULL AND ${STANDS}) AS decidees,
          json_agg(json_build_array(i.id, ${milliseconds(sql`i.date_fin`)}) ORDER BY i.date_fin, i.id)
            FILTER (WHERE i.statut = 'terminee' AND i.date_fin >= ${since} AND d.occurrence IS NULL AND NOT EXISTS (
              SELECT FROM echeances_preventives r
              WHERE r.intervention_id = d.intervention_id AND r.resultat = 'realisee' AND r.plan_id = d.plan_id)) AS faites
        FROM ${WORK}
        WHERE d.plan_id = ANY(${planIds}::integer[]) AND d.equipement_id = ANY(${equipementIds}::integer[])
        GROUP BY d.plan_id, d.equipement_id`,
  );
  return new Map(
    rows.map((row) => [
      `${row.plan_id} ${row.equipement_id}`,
      {
        ouverte: row.ouverte,
        derniereFin: row.derniereFin?.getTime() ?? null,
        derniereSansTravail: row.derniereSansTravail?.getTime() ?? null,
        derniere: row.derniere?.getTime() ?? null,
        tombee: row.tombee,
        decidees: (row.decidees ?? []).map(([cle, date, resultat, intervention]) => ({
          cle,
          date: Math.round(date),
          resultat,
          intervention,
        })),
        faites: (row.faites ?? []).map(([intervention, fin]) => ({ intervention, fin: Math.round(fin) })),
      },
    ]),
  );
}

/** Without from when dates are looked at; the first day that is to be decided anew, as an instant. */
type PasseLue = Omit<Passe, 'suiviDepuis'> & { tombee: number | null };

const NOTHING: PasseLue = {
  tombee: null,
  decidees: [],
  ouverte: null,
  derniereFin: null,
  derniereSansTravail: null,
  derniere: null,
  faites: [],
};

/** What is known of one equipment. */
export interface Situation {
  equipement: EquipementDuPlan;
  passe: Passe;
  voisins: Voisin[];
}

/** What the rows say of a plan on each equipment that it visits, and of those that may absorb its dates. */
export async function readSituations(executor: Executor, locked: LockedPlan): Promise<Situation[]> {
  const { plan } = locked;
  const equipements = visited(locked);
  const ids = equipements.map(({ id }) => id);
  const voisins = await readVoisins(executor, plan, ids);
  const passeOf = await readPassesOf(executor, plan, [plan, ...voisins], ids);
  return equipements.map((equipement) => ({
    equipement,
    passe: passeOf(plan, equipement.id),
    voisins: voisinsOn(equipement.id, voisins, passeOf),
  }));
}

/** What decides which other plans a plan looks at, and how far back. */
type Looking = Pick<PlanPreventif, 'id' | 'groupe' | 'rang' | 'tolerance_jours' | 'suivi_depuis'>;

/** The plans that may absorb dates of one that is not saved, equipment by equipment. */
export async function readVoisinsOf(
  executor: Executor,
  plan: Looking,
  equipementIds: readonly number[],
): Promise<(equipementId: number) => Voisin[]> {
  const voisins = await readVoisins(executor, plan, equipementIds);
  const passeOf = await readPassesOf(executor, plan, voisins, equipementIds);
  return (equipementId) => voisinsOn(equipementId, voisins, passeOf);
}

type PasseOf = (plan: Pick<PlanPreventif, 'id' | 'suivi_depuis'>, equipementId: number) => Passe;

async function readPassesOf(
  executor: Executor,
  { tolerance_jours, suivi_depuis }: Looking,
  plans: readonly { id: number }[],
  equipementIds: readonly number[],
): Promise<PasseOf> {
  const since = new Date(suivi_depuis.getTime() - (tolerance_jours + LOOK_BACK_DAYS) * DAY);
  const planIds = plans.map(({ id }) => id);
  const passes = planIds.length === 0 ? null : await readPasses(executor, planIds, equipementIds, since);
  return (plan, equipementId) => {
    const { tombee, ...passe } = passes?.get(`${plan.id} ${equipementId}`) ?? NOTHING;
    const followed = plan.suivi_depuis.getTime();
    return { ...passe, suiviDepuis: tombee === null ? followed : Math.min(followed, tombee - DAY) };
  };
}

function voisinsOn(equipementId: number, voisins: readonly VoisinRow[], passeOf: PasseOf): Voisin[] {
  return voisins
    .filter(({ visites }) => visites.includes(equipementId))
    .map(({ visites: _, ...voisin }) => ({
      plan: voisin.id,
      rang: voisin.rang,
      regle: voisin,
      passe: passeOf(voisin, equipementId),
    }));
}

type VoisinRow = PlanPreventif & { visites: number[] };

/** The active plans of the same group and of higher rank that visit some of these equipments. */
async function readVoisins(
  executor: Executor,
  { id, groupe, rang }: Looking,
  equipementIds: readonly number[],
): Promise<VoisinRow[]> {
  if (groupe === null) return [];
  return query(
    executor,
    sql`SELECT ${PLAN_FIELDS}, visites.ids AS visites
        FROM plans_preventifs p
        CROSS JOIN LATERAL (
          SELECT array_agg(pe.equipement_id) AS ids FROM plans_preventifs_equipements pe
          WHERE pe.plan_id = p.id AND pe.equipement_id = ANY(${equipementIds}::integer[])
            AND (p.par_equipement OR pe.rang = 0)) visites
        WHERE p.groupe = ${groupe} AND p.id <> ${id} AND p.rang > ${rang} AND p.etat = 'actif'
          AND p.regle IS NOT NULL AND visites.ids IS NOT NULL
        ORDER BY p.rang DESC, p.id LIMIT ${MAX_VOISINS}`,
  );
}

/** Ranks of a group that are looked at. */
const MAX_VOISINS = 20;
