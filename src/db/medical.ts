import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query } from './sql';

/**
 * What a transaction says of itself before it reads anything medical. The policies of the schema `medical` read it: without
 * it no row is there, and it ends with the transaction, whoever has the connection next.
 */
export interface Opening {
  /** Whose own memberships are to be seen. */
  userId: number;
  /** Practices whose rows are. */
  cabinets: readonly number[];
  /** Whether somebody opens practices: then practices and who belongs to them are to be seen, and nothing else. */
  administre: boolean;
  /** Whether somebody comes as the patient whom they are: then the rows of that patient are, and of no practice. */
  patient?: boolean;
}

/**
 * Opens practices for the rest of a transaction: what else it reads is not there. It narrows what permissions allow, and
 * takes the place of none.
 */
export async function openCabinets(
  tx: EntityManager,
  { userId, cabinets, administre, patient = false }: Opening,
): Promise<void> {
  await query(
    tx,
    sql`SELECT set_config('regie.utilisateur', ${String(userId)}, true),
               set_config('regie.cabinets', ${`{${cabinets.join(',')}}`}, true),
               set_config('regie.administre', ${administre ? 'on' : 'off'}, true),
               set_config('regie.patient', ${patient ? 'on' : 'off'}, true)`,
  );
}

/** The engine of appointments as practices reach it: views, named as its tables are (docs/decisions/064). */
const ENGINE_SCHEMA = 'moteur';

/**
 * Runs what belongs to the engine of appointments within a transaction of what is medical: the tables that it names are then
 * what of them the practices that are open have.
 */
export async function onEngine<Result>(tx: EntityManager, run: () => Promise<Result>): Promise<Result> {
  await query(tx, sql`SELECT set_config('search_path', ${`${ENGINE_SCHEMA}, public`}, true)`);
  const result = await run();
  // Where it fails the transaction does, and the setting with it.
  await query(tx, sql`SELECT set_config('search_path', 'public', true)`);
  return result;
}

/** Opens what whoever runs the installation has to look through. @returns the ids of all practices, in their order */
export async function openAdministration(tx: EntityManager): Promise<number[]> {
  await openCabinets(tx, { userId: 0, cabinets: [], administre: true });
  const found = await query<{ id: number }>(tx, sql`SELECT id FROM medical.cabinets ORDER BY id`);
  return found.map(({ id }) => id);
}

/** Opens one practice, for what the system does there by itself. */
export function openCabinet(tx: EntityManager, cabinetId: number): Promise<void> {
  return openCabinets(tx, { userId: 0, cabinets: [cabinetId], administre: false });
}

/** Opens all practices, for what the system does by itself: rows of every one of them are there. @returns their ids */
export async function openEveryCabinet(tx: EntityManager): Promise<number[]> {
  const cabinets = await openAdministration(tx);
  await openCabinets(tx, { userId: 0, cabinets, administre: false });
  return cabinets;
}
