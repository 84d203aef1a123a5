import { randomUUID } from 'node:crypto';
import type { Action } from '../../auth/permissions';
import { RegieError } from '../../domain/errors';
import { type Demande, type Ordre, ruleOf } from '../../domain/interventions/demandes';
import { DEFAULT_DURATION } from '../../domain/planification/planning';
import { claim, keepAnswer } from '../../services/idempotence';
import {
  placeDemande,
  renewDemande,
  requireLegal,
  withdrawDemande,
} from '../../services/interventions/demandes';
import {
  type InterventionRow,
  readChanged,
  readIntervention,
  readVisitContext,
} from '../../services/interventions/interventions';
import { conflictsOf } from '../../services/planification/affectation';
import { replay, toStored } from '../http/idempotency';
import { type Answer, type Call, openApiPath } from '../http/route';

/** A call whatever its body: orders take what they need as arguments. */
type AnyCall = Pick<
  Call<{ id: number }, unknown, unknown>,
  'app' | 'route' | 'access' | 'actor' | 'params' | 'ifMatch' | 'idempotencyKey'
>;

/**
 * Carries a change of the lifecycle through: writes the demande, has the workflow of the intervention apply
 * it, answers with the new row. With an `Idempotency-Key` the key and the demande are written together, so
 * that a repeat, even after a crash, asks the workflow for the same thing, which it does once.
 *
 * The caller is asked what they may when the demande is written, and again when it is applied. Once it has been, they
 * are answered with the row, also when they may not see it any more by then.
 */
export async function order(
  call: AnyCall,
  action: Action,
  demande: Demande,
  present: (row: InterventionRow) => Answer,
): Promise<Answer> {
  const { app, params, idempotencyKey } = call;
  const placed = await place(call, action, demande);
  if ('answer' in placed) return placed.answer;

  try {
    await execute(call, demande, placed.demandeId);
  } catch (error) {
    // The engine may be lost between the commit and its answer: what was done is what the database says.
    // What was not is taken back, key included: asked again, things may stand otherwise.
    if (await withdrawDemande(app.db, placed.demandeId, idempotencyKey)) throw error;
  }
  const answer = present(
    placed.fresh
      ? await readChanged(app.db, params.id)
      : await readIntervention(app.db, call.access, params.id),
  );
  if (idempotencyKey === null) return answer;
  const kept = await keepAnswer(app.db, idempotencyKey, toStored(answer));
  return { ...answer, body: JSON.parse(kept.reponse), headers: kept.entetes };
}

/** @returns the demande, and whether it is this call that wrote it; or what was answered under its key before. */
async function place(
  call: AnyCall,
  action: Action,
  demande: Demande,
): Promise<{ demandeId: string; fresh: boolean } | { answer: Answer }> {
  const { app, route, access, actor, params, ifMatch, idempotencyKey } = call;
  const demandeId = randomUUID();
  const requete = `${route.method.toUpperCase()} ${openApiPath(route.path)}`;
  const request = { id: demandeId, demande, action, requete, expectedVersion: ifMatch };
  if (idempotencyKey === null) {
    await placeDemande(app.db, access, actor, params.id, request);
    return { demandeId, fresh: true };
  }
  return app.db.transaction(async (tx) => {
    const claimed = await claim(tx, idempotencyKey, demandeId);
    await access.confirm(tx);
    if (claimed.answer !== null) return { answer: await replay(call, tx, claimed.answer) };
    if (claimed.fresh) await placeDemande(tx, access, actor, params.id, request);
    else await renewDemande(tx, access, claimed.demandeId!);
    return { demandeId: claimed.demandeId!, fresh: claimed.fresh };
  });
}

async function execute(
  { app, access, actor, params }: AnyCall,
  demande: Demande,
  demandeId: string,
): Promise<void> {
  const rule = ruleOf(demande);
  const ordre: Ordre = { demandeId, ...rule };
  try {
    await app.engine.execute(params.id, ordre);
  } catch (error) {
    if (!(error instanceof RegieError)) throw error;
    if (error.code === 'CONFLIT_PLANNING') throw await explainConflict(app, access, params.id, demande);
    if (error.code !== 'TRANSITION_INVALIDE') throw error;
    // Either somebody was quicker, and the row says so too, or the workflow does not know its row any more.
    requireLegal(await readIntervention(app.db, access, params.id), rule, actor.now);
    await app.engine.synchronise(params.id);
    await app.engine.execute(params.id, ordre);
  }
}

/** The error with the visits that stand in the way. */
async function explainConflict(
  app: AnyCall['app'],
  access: AnyCall['access'],
  interventionId: number,
  demande: Demande,
): Promise<RegieError> {
  if (demande.type !== 'assignation') return new RegieError('CONFLIT_PLANNING');
  const row = await readIntervention(app.db, access, interventionId);
  const context = await readVisitContext(app.db, interventionId, app.config.timeZone);
  const conflits = await conflictsOf(app.db, access, interventionId, {
    technicien_id: demande.technicien_id ?? row.technicien_id,
    date_planifiee: demande.date_planifiee ?? row.planning_date?.toISOString() ?? null,
    duree_estimee: demande.duree_estimee ?? context.lastDuration ?? DEFAULT_DURATION,
  });
  return new RegieError('CONFLIT_PLANNING', {
    detail: {
      fr: 'Le technicien a déjà une visite à ce moment',
      en: 'The technicien already has a visit at that time',
    },
    extensions: { conflits },
  });
}
