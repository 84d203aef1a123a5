import sql, { empty, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { EQUIPEMENT_COLUMNS, PLAN_COLUMNS } from '../../auth/columns';
import { PlanPreventif } from '../../db/preventif/plans';
import { type Executor, query, queryOne } from '../../db/sql';
import { type FieldFault, invalid, notFound, RegieError } from '../../domain/errors';
import { faultsOfDefinition } from '../../domain/interventions/etapes';
import { dayAt } from '../../domain/local-time';
import { incoherences } from '../../domain/preventif/coherence';
import { datesFrom } from '../../domain/preventif/dates';
import { forecast, type Passe, type Prevision, type Voisin } from '../../domain/preventif/decision';
import {
  type Declencheur,
  type EtatPlan,
  hasCalendar,
  isFloating,
  type Modele,
  type RegleDuPlan,
} from '../../domain/preventif/plans';
import { type Calendar } from '../../domain/working-time';
import type { Actor } from '../actor';
import { oneOf } from '../conditions';
import { difference, record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { readCalendars } from '../planification/calendriers';
import { requireVersion } from '../versions';
import { type Decided, decideLocked, derive, meterOf, openFor, skipPaused, writeOutcomes } from './decision';
import {
  equipementsOf,
  type LockedPlan,
  lockPlan,
  PLAN_FIELDS,
  readSituations,
  readVoisinsOf,
  visited,
} from './lecture';

/** Preventive plans as people make and change them. */

export type PlanFields = Pick<
  PlanPreventif,
  | 'nom'
  | 'par_equipement'
  | 'declencheur'
  | 'base'
  | 'regle'
  | 'date_debut'
  | 'heure'
  | 'saisons'
  | 'jour_ferme'
  | 'delai_generation'
  | 'tolerance_jours'
  | 'si_precedente_ouverte'
  | 'rattrapage'
  | 'compteur'
  | 'condition'
  | 'groupe'
  | 'rang'
  | 'modele'
> & { equipements: number[] };

/** A plan as it is answered. */
export interface PlanRow extends PlanFields {
  id: number;
  createur_id: number;
  etat: EtatPlan;
  pause_depuis: Date | null;
  /** When the next intervention will be created, as far as a date says so. */
  prochaine_generation: Date | null;
  /** Those that it has created and that are not over. */
  interventions_ouvertes: number;
  date_creation: Date;
  date_modification: Date;
  version: number;
}

export interface PlanFilters {
  etat?: EtatPlan[];
  declencheur?: Declencheur[];
  equipement_id?: number;
  groupe?: string;
}

const EQUIPEMENT_IDS = sql`ARRAY(SELECT pe.equipement_id FROM plans_preventifs_equipements pe
  WHERE pe.plan_id = p.id ORDER BY pe.rang)`;

const COLUMNS = sql`p.id, p.nom, p.par_equipement, p.declencheur, p.base, p.regle, p.date_debut::text AS date_debut, p.heure,
  p.saisons, p.jour_ferme, p.delai_generation, p.tolerance_jours, p.si_precedente_ouverte, p.rattrapage, p.compteur,
  p.condition, p.groupe, p.rang, p.modele, p.createur_id, p.etat, p.pause_depuis,
  nullif(split_part(p.horaire, ' ', 1), '')::timestamptz AS prochaine_generation, ${EQUIPEMENT_IDS} AS equipements,
  (SELECT count(DISTINCT i.id)::integer FROM echeances_preventives d JOIN interventions i ON i.id = d.intervention_id
   WHERE d.plan_id = p.id AND i.statut NOT IN ('terminee', 'annulee')) AS interventions_ouvertes,
  p.date_creation, p.date_modification, p.version`;

export const PLAN_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`plans_preventifs p`,
  // What has to be counted is counted for the rows of the page alone.
  rows: sql`JOIN plans_preventifs p ON p.id = page._id`,
  alias: 'p',
  sortable: {
    id: { expression: 'p.id', cast: 'integer' },
    nom: { expression: 'p.nom', cast: 'text' },
    date_creation: { expression: 'p.date_creation', cast: 'timestamptz' },
  },
  defaultSort: 'nom',
};

export function listPlans(
  executor: Executor,
  access: Access,
  { etat, declencheur, equipement_id, groupe }: PlanFilters,
  page: PageRequest,
): Promise<Page<PlanRow>> {
  const conditions: Sql[] = [access.where('read', 'PlanPreventif', PLAN_COLUMNS)];
  if (etat) conditions.push(oneOf('p.etat', etat));
  if (declencheur) conditions.push(oneOf('p.declencheur', declencheur));
  if (groupe !== undefined) conditions.push(sql`p.groupe = ${groupe}`);
  if (equipement_id !== undefined) {
    conditions.push(sql`EXISTS (SELECT FROM plans_preventifs_equipements pe
      WHERE pe.plan_id = p.id AND pe.equipement_id = ${equipement_id})`);
  }
  return list<PlanRow>(executor, PLAN_LIST, conditions, page);
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readPlan(executor: Executor, access: Access, id: number): Promise<PlanRow> {
  const plan = await queryOne<PlanRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM plans_preventifs p
        WHERE p.id = ${id} AND ${access.where('read', 'PlanPreventif', PLAN_COLUMNS)}`,
  );
  if (plan === null) throw notFound();
  return plan;
}

/**
 * @param timeZone of sites that name none.
 * @throws {RegieError} `INTERDIT`, `VALIDATION` for what does not fit together, refers to nothing, or is never due
 */
export async function createPlan(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: PlanFields,
  timeZone: string,
): Promise<{ row: PlanRow; decided: Decided }> {
  await lockEquipements(tx, fields.equipements);
  await access.confirm(tx);
  const places = await checkPlan(tx, access, fields, actor, timeZone);
  access.require('create', 'PlanPreventif', { site_ids: siteIdsOf(places) });
  const { equipements, ...columns } = fields;
  const inserted = await tx.insert(PlanPreventif, {
    ...columns,
    createur_id: access.principal.userId,
    suivi_depuis: actor.now,
  });
  const id = inserted.identifiers[0]!.id as number;
  await writeEquipements(tx, id, fields, equipements);
  await record(tx, actor, {
    entite: 'plan_preventif',
    entiteId: id,
    action: 'creation',
    apres: { ...fields },
  });
  const decided = await decideLocked(tx, (await lockPlan(tx, id, timeZone))!, actor.now);
  return { row: await readPlan(tx, access, id), decided };
}

/** Fields from which other dates follow. */
const DATE_FIELDS: readonly (keyof PlanFields)[] = [
  'declencheur',
  'base',
  'regle',
  'date_debut',
  'heure',
  'saisons',
  'jour_ferme',
  'equipements',
  'par_equipement',
];

/**
 * Changes what is given. What was created by the plan so far stays as it is, and what was due by the former rule is decided
 * first.
 * @param expected version named by the caller, or null.
 * @param timeZone of sites that name none.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `VALIDATION`
 */
export async function updatePlan(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  changes: Partial<PlanFields>,
  expected: number | null,
  timeZone: string,
): Promise<{ row: PlanRow; decided: Decided }> {
  const locked = await lockForChange(tx, access, id, timeZone, changes.equipements);
  const row = await readPlan(tx, access, id);
  const sites = siteIdsOf(locked.equipements);
  access.require('update', 'PlanPreventif', { site_ids: sites });
  requireVersion(row, expected);
  const { avant, apres } = difference<PlanFields>(row, changes);
  if (Object.keys(apres).length === 0) return { row, decided: { created: [], more: false } };

  const fields = { ...row, ...changes };
  const places = await checkPlan(tx, access, fields, actor, timeZone);
  // Nor may it be moved to where the caller could not have changed it.
  access.require('update', 'PlanPreventif', { site_ids: siteIdsOf(places) });
  const before =
    locked.plan.etat === 'actif' ? await decideLocked(tx, locked, actor.now) : { created: [], more: false };
  const { equipements: _, ...columns } = changes;
  const movesDates = DATE_FIELDS.some((field) => field in apres);
  await tx.update(PlanPreventif, { id }, { ...columns, ...(movesDates ? { suivi_depuis: actor.now } : {}) });
  const changesMeter = 'compteur' in apres || 'condition' in apres;
  if ('equipements' in apres || changesMeter) {
    await writeEquipements(tx, id, fields, fields.equipements, changesMeter);
  }
  await record(tx, actor, { entite: 'plan_preventif', entiteId: id, action: 'modification', avant, apres });
  const changed = (await lockPlan(tx, id, timeZone))!;
  const after = changed.plan.etat === 'actif' ? await decideLocked(tx, changed, actor.now) : null;
  if (after === null) await derive(tx, changed, actor.now);
  return {
    row: await readPlan(tx, access, id),
    decided: { created: [...before.created, ...(after?.created ?? [])], more: after?.more ?? false },
  };
}

/** Removes a plan and what it remembers of its dates; the interventions that it has created stay. @throws {RegieError} `INTROUVABLE`, `INTERDIT` */
export async function deletePlan(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  timeZone: string,
): Promise<void> {
  const locked = await lockForChange(tx, access, id, timeZone);
  access.require('delete', 'PlanPreventif', { site_ids: siteIdsOf(locked.equipements) });
  const row = await readPlan(tx, access, id);
  await tx.delete(PlanPreventif, { id });
  await record(tx, actor, {
    entite: 'plan_preventif',
    entiteId: id,
    action: 'suppression',
    avant: { ...row },
  });
}

/** Nothing is due while a plan is paused. @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `TRANSITION_INVALIDE` */
export async function pausePlan(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  timeZone: string,
): Promise<PlanRow> {
  const locked = await lockForChange(tx, access, id, timeZone);
  access.require('update', 'PlanPreventif', { site_ids: siteIdsOf(locked.equipements) });
  if (locked.plan.etat === 'en_pause') throw already('en pause', 'paused', locked.plan.etat);
  await tx.update(PlanPreventif, { id }, { etat: 'en_pause', pause_depuis: actor.now });
  await derive(tx, (await lockPlan(tx, id, timeZone))!, actor.now);
  await record(tx, actor, {
    entite: 'plan_preventif',
    entiteId: id,
    action: 'pause',
    avant: { etat: 'actif' },
    apres: { etat: 'en_pause' },
  });
  return readPlan(tx, access, id);
}

export const REPRISES = ['origine', 'aujourdhui'] as const;
export type Reprise = (typeof REPRISES)[number];

/**
 * Goes on after a pause. From `origine` as if there had been none: what was due meanwhile is made up for as the plan says.
 * From `aujourdhui` the rule begins anew on this day, and what was due meanwhile is written down as left out.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `TRANSITION_INVALIDE`
 */
export async function resumePlan(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  depuis: Reprise,
  timeZone: string,
): Promise<{ row: PlanRow; decided: Decided }> {
  const locked = await lockForChange(tx, access, id, timeZone);
  access.require('update', 'PlanPreventif', { site_ids: siteIdsOf(locked.equipements) });
  if (locked.plan.etat === 'actif') throw already('actif', 'active', locked.plan.etat);
  const restarts = depuis === 'aujourdhui';
  const sautees = restarts ? await skipPaused(tx, locked, actor) : 0;
  const zone = locked.equipements[0]!.calendar.zone;
  const date_debut = hasCalendar(locked.plan) ? dayAt(actor.now.getTime(), zone) : null;
  await tx.update(
    PlanPreventif,
    { id },
    {
      etat: 'actif',
      pause_depuis: null,
      ...(restarts ? { suivi_depuis: actor.now, date_debut } : {}),
    },
  );
  if (restarts) await restartMeters(tx, locked);
  await record(tx, actor, {
    entite: 'plan_preventif',
    entiteId: id,
    action: 'reprise',
    avant: { etat: 'en_pause', pause_depuis: locked.plan.pause_depuis, date_debut: locked.plan.date_debut },
    apres: { etat: 'actif', depuis, ...(restarts ? { date_debut, echeances_sautees: sautees } : {}) },
  });
  const decided = await decideLocked(tx, (await lockPlan(tx, id, timeZone))!, actor.now);
  return { row: await readPlan(tx, access, id), decided };
}

/** Meters count from what they show now. */
async function restartMeters(tx: EntityManager, locked: LockedPlan): Promise<void> {
  for (const equipement of visited(locked)) {
    await query(
      tx,
      sql`UPDATE plans_preventifs_equipements
          SET compteur_depart = ${meterOf(locked, equipement)}::double precision, arme = true, consecutifs = 0
          WHERE plan_id = ${locked.plan.id} AND equipement_id = ${equipement.id}`,
    );
  }
}

/**
 * Creates the work of a plan now, beside what is due by itself; done within the tolerance before a date, it counts for that
 * date. @throws {RegieError} `INTROUVABLE`, `INTERDIT`
 */
export async function triggerPlan(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  timeZone: string,
): Promise<{ decided: Decided; cle: string }> {
  const locked = await lockForChange(tx, access, id, timeZone);
  access.require('update', 'PlanPreventif', { site_ids: siteIdsOf(locked.equipements) });
  const counted = await queryOne<{ n: number }>(
    tx,
    sql`SELECT count(DISTINCT cle)::integer AS n FROM echeances_preventives
        WHERE plan_id = ${id} AND cle LIKE ${`${DECLENCHEMENT}%`}`,
  );
  const cle = `${DECLENCHEMENT}${counted!.n + 1}`;
  const created: Decided['created'] = [];
  for (const equipement of visited(locked)) {
    const opened = await openFor(tx, actor, locked, equipement, actor.now.getTime());
    created.push(opened);
    await writeOutcomes(tx, actor, id, equipement.id, [
      {
        cle,
        occurrence: null,
        date: actor.now.getTime(),
        resultat: 'creee',
        motif: null,
        rattrapage: false,
        intervention: opened.id,
        absorbeePar: null,
        releve: meterOf(locked, equipement),
      },
    ]);
  }
  await record(tx, actor, {
    entite: 'plan_preventif',
    entiteId: id,
    action: 'declenchement',
    apres: { interventions: created.map((opened) => opened.id) },
  });
  await derive(tx, locked, actor.now);
  return { decided: { created, more: false }, cle };
}

const DECLENCHEMENT = 'declenchement:';

/** What became of a date. */
export interface EcheanceRow {
  id: number;
  equipement_id: number;
  cle: string;
  occurrence: string | null;
  date: Date;
  resultat: string;
  motif: string | null;
  rattrapage: boolean;
  intervention_id: number | null;
  intervention_statut: string | null;
  absorbee_par: number | null;
  date_decision: Date;
}

const ECHEANCE_COLUMNS = sql`d.id, d.equipement_id, d.cle, d.occurrence::text AS occurrence, d.date, d.resultat, d.motif,
  d.rattrapage, i.id AS intervention_id, i.statut AS intervention_statut, d.absorbee_par, d.date_decision`;

export const ECHEANCE_LIST: ListSpec = {
  columns: ECHEANCE_COLUMNS,
  from: sql`echeances_preventives d`,
  rows: sql`JOIN echeances_preventives d ON d.id = page._id
    LEFT JOIN echeances_preventives a
      ON a.plan_id = d.absorbee_par AND a.equipement_id = d.equipement_id AND a.cle = d.absorbee_cle
    LEFT JOIN interventions i ON i.id = coalesce(d.intervention_id, a.intervention_id)`,
  alias: 'd',
  sortable: {
    id: { expression: 'd.id', cast: 'integer' },
    date: { expression: 'd.date', cast: 'timestamptz' },
  },
  defaultSort: '-date',
};

/** @throws {RegieError} `INTROUVABLE` */
export async function listEcheances(
  executor: Executor,
  access: Access,
  id: number,
  page: PageRequest,
): Promise<Page<EcheanceRow>> {
  await readPlan(executor, access, id);
  return list(executor, ECHEANCE_LIST, [sql`d.plan_id = ${id}`], page);
}

/** Those of one key, as they were written last. */
export async function echeancesOfCle(
  executor: Executor,
  planId: number,
  cle: string,
): Promise<EcheanceRow[]> {
  return query<EcheanceRow>(
    executor,
    sql`SELECT ${ECHEANCE_COLUMNS} FROM echeances_preventives d JOIN interventions i ON i.id = d.intervention_id
        WHERE d.plan_id = ${planId} AND d.cle = ${cle} ORDER BY d.id`,
  );
}

/** A date of a forecast, with the equipments that are due then. */
export interface PrevisionRow extends Prevision {
  equipements: number[];
}

/** The next dates of a plan, each with what moved it. @throws {RegieError} `INTROUVABLE` */
export async function previsionsOf(
  executor: Executor,
  access: Access,
  id: number,
  nombre: number,
  now: Date,
  timeZone: string,
): Promise<PrevisionRow[]> {
  await readPlan(executor, access, id);
  const plan = (await queryOne<PlanPreventif>(
    executor,
    sql`SELECT ${PLAN_FIELDS} FROM plans_preventifs p WHERE p.id = ${id}`,
  ))!;
  const locked = { plan, equipements: await equipementsOf(executor, id, timeZone) };
  const situations = await readSituations(executor, locked);
  const outlooks = situations.map(({ equipement, passe, voisins }) => {
    const { id: equipementId, calendar } = equipement;
    return { id: equipementId, calendar, passe, voisins };
  });
  return previsionsAmong(plan, outlooks, nombre, now.getTime());
}

/**
 * The same of a plan that is not saved. @throws {RegieError} `INTERDIT`, `VALIDATION` as when it would be created
 */
export async function previsionsOfUnsaved(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: PlanFields,
  nombre: number,
  timeZone: string,
): Promise<PrevisionRow[]> {
  await access.confirm(tx);
  const places = await checkPlan(tx, access, fields, actor, timeZone);
  access.require('create', 'PlanPreventif', { site_ids: siteIdsOf(places) });
  const passe: Passe = {
    suiviDepuis: actor.now.getTime(),
    decidees: [],
    ouverte: null,
    derniereFin: null,
    derniereSansTravail: null,
    derniere: null,
    faites: [],
  };
  const equipements = fields.par_equipement ? places : places.slice(0, 1);
  const voisinsOf = await readVoisinsOf(
    tx,
    {
      id: 0,
      groupe: fields.groupe,
      rang: fields.rang,
      tolerance_jours: fields.tolerance_jours,
      suivi_depuis: actor.now,
    },
    equipements.map(({ id }) => id),
  );
  const outlooks = equipements.map(({ id, calendar }) => ({ id, calendar, passe, voisins: voisinsOf(id) }));
  return previsionsAmong(fields, outlooks, nombre, actor.now.getTime());
}

/** What a forecast follows from, equipment by equipment. */
interface Outlook {
  id: number;
  calendar: Calendar;
  passe: Passe;
  voisins: Voisin[];
}

/** The first so many dates of all equipments; of several that are due alike, one. What follows alike is worked out once. */
function previsionsAmong(
  plan: RegleDuPlan,
  outlooks: readonly Outlook[],
  nombre: number,
  now: number,
): PrevisionRow[] {
  const alike = new Map<string, { outlook: Outlook; ids: number[] }>();
  const calendars = new Map<Calendar, number>();
  for (const outlook of outlooks) {
    const { id, calendar, passe, voisins } = outlook;
    if (!calendars.has(calendar)) calendars.set(calendar, calendars.size);
    const key = JSON.stringify([calendars.get(calendar), followed(plan, passe, now), voisins]);
    const group = alike.get(key) ?? { outlook, ids: [] };
    group.ids.push(id);
    alike.set(key, group);
  }
  const rows = new Map<string, PrevisionRow>();
  for (const { outlook, ids } of alike.values()) {
    let count = 0;
    for (const date of forecast(plan, outlook.calendar, outlook.passe, outlook.voisins, now)) {
      const key = JSON.stringify(date);
      const row = rows.get(key) ?? { ...date, equipements: [] };
      row.equipements.push(...ids);
      rows.set(key, row);
      count += 1;
      if (count === nombre) break;
    }
  }
  return [...rows.values()].sort((a, b) => a.date - b.date).slice(0, nombre);
}

/** What of the past the dates to come follow from: on a grid, only what has been decided of them already. */
function followed(plan: RegleDuPlan, passe: Passe, now: number): unknown {
  return isFloating(plan) ? passe : passe.decidees.filter(({ date }) => date > now).map(({ cle }) => cle);
}

interface Place {
  id: number;
  siteId: number | null;
  calendar: Calendar;
}

/** Equipment without a site counts as one that nobody has. */
function siteIdsOf(places: readonly { siteId: number | null }[]): number[] {
  return [...new Set(places.map(({ siteId }) => siteId ?? 0))];
}

async function lockEquipements(tx: EntityManager, ids: readonly number[]): Promise<void> {
  await query(tx, sql`SELECT id FROM equipements WHERE id = ANY(${ids}::integer[]) ORDER BY id FOR SHARE`);
}

async function lockForChange(
  tx: EntityManager,
  access: Access,
  id: number,
  timeZone: string,
  others?: readonly number[],
): Promise<LockedPlan> {
  const locked = await lockPlan(tx, id, timeZone, others);
  await access.confirm(tx);
  const sees =
    locked !== null && access.may('read', 'PlanPreventif', { site_ids: siteIdsOf(locked.equipements) });
  if (!sees) throw notFound();
  return locked;
}

/**
 * What the columns hold of meters goes on for equipments that stay, unless another meter, step or condition counts from now on.
 */
async function writeEquipements(
  tx: EntityManager,
  id: number,
  { compteur, condition }: PlanFields,
  equipements: readonly number[],
  restarts = false,
): Promise<void> {
  const nom = compteur?.nom ?? condition?.compteur ?? null;
  await query(
    tx,
    sql`DELETE FROM plans_preventifs_equipements
        WHERE plan_id = ${id} AND NOT equipement_id = ANY(${equipements}::integer[])`,
  );
  await query(
    tx,
    sql`INSERT INTO plans_preventifs_equipements (plan_id, equipement_id, rang, compteur_depart)
        SELECT ${id}::integer, given.id, given.rang - 1,
          (SELECT (c->>'valeur')::double precision FROM jsonb_array_elements(e.compteurs) c WHERE c->>'nom' = ${nom})
        FROM unnest(${equipements}::integer[]) WITH ORDINALITY AS given (id, rang) JOIN equipements e ON e.id = given.id
        ON CONFLICT (plan_id, equipement_id) DO UPDATE SET rang = excluded.rang ${restarts ? METER_RESTARTS : empty}`,
  );
}

/** Under keys of their own: what is due from now on is not what was due at the same reading before. */
const METER_RESTARTS = sql`, compteur_depart = excluded.compteur_depart, arme = true, consecutifs = 0,
  compteur_vies = plans_preventifs_equipements.compteur_vies + 1`;

/**
 * @returns its equipments, in its order.
 * @throws {RegieError} `VALIDATION` with every fault at once
 */
async function checkPlan(
  executor: Executor,
  access: Access,
  fields: PlanFields,
  actor: Actor,
  timeZone: string,
): Promise<Place[]> {
  const faults: FieldFault[] = incoherences(fields);
  const rows = await query<{ id: number; site_id: number | null; compteurs: { nom: string }[] }>(
    executor,
    sql`SELECT e.id, e.site_id, e.compteurs FROM equipements e
        WHERE e.id = ANY(${fields.equipements}::integer[]) AND ${access.where('read', 'Equipement', EQUIPEMENT_COLUMNS)}`,
  );
  const calendars = await readCalendars(
    executor,
    rows.map(({ site_id }) => site_id),
    timeZone,
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  const meter = fields.compteur?.nom ?? fields.condition?.compteur;
  const places: Place[] = [];
  for (const [index, id] of fields.equipements.entries()) {
    const row = found.get(id);
    if (row === undefined) {
      faults.push(unknown(`equipements.${index}`));
      continue;
    }
    places.push({ id, siteId: row.site_id, calendar: calendars.get(row.site_id)! });
    if (meter !== undefined && !row.compteurs.some(({ nom }) => nom === meter)) {
      faults.push({
        champ: fields.compteur === null ? 'condition.compteur' : 'compteur.nom',
        message: {
          fr: `L’équipement ${id} n’a pas de compteur de ce nom`,
          en: `Equipment ${id} has no meter of this name`,
        },
      });
    }
  }
  if (!fields.par_equipement && new Set(places.map(({ siteId }) => siteId)).size > 1) {
    faults.push({
      champ: 'par_equipement',
      message: {
        fr: 'Une seule visite pour tous suppose un seul site',
        en: 'One visit for all of them is on one site',
      },
    });
  }
  faults.push(...(await modeleFaults(executor, access, fields.modele)));
  if (faults.length === 0 && hasCalendar(fields)) faults.push(...emptyFaults(fields, places, actor.now));
  if (faults.length > 0) throw invalid(...faults);
  return places;
}

/** What the template of a plan names and is not there, and steps that cannot be asked for. */
async function modeleFaults(
  executor: Executor,
  access: Access,
  { technicien_id, pieces, modele_etapes_id, etapes }: Modele,
): Promise<FieldFault[]> {
  const faults = etapes.flatMap((etape, index) => faultsOfDefinition(etape, `modele.etapes.${index}`));
  const found = await queryOne<{ technicien: boolean; modele: boolean; pieces: number[] }>(
    executor,
    sql`SELECT EXISTS (SELECT FROM techniciens WHERE id = ${technicien_id}::integer) AS technicien,
          EXISTS (SELECT FROM modeles_etapes
                  WHERE id = ${modele_etapes_id}::integer AND ${access.where('read', 'ModeleEtapes', {})}) AS modele,
          ARRAY(SELECT id FROM pieces WHERE id = ANY(${pieces.map(({ piece_id }) => piece_id)}::integer[])) AS pieces`,
  );
  const known = new Set(found!.pieces);
  if (technicien_id !== null && !found!.technicien) faults.push(unknown('modele.technicien_id'));
  if (modele_etapes_id !== null && !found!.modele) faults.push(unknown('modele.modele_etapes_id'));
  for (const [index, { piece_id }] of pieces.entries()) {
    if (!known.has(piece_id)) faults.push(unknown(`modele.pieces.${index}.piece_id`));
  }
  return faults;
}

/** A rule that never comes, or comes only where it is left out. */
function emptyFaults(fields: PlanFields, places: readonly Place[], now: Date): FieldFault[] {
  for (const { calendar } of places) {
    const today = dayAt(now.getTime(), calendar.zone);
    for (const { sautee, date } of datesFrom(fields, calendar, today)) {
      if (!sautee && date > now.getTime()) return [];
    }
  }
  return [
    {
      champ: 'regle',
      message: {
        fr: 'Ne donne aucune date dans les douze ans à venir',
        en: 'Yields no date within the next twelve years',
      },
    },
  ];
}

function unknown(champ: string): FieldFault {
  return {
    champ,
    message: { fr: 'Ne désigne rien qui existe', en: 'Does not refer to anything that exists' },
  };
}

function already(fr: string, en: string, etat: EtatPlan): RegieError {
  return new RegieError('TRANSITION_INVALIDE', {
    detail: { fr: `Ce plan est déjà ${fr}`, en: `This plan is ${en} already` },
    extensions: { etat },
  });
}
