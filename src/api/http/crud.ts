import type { Sql } from 'sql-template-tag';
import type { z } from 'zod';
import type { Subject } from '../../auth/permissions';
import type { ErrorCode } from '../../domain/errors';
import type { Crud } from '../../services/crud';
import { page, type Route, resource, route } from './route';
import { idParam } from './schemas';

/** The six routes of a noun that is nothing but what somebody entered (`services/crud.ts`). */
export interface CrudRoutes<Row extends { version: number }, Fields extends object, Query extends object> {
  path: string;
  subject: Subject;
  tag: string;
  /** What each route does, in the order in which they stand. */
  summaries: Readonly<Record<'list' | 'create' | 'read' | 'update' | 'remove', string>>;
  /** What one should know before creating or changing one. */
  description?: string;
  crud: Crud<Row, Fields>;
  body: z.ZodType<Fields>;
  changes: z.ZodType<Partial<Fields>>;
  query: z.ZodType<Query & { limit: number; offset: number; sort?: string; curseur?: string }>;
  /** The filters of a list, as conditions. */
  filter(filters: Query): Sql[];
  answer: z.ZodType;
  /** What creating or changing one may be refused with beyond what every route may answer. */
  refusals?: readonly ErrorCode[];
  example: Fields | Record<string, unknown>;
}

export function crudRoutes<Row extends { version: number }, Fields extends object, Query extends object>(
  spec: CrudRoutes<Row, Fields, Query>,
): Route[] {
  const { path, subject, tag, summaries, crud, body, changes, answer, example, refusals = [] } = spec;
  const description = spec.description === undefined ? {} : { description: spec.description };
  const examples = { body: example };
  const one = `${path}/:id`;

  const change = (method: 'put' | 'patch') =>
    route({
      method,
      path: one,
      tag,
      summary: summaries.update,
      ...description,
      access: ['update', subject],
      params: idParam,
      body: (method === 'put' ? body : changes) as z.ZodType<Partial<Fields>>,
      transaction: true,
      answer: { status: 200, description: summaries.read, schema: answer },
      refusals: ['INTROUVABLE', 'VERSION_PERIMEE', ...refusals],
      examples,
      handle: async ({ tx, access, actor, params, body: given, ifMatch }) =>
        resource(await crud.update({ tx, access, actor }, params.id, given, ifMatch)),
    });

  return [
    route({
      method: 'get',
      path,
      tag,
      summary: summaries.list,
      access: ['read', subject],
      query: spec.query as unknown as z.ZodObject,
      answer: { status: 200, description: summaries.list, schema: answer, list: true },
      handle: async ({ app, access, query, ctx }) => {
        const { limit, offset, sort, curseur, ...filters } = query as Query & {
          limit: number;
          offset: number;
          sort?: string;
          curseur?: string;
        };
        const conditions = spec.filter(filters as unknown as Query);
        return page(
          { ctx },
          await crud.list(app.db, access, conditions, { limit, offset, sort, curseur } as never),
        );
      },
    }),
    route({
      method: 'post',
      path,
      tag,
      summary: summaries.create,
      ...description,
      access: ['create', subject],
      body,
      transaction: true,
      answer: { status: 201, description: summaries.read, schema: answer },
      refusals,
      examples,
      handle: async ({ tx, access, actor, body: given }) =>
        resource(await crud.create({ tx, access, actor }, given), 201),
    }),
    route({
      method: 'get',
      path: one,
      tag,
      summary: summaries.read,
      access: ['read', subject],
      params: idParam,
      answer: { status: 200, description: summaries.read, schema: answer },
      refusals: ['INTROUVABLE'],
      handle: async ({ app, access, params }) => resource(await crud.read(app.db, access, params.id)),
    }),
    change('put'),
    change('patch'),
    route({
      method: 'delete',
      path: one,
      tag,
      summary: summaries.remove,
      access: ['delete', subject],
      params: idParam,
      transaction: true,
      answer: { status: 204, description: 'Supprimé' },
      refusals: ['INTROUVABLE', 'DEPENDANCES'],
      handle: async ({ tx, access, actor, params }) => {
        await crud.remove({ tx, access, actor }, params.id);
        return { status: 204 };
      },
    }),
  ];
}
