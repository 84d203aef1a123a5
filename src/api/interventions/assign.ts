import { RegieError } from '../../domain/errors';
import { isStarted } from '../../domain/interventions/interventions';
import type { Choice, Need } from '../../domain/planification/affectation';
import { DEFAULT_DURATION } from '../../domain/planification/planning';
import { requireLegal } from '../../services/interventions/demandes';
import {
  type InterventionRow,
  permissionSubject,
  readIntervention,
  readVisitContext,
} from '../../services/interventions/interventions';
import { explainChoice, findAssignable, findCandidates } from '../../services/planification/affectation';
import { answeredBefore } from '../http/idempotency';
import { type Answer, type Call, resource } from '../http/route';
import { order } from './orders';
import { presentIntervention } from './present';

interface AssignBody {
  technicien_id?: number;
  date_planifiee?: Date;
  duree_estimee?: number;
  force?: boolean;
}
type AssignCall = Call<{ id: number }, unknown, AssignBody>;

/** How many of the best are tried when others keep taking their slots at the same moment. */
const ATTEMPTS = 3;

/**
 * Assigns whom the caller names, or the best there is, when the caller says or as soon as possible. Once somebody has the
 * work, whatever is not named stays as it is; only where nothing is named is the choice made anew.
 */
export async function assign(call: AssignCall): Promise<Answer> {
  const { body } = call;
  if (body.technicien_id !== undefined && body.date_planifiee !== undefined) return book(call, body);
  const before = await answeredBefore(call);
  if (before !== null) return before;
  const row = await readAssignable(call);
  const context = await readVisitContext(call.app.db, row.id, call.app.config.timeZone);
  // Whoever changes only the technicien keeps the visit's time, unless that time has passed.
  const planned = row.planning_date !== null && row.planning_date > call.actor.now ? row.planning_date : null;
  const namesAnything = body.date_planifiee !== undefined || body.duree_estimee !== undefined;
  const staysWith = namesAnything && context.technicienCanWork ? row.technicien_id : null;
  const technicienId = body.technicien_id ?? staysWith;
  const date = body.date_planifiee ?? planned;
  // Work that has begun is handed over as it stands, at whatever time it has.
  if (technicienId !== null && (date !== null || isStarted(row.statut))) return book(call, body);

  const duration = body.duree_estimee ?? context.lastDuration ?? DEFAULT_DURATION;
  const need: Need = {
    competences: row.competences_requises,
    priorite: row.priorite,
    date: date?.getTime() ?? null,
    duration: duration * 60_000,
    now: call.actor.now.getTime(),
    zone: context.zone,
  };
  const siteId = row.equipement_site_id;
  if (technicienId !== null) await findAssignable(call.app.db, technicienId, siteId);
  const choices = await findCandidates(call.app.db, need, { id: row.id, siteId }, technicienId);
  return bookFirstFree(call, choices, need, technicienId === null);
}

async function bookFirstFree(
  call: AssignCall,
  choices: Choice[],
  need: Need,
  automatique: boolean,
): Promise<Answer> {
  for (const [rank, choice] of choices.slice(0, ATTEMPTS).entries()) {
    const affectation = automatique
      ? { automatique, raisons: explainChoice(choice, need, choices.length - 1) }
      : undefined;
    const chosen = {
      technicien_id: choice.technicienId,
      date_planifiee: new Date(choice.date),
      duree_estimee: need.duration / 60_000,
    };
    try {
      return await book(call, chosen, affectation);
    } catch (error) {
      if (!isTaken(error) || rank === Math.min(ATTEMPTS, choices.length) - 1) throw error;
    }
  }
  throw new RegieError('CONFLIT_PLANNING');
}

/** Whether somebody who was free when they were looked for is not any more. */
function isTaken(error: unknown): boolean {
  return (
    error instanceof RegieError && (error.code === 'CONFLIT_PLANNING' || error.code === 'HORS_DISPONIBILITE')
  );
}

/** @throws {RegieError} before any searching, when the caller may not assign or it is too late to. */
async function readAssignable({ app, access, params, actor }: AssignCall): Promise<InterventionRow> {
  const row = await readIntervention(app.db, access, params.id);
  access.require('assign', 'Intervention', permissionSubject(row));
  requireLegal(row, { type: 'assignation' }, actor.now);
  return row;
}

function book(
  call: AssignCall,
  { date_planifiee, ...named }: AssignBody,
  affectation?: { automatique: boolean; raisons: string[] },
): Promise<Answer> {
  const demande = {
    type: 'assignation' as const,
    ...named,
    ...(date_planifiee === undefined ? {} : { date_planifiee: date_planifiee.toISOString() }),
  };
  return order(call, 'assign', demande, (row) =>
    resource({ ...presentIntervention(row), ...(affectation === undefined ? {} : { affectation }) }),
  );
}
