import sql, { empty, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { type Executor, query } from '../../../db/sql';
import { isStarted } from '../../../domain/interventions/interventions';
import type { ModeleIntervention } from '../../../domain/interventions/textes';
import { systemActor } from '../../actor';
import { CAN_WORK } from '../../identite/techniciens';
import { type Audience, hasRecipients } from '../../messages/messages';
import { type Evenement, writeEvenement } from './evenement';
import type { LockedIntervention } from './locked';
import { updateVisitSql } from './visit';

/**
 * Techniciens who leave: deactivated, in another role, or made unavailable for good. What they were to do is open again,
 * what they had begun is to be handed over, and whoever arranges the work hears of each at once (docs/decisions/021).
 *
 * Whether that has been written down can be read off the rows themselves, so nothing has to be noted when somebody leaves:
 * the API wakes the workflows at once, and the reconciler finds whatever was missed, however it came about.
 */

/** So many workflows are woken at once when somebody leaves; the reconciler does the rest. */
export const MOST_WOKEN = 5_000;

/**
 * Interventions of which it has not been written down yet that their technicien has left, or is back, in the order of their
 * ids.
 * @param userId of one technicien, or null for all.
 */
export function interventionsToSettle(
  executor: Executor,
  after: number,
  limit: number,
  userId: number | null = null,
): Promise<{ id: number }[]> {
  const whose = userId === null ? empty : sql`AND u.id = ${userId}`;
  return query(
    executor,
    sql`SELECT i.id FROM techniciens t JOIN users u ON u.id = t.user_id
          JOIN interventions i ON i.technicien_id = t.id
        WHERE NOT ${CAN_WORK} AND i.id > ${after} ${whose}
          AND (i.statut = 'planifiee' OR i.statut IN ('en_cours', 'attente_pieces') AND i.a_transmettre_depuis IS NULL)
        UNION ALL
        SELECT i.id FROM interventions i
          JOIN techniciens t ON t.id = i.technicien_id JOIN users u ON u.id = t.user_id
        WHERE i.a_transmettre_depuis IS NOT NULL AND ${CAN_WORK} AND i.id > ${after} ${whose}
        UNION
        SELECT i.id FROM techniciens t JOIN users u ON u.id = t.user_id
          JOIN interventions i ON i.equipiers @> ARRAY[t.id]
        WHERE NOT ${CAN_WORK} AND i.id > ${after} ${whose} AND i.statut IN ('planifiee', 'en_cours', 'attente_pieces')
        ORDER BY id LIMIT ${limit}`,
  );
}

/** Writes down that the technicien, or somebody of the crew, has left or is back, if it has not been, in the given transaction. */
export async function settleDeparture(
  tx: EntityManager,
  locked: LockedIntervention,
  now: Date,
): Promise<void> {
  for (;;) {
    const evenement = (await departureOf(tx, locked, now)) ?? (await crewDepartureOf(tx, locked));
    if (evenement === null) return;
    const { id, numero_evenement } = locked.intervention;
    const cause = `depart-${numero_evenement + 1}`;
    await writeEvenement(tx, systemActor(now, `${cause}-${id}`), locked, { ...evenement, cause });
    if (locked.intervention.technicien_id === null) locked.technicien = null;
    locked.equipe = locked.equipe.filter((one) => locked.intervention.equipiers.includes(one.id));
  }
}

/** The first of the crew who can do no work any more leaves it; the others go on. */
async function crewDepartureOf(
  tx: EntityManager,
  { intervention, equipe, planning, siteId }: LockedIntervention,
): Promise<Omit<Evenement, 'cause'> | null> {
  const commencee = isStarted(intervention.statut);
  const gone = equipe.find(({ left }) => left !== null);
  if (gone === undefined || (!commencee && intervention.statut !== 'planifiee')) return null;
  const { nom, prenom, user_id, left } = gone;
  const equipiers = intervention.equipiers.filter((id) => id !== gone.id);
  const said = {
    modele: 'equipier_parti' as const,
    audience: await whoArranges(tx, 'equipier_parti', siteId),
    donnees: { technicien: { nom, prenom }, depart: { raison: left!, commencee } },
  };
  return {
    action: 'depart_equipier',
    changes: { equipiers },
    writes: planning === null ? {} : { visit: updateVisitSql(tx, intervention.id, { equipiers }) },
    details: { raison: left! },
    annonces: [said, { modele: 'retiree', audience: { ancien: [user_id] } }],
  };
}

async function departureOf(
  tx: EntityManager,
  locked: LockedIntervention,
  now: Date,
): Promise<Omit<Evenement, 'cause'> | null> {
  const { intervention, technicien, equipe, planning, siteId } = locked;
  if (technicien === null) return null;
  const { left: raison, nom, prenom } = technicien;
  const commencee = isStarted(intervention.statut);
  const marked = intervention.a_transmettre_depuis !== null;
  if (raison === null) {
    return commencee && marked ? { action: 'retour', changes: { a_transmettre_depuis: null } } : null;
  }
  if (!commencee && intervention.statut !== 'planifiee') return null;
  if (commencee && marked) return null;

  const said = {
    modele: 'technicien_parti' as const,
    audience: await whoArranges(tx, 'technicien_parti', siteId),
    donnees: { technicien: { nom, prenom }, depart: { raison, commencee } },
  };
  const details = { raison };
  if (commencee) {
    return { action: 'a_transmettre', changes: { a_transmettre_depuis: now }, details, annonces: [said] };
  }
  const writes: Record<string, Sql> =
    planning === null ? {} : { visit: updateVisitSql(tx, intervention.id, { statut: 'annulee' }) };
  locked.planning = null;
  return {
    action: 'retrait',
    writes,
    changes: { statut: 'ouverte', technicien_id: null, equipiers: [], niveau_escalade: 0, arme_le: now },
    details,
    annonces: [
      said,
      { modele: 'retiree', audience: { ancien: [technicien, ...equipe].map(({ user_id }) => user_id) } },
    ],
  };
}

/** The responsables of the site; where there are none, the administrators. */
export async function whoArranges(
  tx: EntityManager,
  modele: ModeleIntervention,
  siteId: number | null,
): Promise<Audience> {
  const responsables = { responsables: true };
  return (await hasRecipients(tx, modele, responsables, siteId)) ? responsables : { admins: true };
}
