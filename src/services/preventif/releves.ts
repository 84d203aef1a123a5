import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import type { PlanPreventif } from '../../db/preventif/plans';
import { query, queryOne } from '../../db/sql';
import type { MotifSaut, Resultat } from '../../domain/preventif/decision';
import { hasCalendar, isFloating } from '../../domain/preventif/plans';
import {
  conditionAfter,
  isPutBack,
  type Lecture,
  stepsReached,
  thresholdReached,
} from '../../domain/preventif/releves';
import { type Actor, systemActor } from '../actor';
import { answerEtape, type EtapeRow, type Reponse } from '../interventions/etapes';
import type { Opened } from '../interventions/interventions';
import {
  type EquipementRow,
  type GivenEquipement,
  type GivenReleve,
  readMeter,
  updateEquipement,
} from '../parc/equipements';
import type { ReleveRow } from '../parc/releves';
import { type Decided, derive, openFor, writeOutcomes } from './decision';
import { type EquipementDuPlan, equipementsOf, type LockedPlan, PLAN_FIELDS } from './lecture';

/**
 * Meters and conditions are decided in the transaction that records a reading. Equipment knows nothing of plans: whoever
 * records a reading goes through here.
 */

/** A reading of one meter of an equipment. */
export interface Releve extends Lecture {
  nom: string;
}

/**
 * Changes an equipment, and decides on the plans that follow its meters and its site.
 * @see updateEquipement
 */
export async function updateFollowedEquipement(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  given: Partial<GivenEquipement>,
  expected: number | null,
  timeZone: string,
): Promise<{ row: EquipementRow; decided: Decided }> {
  const followed = given.compteurs !== undefined || given.site_id !== undefined;
  const before = followed ? await readBefore(tx, id) : null;
  const row = await updateEquipement(tx, access, actor, id, given, expected, timeZone);
  if (before === null) return { row, decided: { created: [], more: false } };
  if (row.site_id !== before.site_id) {
    await query(
      tx,
      sql`UPDATE plans_preventifs SET a_recalculer = true
          WHERE id IN (SELECT plan_id FROM plans_preventifs_equipements WHERE equipement_id = ${id})`,
    );
  }
  const known = new Map(before.compteurs.map(({ nom, valeur }) => [nom, valeur]));
  const releves = row.compteurs.flatMap(({ nom, valeur }) => {
    const avant = known.get(nom) ?? null;
    return avant === valeur ? [] : [{ nom, avant, apres: valeur }];
  });
  return { row, decided: await decideOnReading(tx, actor, id, releves, timeZone) };
}

/**
 * Records what a meter shows, and decides on the plans that follow it.
 * @see readMeter
 */
export async function readFollowedMeter(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  given: GivenReleve,
  timeZone: string,
): Promise<{ releve: ReleveRow; decided: Decided }> {
  const { releve, changements } = await readMeter(tx, access, actor, id, given, timeZone);
  return { releve, decided: await decideOnReading(tx, actor, id, changements, timeZone) };
}

/**
 * Answers a step of the work on an equipment, and decides on the plans that follow the meter that was read.
 * @see answerEtape
 */
export async function answerFollowedEtape(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  which: { interventionId: number; etapeId: number },
  reponse: Reponse,
  expected: number | null,
  timeZone: string,
): Promise<{ etape: EtapeRow; suite: Opened | null; decided: Decided }> {
  const answered = await answerEtape(tx, access, actor, which, reponse, expected, timeZone);
  const { etape, suite, equipementId, changements } = answered;
  return { etape, suite, decided: await decideOnReading(tx, actor, equipementId, changements, timeZone) };
}

interface Before {
  site_id: number | null;
  compteurs: { nom: string; valeur: number }[];
}

/** Locked as its change locks it: nobody records a reading in between. */
async function readBefore(tx: EntityManager, id: number): Promise<Before | null> {
  await query(tx, sql`SELECT id FROM equipements WHERE id = ${id} FOR NO KEY UPDATE`);
  return queryOne(tx, sql`SELECT site_id, compteurs FROM equipements WHERE id = ${id}`);
}

/**
 * Decides on the plans that are due by readings of an equipment, which whoever calls this has locked and written already.
 * @param timeZone of sites that name none.
 */
async function decideOnReading(
  tx: EntityManager,
  { now }: Actor,
  equipementId: number,
  releves: readonly Releve[],
  timeZone: string,
): Promise<Decided> {
  const created: Decided['created'] = [];
  for (const planId of await plansOf(
    tx,
    equipementId,
    releves.map(({ nom }) => nom),
  )) {
    const locked = await lockAlone(tx, planId, timeZone);
    const equipement = locked?.equipements.find(({ id }) => id === equipementId);
    if (locked === null || equipement === undefined || locked.plan.etat === 'en_pause') continue;
    const { plan } = locked;
    const releve = releves.find(({ nom }) => nom === (plan.compteur?.nom ?? plan.condition?.compteur))!;
    const actor = systemActor(now, `preventif-${plan.id}`);
    const cles = plan.compteur
      ? await meterCles(tx, plan, equipement, releve)
      : await conditionCles(tx, plan, equipement, releve);
    if (cles.length === 0) continue;
    const opened = await decideCles(tx, actor, locked, equipement, cles, releve);
    if (opened !== null) created.push(opened);
    if (hasCalendar(plan)) await derive(tx, locked, now);
  }
  return { created, more: false };
}

async function plansOf(tx: EntityManager, equipementId: number, noms: readonly string[]): Promise<number[]> {
  if (noms.length === 0) return [];
  const rows = await query<{ id: number }>(
    tx,
    sql`SELECT p.id FROM plans_preventifs p JOIN plans_preventifs_equipements pe ON pe.plan_id = p.id
        WHERE pe.equipement_id = ${equipementId} AND p.etat = 'actif' AND (p.par_equipement OR pe.rang = 0)
          AND coalesce(p.compteur->>'nom', p.condition->>'compteur') = ANY(${noms}::text[])
        ORDER BY p.id`,
  );
  return rows.map(({ id }) => id);
}

/** The plan alone: the equipment that is read is locked, and to wait for others of the plan would be to wait in a circle. */
async function lockAlone(tx: EntityManager, id: number, timeZone: string): Promise<LockedPlan | null> {
  await query(tx, sql`SELECT id FROM plans_preventifs WHERE id = ${id} FOR NO KEY UPDATE`);
  const plan = await queryOne<PlanPreventif>(
    tx,
    sql`SELECT ${PLAN_FIELDS} FROM plans_preventifs p WHERE p.id = ${id}`,
  );
  return plan === null ? null : { plan, equipements: await equipementsOf(tx, id, timeZone) };
}

/** What a meter is due by that was not decided on yet, the highest last. */
async function meterCles(
  tx: EntityManager,
  plan: PlanPreventif,
  equipement: EquipementDuPlan,
  releve: Releve,
): Promise<string[]> {
  const pas = plan.compteur!;
  const putBack = isPutBack(pas, releve);
  const vies = equipement.compteur_vies + (putBack ? 1 : 0);
  if (putBack || equipement.compteur_depart === null) {
    await query(
      tx,
      sql`UPDATE plans_preventifs_equipements
          SET compteur_vies = ${vies}, compteur_depart = ${releve.apres}::double precision
          WHERE plan_id = ${plan.id} AND equipement_id = ${equipement.id}`,
    );
    return [];
  }
  const depart = equipement.compteur_depart;
  const prefix = `compteur:${vies}:`;
  if (!isFloating(plan)) {
    const avant = Math.max(depart, (await lastThreshold(tx, plan.id, equipement.id, prefix)) ?? depart);
    return stepsReached(pas, { avant, apres: releve.apres }).map((step) => prefix + step);
  }
  const base = await floatingBase(tx, plan, equipement.id, releve);
  if (base === 'ouverte') return [];
  // What was written before the meter was put back lies above what it shows.
  const since = base === null || base > releve.apres ? depart : Math.max(base, depart);
  const threshold = thresholdReached(pas, since, releve);
  if (threshold === null) return [];
  const cle = prefix + threshold;
  const known = await query(
    tx,
    sql`SELECT FROM echeances_preventives
        WHERE plan_id = ${plan.id} AND equipement_id = ${equipement.id} AND cle = ${cle}`,
  );
  return known.length > 0 ? [] : [cle];
}

async function lastThreshold(
  tx: EntityManager,
  planId: number,
  equipementId: number,
  prefix: string,
): Promise<number | null> {
  const row = await queryOne<{ dernier: number | null }>(
    tx,
    sql`SELECT max(split_part(cle, ':', 3)::double precision) AS dernier FROM echeances_preventives
        WHERE plan_id = ${planId} AND equipement_id = ${equipementId} AND cle LIKE ${`${prefix}%`}`,
  );
  return row!.dernier;
}

/**
 * From what a meter counts that begins anew with the work: its reading when that was last done, or, where a date may have
 * come first, when it was last due. Work that ended since the last reading ended at what that one showed.
 */
async function floatingBase(
  tx: EntityManager,
  { id, base }: PlanPreventif,
  equipementId: number,
  { avant }: Releve,
): Promise<number | null | 'ouverte'> {
  if (base === 'fixe') {
    const row = await queryOne<{ releve: number | null }>(
      tx,
      sql`SELECT releve FROM echeances_preventives
          WHERE plan_id = ${id} AND equipement_id = ${equipementId} ORDER BY date DESC, id DESC LIMIT 1`,
    );
    return row?.releve ?? null;
  }
  await query(
    tx,
    sql`UPDATE echeances_preventives d SET releve_fin = CASE WHEN i.statut = 'terminee' THEN ${avant}::double precision END
        FROM interventions i
        WHERE i.id = d.intervention_id AND d.plan_id = ${id} AND d.equipement_id = ${equipementId}
          AND (d.releve_fin IS NULL) = (i.statut = 'terminee')`,
  );
  const row = await queryOne<{ ouverte: boolean; fin: number | null; sans_travail: number | null }>(
    tx,
    sql`SELECT bool_or(i.statut NOT IN ('terminee', 'annulee')) AS ouverte,
          (array_agg(d.releve_fin ORDER BY i.date_fin DESC) FILTER (WHERE i.statut = 'terminee'))[1] AS fin,
          (array_agg(d.releve ORDER BY d.date DESC) FILTER (WHERE i.id IS NULL OR i.statut = 'annulee'))[1] AS sans_travail
        FROM echeances_preventives d LEFT JOIN interventions i ON i.id = d.intervention_id
        WHERE d.plan_id = ${id} AND d.equipement_id = ${equipementId}`,
  );
  if (row?.ouverte) return 'ouverte';
  const readings = [row?.fin, row?.sans_travail].filter((reading) => reading != null);
  return readings.length === 0 ? null : Math.max(...readings);
}

async function conditionCles(
  tx: EntityManager,
  plan: PlanPreventif,
  equipement: EquipementDuPlan,
  { apres }: Releve,
): Promise<string[]> {
  const { declenchee, arme, consecutifs } = conditionAfter(plan.condition!, equipement, apres);
  const declenchements = equipement.declenchements + (declenchee ? 1 : 0);
  await query(
    tx,
    sql`UPDATE plans_preventifs_equipements
        SET arme = ${arme}, consecutifs = ${consecutifs}, declenchements = ${declenchements}
        WHERE plan_id = ${plan.id} AND equipement_id = ${equipement.id}`,
  );
  return declenchee ? [`condition:${declenchements}`] : [];
}

/** The last of them is due; what was passed over on the way is part of its work. */
async function decideCles(
  tx: EntityManager,
  actor: Actor,
  locked: LockedPlan,
  equipement: EquipementDuPlan,
  cles: readonly string[],
  { apres }: Releve,
): Promise<Decided['created'][number] | null> {
  const { plan } = locked;
  const open = await queryOne<{ id: number | null }>(
    tx,
    sql`SELECT max(i.id) AS id FROM echeances_preventives d JOIN interventions i ON i.id = d.intervention_id
        WHERE d.plan_id = ${plan.id} AND d.equipement_id = ${equipement.id} AND i.statut NOT IN ('terminee', 'annulee')`,
  );
  const ouverte = open!.id;
  const outcome = (resultat: Resultat, motif: MotifSaut | null, intervention: number | null) => ({
    occurrence: null,
    date: actor.now.getTime(),
    resultat,
    motif,
    rattrapage: false,
    intervention,
    absorbeePar: null,
    releve: apres,
  });
  if (ouverte !== null && plan.si_precedente_ouverte !== 'creer') {
    const skipped =
      plan.si_precedente_ouverte === 'sauter'
        ? outcome('sautee', 'precedente_ouverte', null)
        : outcome('fusionnee', null, ouverte);
    await writeOutcomes(
      tx,
      actor,
      plan.id,
      equipement.id,
      cles.map((cle) => ({ cle, ...skipped })),
    );
    return null;
  }
  const opened = await openFor(tx, actor, locked, equipement, actor.now.getTime());
  const last = cles.length - 1;
  await writeOutcomes(
    tx,
    actor,
    plan.id,
    equipement.id,
    cles.map((cle, index) => ({ cle, ...outcome(index === last ? 'creee' : 'fusionnee', null, opened.id) })),
  );
  return opened;
}
