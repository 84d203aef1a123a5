import sql, { raw } from 'sql-template-tag';
import { openApiPath } from '../../src/api/http/route';
import { Access } from '../../src/auth/access';
import { ACTIONS, type Action, type Subject } from '../../src/auth/permissions';
import type { Principal } from '../../src/auth/principal';
import { query } from '../../src/db/sql';
import { covers } from '../../src/domain/identite/cles-api';
import type { Reply } from '../support/client';
import { filledPath } from '../support/filled-paths';
import { PLACES, type RowSubject } from '../support/places';
import { PERMITTED, READ, reached, reaches } from './expected';
import { type Check, type CreateCheck, type ListCheck, REQUESTS, type RowCheck } from './requests';
import { CHEMINS, KINDS, PERSONAS, type Persona, type World } from './world';

/** Asks a running API what it lets people do, and tells where that is not what the table says. */

/** A version that no row has: whoever may change the row is told so, and the row stays as it is. */
const NO_VERSION = { 'If-Match': '"999999999"' };

type Verdict = 'permitted' | 'forbidden' | 'hidden';

/** What somebody was told about one row. */
function verdictOf({ status, body }: Reply): Verdict {
  if (status === 403) return 'forbidden';
  // Whoever sees a row may be told in so many words what it has not got.
  if (status === 404 && body.detail === undefined) return 'hidden';
  if (status === 401 || status >= 500) throw new Error(`Unexpected answer ${status} ${JSON.stringify(body)}`);
  return 'permitted';
}

/** Every difference between the API and the table, for these people and routes; lazily, for who wants but the first. */
export async function* differences(
  world: World,
  only: { personas?: readonly Persona[]; concerns?: (check: Check) => boolean } = {},
): AsyncGenerator<string> {
  for (const [name, given] of Object.entries(REQUESTS)) {
    for (const check of [given].flat() as Check[]) {
      if (only.concerns !== undefined && !only.concerns(check)) continue;
      for (const persona of only.personas ?? PERSONAS) {
        for await (const difference of differencesOf(world, name, check, persona)) {
          yield `${name} as ${persona}: ${difference}`;
        }
      }
    }
  }
}

async function* differencesOf(
  world: World,
  name: string,
  check: Check,
  persona: Persona,
): AsyncGenerator<string> {
  const { client } = world.people[persona];
  const [method, path] = name.split(' ') as [string, string];
  if (persona === 'cle_chemins' && check.on !== 'public' && !covers(CHEMINS, method, openApiPath(path))) {
    const { status } = await client.send(method, withIds(path));
    if (status !== 403) yield `is not one of the paths of the key: expected 403, got ${status}`;
    return;
  }
  switch (check.on) {
    case 'row':
      for (const kind of KINDS[check.subject]) yield* ofRow(world, method, path, check, persona, kind);
      return;
    case 'part':
      for (const kind of KINDS[check.subject]) {
        const id = world.row(check.subject, kind, persona);
        const { status } = await client.send(method, `${withIds(path, id)}?${check.query}`);
        const may = reaches(check.expected, persona, kind);
        const wanted = may === null ? 403 : may ? 200 : 404;
        if (status !== wanted && !(wanted === 200 && status === 202)) {
          yield `${check.subject} ${kind}: expected ${wanted}, got ${status}`;
        }
      }
      return;
    case 'create':
      for (const kind of check.kinds) yield* ofCreation(world, method, path, check, persona, kind);
      return;
    case 'list':
      yield* ofList(world, path, check, persona);
      return;
    case 'figures': {
      const { status, body } = await client.get(path);
      if (check.expected[persona] === undefined) {
        if (status !== 403) yield `expected 403, got ${status}`;
        return;
      }
      const [{ total }] = await world.api.db.query(
        `SELECT count(*)::integer AS total FROM interventions i JOIN equipements e ON e.id = i.equipement_id
         WHERE ${check.counted(world, persona)}`,
      );
      const shown = status === 200 ? body.interventions.total : status;
      if (shown !== total) yield `expected figures of ${total} interventions, got ${shown}`;
      return;
    }
    case 'role': {
      const { status } = await client.send(method, check.path ?? path, jsonInit(check.body));
      const wanted = check.expected[persona] === undefined ? 403 : 200;
      if (status !== wanted) yield `expected ${wanted}, got ${status}`;
      return;
    }
    case 'own': {
      if (persona.startsWith('cle_')) {
        const { status } = await client.send(method, withIds(path), jsonInit(check.body));
        if (status !== 403) yield `expected a person’s own matters to be closed, got ${status}`;
        return;
      }
      // Somebody else of that role, since ending all one's sessions is one of these.
      const { client: own } = await world.api.newPerson(world.people[persona].user.role);
      const { status } = await own.send(method, withIds(path), jsonInit(check.body));
      if (status === 403 || status === 401) yield `expected one’s own matters to be open, got ${status}`;
      return;
    }
    case 'medical': {
      const sent = (await check.sent?.(world)) ?? {};
      const { status } = await client.send(method, sent.path ?? withIds(path), jsonInit(sent.body));
      const wanted = check.expected[persona] ?? 403;
      if (status !== wanted) yield `expected ${wanted}, got ${status}`;
      return;
    }
    case 'public': {
      const { status, body } = await client.send(method, withIds(path), jsonInit(check.body));
      const asked = body.code === 'NON_AUTHENTIFIE' && check.unproved === undefined;
      if (status === 403 || asked) yield `expected it to be open, got ${status}`;
    }
  }
}

async function* ofRow(
  world: World,
  method: string,
  path: string,
  { subject, expected, sent, fresh }: RowCheck,
  persona: Persona,
  kind: string,
): AsyncGenerator<string> {
  // Nobody's own row is thrown away: they still have questions to ask.
  if (fresh && (kind === 'soi' || (subject === 'Intervenant' && kind.endsWith('_recoit')))) return;
  const id = fresh ? await world.fresh(subject, kind) : world.row(subject, kind, persona);
  const { body, headers } = await sent(world, persona, id);
  const reply = await world.people[persona].client.send(
    method,
    withIds(path, id),
    jsonInit(body, { ...NO_VERSION, ...headers }),
  );
  const may = reaches(expected, persona, kind);
  const sees = reaches(READ[subject], persona, kind);
  const wanted: Verdict = may === null ? 'forbidden' : may ? 'permitted' : sees ? 'forbidden' : 'hidden';
  const told = verdictOf(reply);
  if (told !== wanted)
    yield `${subject} ${kind} ${JSON.stringify(body)}: expected ${wanted}, got ${reply.status}`;
}

async function* ofCreation(
  world: World,
  method: string,
  path: string,
  { expected, sent, made, refused }: CreateCheck,
  persona: Persona,
  kind: string,
): AsyncGenerator<string> {
  const { body, form, csv } = await sent(world, kind, persona);
  const init = csv === undefined ? (form === undefined ? jsonInit(body) : { body: form }) : csvInit(csv);
  const reply = await world.people[persona].client.send(method, path, init);
  const may = reaches(expected, persona, kind);
  const asExpected = may === null ? reply.status === 403 : may ? made(reply) : refused(reply);
  if (!asExpected) yield `for ${kind}: expected ${may}, got ${reply.status} ${JSON.stringify(reply.body)}`;
}

async function* ofList(
  world: World,
  path: string,
  { subject, expected, exact, query }: ListCheck,
  persona: Persona,
): AsyncGenerator<string> {
  const parameters = new URLSearchParams(query);
  if (query === undefined) parameters.set('limit', '200');
  const rowsOf = path.includes(':id') ? Object.values(world.techniciens) : [0];
  for (const id of rowsOf) {
    const { status, body, headers } = await world.people[persona].client.get(
      `${withIds(path, id)}?${parameters}`,
    );
    if (expected[persona] === undefined) {
      if (status !== 403) yield `expected 403, got ${status}`;
      continue;
    }
    if (status !== 200) {
      // Somebody else's plan is not to be seen at all.
      if (status !== 404 || exact) yield `expected a list, got ${status}`;
      continue;
    }
    const kinds = KINDS[subject] as readonly string[];
    const ids = new Set((body as { id: number }[]).map((row) => row.id));
    const shown = kinds.filter((kind) => ids.has(world.row(subject, kind, persona)));
    const wanted = reached(expected, subject, persona);
    const beyond = shown.filter((kind) => !wanted.includes(kind));
    const missing = exact ? wanted.filter((kind) => !shown.includes(kind)) : [];
    if (beyond.length > 0) yield `shows ${beyond.join(', ')}`;
    if (missing.length > 0) yield `does not show ${missing.join(', ')}`;
    const total = headers.get('x-total-count');
    if (total !== null && Number(total) !== body.length)
      yield `counts ${total} rows and shows ${body.length}`;
  }
}

/** Every difference between the permissions of these people on rows, by themselves, and the table. */
export async function* rowDifferences(
  world: World,
  principals: ReadonlyMap<Persona, Principal>,
  only: { personas?: readonly Persona[]; subject?: Subject } = {},
): AsyncGenerator<string> {
  const { db, app } = world.api;
  for (const [name, actions] of Object.entries(PERMITTED)) {
    const subject = name as RowSubject;
    if (only.subject !== undefined && only.subject !== subject) continue;
    const { from, alias, columns } = PLACES[subject];
    for (const action of ACTIONS) {
      for (const persona of only.personas ?? PERSONAS) {
        const access = new Access(principals.get(persona)!, app.rulesFor);
        const rows = await query<{ id: number }>(
          db,
          sql`SELECT ${raw(alias)}.id FROM ${raw(from)} WHERE ${access.where(action, subject, columns)}`,
        );
        const ids = new Set(rows.map(({ id }) => id));
        const kinds: readonly string[] = KINDS[subject];
        const permitted = kinds.filter((kind) => ids.has(world.row(subject, kind, persona)));
        const wanted = reached(actions[action] ?? {}, subject, persona);
        if (permitted.join() !== wanted.join()) {
          yield `${action} ${subject} as ${persona}: expected ${wanted}, got ${permitted}`;
        }
      }
    }
  }
}

interface Closed {
  subject: Subject;
  /** What may be done to it all the same. */
  open: readonly Action[];
  /** In all else it is theirs. */
  rows: readonly object[];
}

/** What nobody reaches here, however much else would make it theirs: what is of a practice, and what is another patient's. */
function closedTo({ userId, sites }: Principal): Closed[] {
  const places = [...sites, null];
  return [
    {
      subject: 'Prestation',
      // Nothing that is made here is of a practice.
      open: ['read', 'create'],
      rows: places.map((site_id) => ({ site_id, visibilite: 'publique', actif: true, de_cabinet: true })),
    },
    {
      subject: 'RendezVous',
      open: ['read'],
      rows: places.flatMap((site_id) =>
        [[], [userId]].flatMap((user_ids) =>
          [null, userId].map((demandeur_id) => ({
            ...{ user_ids, demandeur_id },
            prestation: { site_id, de_cabinet: true },
          })),
        ),
      ),
    },
    { subject: 'MonDossier', open: [], rows: [{ user_id: userId + 1 }] },
  ];
}

/** Every difference between the permissions of these people on what is closed to all of them, by themselves, and that. */
export function* closedDifferences(
  world: World,
  principals: ReadonlyMap<Persona, Principal>,
  only: { personas?: readonly Persona[]; subject?: Subject } = {},
): Generator<string> {
  for (const persona of only.personas ?? PERSONAS) {
    const principal = principals.get(persona)!;
    const access = new Access(principal, world.api.app.rulesFor);
    for (const { subject, open, rows } of closedTo(principal)) {
      if (only.subject !== undefined && only.subject !== subject) continue;
      const closed = ACTIONS.filter((action) => !open.includes(action));
      for (const row of rows) {
        const permitted = closed.filter((action) => access.may(action, subject, row));
        if (permitted.length > 0) yield `${permitted} ${subject} ${JSON.stringify(row)} as ${persona}`;
      }
    }
  }
}

/** Somewhere where there is nothing, unless an id is given. */
function withIds(path: string, id: number | string = 999_999): string {
  return filledPath(path, id);
}

function jsonInit(body: unknown, headers: Record<string, string> = {}): RequestInit {
  if (body === undefined) return { headers };
  return { body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } };
}

function csvInit(csv: string): RequestInit {
  return { body: csv, headers: { 'content-type': 'text/csv' } };
}
