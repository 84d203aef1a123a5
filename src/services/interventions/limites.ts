import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Intervention } from '../../db/interventions/interventions';
import { queryOne } from '../../db/sql';
import { isLive } from '../../domain/interventions/interventions';
import type { Ordre } from '../../domain/interventions/ordres';
import { PAR_INTERVENTION, requireRoomFor } from '../../domain/limites';

/** Whether an intervention has room for more: asked with its row locked, so that nobody fills it at the same moment. */

/** @throws {RegieError} `LIMITE_ATTEINTE` */
export async function requireRoomForComment(tx: EntityManager, interventionId: number): Promise<void> {
  await lock(tx, interventionId);
  const row = await queryOne<{ present: number }>(
    tx,
    sql`SELECT count(*)::integer AS present FROM commentaires WHERE intervention_id = ${interventionId}`,
  );
  requireRoomFor('commentaires', row!.present);
}

/** @throws {RegieError} `LIMITE_ATTEINTE` */
export async function requireRoomForParts(
  tx: EntityManager,
  interventionId: number,
  added: number,
): Promise<void> {
  await lock(tx, interventionId);
  const row = await queryOne<{ present: number }>(
    tx,
    sql`SELECT count(*)::integer AS present FROM besoins_pieces WHERE intervention_id = ${interventionId}`,
  );
  requireRoomFor('besoins', row!.present, added);
}

/**
 * For changes that are on record without being events of the lifecycle; the row is locked already.
 * @throws {RegieError} `LIMITE_ATTEINTE`
 */
export async function requireRoomForEvent(tx: EntityManager, interventionId: number): Promise<void> {
  const row = await queryOne<{ present: number }>(
    tx,
    sql`SELECT count(*)::integer AS present FROM (
          SELECT FROM historique WHERE entite = 'intervention' AND entite_id = ${interventionId} AND action <> 'refus'
          LIMIT ${PAR_INTERVENTION.evenements}) h`,
  );
  requireRoomFor('evenements', row!.present);
}

/**
 * An order is an event of its intervention. The two that end it are carried out however much has happened.
 * @throws {RegieError} `LIMITE_ATTEINTE`
 */
export function requireRoomForOrdre(
  { numero_evenement }: Pick<Intervention, 'numero_evenement'>,
  ordre: Ordre,
): void {
  if (ordre.type === 'statut' && !isLive(ordre.statut)) return;
  requireRoomFor('evenements', numero_evenement);
}

/** Taken anew by a transaction that has it already, this costs nothing. */
async function lock(tx: EntityManager, interventionId: number): Promise<void> {
  await queryOne(tx, sql`SELECT id FROM interventions WHERE id = ${interventionId} FOR NO KEY UPDATE`);
}
