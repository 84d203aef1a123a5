import type { DataSource, EntityManager } from 'typeorm';
import type { Calendar, WorkingHours } from '../domain/working-time';
import { Hot } from './hot';

/**
 * A statement that a connection keeps takes some 50 kB of the database's memory, that of a page up to 300: with ten
 * connections a process these are bounds of about 100 MB.
 */
const NAMED_STATEMENTS = 100;
const PLANNED_PAGES = 20;

/**
 * What is remembered between requests belongs to the data source that it was read from: two of them in one process
 * know nothing of each other, and a new one begins with nothing.
 */
export class Memory {
  /** Statements, by their text, that its connections keep prepared under a name. */
  readonly statements = new Hot(NAMED_STATEMENTS, 5);
  /** Pages of lists, by all that is asked for, whose plans are kept with their values. */
  readonly pages = new Hot(PLANNED_PAGES, 10);
  /** Filters of which a list lately counted more rows than lists count. */
  readonly cappedCounts = new Recent<true>();
  /** Calendars of sites, by what the database says of them (`services/planification/calendriers.ts`). */
  readonly calendars = new Map<string, Calendar>();
  /** Their hours, by what those are: what is known of days belongs to the hours. */
  readonly hours = new Map<string, WorkingHours>();
  /** Totals of dashboards. */
  readonly totals = new Recent<number>();
}

/** How long something that was counted is remembered, in milliseconds. */
const TTL = 30_000;
const MAX_ENTRIES = 1_000;

/** Things that stand for half a minute; a key names everything that they follow from. */
class Recent<Value> {
  private readonly entries = new Map<string, { value: Value; until: number }>();

  get(key: string): Value | undefined {
    const entry = this.entries.get(key);
    return entry === undefined || entry.until <= Date.now() ? undefined : entry.value;
  }

  remember(key: string, value: Value): void {
    if (this.entries.size >= MAX_ENTRIES) this.entries.clear();
    this.entries.set(key, { value, until: Date.now() + TTL });
  }
}

/** A data source made by `createDataSource`. */
export interface Remembering {
  readonly memory: Memory;
}

/** @throws {Error} for a data source that was made by other means. */
export function memoryOf(executor: DataSource | EntityManager): Memory {
  const source = 'connection' in executor ? executor.connection : executor;
  const { memory } = source as DataSource & Partial<Remembering>;
  if (memory === undefined) throw new Error('Data sources are made by createDataSource');
  return memory;
}
