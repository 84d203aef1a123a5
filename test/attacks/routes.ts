import type { z } from 'zod';
import type { Route } from '../../src/api/http/route';
import { ROUTES } from '../../src/api/routes';
import { reaches } from '../permissions/expected';
import { type Check, REQUESTS, type RowCheck } from '../permissions/requests';
import { KINDS, PERSONAS, type Persona, type World } from '../permissions/world';
import { filledPath } from '../support/filled-paths';
import { PLACES, type RowSubject } from '../support/places';

/** Every route of the API, and a request that each of them takes. */

/** A request with a JSON body that its route takes from whoever sends it: an administrator where they may. */
export interface Example {
  route: Route;
  path: string;
  by: Persona;
  body: Record<string, unknown>;
  /** The row that it is about, or makes; null for one's own account. */
  subject: RowSubject | null;
  id: number | null;
}

/** Those that people who belong to no practice reach; the others are asked by those who do (`attacks/cabinet`). */
export const GENERAL_ROUTES = ROUTES.filter(({ medical }) => medical === undefined);

export function nameOf({ method, path }: Route): string {
  return `${method.toUpperCase()} ${path}`;
}

/** A request for every route that takes JSON. */
export async function examples(world: World): Promise<Example[]> {
  const found: Example[] = [];
  for (const route of GENERAL_ROUTES) {
    if (route.body === undefined || !['json', 'optional-json'].includes(route.bodyType ?? 'json')) continue;
    const [check] = [REQUESTS[nameOf(route)]].flat() as [Check];
    found.push({ route, ...(await exampleOf(world, route, check)) });
  }
  return found;
}

async function exampleOf(
  world: World,
  { path, examples }: Route,
  check: Check,
): Promise<Omit<Example, 'route'>> {
  const given = (body: unknown) => (body ?? examples?.body ?? {}) as Record<string, unknown>;
  if (check.on === 'row') {
    const by = askerOf(check);
    const id = await rowFor(world, check, by);
    const { body } = await check.sent(world, by, id);
    // What is named within the row need not be there: the body is judged before.
    const named = filledPath(path.replace(/:u?id\b/, String(id)));
    return { path: named, by, body: given(body), subject: check.subject, id };
  }
  const by: Persona = 'admin';
  if (check.on === 'create') {
    const { body } = await check.sent(world, check.kinds[0]!, by);
    return { path, by, body: given(body), subject: check.subject, id: null };
  }
  if (check.on === 'role')
    return { path: check.path ?? path, by, body: given(check.body), subject: null, id: null };
  if (check.on === 'own' || check.on === 'public') {
    return { path: filledPath(path), by, body: given(check.body), subject: null, id: null };
  }
  throw new Error(`${path} takes a body and is tested as ${check.on}`);
}

/** The first who may ask a route at all: an administrator, but for what is the customers' alone. */
export function whoMayAsk(route: Route): Persona {
  return askerOf([REQUESTS[nameOf(route)]].flat()[0] as Check);
}

function askerOf(check: Check): Persona {
  if (!('expected' in check) || check.on === 'medical') return 'admin';
  // Somebody who reaches a row, where a role may that reaches none here.
  return PERSONAS.find((persona) => (check.expected[persona]?.length ?? 0) > 0)!;
}

/** A row for one request alone, where there can be one. */
function rowFor(world: World, { subject, expected }: RowCheck, by: Persona): Promise<number> | number {
  if (subject === 'Notification') return world.row(subject, 'soi', by);
  const others = KINDS[subject].filter((name) => name !== 'soi' && name !== 'admin');
  return world.fresh(subject, others.find((kind) => reaches(expected, by, kind))!);
}

/** The names of what a query may hold. */
export function queryFields({ query }: Route): string[] {
  return Object.keys(query?.shape ?? {});
}

/** What one may sort by. */
export function sortFields({ query }: Route): string[] {
  const sort = query?.shape.sort as z.ZodType | undefined;
  return sort?.meta()?.description?.split(' : ').at(-1)?.split(', ') ?? [];
}

/** Every text in a body, wherever it is, replaced by another one at a time. */
export function* textsReplaced(
  body: unknown,
  text: string,
  path: string[] = [],
): Generator<{ path: string[]; body: unknown }> {
  if (typeof body === 'string') yield { path, body: text };
  if (typeof body !== 'object' || body === null) return;
  for (const [key, value] of Object.entries(body)) {
    for (const inner of textsReplaced(value, text, [...path, key])) {
      const copy = Array.isArray(body) ? [...body] : { ...body };
      (copy as Record<string, unknown>)[key] = inner.body;
      yield { path: inner.path, body: copy };
    }
  }
}

/** The whole row that a request is about, as the database holds it. */
export async function rowOf(world: World, subject: RowSubject, id: number): Promise<unknown> {
  const [row] = await world.api.db.query(`SELECT * FROM ${tableOf(subject)} WHERE id = $1`, [id]);
  return row;
}

export function tableOf(subject: RowSubject): string {
  return PLACES[subject].from.split(' ')[0]!;
}
