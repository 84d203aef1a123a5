import { isDeepStrictEqual } from 'node:util';
import type { EntityManager } from 'typeorm';
import { Historique } from '../db/historique';
import type { Actor } from './actor';

export interface Change {
  entite: string;
  entiteId: number;
  action: string;
  avant?: Record<string, unknown> | null;
  apres?: Record<string, unknown> | null;
  /** Lifecycle events only. */
  numeroEvenement?: number;
  cause?: string;
}

/** Records a change, in the transaction that makes it. */
export async function record(manager: EntityManager, actor: Actor, change: Change): Promise<void> {
  await manager.insert(Historique, {
    entite: change.entite,
    entite_id: change.entiteId,
    action: change.action,
    auteur_id: actor.userId,
    date: actor.now,
    avant: (change.avant ?? null) as object,
    apres: (change.apres ?? null) as object,
    correlation_id: actor.correlationId,
    numero_evenement: change.numeroEvenement ?? null,
    cause: change.cause ?? null,
  });
}

/** The fields of `changes` that differ from `row`, as they were and as they become. */
export function difference<Row extends object>(
  row: Row,
  changes: Partial<NoInfer<Row>>,
): { avant: Record<string, unknown>; apres: Record<string, unknown> } {
  const avant: Record<string, unknown> = {};
  const apres: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(changes)) {
    const before = row[field as keyof Row];
    if (isDeepStrictEqual(before, value)) continue;
    avant[field] = before;
    apres[field] = value;
  }
  return { avant, apres };
}
