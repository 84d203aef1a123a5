import { randomUUID } from 'node:crypto';
import sql from 'sql-template-tag';
import type { DataSource } from 'typeorm';
import type { Access } from '../../auth/access';
import type { Action } from '../../auth/permissions';
import type { Secrets } from '../../auth/secrets';
import { type Executor, query, queryOne } from '../../db/sql';
import {
  type Ordre,
  type OrdreRule,
  refuseOrdre,
  ruleOf,
  type SealedOrdre,
} from '../../domain/interventions/ordres';
import type { Actor } from '../actor';
import type { IdempotencyKey } from '../idempotence';
import { requireVersion } from '../versions';
import { applicationOf } from './cycle/apply';
import { type InterventionRow, lockIntervention, permissionSubject, readToOrder } from './interventions';
import { refused } from './refusal';
import { sealOrdre } from './scelles';

export interface OrdreRequest {
  /** For an order that is written down before it is placed; a new one unless said. */
  id?: string;
  ordre: Ordre;
  action: Action;
  /** The request that asks for it, as keys name their paths (`domain/identite/cles-api.ts`). */
  requete: string;
  expectedVersion: number | null;
  key: IdempotencyKey | null;
}

/**
 * Checks an order against permissions, version and rules as they stand, and makes it ready for the engine.
 * Rights, version and rules have the last word when it is carried out; checked here, most refusals never reach the engine.
 *
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `TRANSITION_INVALIDE`, `CLOTUREE`
 */
export async function placeOrdre(
  executor: Executor,
  secrets: Secrets,
  access: Access,
  actor: Actor,
  interventionId: number,
  { id = randomUUID(), ordre, action, requete, expectedVersion, key }: OrdreRequest,
): Promise<SealedOrdre> {
  const { askedAt, ...row } = await readToOrder(executor, access, interventionId);
  access.require(action, 'Intervention', permissionSubject(row));
  requireVersion(row, expectedVersion);
  requireLegal(row, ruleOf(ordre), actor.now);
  const { userId, sessionId, cleApiId } = access.principal;
  return sealOrdre(secrets, interventionId, {
    id,
    ordre,
    userId,
    author: { sessionId, cleApiId },
    action,
    requete,
    expectedVersion,
    key,
    correlationId: actor.correlationId,
    adresse: actor.adresse,
    askedAt,
  });
}

/** @throws {RegieError} `TRANSITION_INVALIDE` or `CLOTUREE` when the rules refuse this on the row as it stands. */
export function requireLegal(row: InterventionRow, rule: OrdreRule, now: Date): void {
  const situation = { statut: row.statut, dateFin: row.date_fin?.getTime() ?? null };
  const refusal = refuseOrdre(situation, rule, now.getTime());
  if (refusal !== null) throw refused(refusal);
}

/**
 * Takes back an order that the engine did not report as carried out. Whoever carries it out at this moment is waited for:
 * afterwards either it has been done, or it never will be.
 * @returns false when it has been done.
 */
export function withdrawOrdre(db: DataSource, interventionId: number, ordreId: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    await lockIntervention(tx, interventionId, sql`FOR UPDATE`);
    if ((await queryOne(tx, applicationOf(interventionId, ordreId))) !== null) return false;
    // Whoever reads the row at this moment, to carry the order out, sees by its new version that they have to look again.
    await query(tx, sql`UPDATE interventions SET version = version WHERE id = ${interventionId}`);
    await query(tx, sql`INSERT INTO ordres_retires (id) VALUES (${ordreId}) ON CONFLICT DO NOTHING`);
    return true;
  });
}
