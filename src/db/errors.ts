/** What PostgreSQL says with an error (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
interface DatabaseError {
  code?: string;
  constraint?: string;
  driverError?: DatabaseError;
}

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
const EXCLUSION_VIOLATION = '23P01';
const DEADLOCK_DETECTED = '40P01';
const LOCK_NOT_AVAILABLE = '55P03';

/** Connection exceptions, shutdown in progress, too many connections, and time-outs of the client. */
const UNREACHABLE = /^(08|57P0|53300|53400)/;
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'ETIMEDOUT', 'ENOENT']);
const MESSAGES =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|not queryable|Query runner already released/i;

/** The name of the unique constraint or index that refused a write, or null. */
export function uniqueViolation(error: unknown): string | null {
  return violated(error, UNIQUE_VIOLATION);
}

/** The name of the foreign key that refused a write, or null. */
export function foreignKeyViolation(error: unknown): string | null {
  return violated(error, FOREIGN_KEY_VIOLATION);
}

/** The name of the exclusion constraint that refused a write, or null. */
export function exclusionViolation(error: unknown): string | null {
  return violated(error, EXCLUSION_VIOLATION);
}

/** True when the database undid a transaction since two waited for each other: the same again may well succeed. */
export function isDeadlock(error: unknown): boolean {
  return unwrap(error).code === DEADLOCK_DETECTED;
}

/** True when somebody held what was wanted for longer than it was waited for (`lock_timeout`). */
export function isLockTimeout(error: unknown): boolean {
  return unwrap(error).code === LOCK_NOT_AVAILABLE;
}

/** True when the database did not answer, as opposed to having refused. */
export function isDatabaseUnreachable(error: unknown): boolean {
  const { code } = unwrap(error);
  if (code !== undefined && (UNREACHABLE.test(code) || NETWORK.has(code))) return true;
  return error instanceof Error && MESSAGES.test(error.message);
}

function violated(error: unknown, code: string): string | null {
  const found = unwrap(error);
  return found.code === code ? (found.constraint ?? '') : null;
}

function unwrap(error: unknown): DatabaseError {
  if (typeof error !== 'object' || error === null) return {};
  return (error as DatabaseError).driverError ?? (error as DatabaseError);
}
