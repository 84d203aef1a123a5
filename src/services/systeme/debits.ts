import sql from 'sql-template-tag';
import { type Executor, query } from '../../db/sql';
import { RegieError } from '../../domain/errors';
import { FENETRE, fenetreOf, type Genre, LIMITES } from '../../domain/systeme/debits';

/**
 * General limits of callers, shared by all processes of the API. A request costs no statement: each process counts
 * for itself and tells the database what is new every second, all callers in one statement, learning at once what
 * the others have counted. So a limit may be passed by what comes in within that second, and by no more.
 */

/** How often the processes tell one another, in milliseconds. */
const EXCHANGE_INTERVAL = 1_000;

interface Count {
  /** What all processes have counted, as far as is known. */
  shared: number;
  /** What this one has told and not heard back of: it counts meanwhile. */
  told: number;
  /** What this one has counted since. */
  fresh: number;
}

export interface Debits {
  /**
   * Counts a request.
   * @throws {RegieError} `TROP_DE_REQUETES` when the caller has used up what they may ask for
   */
  count(appelant: string, genre: Genre, now: Date): void;
  /** Tells the others what is new; done every second by itself. */
  exchange(): Promise<void>;
  close(): void;
}

/** @param onFailure is told when the others could not be told; what was counted is kept for the next time. */
export function createDebits(executor: Executor, onFailure: (error: unknown) => void): Debits {
  let fenetre = new Date(0);
  let counts = new Map<string, Count>();

  const exchange = async () => {
    const news = [...counts].filter(([, { fresh }]) => fresh > 0);
    if (news.length === 0) return;
    const numbers = news.map(([, { fresh }]) => fresh);
    for (const [, count] of news) {
      count.told += count.fresh;
      count.fresh = 0;
    }
    try {
      const rows = await query<{ cle: string; nombre: number }>(
        executor,
        sql`INSERT INTO debits AS d (cle, fenetre, nombre)
            SELECT cle, ${fenetre}::timestamptz, nombre
            FROM unnest(${news.map(([cle]) => cle)}::text[], ${numbers}::integer[]) AS neuf (cle, nombre)
            ORDER BY cle
            ON CONFLICT (cle, fenetre) DO UPDATE SET nombre = d.nombre + excluded.nombre
            RETURNING cle, nombre`,
      );
      const shared = new Map(rows.map(({ cle, nombre }) => [cle, nombre]));
      for (const [cle, count] of news) count.shared = Math.max(count.shared, shared.get(cle)!);
    } catch (error) {
      for (const [index, [, count]] of news.entries()) count.fresh += numbers[index]!;
      onFailure(error);
    } finally {
      for (const [index, [, count]] of news.entries()) count.told -= numbers[index]!;
    }
  };
  const timer = setInterval(() => void exchange(), EXCHANGE_INTERVAL).unref();

  return {
    count: (appelant, genre, now) => {
      const current = fenetreOf(now);
      if (current.getTime() !== fenetre.getTime()) {
        fenetre = current;
        counts = new Map();
      }
      const cle = `${genre} ${appelant}`;
      let count = counts.get(cle);
      if (count === undefined) {
        count = { shared: 0, told: 0, fresh: 0 };
        counts.set(cle, count);
      }
      if (count.shared + count.told + count.fresh >= LIMITES[genre]) {
        throw new RegieError('TROP_DE_REQUETES', {
          retryAfter: Math.ceil((current.getTime() + FENETRE - now.getTime()) / 1_000),
        });
      }
      count.fresh += 1;
    },
    exchange,
    close: () => clearInterval(timer),
  };
}
