import type { EntityManager } from 'typeorm';
import { Access } from '../../auth/access';
import type { Principal } from '../../auth/principal';
import { isLockTimeout } from '../../db/errors';
import { openCabinets } from '../../db/medical';
import { forbidden, RegieError } from '../../domain/errors';
import type { Actor } from '../../services/actor';
import { RefusParlant, recordAcces, recordRefus } from '../../services/cabinet/acces';
import { DossierRefuse } from '../../services/cabinet/dossiers';
import { headOf } from '../../services/cabinet/patients';
import { openForCaller } from '../../services/cabinet/transactions';
import { claim, findAnswer, keepAnswer } from '../../services/idempotence';
import type { AppContext } from '../context';
import { callerOf, PRECEDENCE } from '../places';
import { unlessDeadlocked } from './idempotency';
import type { Answer, Call, EarlyCall, Route } from './route';

/**
 * How requests of what is medical are carried out: in one transaction with the rights to it, also to read. It learns which
 * practices the caller belongs to, opens those and no others, asks whether they may, and puts on record whose data the
 * answer holds, or there is no answer.
 */

type AnyCall = EarlyCall<unknown, unknown, unknown>;
type CommittingCall = AnyCall & Pick<Call<unknown, unknown, unknown>, 'prepared' | 'afterCommit'>;

interface Request {
  route: Route;
  /** Checks the request, once its caller is known to be admitted. */
  read(access: Access): AnyCall;
}

/**
 * A machine belongs to no practice.
 * @throws {RegieError} `INTERDIT`
 */
export function refuseMachines(access: Access | null): void {
  if (access === null || access.principal.cleApiId !== null) throw forbidden();
}

/**
 * @param admit throws what somebody is told who may not come so far.
 * @throws {RegieError} `INTERDIT`, `SERVICE_INDISPONIBLE` when what is shown cannot be put on record
 */
export async function inPractices(
  app: AppContext,
  principal: Principal,
  actor: Actor,
  admit: (access: Access) => void,
  request: Request,
): Promise<Answer> {
  const { route } = request;
  const transact = async (prepared: unknown) => {
    const tasks: (() => void)[] = [];
    const answer = await app.medical.transaction(async (tx) => {
      const access = await open(app, principal, admit, route, tx);
      const afterCommit = (task: () => void) => void tasks.push(task);
      const call = { ...request.read(access), prepared, afterCommit };
      const given = await answerOf(call, tx);
      await putOnRecord(call, access, tx, given);
      return given;
    });
    for (const task of tasks) task();
    return answer;
  };
  const { writes, readers } = app.places;
  const inTurn = (run: () => Promise<Answer>) => {
    if (route.method === 'get') return run().then(fetched);
    const take = async () => {
      await readers.calm(PRECEDENCE);
      return run();
    };
    return writes.run(take, callerOf(actor));
  };
  try {
    const prepared = await beforehand(app, principal, admit, request);
    return await inTurn(() => unlessDeadlocked(() => transact(prepared)));
  } catch (cause) {
    if (cause instanceof RefusParlant) await putToldOnRecord(app, principal, actor, route, cause);
    if (cause instanceof DossierRefuse) await putRefusalOnRecord(app, principal, actor, route, cause);
    throw isLockTimeout(cause) ? unrecorded(cause) : cause;
  }
}

/**
 * What is prepared for a handler, before its transaction; nothing for a key that has been answered: what it was about is as
 * the first request left it, and must not be refused for that.
 */
async function beforehand(
  app: AppContext,
  principal: Principal,
  admit: (access: Access) => void,
  { route, read }: Request,
): Promise<unknown> {
  const { prepare } = route;
  if (prepare === undefined) return undefined;
  const look = () =>
    app.medical.transaction(async (tx) => {
      const call = read(await open(app, principal, admit, route, tx));
      const { idempotencyKey: key } = call;
      return { call, answered: key !== null && (await findAnswer(tx, key)) !== null };
    });
  const { call, answered } = await look();
  if (answered) return undefined;
  try {
    return await prepare(call as never);
  } catch (error) {
    if (call.idempotencyKey !== null && (await look()).answered) return undefined;
    throw error;
  }
}

/** What somebody is told of patients while they are refused, in a transaction of its own: that of the request was taken back. */
async function putToldOnRecord(
  app: AppContext,
  principal: Principal,
  actor: Actor,
  route: Route,
  { patients }: RefusParlant,
): Promise<void> {
  const { method, path, medical } = route;
  try {
    await app.medical.transaction(async (tx) => {
      const access = await open(app, principal, () => {}, route, tx);
      const requete = `${method.toUpperCase()} ${path}`;
      await recordAcces(tx, access, actor, { ...medical!.acces!, requete, patients });
    });
  } catch (cause) {
    throw unrecorded(cause);
  }
}

/** What lies elsewhere is fetched once it is on record that it is shown. */
async function fetched(answer: Answer): Promise<Answer> {
  return answer.fetch === undefined ? answer : { ...answer, body: await answer.fetch() };
}

/**
 * That somebody was refused a record, in a transaction of its own, since that of the request was taken back. They are refused
 * whether it can be put on record or not.
 */
async function putRefusalOnRecord(
  app: AppContext,
  principal: Principal,
  actor: Actor,
  route: Route,
  { patient }: DossierRefuse,
): Promise<void> {
  try {
    await app.medical.transaction(async (tx) => {
      const access = await open(app, principal, () => {}, route, tx);
      await recordRefus(tx, access, actor, {
        patient,
        requete: `${route.method.toUpperCase()} ${route.path}`,
      });
    });
  } catch (err) {
    app.logger.warn({ err, patientId: patient.id }, 'a refusal could not be put on record');
  }
}

/** Who the caller is by now, where they belong; from then on the transaction sees the rows of those practices. */
async function open(
  app: AppContext,
  principal: Principal,
  admit: (access: Access) => void,
  route: Route,
  tx: EntityManager,
): Promise<Access> {
  const { userId } = principal;
  if (route.medical!.enPatient) {
    await openCabinets(tx, { userId, cabinets: [], administre: false, patient: true });
    const patient = new Access({ ...principal, enPatient: true }, app.rulesFor, admit);
    await patient.confirm(tx);
    return patient;
  }
  const access = new Access({ ...principal, appartenances: [] }, app.rulesFor, admit);
  await openForCaller(tx, access, userId);
  return access;
}

async function answerOf(early: CommittingCall, tx: EntityManager): Promise<Answer> {
  const { route, idempotencyKey: key } = early;
  const call = { ...early, tx } as unknown as Call<never, never, never>;
  const handle = async () => (await leadOn(early, tx)) ?? route.handle(call);
  if (key === null) return handle();
  const { fresh, answer: before } = await claim(tx, key);
  // It may have waited for somebody who claims the same one.
  await early.access.confirm(tx);
  if (fresh) {
    const answer = await handle();
    // Only what it was about: it is read again for whoever asks again, and that is on record like any reading.
    await keepAnswer(tx, key, {
      statut: answer.status ?? 200,
      entetes: {},
      reponse: JSON.stringify(idOf(answer.body)),
    });
    return answer;
  }
  if (before === null) throw new Error('A key of what is medical was claimed without an answer');
  const { replay } = route.medical!;
  const id: unknown = JSON.parse(before.reponse);
  if (replay === undefined || (replay !== 'again' && typeof id !== 'number')) {
    throw new Error(`Nothing says how ${route.path} is answered again`);
  }
  const again = replay === 'again' ? await route.handle(call) : await replay(call, id as number);
  return {
    ...again,
    status: before.statut,
    headers: { ...again.headers, 'Idempotency-Replayed': 'true' },
  };
}

/**
 * Of a patient who was merged into another one everything is read and written there: whoever reads is led there, whoever
 * writes is told where. Named in the path or the body, they are held until the transaction ends, so that nobody merges them
 * while something is written of them.
 * @returns null where nobody is to be led anywhere. @throws {RegieError} `PATIENT_FUSIONNE`
 */
async function leadOn(call: AnyCall, tx: EntityManager): Promise<Answer | null> {
  const { route, access, ctx } = call;
  const named = patientNamed(call);
  if (named === null || route.medical!.ofMerged === true) return null;
  const reads = route.method === 'get';
  const head = await headOf({ tx, access }, named, { hold: !reads });
  if (head === null || head === named) return null;
  if (!reads) {
    throw new RegieError('PATIENT_FUSIONNE', { extensions: { fusionne_dans_id: head } });
  }
  const path = ctx.path.replace(/(\/patients\/)\d+/, `$1${head}`);
  const headers = { Location: ctx.querystring === '' ? path : `${path}?${ctx.querystring}` };
  return { status: 307, headers, patients: [] };
}

function patientNamed({ route, params, body }: AnyCall): number | null {
  const { id } = params as { id?: unknown };
  if (/^\/patients\/:id(?:\/|$)/.test(route.path)) return typeof id === 'number' ? id : null;
  const { patient_id } = (body ?? {}) as { patient_id?: unknown };
  return typeof patient_id === 'number' ? patient_id : null;
}

function idOf(body: unknown): number | null {
  const id = (body as { id?: unknown } | undefined)?.id;
  return typeof id === 'number' ? id : null;
}

/** @throws {RegieError} `SERVICE_INDISPONIBLE` */
async function putOnRecord(
  { route, actor }: AnyCall,
  access: Access,
  tx: EntityManager,
  { patients, action, body }: Answer,
): Promise<void> {
  const { acces } = route.medical!;
  if (acces === null) {
    if (patients?.length === 0) return;
    if (patients !== undefined) throw new Error(`${route.path} shows patients and does not say so`);
    return;
  }
  if (patients === undefined) {
    if (body !== undefined) throw new Error(`${route.path} does not say whom it shows`);
    return;
  }
  try {
    await recordAcces(tx, access, actor, {
      ...acces,
      ...(action !== undefined && { action }),
      requete: `${route.method.toUpperCase()} ${route.path}`,
      patients,
    });
  } catch (cause) {
    throw unrecorded(cause);
  }
}

/** Nothing is told while it cannot be put on record. */
function unrecorded(cause: unknown): RegieError {
  return new RegieError('SERVICE_INDISPONIBLE', { retryAfter: 5, cause });
}
