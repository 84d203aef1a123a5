import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../auth/access';
import type { Action } from '../auth/permissions';
import { Demande as DemandeRow } from '../db/interventions';
import { query } from '../db/sql';
import { type Demande, refuseOrdre } from '../domain/demandes';
import type { Actor } from './actor';
import { type InterventionRow, permissionSubject, readIntervention } from './interventions';
import { transitionInvalide } from './lifecycle/apply';
import { requireVersion } from './versions';

/**
 * Checks a demande against permissions, version and rules as they stand, and writes it down.
 * The rules have the last word when it is carried out; checked here, most refusals never reach the engine.
 *
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `TRANSITION_INVALIDE`
 */
export async function placeDemande(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  interventionId: number,
  request: { id: string; demande: Demande; action: Action; expectedVersion: number | null },
): Promise<InterventionRow> {
  const row = await readIntervention(tx, access, interventionId);
  access.require(request.action, 'Intervention', permissionSubject(row));
  requireVersion(row, request.expectedVersion);
  requireLegal(row, request.demande, actor.now);
  await tx.insert(DemandeRow, {
    id: request.id,
    intervention_id: interventionId,
    auteur_id: access.principal.userId,
    contenu: request.demande as object,
    correlation_id: actor.correlationId,
  });
  return row;
}

/** @throws {RegieError} `TRANSITION_INVALIDE` when the rules refuse the demande on this row. */
export function requireLegal(row: InterventionRow, demande: Demande, now: Date): void {
  const situation = { statut: row.statut, dateFin: row.date_fin?.getTime() ?? null };
  const statut = demande.type === 'statut' ? demande.statut : undefined;
  const refusal = refuseOrdre(situation, { type: demande.type, statut }, now.getTime());
  if (refusal !== null) throw transitionInvalide(refusal);
}

/** Gives a demande that was never carried out a new lease of life: its caller is asking again. */
export async function renewDemande(tx: EntityManager, demandeId: string): Promise<void> {
  await query(tx, sql`UPDATE demandes SET date_creation = clock_timestamp() WHERE id = ${demandeId}`);
}
