import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Secrets } from '../../auth/secrets';
import { openAdministration } from '../../db/medical';
import { query } from '../../db/sql';
import type { Tete } from '../audit/checkpoints';
import { inCabinet } from './transactions';

/**
 * How long it is known who read what of patients: by a policy of its own, and no shorter for anybody. The first rows of a chain
 * are forgotten; where it goes on is signed, so that what is left is still a chain, and what was taken away by others shows.
 */

const PURPOSE = 'acces: debut';

function textOf(cabinetId: number, { chaine, rang, empreinte }: Tete): string {
  return JSON.stringify([cabinetId, chaine, rang, empreinte]);
}

/** Whether we have said that a chain goes on after this row. */
export function isSignedDebut(
  secrets: Secrets,
  cabinetId: number,
  debut: Tete,
  signature: string | null,
): boolean {
  return signature !== null && secrets.isSignature(PURPOSE, textOf(cabinetId, debut), signature);
}

/** So many months earlier, in UTC: of the last day of a longer month the last of the shorter one. */
export function monthsBefore(now: Date, months: number): Date {
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1));
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const midnight = first.getTime() + (Math.min(now.getUTCDate(), last) - 1) * DAY;
  return new Date(midnight + (now.getTime() % DAY));
}

const DAY = 86_400_000;

/**
 * Forgets in every practice the accesses of before a moment. Safe to run again, and while others read: each chain is a
 * transaction. A row that is younger than 180 days the database keeps whatever it is told.
 * @returns how many were forgotten.
 */
export async function oublierAcces(medical: DataSource, secrets: Secrets, avant: Date): Promise<number> {
  const cabinets = await medical.transaction(openAdministration);
  let oubliees = 0;
  for (const cabinet of cabinets) {
    const chains = await inCabinet(medical, cabinet, (tx) => tooOld(tx, cabinet, avant));
    for (const last of chains) {
      oubliees += await inCabinet(medical, cabinet, (tx) => sign(tx, secrets, cabinet, last));
    }
  }
  return oubliees;
}

/** Of each chain the last row before which, itself included, none is young enough to be kept. */
async function tooOld(tx: EntityManager, cabinet: number, avant: Date): Promise<Tete[]> {
  return query<Tete>(
    tx,
    sql`SELECT c.chaine, l.rang, encode(l.empreinte, 'hex') AS empreinte
        FROM medical.acces_chaines c
        CROSS JOIN LATERAL (
          SELECT min(a.rang) AS rang FROM medical.acces_dossier a
          WHERE a.cabinet_id = c.cabinet_id AND a.chaine = c.chaine AND a.date >= ${avant}) k
        CROSS JOIN LATERAL (
          SELECT a.rang, a.empreinte FROM medical.acces_dossier a
          WHERE a.cabinet_id = c.cabinet_id AND a.chaine = c.chaine AND a.rang < coalesce(k.rang, c.rang + 1)
          ORDER BY a.rang DESC LIMIT 1) l
        WHERE c.cabinet_id = ${cabinet} ORDER BY c.chaine`,
  );
}

/**
 * Signs with the key of the ring that encrypts now where chains go on, where another one did: from then on that one may leave
 * the ring. What is not signed by us stays so, for the verification to find.
 */
export async function resignDebuts(tx: EntityManager, secrets: Secrets, cabinet: number): Promise<void> {
  const begun = await query<Tete & { signature: string }>(
    tx,
    sql`SELECT chaine, debut_rang AS rang, encode(debut_empreinte, 'hex') AS empreinte, debut_signature AS signature
        FROM medical.acces_chaines WHERE cabinet_id = ${cabinet} AND debut_rang > 0 ORDER BY chaine`,
  );
  for (const { signature, ...debut } of begun) {
    if (!isSignedDebut(secrets, cabinet, debut, signature)) continue;
    if (signature !== secrets.sign(PURPOSE, textOf(cabinet, debut))) await sign(tx, secrets, cabinet, debut);
  }
}

async function sign(tx: EntityManager, secrets: Secrets, cabinet: number, last: Tete): Promise<number> {
  const [found] = await query<{ oubliees: number }>(
    tx,
    sql`SELECT medical.acces_oublier(${cabinet}, ${last.chaine}::smallint, ${last.rang}::bigint,
          ${secrets.sign(PURPOSE, textOf(cabinet, last))}) AS oubliees`,
  );
  return found!.oubliees;
}
