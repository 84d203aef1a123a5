import 'reflect-metadata';
import { Client, type ClientConfig, type Pool } from 'pg';
import { DataSource, type EntityManager } from 'typeorm';
import { ENTITIES } from './entities';
import { Memory, type Remembering } from './memory';
import { MIGRATIONS } from './migrations';
import { APPLICATION_ROLE, MEDICAL_ROLE } from './roles';
import { asTransaction, refuseInTransaction } from './transaction';

export interface DatabaseOptions {
  url: string;
  /** Connections at most in this process. */
  poolSize?: number;
  applicationName?: string;
  /**
   * Plans each statement once a connection, for whatever values: right where rows are found by their ids, and a plan costs
   * more than the rows. Not for lists, whose best plan depends on the filters.
   */
  genericPlans?: boolean;
  /** Minutes for which messages that can wait do, for others of their kind: what announces reads it from the connection. */
  regroupementMinutes?: number;
  /** Zone of sites and people that name none: what tells people of appointments reads it from the connection. */
  timeZone?: string;
  /** With the rights to what is medical, and those few beside it that its use cases need. */
  medical?: boolean;
  /** With all the rights that the user has, and without limits of time: to change the schema. */
  owner?: boolean;
}

const SETTINGS = '-c timezone=UTC -c search_path=public';

/**
 * With what each connection of the application begins. Whoever it signs in as, it has the rights of the application's
 * role and no others, so that one account can do for a whole system.
 */
export const APPLICATION_SETTINGS = `${SETTINGS} -c role=${APPLICATION_ROLE}`;

/**
 * With what those begin that reach what is medical. Whoever waits for a lock there is told so soon: what cannot be put on
 * record is not answered.
 */
const MEDICAL_SETTINGS = `${SETTINGS} -c role=${MEDICAL_ROLE} -c lock_timeout=3000`;

/** Installations without a practice keep no connection for one. Milliseconds. */
const MEDICAL_IDLE = 60_000;

const GENERIC_PLANS = ' -c plan_cache_mode=force_generic_plan';

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

/** Opens every connection there may be, so that nobody's request has to. */
export async function openConnections(db: DataSource): Promise<void> {
  const { master } = db.driver as unknown as { master: Pool };
  await Promise.all(Array.from({ length: master.options.max }, () => master.query('SELECT 1')));
}

function settingsOf(options: DatabaseOptions): string {
  const { genericPlans, regroupementMinutes = 0, timeZone = 'UTC', medical } = options;
  if (medical) return MEDICAL_SETTINGS;
  const ours = ` -c regie.regroupement=${regroupementMinutes} -c regie.fuseau=${timeZone}`;
  return `${APPLICATION_SETTINGS}${genericPlans ? GENERIC_PLANS : ''}${ours}`;
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
      // Opening one costs both sides a hundred times what a read does, and just when many come at once.
      idleTimeoutMillis: options.medical ? MEDICAL_IDLE : 0,
      ...(options.owner ? { options: SETTINGS } : { options: settingsOf(options), ...TIME_LIMITS }),
    },
  });
}
