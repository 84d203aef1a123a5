import { uniqueViolation } from '../db/errors';
import { RegieError, type Texte } from '../domain/errors';

/**
 * Runs a write that a unique constraint may refuse, and says in the reader's words what exists already.
 * @throws {RegieError} `DEJA_EXISTANT`
 */
export async function refuseDuplicate<Result>(
  constraint: string,
  detail: Texte,
  write: () => Promise<Result>,
): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (uniqueViolation(error) !== constraint) throw error;
    throw new RegieError('DEJA_EXISTANT', { detail, cause: error });
  }
}
