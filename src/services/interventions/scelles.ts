import type { Author } from '../../auth/author';
import type { Action } from '../../auth/permissions';
import type { Secrets } from '../../auth/secrets';
import { unavailable } from '../../domain/errors';
import { type Ordre, ruleOf, type SealedOrdre } from '../../domain/interventions/ordres';
import type { IdempotencyKey } from '../idempotence';

/**
 * Orders on their way through the engine. Its storage and its pages are for operators, so an order is encrypted with the
 * keys of documents, bound to its intervention and its id; API and worker alone read it.
 */

/** An order with whose it is, by what right, and since when it waits. */
export interface AskedOrdre {
  id: string;
  ordre: Ordre;
  userId: number;
  /** How its author was known. */
  author: Author;
  /** What its author has to be allowed, still when it is carried out. */
  action: Action;
  /** The request that asked for it, as keys name their paths (`domain/identite/cles-api.ts`). */
  requete: string;
  /** The version that its author had in mind, or null. */
  expectedVersion: number | null;
  /** Claimed together with what it does. */
  key: IdempotencyKey | null;
  correlationId: string;
  adresse: string | null;
  /** By the clock of the database, milliseconds. */
  askedAt: number;
}

const PURPOSE = 'ordre';

export function sealOrdre(secrets: Secrets, interventionId: number, asked: AskedOrdre): SealedOrdre {
  const { id, key, ...rest } = asked;
  const plain = { ...rest, key: key && { ...key, empreinte: key.empreinte.toString('base64') } };
  const sealed = secrets.seal(PURPOSE, contextOf(interventionId, id), Buffer.from(JSON.stringify(plain)));
  return { id, ...ruleOf(asked.ordre), scelle: sealed.toString('base64') };
}

/**
 * @throws {RegieError} `SERVICE_INDISPONIBLE` for one that cannot be read: it was sealed with a key that is here no more,
 *   or by another version while a new one is being rolled out.
 */
export function openOrdre(
  secrets: Secrets,
  interventionId: number,
  { id, scelle }: Partial<SealedOrdre>,
): AskedOrdre {
  if (id === undefined || scelle === undefined) throw unavailable('engine');
  try {
    const plain = secrets.open(PURPOSE, contextOf(interventionId, id), Buffer.from(scelle, 'base64'));
    const { key, ...asked } = JSON.parse(plain.toString());
    return { ...asked, id, key: key && { ...key, empreinte: Buffer.from(key.empreinte, 'base64') } };
  } catch (error) {
    throw unavailable('engine', error);
  }
}

function contextOf(interventionId: number, id: string): string {
  return `${interventionId} ${id}`;
}
