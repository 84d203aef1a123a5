import { ConfigurationError } from './config';
import { isDatabaseUnreachable } from './db/errors';
import { zoneDataFault } from './environment/zone-data.cjs';

/** The zone data of this Node.js is older than the time that people live by; the message says how to get newer. */
export class OldZoneData extends Error {}

/**
 * Stops a start that would tell everybody the wrong time.
 * @throws {OldZoneData}
 */
export function requireZoneData(): void {
  const fault = zoneDataFault();
  if (fault !== null) throw new OldZoneData(fault);
}

/** What an operator reads when a process cannot do what it is for: one message that says what to mend. */
export function explainStartupFault(error: unknown, failure = 'Régie cannot start'): string {
  if (error instanceof ConfigurationError || error instanceof OldZoneData) return error.message;
  if (isDatabaseUnreachable(error)) return `The database cannot be reached: ${reasonOf(error)}`;
  return `${failure}: ${reasonOf(error)}`;
}

/** Connecting to a name with several addresses fails with an error whose own message is empty. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
