import type { Sql } from 'sql-template-tag';
import sql, { raw } from 'sql-template-tag';
import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import type { Access } from '../auth/access';
import type { Subject } from '../auth/permissions';
import type { Columns } from '../auth/sql';
import { type Executor, query, queryOne } from '../db/sql';
import { notFound } from '../domain/errors';
import type { Actor } from './actor';
import { difference, record } from './historique';
import { type ListSpec, list, type Page, type PageRequest } from './list';
import { requireVersion } from './versions';

/**
 * The five use cases of a noun that is nothing but what somebody entered: listed, read, created, changed, removed. Each asks
 * permission itself, of the row as it is and as it becomes, and leaves a line in the history.
 */

/** Who asks, in which transaction. */
export interface Asked {
  tx: EntityManager;
  access: Access;
  actor: Actor;
}

export interface CrudSpec<
  Row extends ObjectLiteral & { id: number; version: number },
  Fields extends object,
> {
  subject: Subject;
  /** Where the fields that permissions speak of are found. */
  permissions: Columns;
  /** What it is called in the history. */
  entite: string;
  entity: EntityTarget<Row>;
  /** Its table. */
  table: string;
  list: ListSpec;
  /** What the database cannot refuse in words that people read. */
  check?(asked: Asked, fields: Fields): Promise<void>;
  /** Writes the row: in its own way where it consists of more than its columns, or may exist already. */
  write?(write: () => Promise<number>, asked: Asked, fields: Partial<Fields>): Promise<number>;
  /** Fields that are no columns of its own. */
  beside?: readonly (keyof Fields & string)[];
}

export interface Crud<Row, Fields> {
  list(executor: Executor, access: Access, conditions: Sql[], page: PageRequest): Promise<Page<Row>>;
  /** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
  read(executor: Executor, access: Access, id: number): Promise<Row>;
  /** @throws {RegieError} `INTERDIT`, `VALIDATION`, `DEJA_EXISTANT` */
  create(asked: Asked, fields: Fields): Promise<Row>;
  /**
   * Changes what is given.
   * @param expected version named by the caller, or null.
   * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `VALIDATION`, `DEJA_EXISTANT`
   */
  update(asked: Asked, id: number, changes: Partial<Fields>, expected: number | null): Promise<Row>;
  /** @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `DEPENDANCES` while something holds on to it */
  remove(asked: Asked, id: number): Promise<void>;
}

export function createCrud<
  Row extends ObjectLiteral & { id: number; version: number },
  Fields extends object,
>(spec: CrudSpec<Row, Fields>): Crud<Row & Fields, Fields> {
  const { subject, permissions, entite, entity, table, check, beside = [] } = spec;
  const write = spec.write ?? ((run) => run());

  const read: Crud<Row & Fields, Fields>['read'] = async (executor, access, id) => {
    const { alias, columns, from } = spec.list;
    const row = await queryOne<Row & Fields>(
      executor,
      sql`SELECT ${columns} FROM ${from}
          WHERE ${raw(alias)}.id = ${id} AND ${access.where('read', subject, permissions)}`,
    );
    if (row === null) throw notFound();
    return row;
  };

  /** The row, which nobody changes until the transaction ends. */
  async function lock({ tx, access }: Asked, id: number): Promise<Row & Fields> {
    await query(tx, sql`SELECT id FROM ${raw(table)} WHERE id = ${id} FOR UPDATE`);
    await access.confirm(tx);
    return read(tx, access, id);
  }

  function columnsOf(fields: Partial<Fields>): QueryDeepPartialEntity<Row> {
    const own = Object.entries(fields).filter(([name]) => !(beside as readonly string[]).includes(name));
    return Object.fromEntries(own) as QueryDeepPartialEntity<Row>;
  }

  return {
    list: (executor, access, conditions, page) =>
      list<Row & Fields>(
        executor,
        spec.list,
        [access.where('read', subject, permissions), ...conditions],
        page,
      ) as Promise<Page<Row & Fields>>,
    read,
    async create(asked, fields) {
      const { tx, access, actor } = asked;
      await access.confirm(tx);
      access.require('create', subject, fields);
      await check?.(asked, fields);
      const insert = async () => (await tx.insert(entity, columnsOf(fields))).identifiers[0]!.id as number;
      const id = await write(insert, asked, fields);
      await record(tx, actor, {
        entite,
        entiteId: id,
        action: 'creation',
        apres: { ...fields } as Record<string, unknown>,
      });
      return read(tx, access, id);
    },
    async update(asked, id, changes, expected) {
      const { tx, access, actor } = asked;
      const row = await lock(asked, id);
      const { avant, apres } = difference<Row & Fields>(row, changes as Partial<Row & Fields>);
      access.require('update', subject, row, Object.keys(apres));
      // Nor may it be given to where the caller could not have changed it.
      const changed = { ...row, ...changes };
      access.require('update', subject, changed);
      requireVersion(row, expected);
      if (Object.keys(apres).length === 0) return row;
      await check?.(asked, changed);
      // A change beside its columns is a change of the row: it gets another version.
      const update = async () => {
        await tx.update(
          entity,
          { id } as never,
          { ...columnsOf(changes), date_modification: actor.now } as never,
        );
        return id;
      };
      await write(update, asked, changes);
      await record(tx, actor, { entite, entiteId: id, action: 'modification', avant, apres });
      return read(tx, access, id);
    },
    async remove(asked, id) {
      const { tx, access, actor } = asked;
      const row = await lock(asked, id);
      access.require('delete', subject, row);
      await tx.delete(entity, { id } as never);
      await record(tx, actor, { entite, entiteId: id, action: 'suppression', avant: { ...row } });
    },
  };
}
