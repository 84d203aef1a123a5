import 'reflect-metadata';
import { Client, type ClientConfig } from 'pg';
import { DataSource, type EntityManager } from 'typeorm';
import { ENTITIES } from './entities';
import { Memory, type Remembering } from './memory';
import { MIGRATIONS } from './migrations';
import { APPLICATION_ROLE } from './roles';
import { asTransaction, refuseInTransaction } from './transaction';

export interface DatabaseOptions {
  url: string;
  /** Connections at most in this process. */
  poolSize?: number;
  applicationName?: string;
  /** With all the rights that the user has, and without limits of time: to change the schema. */
  owner?: boolean;
}

const SETTINGS = '-c timezone=UTC -c search_path=public';

/**
 * With what each connection of the application begins. Whoever it signs in as, it has the rights of the application's
 * role and no others, so that one account can do for a whole system.
 */
export const APPLICATION_SETTINGS = `${SETTINGS} -c role=${APPLICATION_ROLE}`;

/** A request that waits longer than this for the database is better told 503 than kept. Milliseconds. */
const TIME_LIMITS = {
  query_timeout: 15_000,
  statement_timeout: 15_000,
  idle_in_transaction_session_timeout: 30_000,
};

/**
 * A connection that may break at any moment, also at one in which nobody listens to it: between the pool's
 * handing it out and a transaction's taking it over. Unheard, that would end the process; this way, whoever
 * uses the connection next is told, and the pool drops it.
 */
class PooledClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    this.on('error', () => {});
  }
}

type Body<Result> = (tx: EntityManager) => Promise<Result>;

/** Knows which code runs inside a transaction: the one way to open one. Remembers what was read through it. */
class TrackedDataSource extends DataSource implements Remembering {
  readonly memory = new Memory();

  /** @throws {Error} inside another transaction, which would hold a second connection, or wait for one for ever. */
  override transaction<Result>(
    ...given: [Body<Result>] | [Parameters<DataSource['transaction']>[0], Body<Result>]
  ): Promise<Result> {
    refuseInTransaction('another one');
    return asTransaction(() => super.transaction(...(given as [Body<Result>])));
  }
}

/** The data source of one process. Schema changes are migrations only. */
export function createDataSource(options: DatabaseOptions): DataSource {
  return new TrackedDataSource({
    type: 'postgres',
    url: options.url,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    synchronize: false,
    // bigint columns (sizes, milliseconds, history numbers) stay far below 2^53; as text they would be a trap in sums.
    parseInt8: true,
    migrationsTransactionMode: 'each',
    invalidWhereValuesBehavior: { null: 'throw', undefined: 'throw' },
    poolSize: options.poolSize ?? 10,
    applicationName: options.applicationName ?? 'regie',
    // Also bounds the wait for a free connection of the pool.
    connectTimeoutMS: 5_000,
    extra: {
      Client: PooledClient,
      keepAlive: true,
      ...(options.owner ? { options: SETTINGS } : { options: APPLICATION_SETTINGS, ...TIME_LIMITS }),
    },
  });
}
