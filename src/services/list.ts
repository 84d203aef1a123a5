import { DateTime } from 'luxon';
import sql, { empty, join, raw, type Sql } from 'sql-template-tag';
import { memoryOf } from '../db/memory';
import { type Executor, query, queryWire, type Wire } from '../db/sql';
import { written } from '../db/written';
import { invalid } from '../domain/errors';

/**
 * Lists: filters, sorts, pages. One statement a page, which also counts.
 * Pages go on by keyset: the cursor holds the sort values of the last row seen, so page 5,000 costs what page 1 costs.
 */

/** Totals are exact up to here (contract §1). */
const COUNT_LIMIT = 10_000;

/** A field one may sort by: its SQL expression, never null, and how to read its value back from a cursor. */
export interface SortField {
  expression: string;
  cast: 'timestamptz' | 'integer' | 'text' | 'boolean' | 'double precision';
}

export interface ListSpec {
  /** The columns of a row, without SELECT. */
  columns: Sql;
  /** Tables with their joins, without FROM: where a page is found, and its rows are counted. */
  from: Sql;
  /**
   * Where it is given, `from` is there for conditions and sort alone. The rows of the page are read in full afterwards, from
   * what this joins to `page._id`: what is passed over on the way to a page is not read, and how the page is found depends
   * on the indexes of its filters and on nothing else.
   */
  rows?: Sql;
  /** The alias of the table whose `id` breaks ties. */
  alias: string;
  sortable: Readonly<Record<string, SortField>>;
  defaultSort: string;
}

export interface PageRequest {
  limit: number;
  offset: number;
  /** `-date_creation,id`; already known to hold sortable fields only. */
  sort?: string;
  curseur?: string;
}

export interface Page<Row> {
  rows: Wire<Row>[];
  total: number;
  /** False when `total` is only the limit up to which is counted. */
  totalExact: boolean;
  next: string | null;
  prev: string | null;
}

interface Term {
  expression: string;
  cast: SortField['cast'];
  descending: boolean;
}

interface Cursor {
  values: unknown[];
  backwards: boolean;
}

/** What a list adds to its rows: the total, and the values of the sort as text. */
type Internals = { _total: number } & Record<`_k${number}`, string>;

/** Runs a list. All `conditions` must hold; the caller's permission is one of them. */
export async function list<Row extends object>(
  executor: Executor,
  spec: ListSpec,
  conditions: Sql[],
  page: PageRequest,
): Promise<Page<Row>> {
  const terms = parseSort(spec, page.sort ?? spec.defaultSort);
  const cursor = page.curseur === undefined ? null : decodeCursor(page.curseur, terms);
  const backwards = cursor?.backwards ?? false;
  const where = conditions.length === 0 ? sql`TRUE` : join(conditions, ' AND ');
  const count = countStatement(executor, spec, where);
  const found = await queryWire<Row & Internals>(
    executor,
    asPlanned(
      executor,
      pageStatement(spec, { terms, cursor, backwards, where, page, count: count.statement }),
    ),
  );
  const more = found.length > page.limit;
  const rows = found.slice(0, page.limit);
  if (backwards) rows.reverse();

  const first = rows[0];
  const last = rows.at(-1);
  const counted = first?._total ?? (await countAlone(executor, count.statement, cursor, page));
  if (counted > COUNT_LIMIT) count.rememberCapped();
  const cursorAt = (row: (typeof rows)[number], direction: boolean) =>
    encodeCursor({ values: terms.map((_, index) => row[`_k${index}`]), backwards: direction });
  const hasNext = backwards ? cursor !== null : more;
  const hasPrev = backwards ? more : cursor !== null || page.offset > 0;
  const next = hasNext && last ? cursorAt(last, false) : null;
  const prev = hasPrev && first ? cursorAt(first, true) : null;

  return {
    rows: rows.map((row) => withoutInternals<Row>(row, terms)),
    total: Math.min(counted, COUNT_LIMIT),
    totalExact: counted <= COUNT_LIMIT,
    next,
    prev,
  };
}

interface Wanted {
  terms: Term[];
  cursor: Cursor | null;
  backwards: boolean;
  where: Sql;
  page: PageRequest;
  /** The statement that counts. */
  count: Sql;
}

/** One row more than the page has, which tells whether there is a next one. */
function pageStatement(spec: ListSpec, { terms, cursor, backwards, where, page, count }: Wanted): Sql {
  const way = ({ descending }: Term) => (descending !== backwards ? 'DESC' : 'ASC');
  const keys = terms.map(({ expression }, index) => raw(`(${expression})::text AS "_k${index}"`));
  const found = (columns: Sql) => sql`SELECT ${columns}, ${join(keys)}, (${count}) AS _total
    FROM ${spec.from}
    WHERE ${where} ${cursor === null ? empty : sql`AND ${beyond(terms, cursor)}`}
    ORDER BY ${join(terms.map((term) => raw(`${term.expression} ${way(term)}`)))}
    LIMIT ${page.limit + 1} ${cursor === null ? sql`OFFSET ${page.offset}` : empty}`;
  if (spec.rows === undefined) return found(spec.columns);

  const order = terms.map(({ expression }, index) => raw(`(${expression}) AS "_o${index}"`));
  const internals = terms.map((_, index) => raw(`page."_k${index}"`));
  return sql`SELECT ${spec.columns}, ${join(internals)}, page._total
    FROM (${found(sql`${raw(`${spec.alias}.id`)} AS _id, ${join(order)}`)}) page ${spec.rows}
    ORDER BY ${join(terms.map((term, index) => raw(`page."_o${index}" ${way(term)}`)))}`;
}

/**
 * A page that is asked for again and again has its values written out, and keeps the plan that was made for them. The
 * others leave it to PostgreSQL to plan them for their values: one plan for all values may take long for some.
 */
function asPlanned(executor: Executor, statement: Sql): { text: string; values: unknown[] } {
  const { text, values } = statement;
  const isHot = memoryOf(executor).pages.use(`${text}${JSON.stringify(values)}`) !== undefined;
  const whole = isHot ? written(statement) : null;
  return whole === null ? { text, values } : { text: whole, values: [] };
}

/**
 * The statement that counts, or what is remembered of a count that went past the limit a moment ago: "more than
 * {@link COUNT_LIMIT}" is inexact by contract.
 */
function countStatement(
  executor: Executor,
  spec: ListSpec,
  where: Sql,
): { statement: Sql; rememberCapped: () => void } {
  const { cappedCounts } = memoryOf(executor);
  const { from } = spec;
  // The tables too: lists of several share an alias, and a condition such as "all of them".
  const key = JSON.stringify([from.text, from.values, where.text, where.values]);
  const remembered = cappedCounts.get(key) ?? false;
  return {
    statement: remembered
      ? sql`SELECT ${COUNT_LIMIT + 1}::integer`
      : sql`SELECT count(*)::integer FROM (SELECT 1 FROM ${from} WHERE ${where} LIMIT ${COUNT_LIMIT + 1}) counted`,
    rememberCapped: () => {
      if (!remembered) cappedCounts.remember(key, true);
    },
  };
}

/** A page without rows carries no count; it is known to be zero unless the page lies past the end. */
async function countAlone(
  executor: Executor,
  statement: Sql,
  cursor: Cursor | null,
  page: PageRequest,
): Promise<number> {
  if (cursor === null && page.offset === 0) return 0;
  const rows = await query<{ total: number }>(executor, sql`SELECT (${statement}) AS total`);
  return rows[0]!.total;
}

/** Whether a sort names fields that there are, each once. */
export function isSort(sortable: ListSpec['sortable'], sort: string): boolean {
  const fields = sort.split(',').map((term) => term.replace(/^-/, ''));
  return new Set(fields).size === fields.length && fields.every((field) => Object.hasOwn(sortable, field));
}

function parseSort(spec: ListSpec, sort: string): Term[] {
  const terms = sort.split(',').map((term): Term => {
    const descending = term.startsWith('-');
    const field = spec.sortable[descending ? term.slice(1) : term];
    if (field === undefined) throw new RangeError(`Not sortable: ${term}`);
    return { expression: field.expression, cast: field.cast, descending };
  });
  // Ties go the way of the last term, so that one index can serve the whole order.
  const tieBreak: Term = {
    expression: `${spec.alias}.id`,
    cast: 'integer',
    descending: terms.at(-1)!.descending,
  };
  return terms.some(({ expression }) => expression === tieBreak.expression) ? terms : [...terms, tieBreak];
}

/** The rows after the cursor in the direction of travel. */
function beyond(terms: Term[], cursor: Cursor): Sql {
  const value = (index: number) => sql`${cursor.values[index]}::text::${raw(terms[index]!.cast)}`;
  const operator = (term: Term) => raw(term.descending !== cursor.backwards ? '<' : '>');
  if (terms.every(({ descending }) => descending === terms[0]!.descending)) {
    // A row comparison is what lets PostgreSQL start reading the index at the cursor.
    const columns = terms.map(({ expression }) => raw(expression));
    return sql`(${join(columns)}) ${operator(terms[0]!)} (${join(terms.map((_, index) => value(index)))})`;
  }
  const alternatives = terms.map((term, index) => {
    const equal = terms.slice(0, index).map((before, at) => sql`${raw(before.expression)} = ${value(at)}`);
    return sql`(${join([...equal, sql`${raw(term.expression)} ${operator(term)} ${value(index)}`], ' AND ')})`;
  });
  return sql`(${join(alternatives, ' OR ')})`;
}

function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify([cursor.backwards ? 1 : 0, ...cursor.values])).toString('base64url');
}

function decodeCursor(text: string, terms: Term[]): Cursor {
  try {
    const [direction, ...values] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    const fits =
      values.length === terms.length && values.every((value, at) => isReadable(value, terms[at]!.cast));
    if (fits) return { backwards: direction === 1, values };
  } catch {
    // Falls through: an unreadable cursor is a fault of the request like any other.
  }
  throw invalid({
    champ: 'curseur',
    message: { fr: 'Ne convient pas à ce tri', en: 'Does not fit this sort' },
  });
}

/** Whether PostgreSQL will be able to read the value back: a cursor is a client's text like any other. */
function isReadable(value: unknown, cast: SortField['cast']): boolean {
  if (typeof value !== 'string') return false;
  switch (cast) {
    case 'integer':
      return /^-?\d{1,9}$/.test(value);
    case 'double precision':
      return /^-?\d{1,15}(\.\d{1,15})?$/.test(value);
    case 'boolean':
      return value === 'true' || value === 'false';
    case 'timestamptz':
      // As PostgreSQL writes it: sessions run in UTC. JavaScript would also take a 31st of February.
      return /^[1-9]\d{3}-[-: \d]{14}(\.\d{1,6})?\+00$/.test(value) && DateTime.fromSQL(value).isValid;
    case 'text':
      return !value.includes('\0');
  }
}

/** Blanks what only this file needs. Faster than leaving it out: a row keeps its shape, and JSON passes over it. */
function withoutInternals<Row extends object>(row: Wire<Row & Internals>, terms: readonly Term[]): Wire<Row> {
  const internals: Partial<Internals> = row;
  internals._total = undefined;
  for (const index of terms.keys()) internals[`_k${index}`] = undefined;
  return row as unknown as Wire<Row>;
}
