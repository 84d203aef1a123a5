import { ConfigurationError } from './config';
import { isDatabaseUnreachable } from './db/errors';

/** What an operator reads when a process cannot start: one message that says what to mend. */
export function explainStartupFault(error: unknown): string {
  if (error instanceof ConfigurationError) return error.message;
  if (isDatabaseUnreachable(error)) return `The database cannot be reached: ${reasonOf(error)}`;
  return `Régie cannot start: ${reasonOf(error)}`;
}

/** Connecting to a name with several addresses fails with an error whose own message is empty. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
