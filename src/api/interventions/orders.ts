import type { Action } from '../../auth/permissions';
import { RegieError } from '../../domain/errors';
import type { Ordre, SealedOrdre } from '../../domain/interventions/ordres';
import { findClaim, type IdempotencyKey, keepAnswer } from '../../services/idempotence';
import {
  type InterventionRow,
  readChanged,
  readIntervention,
} from '../../services/interventions/interventions';
import { placeOrdre, withdrawOrdre } from '../../services/interventions/ordres';
import { conflictsOf, type Voulu } from '../../services/planification/occupations';
import { replay, toStored } from '../http/idempotency';
import { type Answer, type Call, openApiPath } from '../http/route';

/** A call whatever its body: orders take what they need as arguments. */
type AnyCall = Pick<
  Call<{ id: number }, unknown, unknown>,
  'app' | 'route' | 'access' | 'actor' | 'params' | 'ifMatch' | 'idempotencyKey'
>;

/**
 * Carries a change of the lifecycle through: has the workflow of the intervention carry the order out, and answers with
 * the new row. Whoever carries it out claims the `Idempotency-Key` too, so that a repeat, even after a crash, finds
 * either nothing done or what was done.
 *
 * The caller is asked what they may when the order is placed, and again when it is carried out. Once it has been, they
 * are answered with the row, also when they may not see it any more by then.
 */
export async function order(
  call: AnyCall,
  action: Action,
  ordre: Ordre,
  present: (row: InterventionRow) => Answer,
): Promise<Answer> {
  const { app, access, params, idempotencyKey: key } = call;
  const before = await doneBefore(call, present);
  if (before !== null) return before;
  let placed: SealedOrdre;
  try {
    placed = await place(call, action, ordre);
  } catch (error) {
    // Carried out a moment ago, it may not be asked for any more.
    const meanwhile = await doneBefore(call, present);
    if (meanwhile !== null) return meanwhile;
    throw error;
  }
  try {
    await execute(call, placed);
  } catch (error) {
    // What a rule refused has not been done. But the engine may be lost between the commit and its answer: then what was
    // done is what the database says, and what was not is taken back, since asked again things may stand otherwise.
    const isUnknown = !(error instanceof RegieError) || error.code === 'SERVICE_INDISPONIBLE';
    if (!isUnknown) throw error;
    if (await withdrawOrdre(app.db, params.id, placed.id)) {
      // Somebody else may have brought it to its end meanwhile, and its workflow with it: then that is the answer.
      await place(call, action, ordre);
      throw error;
    }
  }
  if (key === null) return present(await readChanged(app.db, params.id));
  const claimed = await findClaim(app.db, key);
  // Whoever asked the same at the same moment, and was quicker, is answered for both.
  const isOurs = claimed?.ordreId === placed.id;
  const row = isOurs
    ? await readChanged(app.db, params.id)
    : await readIntervention(app.db, access, params.id);
  return keep(app, key, present(row));
}

/** The answer to what has been done under the caller's key, if it has. */
async function doneBefore(call: AnyCall, present: (row: InterventionRow) => Answer): Promise<Answer | null> {
  const { app, access, params, idempotencyKey: key } = call;
  const claimed = key === null ? null : await findClaim(app.db, key);
  if (claimed === null) return null;
  if (claimed.answer !== null) return replay(call, app.db, claimed.answer);
  return keep(app, key!, present(await readIntervention(app.db, access, params.id)));
}

/** The answer that is given under a key from now on: the first that was kept. */
async function keep(app: AnyCall['app'], key: IdempotencyKey, answer: Answer): Promise<Answer> {
  const kept = await keepAnswer(app.db, key, toStored(answer));
  return { ...answer, body: JSON.parse(kept.reponse), headers: kept.entetes };
}

function place(call: AnyCall, action: Action, ordre: Ordre): Promise<SealedOrdre> {
  const { app, route, access, actor, params, ifMatch, idempotencyKey } = call;
  return placeOrdre(app.db, app.secrets, access, actor, params.id, {
    ordre,
    action,
    requete: `${route.method.toUpperCase()} ${openApiPath(route.path)}`,
    expectedVersion: ifMatch,
    key: idempotencyKey,
  });
}

async function execute({ app, access, params }: AnyCall, placed: SealedOrdre): Promise<void> {
  try {
    await app.engine.execute(params.id, placed);
  } catch (error) {
    const isConflict = error instanceof RegieError && error.code === 'CONFLIT_PLANNING';
    throw isConflict ? await explainConflict(app, access, params.id, error) : error;
  }
}

/** The error with what stands in the way, as far as the caller may know of it. */
async function explainConflict(
  app: AnyCall['app'],
  access: AnyCall['access'],
  interventionId: number,
  { details }: RegieError,
): Promise<RegieError> {
  const voulu = details.extensions?.voulu as Voulu | undefined;
  const conflits = voulu === undefined ? [] : await conflictsOf(app.db, access, interventionId, voulu);
  return new RegieError('CONFLIT_PLANNING', {
    detail: {
      fr: 'Quelqu’un de l’équipe est déjà occupé à ce moment',
      en: 'Somebody of the team is already busy at that time',
    },
    extensions: { conflits },
  });
}
