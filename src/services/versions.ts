import { RegieError } from '../domain/errors';

/**
 * Refuses a change that was made on a version which is no longer the current one.
 * @param expected from `If-Match`; null when the caller did not say.
 * @throws {RegieError} `VERSION_PERIMEE`
 */
export function requireVersion(row: { version: number }, expected: number | null): void {
  if (expected === null || row.version === expected) return;
  throw new RegieError('VERSION_PERIMEE', {
    detail: {
      fr: `La version actuelle est ${row.version}`,
      en: `The current version is ${row.version}`,
    },
  });
}
