import type { EntityManager } from 'typeorm';
import type { Intervention } from '../../../db/interventions/interventions';
import { Planning } from '../../../db/planification/planning';
import { invalid } from '../../../domain/errors';
import type { Assignation } from '../../../domain/interventions/demandes';
import { isStarted } from '../../../domain/interventions/interventions';
import { DEFAULT_DURATION } from '../../../domain/planification/planning';
import type { Actor } from '../../actor';
import { lockAssignable, requirePresence } from '../../planification/affectation';
import type { Annonce, Evenement } from './evenement';
import type { LockedIntervention, Worker } from './locked';

/** A visit as it is to be: whose, when, for how many minutes. */
type Visit = Pick<Planning, 'technicien_id' | 'date_planifiee' | 'duree_estimee'>;

/**
 * Plans the visit, or plans it anew, or hands work over that has begun; what is not named stays as it is. That two visits
 * of one technicien never overlap is refused by the database, not looked up beforehand.
 * @throws {RegieError} `HORS_DISPONIBILITE` unless it is forced, `VALIDATION` for a technicien who cannot be sent there, or
 *   when neither the demande nor the row says who or when
 */
export async function assign(
  tx: EntityManager,
  actor: Actor,
  locked: LockedIntervention,
  demande: Assignation,
): Promise<Omit<Evenement, 'cause'>> {
  const { intervention, planning, calendar, siteId } = locked;
  const before = { technicien: locked.technicien, technicienId: intervention.technicien_id };
  const started = isStarted(intervention.statut);
  const technicien_id = demande.technicien_id ?? intervention.technicien_id ?? missing('technicien_id');
  const { hours, absences, ...person } = await lockAssignable(tx, technicien_id, siteId);
  const technicien: Worker = { ...person, left: null };

  const visit = visitOf(locked, demande, technicien_id);
  if (visit === null && !started) missing('date_planifiee');
  // What has begun at a time that nobody names is not planned, and so not refused either.
  const isUnderWay = demande.date_planifiee === undefined && started && planning !== null;
  const isJudged = visit !== null && !(isUnderWay && planning.date_planifiee <= actor.now);
  const raisons = isJudged
    ? requirePresence({ hours, absences }, visit, calendar.zone, demande.force ?? false)
    : [];
  if (visit !== null) await writeVisit(tx, actor, locked, visit);
  locked.technicien = technicien;

  const reassigned = before.technicienId !== technicien_id;
  const moved = visit?.date_planifiee.getTime() !== planning?.date_planifiee.getTime();
  const changes: Partial<Intervention> = {
    technicien_id,
    a_transmettre_depuis: null,
    // What was told of the resolution of work under way is as true of whoever takes it over.
    ...(started ? {} : { statut: 'planifiee', niveau_escalade: 0 }),
    // Another person at the same time is not another time: what was told of it stays told.
    ...(moved && !started ? { demarrage_arme_le: actor.now } : {}),
  };
  const planned = visit && { date_planifiee: visit.date_planifiee, duree_estimee: visit.duree_estimee };
  return {
    action: actionOf(before.technicienId, technicien_id),
    changes,
    details: { ...planned, ...(raisons.length === 0 ? {} : { force: true, raisons }) },
    annonces: annoncesOf(locked, before.technicien, reassigned, moved || !started),
  };
}

function actionOf(before: number | null, technicienId: number): string {
  if (before === null) return 'assignation';
  return before === technicienId ? 'replanification' : 'transfert';
}

/** The visit as it is to be; null when none is live and no date is named. */
function visitOf(
  { planning, lastDuration }: LockedIntervention,
  demande: Assignation,
  technicien_id: number,
): Visit | null {
  const date =
    demande.date_planifiee === undefined ? planning?.date_planifiee : new Date(demande.date_planifiee);
  if (date === undefined) return null;
  const duree_estimee = demande.duree_estimee ?? planning?.duree_estimee ?? lastDuration ?? DEFAULT_DURATION;
  return { technicien_id, date_planifiee: date, duree_estimee };
}

/** Work under way has had the visit that began it: the next one is another. */
async function writeVisit(
  tx: EntityManager,
  actor: Actor,
  locked: LockedIntervention,
  visit: Visit,
): Promise<void> {
  const { intervention, planning } = locked;
  const isNext =
    planning !== null &&
    isStarted(intervention.statut) &&
    planning.date_planifiee <= actor.now &&
    visit.date_planifiee.getTime() !== planning.date_planifiee.getTime();
  if (isNext) await tx.update(Planning, { id: planning.id }, { statut: 'realisee' });
  if (planning !== null && !isNext) {
    await tx.update(Planning, { id: planning.id }, visit);
    locked.planning = { id: planning.id, ...visit };
    return;
  }
  const inserted = await tx.insert(Planning, { intervention_id: intervention.id, ...visit });
  locked.planning = { id: inserted.identifiers[0]!.id as number, ...visit };
}

/** Who is told: whoever gets the work, whoever loses it, and the customers of another time or person than they knew of. */
function annoncesOf(
  { intervention, clientId, technicien }: LockedIntervention,
  before: Worker | null,
  reassigned: boolean,
  concernsCustomers: boolean,
): Annonce[] {
  const annonces: Annonce[] = [
    { modele: reassigned ? 'assignee' : 'replanifiee', audience: { users: [technicien!.user_id] } },
  ];
  if (before === null) return annonces;
  if (reassigned) annonces.push({ modele: 'retiree', audience: { users: [before.user_id] } });
  if (concernsCustomers) {
    annonces.push({ modele: 'replanifiee', audience: { users: [clientId, intervention.createur_id] } });
  }
  return annonces;
}

function missing(champ: 'technicien_id' | 'date_planifiee'): never {
  throw invalid({ champ, message: { fr: 'Requis ici', en: 'Required here' } });
}
