import sql, { raw, type Sql } from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Secrets } from '../../auth/secrets';
import { empreinteOfFormatSql, ORIGINE_ACCES } from '../../db/cabinet/empreintes';
import { query } from '../../db/sql';
import type { Tete } from '../audit/checkpoints';
import { type ChainedRow, type ChainFault, checkEnds, checkRow } from '../audit/verification';
import { isSignedDebut } from './acces-conservation';
import { inEveryCabinet } from './transactions';

/**
 * Finds what was changed or removed in the logs of who read what of patients. It says of rows where they stand, and no more.
 * What was forgotten because it was old has left where the chain goes on, signed: nobody who writes to the database alone
 * can say that a chain begins later (`acces-conservation.ts`).
 */

/** A chain whose beginning was forgotten, and not by us. */
type DebutFault = { fault: 'beginning forged'; chaine: number };

export type AccesFault = (ChainFault | DebutFault) & { cabinet_id: number };

const BATCH = 5_000;
const ORIGINE = (chaine: number): Tete => ({ chaine, rang: 0, empreinte: ORIGINE_ACCES });

/** Checks every row of every practice, every link from one to the next, and every head. */
export function verifyAcces(
  medical: DataSource,
  secrets: Secrets,
  report: (fault: AccesFault) => void,
): Promise<{ rows: number; cabinets: number }> {
  return inEveryCabinet(medical, async (tx, cabinets) => {
    let rows = 0;
    for (const cabinet_id of cabinets) {
      rows += await verifyCabinet(tx, secrets, cabinet_id, (fault) => report({ ...fault, cabinet_id }));
    }
    return { rows, cabinets: cabinets.length };
  });
}

async function verifyCabinet(
  tx: EntityManager,
  secrets: Secrets,
  cabinetId: number,
  report: (fault: ChainFault | DebutFault) => void,
): Promise<number> {
  const before = await heads(tx, cabinetId);
  const ends = new Map<number, Tete>();
  for (const { chaine, debut, signature } of before.values()) {
    if (debut.rang === 0) continue;
    if (isSignedDebut(secrets, cabinetId, debut, signature)) ends.set(chaine, debut);
    else report({ fault: 'beginning forged', chaine });
  }
  let rows = 0;
  for await (const page of pages(tx, cabinetId)) {
    rows += page.length;
    for (const row of page) {
      const { chaine, rang, empreinte } = row;
      checkRow(row, ends.get(chaine) ?? ORIGINE(chaine), report);
      const head = before.get(chaine);
      if (head?.rang === rang && head.empreinte !== empreinte) report({ fault: 'head moved', chaine });
      ends.set(chaine, { chaine, rang, empreinte: empreinte ?? '' });
    }
  }
  checkEnds(ends, before, await heads(tx, cabinetId), report);
  return rows;
}

/** The last row of a chain, and the last of those that were forgotten. */
interface Chaine extends Tete {
  debut: Tete;
  signature: string | null;
}

async function heads(tx: EntityManager, cabinetId: number): Promise<Map<number, Chaine>> {
  const found = await query<Chaine>(
    tx,
    sql`SELECT chaine, rang, encode(empreinte, 'hex') AS empreinte, debut_signature AS signature,
          jsonb_build_object('chaine', chaine, 'rang', debut_rang, 'empreinte', encode(debut_empreinte, 'hex')) AS debut
        FROM medical.acces_chaines WHERE cabinet_id = ${cabinetId} ORDER BY chaine`,
  );
  return new Map(found.map((head) => [head.chaine, head]));
}

/** All rows of a practice in the order of its chains, each with its hash worked out again. */
async function* pages(tx: EntityManager, cabinetId: number): AsyncGenerator<ChainedRow[]> {
  let after: Sql = sql`TRUE`;
  for (;;) {
    const rows = await query<ChainedRow>(
      tx,
      sql`SELECT a.id, a.chaine, a.rang, encode(a.empreinte, 'hex') AS empreinte,
            encode(a.empreinte_precedente, 'hex') AS empreinte_precedente,
            a.empreinte = ${raw(empreinteOfFormatSql('a'))} AS intact
          FROM medical.acces_dossier a WHERE a.cabinet_id = ${cabinetId} AND ${after}
          ORDER BY a.chaine, a.rang LIMIT ${BATCH}`,
    );
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = sql`(a.chaine, a.rang) > (${last.chaine}, ${last.rang})`;
  }
}
