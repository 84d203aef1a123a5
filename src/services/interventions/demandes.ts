import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import type { Action } from '../../auth/permissions';
import { type Executor, query, queryOne } from '../../db/sql';
import { type Demande, type Ordre, refuseOrdre, ruleOf } from '../../domain/interventions/demandes';
import type { Actor } from '../actor';
import { type IdempotencyKey, releaseKey } from '../idempotence';
import { requireVersion } from '../versions';
import { hasBeenApplied } from './cycle/apply';
import { type InterventionRow, permissionSubject, readIntervention } from './interventions';
import { refused } from './refusal';

export interface DemandeRequest {
  id: string;
  demande: Demande;
  action: Action;
  /** The request that asked for it, as keys name their paths (`domain/identite/cles-api.ts`). */
  requete: string;
  expectedVersion: number | null;
}

/**
 * Checks a demande against permissions, version and rules as they stand, and writes it down.
 * Rights, version and rules have the last word when it is carried out; checked here, most refusals never reach the engine.
 *
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `TRANSITION_INVALIDE`, `CLOTUREE`
 */
export async function placeDemande(
  executor: Executor,
  access: Access,
  actor: Actor,
  interventionId: number,
  request: DemandeRequest,
): Promise<void> {
  const row = await readIntervention(executor, access, interventionId);
  access.require(request.action, 'Intervention', permissionSubject(row));
  requireVersion(row, request.expectedVersion);
  requireLegal(row, ruleOf(request.demande), actor.now);
  const { userId, sessionId, cleApiId } = access.principal;
  await query(
    executor,
    sql`INSERT INTO demandes (id, intervention_id, auteur_id, session_id, cle_api_id, adresse, contenu, correlation_id,
                              action, requete, version_attendue)
        VALUES (${request.id}, ${interventionId}, ${userId}, ${sessionId}, ${cleApiId},
                ${actor.adresse}, ${JSON.stringify(request.demande)}::jsonb, ${actor.correlationId},
                ${request.action}, ${request.requete}, ${request.expectedVersion})`,
  );
}

/** @throws {RegieError} `TRANSITION_INVALIDE` or `CLOTUREE` when the rules refuse this on the row as it stands. */
export function requireLegal(row: InterventionRow, rule: Pick<Ordre, 'type' | 'statut'>, now: Date): void {
  const situation = { statut: row.statut, dateFin: row.date_fin?.getTime() ?? null };
  const refusal = refuseOrdre(situation, rule, now.getTime());
  if (refusal !== null) throw refused(refusal);
}

/**
 * Gives a demande that was never carried out a new lease of life: its caller is asking again, perhaps from another
 * session.
 */
export async function renewDemande(
  tx: EntityManager,
  { principal }: Access,
  demandeId: string,
): Promise<void> {
  await query(
    tx,
    sql`UPDATE demandes SET date_creation = clock_timestamp(), session_id = ${principal.sessionId}
        WHERE id = ${demandeId}`,
  );
}

/**
 * Takes back a demande that the engine did not report as carried out, and its claim of a key. Whoever carries
 * it out at this moment is waited for: afterwards either it has been done, or it never will be.
 * @returns false when it has been done.
 */
export function withdrawDemande(
  db: DataSource,
  demandeId: string,
  key: IdempotencyKey | null,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const demande = await queryOne<{ intervention_id: number }>(
      tx,
      sql`SELECT intervention_id FROM demandes WHERE id = ${demandeId} FOR UPDATE`,
    );
    // Gone: somebody who asked under the same key at the same moment has withdrawn it.
    if (demande === null) return true;
    if (await hasBeenApplied(tx, demande.intervention_id, demandeId)) return false;
    if (key !== null) await releaseKey(tx, key, demandeId);
    await query(tx, sql`DELETE FROM demandes WHERE id = ${demandeId}`);
    return true;
  });
}
