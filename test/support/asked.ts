import { randomUUID } from 'node:crypto';
import type { Principal } from '../../src/auth/principal';
import type { Ordre } from '../../src/domain/interventions/ordres';
import type { AskedOrdre } from '../../src/services/interventions/scelles';

/** An order of somebody who may change interventions, just placed. */
export function askedBy({ userId, sessionId, cleApiId }: Principal, ordre: Ordre): AskedOrdre {
  return {
    id: randomUUID(),
    ordre,
    userId,
    author: { sessionId, cleApiId },
    action: 'update',
    requete: 'PUT /interventions/{id}',
    expectedVersion: null,
    key: null,
    correlationId: 'test',
    adresse: null,
    askedAt: Date.now(),
  };
}
