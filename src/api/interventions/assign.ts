import { RegieError } from '../../domain/errors';
import { isStarted } from '../../domain/interventions/interventions';
import { type Candidatures, countExclusions, type Need } from '../../domain/planification/candidats';
import { needOf, preferring, readToPlan } from '../../services/interventions/candidats';
import { escalateUntakeable } from '../../services/interventions/cycle/sans-candidat';
import { findAssignable } from '../../services/planification/affectation';
import {
  type Affectation,
  explainCandidatures,
  findCandidatures,
  nobodyCan,
} from '../../services/planification/candidats';
import { answeredBefore } from '../http/idempotency';
import { type Answer, type Call, resource } from '../http/route';
import { order } from './orders';
import { presentIntervention } from './present';

interface AssignBody {
  technicien_id?: number;
  date_planifiee?: Date;
  duree_estimee?: number;
  equipiers?: number[];
  force?: boolean;
}
type AssignCall = Call<{ id: number }, unknown, AssignBody>;

/** How many of the best are tried when others keep taking their time at the same moment. */
const ATTEMPTS = 3;

/**
 * Assigns whom the caller names, or the best there is, when the caller says or as soon as possible. Once somebody has the
 * work, whatever is not named stays as it is; only where nothing is named is the choice made anew.
 */
export async function assign(call: AssignCall): Promise<Answer> {
  const { app, access, actor, params, body } = call;
  if (body.technicien_id !== undefined && body.date_planifiee !== undefined) return book(call, body);
  const before = await answeredBefore(call);
  if (before !== null) return before;
  const toPlan = await readToPlan(app.db, access, actor, params.id, app.config.timeZone);
  const { row, context, planned } = toPlan;
  const namesAnything = [body.date_planifiee, body.duree_estimee, body.equipiers].some(
    (value) => value !== undefined,
  );
  const staysWith = namesAnything && context.technicienCanWork ? row.technicien_id : null;
  const technicienId = body.technicien_id ?? staysWith;
  // Work that has begun is handed over as it stands, at whatever time it has.
  const isTimed = body.date_planifiee !== undefined || planned !== null;
  if (technicienId !== null && (isTimed || isStarted(row.statut))) return book(call, body);

  const wanted = needOf(toPlan, body, actor.now, app.config.trajets);
  const { id: interventionId, equipement_site_id: siteId } = row;
  if (technicienId !== null) await findAssignable(app.db, technicienId, siteId);
  // Of who is named no experience is asked, and no skill where it is forced: only when they are free is looked for.
  const need: typeof wanted =
    technicienId === null
      ? wanted
      : { ...wanted, competences: body.force ? [] : wanted.competences, priorite: 'basse' };
  const equipe = body.equipiers ?? row.equipiers;
  const wished = { interventionId, siteId, equipe, technicienId };
  const found = preferring(await findCandidatures(app.db, need, wished), toPlan);
  if (found.possibles.length > 0) return bookFirstFree(call, found, need, technicienId === null);
  if (technicienId === null) await escalate(call, found);
  throw nobodyCan(found);
}

/** Critical work that nobody can take is told at once, before its caller hears that it is not assigned. */
async function escalate({ app, access, actor, params }: AssignCall, { exclus }: Candidatures): Promise<void> {
  const told = await app.db.transaction((tx) =>
    escalateUntakeable(tx, access, actor, params.id, countExclusions(exclus), app.config.timeZone),
  );
  if (told) app.engine.wakeInBackground(params.id);
}

async function bookFirstFree(
  call: AssignCall,
  found: Candidatures,
  need: Need,
  isChosen: boolean,
): Promise<Answer> {
  const tried = found.possibles.slice(0, ATTEMPTS);
  for (const [rank, { technicienId, date }] of tried.entries()) {
    const affectation = isChosen ? explainCandidatures(found, need, rank) : undefined;
    const chosen = {
      technicien_id: technicienId,
      date_planifiee: new Date(date),
      duree_estimee: need.duration / 60_000,
      equipiers: call.body.equipiers,
      force: isChosen ? undefined : call.body.force,
    };
    try {
      return await book(call, chosen, affectation);
    } catch (error) {
      if (!isTaken(error) || rank === tried.length - 1) throw error;
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

function book(
  call: AssignCall,
  { date_planifiee, ...named }: AssignBody,
  affectation?: Affectation,
): Promise<Answer> {
  const ordre = {
    type: 'assignation' as const,
    ...named,
    ...(date_planifiee === undefined ? {} : { date_planifiee: date_planifiee.toISOString() }),
  };
  return order(call, 'assign', ordre, (row) =>
    resource({ ...presentIntervention(row), ...(affectation === undefined ? {} : { affectation }) }),
  );
}
