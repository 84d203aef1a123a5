import type { Access } from '../auth/access';
import type { Subject } from '../auth/permissions';
import type { Executor } from '../db/sql';
import { readDocument } from '../services/documents/documents';
import { readCleApi } from '../services/identite/cles-api';
import { readTechnicien } from '../services/identite/techniciens';
import { readUser } from '../services/identite/users';
import { readIntervention } from '../services/interventions/interventions';
import { requireNotification } from '../services/messages/notifications';
import { readEquipement } from '../services/parc/equipements';
import { readPiece } from '../services/stock/pieces';
import type { About, Call, Route } from './http/route';

/** Whether somebody may still see what an answer that they were given before is about. */

type Reader = (executor: Executor, access: Access, id: number) => Promise<unknown>;

/** As each resource is read by its own route; every subject that a POST or PUT may answer about. */
const READERS: Readonly<Partial<Record<Subject, Reader>>> = {
  User: readUser,
  Technicien: readTechnicien,
  Equipement: readEquipement,
  Intervention: readIntervention,
  Piece: readPiece,
  Document: readDocument,
  Notification: requireNotification,
  CleApi: readCleApi,
};

/**
 * @param body of the answer
 * @throws {RegieError} `INTROUVABLE`
 */
export async function requireSight(
  { access, route, params }: Pick<Call<unknown, unknown, unknown>, 'access' | 'route' | 'params'>,
  executor: Executor,
  body: unknown,
): Promise<void> {
  const about = aboutOf(route, params, body);
  if (about === null) return;
  const read = READERS[about.subject];
  if (read === undefined) throw new Error(`Nothing says how a ${about.subject} is seen`);
  await read(executor, access, about.id);
}

/** What an answer of a route is about, or null for nothing that has rows of its own to be seen. */
function aboutOf({ access, about }: Route, params: unknown, body: unknown): About | null {
  if (about !== undefined) return about(body);
  if (typeof access === 'string') return null;
  const id = idOf(params) ?? idOf(body);
  return id === null ? null : { subject: access[1], id };
}

function idOf(holder: unknown): number | null {
  const id = (holder as { id?: unknown } | null | undefined)?.id;
  return typeof id === 'number' ? id : null;
}
