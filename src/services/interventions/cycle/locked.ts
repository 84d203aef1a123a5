import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Intervention } from '../../../db/interventions/interventions';
import { queryOne } from '../../../db/sql';
import {
  type Calendar,
  type Counting,
  computeEcheances,
  type Echeance,
} from '../../../domain/interventions/escalade';
import type { Snapshot } from '../../../domain/interventions/snapshot';
import type { Depart } from '../../../domain/interventions/textes';
import { DEFAULT_HOURS } from '../../../domain/working-time';
import { WHY_LEFT } from '../../identite/techniciens';

/** An intervention under the lock of this transaction, with what its rules need to know besides. */
export interface LockedIntervention {
  intervention: Intervention;
  calendar: Calendar;
  siteId: number | null;
  clientId: number | null;
  equipement: { nom: string; localisation: string | null };
  /** The visit that is live, or null. */
  planning: { id: number; date_planifiee: Date; duree_estimee: number } | null;
  technicien: Worker | null;
  /** Minutes that the last visit was planned to take, be it over, or null when there never was one. */
  lastDuration: number | null;
}

/** Whom the intervention is given to. */
export interface Worker {
  user_id: number;
  nom: string;
  prenom: string;
  /** Why they can do no work any more, or null while they can. */
  left: Depart | null;
}

/**
 * Locks an intervention and reads what goes with it.
 * @param timeZone of sites that name none.
 * @returns null when there is no such intervention.
 */
export async function lockAndRead(
  tx: EntityManager,
  id: number,
  timeZone: string,
): Promise<LockedIntervention | null> {
  // First the lock, then the rest: what is read together with a lock may be older than what the lock waited for.
  const intervention = await queryOne<Intervention>(
    tx,
    sql`SELECT * FROM interventions WHERE id = ${id} FOR UPDATE`,
  );
  if (intervention === null) return null;
  const around = await queryOne<{
    nom: string;
    localisation: string | null;
    site_id: number | null;
    client_id: number | null;
    fuseau_horaire: string | null;
    technicien: Worker | null;
    last_duration: number | null;
    planning_id: number | null;
    date_planifiee: Date;
    duree_estimee: number;
  }>(
    tx,
    sql`SELECT e.nom, e.localisation, e.site_id, e.client_id, s.fuseau_horaire,
          CASE WHEN t.id IS NULL THEN NULL
               ELSE json_build_object('user_id', t.user_id, 'nom', u.nom, 'prenom', u.prenom, 'left', ${WHY_LEFT}) END AS technicien,
          p.id AS planning_id, p.date_planifiee, p.duree_estimee,
          (SELECT v.duree_estimee FROM plannings v WHERE v.intervention_id = ${id} ORDER BY v.id DESC LIMIT 1) AS last_duration
        FROM equipements e
        LEFT JOIN sites s ON s.id = e.site_id
        LEFT JOIN techniciens t ON t.id = ${intervention.technicien_id}
        LEFT JOIN users u ON u.id = t.user_id
        LEFT JOIN plannings p ON p.intervention_id = ${id} AND p.statut IN ('planifiee', 'en_cours')
        WHERE e.id = ${intervention.equipement_id}`,
  );
  const {
    nom,
    localisation,
    site_id,
    client_id,
    fuseau_horaire,
    technicien,
    planning_id,
    last_duration,
    ...visit
  } = around!;
  return {
    intervention,
    calendar: { hours: DEFAULT_HOURS, zone: fuseau_horaire ?? timeZone },
    siteId: site_id,
    clientId: client_id,
    equipement: { nom, localisation },
    planning: planning_id === null ? null : { id: planning_id, ...visit },
    technicien,
    lastDuration: last_duration,
  };
}

/** How the time of an intervention counts. */
export function countingOf({
  intervention,
  calendar,
}: Pick<LockedIntervention, 'intervention' | 'calendar'>): Counting {
  return { priorite: intervention.priorite, urgence: intervention.urgence, calendar };
}

/** What will happen by itself to the intervention as it now stands. */
export function echeancesOf(
  locked: Pick<LockedIntervention, 'intervention' | 'calendar' | 'planning'>,
): Echeance[] {
  const { intervention, planning } = locked;
  return computeEcheances({
    ...countingOf(locked),
    statut: intervention.statut,
    armeLe: intervention.arme_le.getTime(),
    demarrageArmeLe: intervention.demarrage_arme_le?.getTime() ?? null,
    resolutionArmeeLe: intervention.resolution_armee_le.getTime(),
    datePlanifiee: planning?.date_planifiee.getTime() ?? null,
    dateLimite: intervention.date_limite.getTime(),
    dateLimiteImposee: intervention.date_limite_imposee,
    dateFin: intervention.date_fin?.getTime() ?? null,
    horlogeArreteeLe: intervention.horloge_arretee_le?.getTime() ?? null,
    escalades: intervention.escalades,
  });
}

/** What the workflow is told of the intervention. */
export async function snapshotOf(tx: EntityManager, { intervention }: LockedIntervention): Promise<Snapshot> {
  return {
    statut: intervention.statut,
    priorite: intervention.priorite,
    urgence: intervention.urgence,
    typeIntervention: intervention.type_intervention,
    equipementId: intervention.equipement_id,
    technicienId: intervention.technicien_id,
    dateLimite: intervention.date_limite.getTime(),
    dateFin: intervention.date_fin?.getTime() ?? null,
    numeroEvenement: intervention.numero_evenement,
    echeances: intervention.echeances,
    ...(await rapportOf(tx, intervention)),
  };
}

/** Name of the report of the present end of an intervention, if it has ended: a second end has a second report. */
export function rapportKey({ id, statut, date_fin }: Pick<Intervention, 'id' | 'statut' | 'date_fin'>) {
  return statut === 'terminee' ? `rapport:${id}:${date_fin!.getTime()}` : null;
}

/** Whether the report is still to be filed, or was given up: then nobody makes it unless somebody asks. */
async function rapportOf(
  tx: EntityManager,
  intervention: Intervention,
): Promise<Pick<Snapshot, 'rapportAttendu' | 'rapportAbandonne'>> {
  const cle = rapportKey(intervention);
  if (cle === null) return { rapportAttendu: null, rapportAbandonne: false };
  const { filed, abandoned } = (await queryOne<{ filed: boolean; abandoned: boolean }>(
    tx,
    sql`SELECT EXISTS (SELECT FROM documents WHERE cle_unique = ${cle}) AS filed,
               EXISTS (SELECT FROM rapports WHERE cle_unique = ${cle} AND statut = 'abandonne') AS abandoned`,
  ))!;
  return { rapportAttendu: filed || abandoned ? null : cle, rapportAbandonne: abandoned && !filed };
}
