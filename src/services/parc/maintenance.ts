import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query, queryOne } from '../../db/sql';
import { lastMaintenance, type MaintenanceRule, nextMaintenance } from '../../domain/parc/equipements';
import type { Actor } from '../actor';
import { record } from '../historique';

/**
 * The last maintenance of an equipment as its finished preventive interventions and the people who look after it have
 * recorded it. Whoever asks holds the lock of the equipment, so that two of them count each other.
 */

/** A preventive intervention that is being finished, or reopened after its end. */
interface Entretien {
  interventionId: number;
  equipementId: number;
  /** Its end, or null when it has none any more. */
  fin: Date | null;
}

/**
 * Writes what the last maintenance is and when the next one is due, now that an intervention has got an end or has lost
 * it. The row of the intervention may still say otherwise.
 * @param zone of the site.
 */
export async function followMaintenance(
  tx: EntityManager,
  actor: Actor,
  { interventionId, equipementId, fin }: Entretien,
  zone: string,
): Promise<void> {
  // A statement of its own: what is read together with a lock may be older than what the lock waited for.
  const equipement = await queryOne<
    MaintenanceRule & { maintenance_saisie: Date | null; maintenance_saisie_le: Date | null }
  >(
    tx,
    sql`SELECT derniere_maintenance, date_installation, frequence_entretien, maintenance_saisie, maintenance_saisie_le
        FROM equipements WHERE id = ${equipementId} FOR NO KEY UPDATE`,
  );
  const { maintenance_saisie, maintenance_saisie_le, ...rule } = equipement!;
  const others = await latestEnd(tx, equipementId, interventionId);
  const derniere_maintenance = lastMaintenance({ valeur: maintenance_saisie, le: maintenance_saisie_le }, [
    others,
    fin,
  ]);
  if (derniere_maintenance?.getTime() === rule.derniere_maintenance?.getTime()) return;
  await query(
    tx,
    sql`UPDATE equipements SET derniere_maintenance = ${derniere_maintenance},
          prochaine_maintenance = ${nextMaintenance({ ...rule, derniere_maintenance }, zone)},
          version = version + 1, date_modification = ${actor.now}
        WHERE id = ${equipementId}`,
  );
  await record(tx, actor, {
    entite: 'equipement',
    entiteId: equipementId,
    action: fin === null ? 'maintenance_annulee' : 'maintenance',
    avant: { derniere_maintenance: rule.derniere_maintenance },
    apres: { derniere_maintenance, intervention_id: interventionId },
  });
}

/**
 * What a person says of the last maintenance, to be written beside it. It counts against every end on record, whatever
 * the clocks of two processes made of their order.
 */
export async function saidMaintenance(
  tx: EntityManager,
  actor: Actor,
  equipementId: number,
  derniere_maintenance: Date | null,
): Promise<{ maintenance_saisie: Date | null; maintenance_saisie_le: Date }> {
  const end = await latestEnd(tx, equipementId, null);
  return {
    maintenance_saisie: derniere_maintenance,
    maintenance_saisie_le: end !== null && end > actor.now ? end : actor.now,
  };
}

/** The latest end of preventive work on it, of others than this intervention. */
async function latestEnd(
  tx: EntityManager,
  equipementId: number,
  interventionId: number | null,
): Promise<Date | null> {
  const row = await queryOne<{ fin: Date | null }>(
    tx,
    sql`SELECT max(date_fin) AS fin FROM interventions
        WHERE equipement_id = ${equipementId} AND type_intervention = 'preventive' AND statut = 'terminee'
          AND id IS DISTINCT FROM ${interventionId}::integer`,
  );
  return row!.fin;
}
