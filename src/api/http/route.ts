import type { Context } from 'koa';
import type { EntityManager } from 'typeorm';
import type { z } from 'zod';
import type { Access } from '../../auth/access';
import type { Action, Subject } from '../../auth/permissions';
import type { ErrorCode } from '../../domain/errors';
import type { Actor } from '../../services/actor';
import type { ActionAcces, PatientMontre } from '../../services/cabinet/acces';
import type { IdempotencyKey } from '../../services/idempotence';
import type { Page } from '../../services/list';
import type { AppContext } from '../context';

/**
 * A route is data: who may call it, what it takes, what it answers, and a short handler. The router, the
 * validation, the permission check and the OpenAPI page are all made from it, so none can drift from another.
 */

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/**
 * `public`: anybody. `session`: a person, on what is their own by nature: sessions, password, profile; never a
 * machine. `enrolment`: the same, also while they still have to set up the second factor that their role asks for.
 * Otherwise an action on a subject: a role that may never do it is answered 403 before anything is read.
 */
export type RouteAccess = 'public' | 'session' | 'enrolment' | readonly [Action, Subject];

/** A request that has been checked: everything a handler needs, and no more. */
export interface Call<Params, Query, Body, Prepared = unknown> {
  app: AppContext;
  /** The route that was called. */
  route: Route;
  /** Only routes that are not public have one. */
  access: Access;
  actor: Actor;
  params: Params;
  query: Query;
  body: Body;
  /** What the route's `prepare` came to. */
  prepared: Prepared;
  /** The transaction of a route that declares one. */
  tx: EntityManager;
  /** Has something done once that transaction has committed. */
  afterCommit(task: () => void): void;
  /** The version named by `If-Match`, or null. */
  ifMatch: number | null;
  /** Present when the caller sent an `Idempotency-Key`. */
  idempotencyKey: IdempotencyKey | null;
  /** For the few handlers that stream. */
  ctx: Context;
}

/** A call before its transaction. */
export type EarlyCall<Params, Query, Body> = Omit<
  Call<Params, Query, Body>,
  'prepared' | 'tx' | 'afterCommit'
>;

/** What an answer is about: a row of a subject that is read by an id of its own. */
export interface About {
  subject: Subject;
  id: number;
}

export type BodyType =
  | 'json'
  | 'form'
  | 'json-or-form'
  | 'multipart'
  | 'optional-json'
  | 'signed-json'
  | 'csv'
  | 'mail';

/** How each kind of body says what it is. */
export const MEDIA_TYPES: Readonly<Record<BodyType, readonly string[]>> = {
  json: ['application/json'],
  'optional-json': ['application/json'],
  'signed-json': ['application/json'],
  form: ['application/x-www-form-urlencoded'],
  'json-or-form': ['application/json', 'application/x-www-form-urlencoded'],
  multipart: ['multipart/form-data'],
  csv: ['text/csv'],
  mail: ['message/rfc822'],
};

export interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** Of what is medical and read: its body, from where nothing is asked inside a transaction. */
  fetch?: () => Promise<Buffer>;
  /** Whose data are in it: each is on record before it leaves. Every answer of a route that shows patients has them. */
  patients?: readonly PatientMontre[];
  /** What is put on record of them, where it is not what their route says. */
  action?: ActionAcces;
}

/** Of a route that reaches what is medical: it runs in one transaction, over connections with the rights to it. */
export interface Medical {
  /** What is put on record of each patient of its answers; null where there never is one in them. */
  acces: { action: ActionAcces; categories: readonly string[] } | null;
  /** Of a patient for themselves: no practice is open, and of each only what is theirs. */
  enPatient?: true;
  /**
   * What is answered to an `Idempotency-Key` that has been answered before: a fresh reading of what was made, so that no
   * answer is kept, and nothing is shown without being on record. `again` where asking twice changes nothing.
   */
  replay?: 'again' | ((call: Call<never, never, never>, id: number) => Promise<Answer>);
  /**
   * That what is to become of a patient who was merged into another is its own matter. Unless said, whoever reads is led to the
   * other, and whoever writes is told (`medical.ts`).
   */
  ofMerged?: boolean;
}

/** What the OpenAPI page says of an answer. */
export interface AnswerSpec {
  status: 101 | 200 | 201 | 202 | 204;
  description: string;
  schema?: z.ZodType;
  /** The answer is a page of a list of `schema`, with its count and links in headers. */
  list?: boolean;
  /** For answers that are not JSON, or, beside a `schema`, not always: one of these. */
  contentType?: string | readonly string[];
  /** It carries the ETag of its bytes, and is answered with 304 to who has them. */
  revalidated?: boolean;
  /** It says in `X-Total-Count` how many there are beside what it shows. */
  total?: boolean;
  /** It says in `X-Unread-Count` how many of the caller's are unread. */
  unread?: boolean;
  /** `Range` is honoured: a part is answered with 206. */
  ranges?: boolean;
  /** It holds what is shown this once: kept for an `Idempotency-Key`, it is encrypted. */
  secret?: boolean;
}

export interface Route<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Prepared = unknown,
> {
  method: Method;
  /** Below `/api/v1`, with `:name` for parameters. */
  path: string;
  tag: string;
  summary: string;
  description?: string;
  access: RouteAccess;
  params?: Params;
  query?: Query;
  body?: Body;
  /**
   * How the body travels; JSON unless said. `multipart` handlers read and check the request themselves; what is
   * `signed-json` is believed by its signature, which `verify` looks at before anything in it is; a `mail` is a text
   * with a character for each byte, since it may be in several encodings and is signed.
   */
  bodyType?: BodyType;
  /**
   * Runs the handler in one transaction, in which an `Idempotency-Key` is claimed too. Its services confirm the access
   * there, once they hold their locks.
   */
  transaction?: boolean;
  /** Of what is medical. */
  medical?: Medical;
  /**
   * Carried out by the workflow of what it is about, always or for such bodies: it waits for its turn among those.
   */
  throughEngine?: boolean | ((body: z.output<Body>) => boolean);
  /**
   * Whether a signed request comes from whom it says.
   * @param body as it travelled. @throws {RegieError} when it does not.
   */
  verify?(app: AppContext, ctx: Context, body: string): void;
  /** What takes its time, done before the transaction: nothing slow can be done inside one. */
  prepare?(call: EarlyCall<z.output<Params>, z.output<Query>, z.output<Body>>): Promise<Prepared>;
  /**
   * What an answer that is kept for an `Idempotency-Key` is about, given its body; null for nothing that one might not
   * see any more. Unless said, a row of the subject of `access`: the one of the path, else the one that was made.
   */
  about?(body: unknown): About | null;
  /** False for what balancers and monitoring ask again and again: it is not counted against any limit. */
  limited?: false;
  answer: AnswerSpec;
  /** Errors beyond those that every route may answer, for the OpenAPI page. */
  refusals?: readonly ErrorCode[];
  /** Examples for the OpenAPI page. */
  examples?: { body?: unknown; answer?: unknown };
  handle(call: Call<z.output<Params>, z.output<Query>, z.output<Body>, Prepared>): Promise<Answer> | Answer;
}

/** Declares a route; exists for the inference of the types of its parts. */
export function route<
  Params extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Query extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Body extends z.ZodType = z.ZodUndefined,
  Prepared = undefined,
>(spec: Route<Params, Query, Body, Prepared>): Route {
  return spec as unknown as Route;
}

/** The path as OpenAPI writes it: `/pieces/{id}` for `/pieces/:id`. */
export function openApiPath(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}');
}

/** A resource with its ETag. */
export function resource(body: { version: number }, status = 200): Answer {
  return { status, body, headers: { ETag: etag(body.version) } };
}

/** A page of a list: a bare array, what a client needs to go on in the headers. */
export function page(
  call: { ctx: Context },
  { rows, total, totalExact, next, prev }: Omit<Page<unknown>, 'rows'> & { rows: readonly unknown[] },
): Answer {
  const headers: Record<string, string> = { 'X-Total-Count': String(total) };
  if (!totalExact) headers['X-Total-Count-Exact'] = 'false';
  const links = [
    next === null ? null : `<${pageLink(call.ctx, next)}>; rel="next"`,
    prev === null ? null : `<${pageLink(call.ctx, prev)}>; rel="prev"`,
  ].filter((link) => link !== null);
  if (links.length > 0) headers.Link = links.join(', ');
  return { body: rows, headers };
}

function etag(version: number): string {
  return `"${version}"`;
}

/** The same request for another page, as a reference relative to the host. */
function pageLink(ctx: Context, cursor: string): string {
  const query = new URLSearchParams(ctx.querystring);
  query.delete('offset');
  query.set('curseur', cursor);
  return `${ctx.path}?${query}`;
}
