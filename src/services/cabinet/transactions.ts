import type { DataSource, EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { openCabinet, openCabinets, openEveryCabinet } from '../../db/medical';

/**
 * Asks who somebody is by now and where they belong; from then on the transaction sees the rows of those practices.
 * @throws {RegieError} `NON_AUTHENTIFIE`, `INTERDIT`
 */
export async function openForCaller(tx: EntityManager, access: Access, userId: number): Promise<void> {
  await openCabinets(tx, { userId, cabinets: [], administre: false });
  await access.confirm(tx);
  const { role, appartenances = [] } = access.principal;
  const cabinets = [...new Set(appartenances.map(({ cabinetId }) => cabinetId))];
  await openCabinets(tx, { userId, cabinets, administre: role === 'admin' });
}

/**
 * Runs a transaction in the practices of the caller, for what is prepared outside of the one that answers them: what it read may
 * have changed by then, and what it showed anybody is for that one to put on record.
 */
export function inCabinets<Result>(
  medical: DataSource,
  access: Access,
  run: (tx: EntityManager) => Promise<Result>,
): Promise<Result> {
  const { userId } = access.principal;
  return medical.transaction(async (tx) => {
    await openForCaller(tx, access, userId);
    return run(tx);
  });
}

/** Runs a transaction in one practice, for what the system does there by itself. */
export function inCabinet<Result>(
  medical: DataSource,
  cabinetId: number,
  run: (tx: EntityManager) => Promise<Result>,
): Promise<Result> {
  return medical.transaction(async (tx) => {
    await openCabinet(tx, cabinetId);
    return run(tx);
  });
}

/** The same in all of them: for what names a row by its id alone, and for looking through every practice at once. */
export function inEveryCabinet<Result>(
  medical: DataSource,
  run: (tx: EntityManager, cabinets: readonly number[]) => Promise<Result>,
): Promise<Result> {
  return medical.transaction(async (tx) => run(tx, await openEveryCabinet(tx)));
}
