import { RegieError } from '../../domain/errors';
import type { Choice, Need } from '../../domain/planification/affectation';
import { DEFAULT_DURATION } from '../../domain/planification/planning';
import { requireLegal } from '../../services/interventions/demandes';
import {
  type InterventionRow,
  permissionSubject,
  readIntervention,
} from '../../services/interventions/interventions';
import { explainChoice, findAssignable, findCandidates } from '../../services/planification/affectation';
import { answeredBefore } from '../http/idempotency';
import { type Answer, type Call, resource } from '../http/route';
import { order } from './orders';
import { presentIntervention } from './present';

type AssignCall = Call<
  { id: number },
  unknown,
  { technicien_id?: number; date_planifiee?: Date; duree_estimee?: number }
>;

/** How many of the best are tried when others keep taking their slots at the same moment. */
const ATTEMPTS = 3;

/** Assigns whom the caller names, or the best there is, when the caller says or as soon as possible. */
export async function assign(call: AssignCall): Promise<Answer> {
  const { body } = call;
  if (body.technicien_id !== undefined && body.date_planifiee !== undefined) {
    return book(call, body.technicien_id, body.date_planifiee, body.duree_estimee ?? DEFAULT_DURATION);
  }
  const before = await answeredBefore(call);
  if (before !== null) return before;
  const row = await readAssignable(call);
  const duration = body.duree_estimee ?? row.planning_duree ?? DEFAULT_DURATION;
  // Whoever changes only the technicien keeps the visit's time, unless that time has passed.
  const planned = row.planning_date !== null && row.planning_date > call.actor.now ? row.planning_date : null;
  const date = body.date_planifiee ?? planned;
  if (body.technicien_id !== undefined && date !== null)
    return book(call, body.technicien_id, date, duration);

  const need: Need = {
    competences: row.competences_requises,
    priorite: row.priorite,
    date: date?.getTime() ?? null,
    duration: duration * 60_000,
    now: call.actor.now.getTime(),
    zone: call.app.config.timeZone,
  };
  const siteId = row.equipement_site_id;
  if (body.technicien_id !== undefined) await findAssignable(call.app.db, body.technicien_id, siteId);
  const choices = await findCandidates(call.app.db, need, { id: row.id, siteId }, body.technicien_id ?? null);
  return bookFirstFree(call, choices, need, body.technicien_id === undefined);
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
    try {
      return await book(
        call,
        choice.technicienId,
        new Date(choice.date),
        need.duration / 60_000,
        affectation,
      );
    } catch (error) {
      const taken = error instanceof RegieError && error.code === 'CONFLIT_PLANNING';
      if (!taken || rank === Math.min(ATTEMPTS, choices.length) - 1) throw error;
    }
  }
  throw new RegieError('CONFLIT_PLANNING');
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
  technicienId: number,
  date: Date,
  duree: number,
  affectation?: { automatique: boolean; raisons: string[] },
): Promise<Answer> {
  const demande = {
    type: 'assignation' as const,
    technicien_id: technicienId,
    date_planifiee: date.toISOString(),
    duree_estimee: duree,
  };
  return order(call, 'assign', demande, (row) =>
    resource({ ...presentIntervention(row), ...(affectation === undefined ? {} : { affectation }) }),
  );
}
