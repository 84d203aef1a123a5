import sql, { raw, type Sql } from 'sql-template-tag';
import { empreinteSql, ORIGINE } from '../../db/audit/audit';
import { type Executor, query } from '../../db/sql';
import { readHeads, type Tete } from './checkpoints';

/**
 * Finds what was changed or removed in the audit behind the application's back. It reads page by page, while others go
 * on writing, and needs nothing but to read.
 */

export type ChainFault =
  /** What the row says is not what was hashed when it was written. */
  | { fault: 'row changed'; id: number; chaine: number | null; rang: number | null }
  /** The row says what was hashed, but follows another row than the one before it. */
  | { fault: 'link broken'; id: number; chaine: number; rang: number }
  /** Rows that are missing, from one rank to another. */
  | { fault: 'rows removed'; chaine: number; rang: number; last: number }
  /** The head of a chain does not say where the chain ends. */
  | { fault: 'head moved'; chaine: number };

/** A row of a chain, with its hash worked out again. */
export interface ChainedRow {
  id: number;
  chaine: number;
  rang: number;
  empreinte: string | null;
  empreinte_precedente: string | null;
  intact: boolean | null;
}

const BATCH = 5_000;

/** Checks every row, every link from one to the next, and every head. */
export async function verifyChains(
  executor: Executor,
  report: (fault: ChainFault) => void,
): Promise<{ rows: number; chains: number }> {
  const headsBefore = byChain(await readHeads(executor));
  await reportOutside(executor, report);
  const ends = new Map<number, Tete>();
  let rows = 0;
  for await (const page of pages(executor)) {
    rows += page.length;
    for (const row of page) {
      const { chaine, rang, empreinte } = row;
      checkRow(row, ends.get(chaine) ?? { chaine, rang: 0, empreinte: ORIGINE }, report);
      const head = headsBefore.get(chaine);
      if (head?.rang === rang && head.empreinte !== empreinte) report({ fault: 'head moved', chaine });
      ends.set(chaine, { chaine, rang, empreinte: empreinte ?? '' });
    }
  }
  checkEnds(ends, headsBefore, byChain(await readHeads(executor)), report);
  return { rows, chains: ends.size };
}

/** Whether a row is what was hashed, and follows the one before it. */
export function checkRow(row: ChainedRow, before: Tete, report: (fault: ChainFault) => void): void {
  const { id, chaine, rang } = row;
  if (row.intact !== true || rang <= before.rang) report({ fault: 'row changed', id, chaine, rang });
  if (rang > before.rang + 1)
    report({ fault: 'rows removed', chaine, rang: before.rang + 1, last: rang - 1 });
  else if (row.empreinte_precedente !== before.empreinte) report({ fault: 'link broken', id, chaine, rang });
}

/**
 * A chain has to reach as far as its head did before it was read, and no further than its head does now: what came in
 * between is nobody's fault.
 */
export function checkEnds(
  ends: Map<number, Tete>,
  before: Map<number, Tete>,
  now: Map<number, Tete>,
  report: (fault: ChainFault) => void,
): void {
  for (const chaine of new Set([...ends.keys(), ...before.keys()])) {
    const end = ends.get(chaine)?.rang ?? 0;
    const promised = before.get(chaine)?.rang ?? 0;
    if (end < promised) report({ fault: 'rows removed', chaine, rang: end + 1, last: promised });
    else if (end > (now.get(chaine)?.rang ?? 0)) report({ fault: 'head moved', chaine });
  }
}

/** Rows that are in no chain, which the table itself refuses as long as nobody has altered it. */
async function reportOutside(executor: Executor, report: (fault: ChainFault) => void): Promise<void> {
  const outside = await query<{ id: number; chaine: number | null; rang: number | null }>(
    executor,
    sql`SELECT id, chaine, rang FROM historique WHERE chaine IS NULL OR rang IS NULL ORDER BY id LIMIT ${BATCH}`,
  );
  for (const row of outside) report({ fault: 'row changed', ...row });
}

/** All rows in the order of the chains. The hash is worked out by the expression of this process, from the row as it is now. */
async function* pages(executor: Executor): AsyncGenerator<ChainedRow[]> {
  let after: Sql = sql`TRUE`;
  for (;;) {
    const rows = await query<ChainedRow>(
      executor,
      sql`SELECT h.id, h.chaine, h.rang, encode(h.empreinte, 'hex') AS empreinte,
            encode(h.empreinte_precedente, 'hex') AS empreinte_precedente,
            h.empreinte = ${raw(empreinteSql('h'))} AS intact
          FROM historique h WHERE h.chaine IS NOT NULL AND h.rang IS NOT NULL AND ${after}
          ORDER BY h.chaine, h.rang, h.id LIMIT ${BATCH}`,
    );
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = sql`(h.chaine, h.rang, h.id) > (${last.chaine}, ${last.rang}, ${last.id})`;
  }
}

function byChain(heads: Tete[]): Map<number, Tete> {
  return new Map(heads.map((head) => [head.chaine, head]));
}
