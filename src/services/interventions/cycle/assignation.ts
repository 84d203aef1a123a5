import type { Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Intervention } from '../../../db/interventions/interventions';
import { query } from '../../../db/sql';
import { invalid } from '../../../domain/errors';
import type { Manque } from '../../../domain/identite/habilitations';
import { isStarted } from '../../../domain/interventions/interventions';
import type { Assignation } from '../../../domain/interventions/ordres';
import { RAISONS, type Raison } from '../../../domain/planification/disponibilite';
import { DEFAULT_DURATION } from '../../../domain/planification/planning';
import type { Actor } from '../../actor';
import {
  type AssignableRow,
  requireAssignable,
  requirePresence,
  requirePresenceFrom,
  requireQualified,
  segmentsAnyway,
} from '../../planification/affectation';
import type { Annonce, Evenement } from './evenement';
import type { LiveVisit, LockedIntervention, Worker } from './locked';
import { insertVisitSql, updateVisitSql, type Visit } from './visit';

/**
 * Plans the visit, or plans it anew, or hands work over that has begun; what is not named stays as it is. That nobody is
 * at two visits at once is refused by the database, not looked up beforehand.
 * @param found whom the order names, or who has the work, and those who go with them.
 * @throws {RegieError} `HORS_DISPONIBILITE` unless it is forced, `VALIDATION` for a technicien who cannot be sent there, or
 *   when neither the order nor the row says who or when
 */
export async function assign(
  tx: EntityManager,
  actor: Actor,
  locked: LockedIntervention,
  ordre: Assignation,
  found: readonly AssignableRow[],
): Promise<Omit<Evenement, 'cause'>> {
  const { intervention, planning } = locked;
  const before = { ...locked, technicienId: intervention.technicien_id };
  const started = isStarted(intervention.statut);
  const technicien_id = ordre.technicien_id ?? intervention.technicien_id ?? missing('technicien_id');
  const team = teamOf(intervention, ordre, technicien_id, found);

  const visit = visitOf(locked, ordre, team, actor.now);
  if (visit === null && !started) missing('date_planifiee');
  const manques = manquesOf(locked, ordre, team, visit, actor.now);
  const writes = visit === null ? {} : await writeVisit(tx, actor, locked, visit);
  locked.technicien = workerOf(team.lead);
  locked.equipe = team.equipe.map((row) => ({ id: row.id, ...workerOf(row) }));

  const moved = visit?.date_planifiee.getTime() !== planning?.date_planifiee.getTime();
  const changes: Partial<Intervention> = {
    technicien_id,
    equipiers: locked.equipe.map(({ id }) => id),
    a_transmettre_depuis: null,
    // What was told of the resolution of work under way is as true of whoever takes it over.
    ...(started ? {} : { statut: 'planifiee', niveau_escalade: 0 }),
    // Another person at the same time is not another time: what was told of it stays told.
    ...(moved && !started ? { demarrage_arme_le: actor.now } : {}),
  };
  const planned = visit && { date_planifiee: visit.date_planifiee, duree_estimee: visit.duree_estimee };
  const raisons = [...manques, ...(visit?.forced ?? [])];
  return {
    action: actionOf(before.technicienId, technicien_id),
    changes,
    writes,
    details: { ...planned, ...(raisons.length === 0 ? {} : { force: true, raisons }) },
    annonces: annoncesOf(locked, before, moved || !started),
  };
}

/** Who goes. */
interface Team {
  lead: AssignableRow;
  /** Without the one who leads, in the order of their ids. */
  equipe: AssignableRow[];
}

/**
 * The crew that is named; where none is, the one there was, as far as it can still be sent and without whoever leads now.
 * @throws {RegieError} `VALIDATION` for somebody who cannot be sent there, or who would go with themselves.
 */
function teamOf(
  intervention: Intervention,
  ordre: Assignation,
  technicienId: number,
  found: readonly AssignableRow[],
): Team {
  const named = ordre.equipiers;
  if (named?.includes(technicienId)) {
    throw invalid({
      champ: 'equipiers',
      message: {
        fr: 'Ne comprend pas le technicien lui-même',
        en: 'Does not include the technicien themselves',
      },
    });
  }
  const lead = requireAssignable(found.find(({ id }) => id === technicienId) ?? null);
  const wanted = new Set(named ?? intervention.equipiers);
  const equipe = found.filter(({ id }) => wanted.has(id) && id !== technicienId);
  if (named !== undefined && equipe.length < wanted.size) requireAssignable(null, 'equipiers');
  return { lead, equipe };
}

function workerOf({ user_id, nom, prenom }: AssignableRow): Worker {
  return { user_id, nom, prenom, left: null };
}

function actionOf(before: number | null, technicienId: number): string {
  if (before === null) return 'assignation';
  return before === technicienId ? 'replanification' : 'transfert';
}

/**
 * The visit as it is to be, and what was forced for it; null when none is live and no date is named.
 * @throws {RegieError} `HORS_DISPONIBILITE` unless it is forced
 */
function visitOf(
  { intervention, planning, lastDuration, calendar }: LockedIntervention,
  ordre: Assignation,
  { lead, equipe }: Team,
  now: Date,
): (Visit & { forced: Raison[] }) | null {
  const date_planifiee =
    ordre.date_planifiee === undefined ? planning?.date_planifiee : new Date(ordre.date_planifiee);
  if (date_planifiee === undefined) return null;
  const duree_estimee =
    ordre.duree_estimee ??
    planning?.duree_estimee ??
    lastDuration ??
    intervention.duree_prevue ??
    DEFAULT_DURATION;
  const visit = {
    technicien_id: lead.id,
    equipiers: equipe.map(({ id }) => id),
    date_planifiee,
    duree_estimee,
  };
  // What has begun at a time that nobody names is not planned, and so not refused either.
  if (ordre.date_planifiee !== undefined || planning === null || !hasBegun(intervention, planning, now)) {
    const { segments, raisons } = requirePresence([lead, ...equipe], visit, calendar, ordre.force ?? false);
    return { ...visit, segments, raisons_forcees: raisons, forced: raisons };
  }
  const { raisons_forcees } = planning;
  const segments =
    duree_estimee === planning.duree_estimee
      ? planning.segments
      : segmentsAnyway([lead, ...equipe], visit, calendar);
  const joining = equipe.filter(({ id }) => !intervention.equipiers.includes(id));
  const forced = requirePresenceFrom(now, joining, segments, calendar, ordre.force ?? false);
  const accepted = RAISONS.filter((raison) => raisons_forcees.includes(raison) || forced.includes(raison));
  return { ...visit, segments, raisons_forcees: accepted, forced };
}

/**
 * What whoever leads lacks for the work, as far as that was forced. Of whoever has it already it is not asked again while
 * the time stays.
 * @throws {RegieError} `HORS_DISPONIBILITE` unless it is forced
 */
function manquesOf(
  { intervention, calendar, planning }: LockedIntervention,
  ordre: Assignation,
  { lead }: Team,
  visit: Visit | null,
  now: Date,
): Manque[] {
  const stays = lead.id === intervention.technicien_id && ordre.date_planifiee === undefined;
  if (stays && planning !== null) return [];
  const today = { debut: now.toISOString(), fin: new Date(now.getTime() + 1).toISOString() };
  const left = (visit?.segments ?? []).filter(({ fin }) => Date.parse(fin) > now.getTime());
  const segments = left.length === 0 ? [today] : left;
  return requireQualified(lead, intervention.competences_requises, segments, calendar, ordre.force ?? false);
}

/** Whether the visit is the one at which the work is done, be it before its time, or the next that is still to come. */
function hasBegun({ statut }: Intervention, visit: LiveVisit, now: Date): boolean {
  return isStarted(statut) && (visit.statut === 'en_cours' || visit.date_planifiee <= now);
}

/** Work under way has had the visit that began it: the next one is another. */
async function writeVisit(
  tx: EntityManager,
  actor: Actor,
  locked: LockedIntervention,
  { forced: _, ...visit }: Visit & { forced: Raison[] },
): Promise<Record<string, Sql>> {
  const { intervention, planning } = locked;
  const isNext =
    planning !== null &&
    hasBegun(intervention, planning, actor.now) &&
    visit.date_planifiee.getTime() !== planning.date_planifiee.getTime();
  locked.planning = { ...visit, statut: isNext || planning === null ? 'planifiee' : planning.statut };
  // On its own: within one statement the new one would stand beside one that is still live.
  const over = { statut: 'realisee', fin_reelle: actor.now } as const;
  if (isNext) await query(tx, updateVisitSql(tx, intervention.id, over));
  const isChanged = planning !== null && !isNext;
  return {
    visit: isChanged ? updateVisitSql(tx, intervention.id, visit) : insertVisitSql(intervention.id, visit),
  };
}

/**
 * Who is told: whoever gets the work, whoever loses it, and the customers of another time or person than they knew of.
 * Whoever is in more than one group is told the first.
 */
function annoncesOf(
  { intervention, clientId, technicien, equipe }: LockedIntervention,
  before: Pick<LockedIntervention, 'technicien' | 'equipe'>,
  concernsCustomers: boolean,
): Annonce[] {
  const lead = technicien!.user_id;
  const reassigned = before.technicien?.user_id !== lead;
  const staying = equipe.filter(({ id }) => before.equipe.some((one) => one.id === id));
  const joining = equipe.filter((one) => !staying.includes(one));
  const leaving = before.equipe.filter(({ id }) => !equipe.some((one) => one.id === id));
  const tell = (
    modele: Annonce['modele'],
    relation: 'equipier' | 'ancien',
    people: readonly Worker[],
    donnees: Annonce['donnees'] = {},
  ) =>
    people.length === 0
      ? []
      : [{ modele, audience: { [relation]: people.map(({ user_id }) => user_id) }, donnees }];
  const annonces: Annonce[] = [
    { modele: reassigned ? 'assignee' : 'replanifiee', audience: { technicien: [lead] } },
    ...tell('assignee', 'equipier', joining, { equipe: true }),
    ...tell('replanifiee', 'equipier', concernsCustomers ? staying : []),
    ...tell('retiree', 'ancien', leaving),
  ];
  if (before.technicien === null) return annonces;
  if (reassigned) annonces.push(...tell('retiree', 'ancien', [before.technicien]));
  if (concernsCustomers) {
    annonces.push({
      modele: 'replanifiee',
      audience: { client: [clientId], createur: [intervention.createur_id] },
    });
  }
  return annonces;
}

function missing(champ: 'technicien_id' | 'date_planifiee'): never {
  throw invalid({ champ, message: { fr: 'Requis ici', en: 'Required here' } });
}
