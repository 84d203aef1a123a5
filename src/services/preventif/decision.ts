import sql, { join, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query } from '../../db/sql';
import type { Snapshot } from '../../domain/interventions/snapshot';
import { dayAfter, dayAt, endOfDay } from '../../domain/local-time';
import {
  type Decision,
  decide,
  decidedUntil,
  decidePaused,
  MAX_DECISIONS,
  type MotifSaut,
  type Resultat,
  upcoming,
} from '../../domain/preventif/decision';
import { type Actor, systemActor } from '../actor';
import { supplyNew } from '../interventions/besoins';
import { equipNew } from '../interventions/etapes';
import { openIntervention, type Placement } from '../interventions/interventions';
import { candidatsSql } from '../parc/contrats';
import { type EquipementDuPlan, type LockedPlan, lockPlan, readSituations, type Situation } from './lecture';

/**
 * One transaction decides: it locks the plan, reads what is due and what became of what was, creates interventions, and
 * writes the outcome of each date beside them. However often it is repeated, and by however many at once, each date is
 * decided once: the lock makes them wait for each other, and two unique keys would refuse the second.
 */

/** What a decision leaves to do once it has committed. */
export interface Decided {
  /** Interventions whose workflows are to be started. */
  created: { id: number; situation: Snapshot }[];
  /** Whether dates that are due are left for the next time. */
  more: boolean;
}

const NOTHING_DECIDED: Decided = { created: [], more: false };

/**
 * Decides on what is due of a plan by now, and works out when it is due next. Nothing when it is gone or paused.
 * @param timeZone of sites that name none.
 */
export async function decidePlan(
  tx: EntityManager,
  planId: number,
  now: Date,
  timeZone: string,
): Promise<Decided> {
  const locked = await lockPlan(tx, planId, timeZone);
  if (locked === null || locked.plan.etat === 'en_pause') return NOTHING_DECIDED;
  return decideLocked(tx, locked, now);
}

/** The same for a plan that is locked. */
export async function decideLocked(tx: EntityManager, locked: LockedPlan, now: Date): Promise<Decided> {
  const { plan } = locked;
  const actor = systemActor(now, `preventif-${plan.id}`);
  const created: Decided['created'] = [];
  let left = MAX_DECISIONS;
  for (const { equipement, passe, voisins } of await readSituations(tx, locked)) {
    const decisions = decide(plan, equipement.calendar, passe, voisins, now.getTime(), left);
    left -= decisions.length;
    created.push(...(await writeDecisions(tx, actor, locked, equipement, decisions)));
  }
  await derive(tx, locked, now);
  return { created, more: left === 0 };
}

/**
 * Writes down that the dates which passed during a pause are not made up for.
 * @returns how many there were.
 */
export async function skipPaused(tx: EntityManager, locked: LockedPlan, actor: Actor): Promise<number> {
  let skipped = 0;
  for (const { equipement, passe } of await readSituations(tx, locked)) {
    const decisions = decidePaused(locked.plan, equipement.calendar, passe, actor.now.getTime());
    await writeDecisions(tx, actor, locked, equipement, decisions);
    skipped += decisions.length;
  }
  return skipped;
}

async function writeDecisions(
  tx: EntityManager,
  actor: Actor,
  locked: LockedPlan,
  equipement: EquipementDuPlan,
  decisions: readonly Decision[],
): Promise<Decided['created']> {
  const created: Decided['created'] = [];
  const outcomes: Outcome[] = [];
  for (const decision of decisions) {
    let intervention = decision.intervention === 'precedente' ? created.at(-1)!.id : decision.intervention;
    if (decision.resultat === 'creee') {
      const opened = await openFor(tx, actor, locked, equipement, decision.date);
      created.push(opened);
      intervention = opened.id;
    }
    outcomes.push({ ...decision, intervention, releve: meterOf(locked, equipement) });
  }
  await writeOutcomes(tx, actor, locked.plan.id, equipement.id, outcomes);
  return created;
}

/** What is written of a date. */
export interface Outcome {
  cle: string;
  occurrence: string | null;
  /** Milliseconds since the epoch. */
  date: number;
  resultat: Resultat;
  motif: MotifSaut | null;
  rattrapage: boolean;
  intervention: number | null;
  absorbeePar: Decision['absorbeePar'];
  releve: number | null;
}

/** What stands for no work, and is decided anew once that was cancelled, gives way; anything else of the same key is refused. */
export async function writeOutcomes(
  tx: EntityManager,
  actor: Actor,
  planId: number,
  equipementId: number,
  outcomes: readonly Outcome[],
): Promise<void> {
  if (outcomes.length === 0) return;
  const rows = outcomes.map(
    ({ cle, occurrence, date, resultat, motif, rattrapage, intervention, absorbeePar, releve }): Sql =>
      sql`(${planId}, ${equipementId}, ${cle}, ${occurrence}, ${new Date(date)}, ${resultat}, ${motif}, ${rattrapage},
           ${intervention}, ${absorbeePar?.plan ?? null}, ${absorbeePar?.cle ?? null}, ${releve}, ${actor.now})`,
  );
  const cles = outcomes.map(({ cle }) => cle);
  await query(
    tx,
    sql`DELETE FROM echeances_preventives d
        WHERE d.plan_id = ${planId} AND d.equipement_id = ${equipementId} AND d.cle = ANY(${cles}::text[])
          AND d.resultat = 'realisee'
          AND EXISTS (SELECT FROM interventions i WHERE i.id = d.intervention_id AND i.statut = 'annulee')`,
  );
  await query(
    tx,
    sql`INSERT INTO echeances_preventives (plan_id, equipement_id, cle, occurrence, date, resultat, motif, rattrapage,
          intervention_id, absorbee_par, absorbee_cle, releve, date_decision)
        VALUES ${join(rows)}`,
  );
}

/** Creates an intervention from the template of a plan, with its steps and parts, to be done by the end of the day on which it is due, or of the tolerance. */
export async function openFor(
  tx: EntityManager,
  actor: Actor,
  { plan, equipements }: LockedPlan,
  equipement: EquipementDuPlan,
  date: number,
): Promise<{ id: number; situation: Snapshot }> {
  const { technicien_id, duree_estimee, description, pieces, modele_etapes_id, etapes, ...modele } =
    plan.modele;
  const { zone } = equipement.calendar;
  const limit = endOfDay(dayAfter(dayAt(date, zone), plan.tolerance_jours), zone);
  const { row, situation } = await openIntervention(
    tx,
    actor,
    {
      ...modele,
      description: plan.par_equipement ? description : withEquipements(description, equipements),
      type_intervention: 'preventive',
      equipement_id: equipement.id,
      duree_prevue: duree_estimee,
      technicien_prefere_id: technicien_id,
      // What was due some time ago has the delay of its priority.
      date_limite: limit > actor.now.getTime() ? new Date(limit).toISOString() : null,
    },
    plan.createur_id,
    await placementOf(tx, equipement, actor.now),
  );
  await equipNew(tx, actor, row.id, { modele_etapes_id, etapes });
  await supplyNew(tx, actor, row, pieces);
  return { id: row.id, situation };
}

/** By whose contracts the intervention is opened, as of now. */
async function placementOf(
  tx: EntityManager,
  { id, calendar }: EquipementDuPlan,
  now: Date,
): Promise<Placement> {
  const [machine] = await query<Omit<Placement, 'calendar'>>(
    tx,
    sql`SELECT e.client_id, e.site_id, ${candidatsSql('e', sql`${now}::timestamptz`)} AS contrats
        FROM equipements e WHERE e.id = ${id}`,
  );
  return { ...machine!, calendar };
}

const MAX_DESCRIPTION = 2_000;

/** One visit for all of them says which they are, as far as there is room. */
function withEquipements(description: string, equipements: readonly EquipementDuPlan[]): string {
  const text = `${description}\n\nÉquipements : ${equipements.map(({ nom }) => nom).join(', ')}`;
  return text.length <= MAX_DESCRIPTION ? text : `${text.slice(0, MAX_DESCRIPTION - 1)}…`;
}

/** What the meter of a plan shows on an equipment; null where it has none. */
export function meterOf({ plan }: LockedPlan, { compteurs }: EquipementDuPlan): number | null {
  const nom = plan.compteur?.nom ?? plan.condition?.compteur;
  return compteurs.find((compteur) => compteur.nom === nom)?.valeur ?? null;
}

/** Instants that the schedule of a plan holds, at most. */
const MAX_INSTANTS = 10;

/**
 * Works out when there is next something to decide, and what the schedule of the plan should hold. Nobody's change of the
 * plan: its version stays.
 */
export async function derive(tx: EntityManager, locked: LockedPlan, now: Date): Promise<void> {
  const { plan } = locked;
  const situations = plan.etat === 'actif' ? await readSituations(tx, locked) : [];
  const { instants, prochaine, suivi } = outlook(locked, situations, now.getTime());
  await query(
    tx,
    sql`UPDATE plans_preventifs SET prochaine_decision = ${prochaine === null ? null : new Date(prochaine)}::timestamptz,
          horaire = ${instants.map((instant) => new Date(instant).toISOString()).join(' ')},
          suivi_depuis = ${new Date(suivi)}::timestamptz, a_recalculer = false, calcule_le = now()
        WHERE id = ${plan.id}`,
  );
}

function outlook({ plan }: LockedPlan, situations: readonly Situation[], now: number) {
  const instants = new Set<number>();
  let prochaine: number | null = null;
  let suivi = Number.POSITIVE_INFINITY;
  for (const { equipement, passe } of situations) {
    let ahead = 0;
    for (const { generation, sautee } of upcoming(plan, equipement.calendar, passe)) {
      prochaine = Math.min(prochaine ?? generation, generation);
      // What is left out is written down with whatever is decided next: nothing has to begin for it.
      if (generation > now && !sautee) {
        instants.add(generation);
        ahead += 1;
      }
      if (ahead === MAX_INSTANTS) break;
    }
    suivi = Math.min(suivi, decidedUntil(plan, equipement.calendar, passe, now));
  }
  return {
    instants: [...instants].sort((a, b) => a - b).slice(0, MAX_INSTANTS),
    prochaine,
    suivi: Number.isFinite(suivi) ? suivi : plan.suivi_depuis.getTime(),
  };
}
