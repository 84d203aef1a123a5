import sql, { empty, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { PLANNING_COLUMNS } from '../../auth/columns';
import { type Executor, query, queryOne } from '../../db/sql';
import { invalid, RegieError, type Texte } from '../../domain/errors';
import {
  type Candidate,
  type Choice,
  type Need,
  rankCandidates,
  SEARCH_PERIOD,
  unavailabilityOfAll,
} from '../../domain/planification/affectation';
import { type Presence, type Raison, unavailability } from '../../domain/planification/disponibilite';
import { DEFAULT_HOURS } from '../../domain/working-time';
import { CAN_WORK } from '../identite/techniciens';
import { PLANNING_FROM } from './planning';

/**
 * Finds who could do it, best first; with a technicien given, when they could.
 * Between this answer and the booking somebody else may take the slot: the database then refuses it.
 * @throws {RegieError} `HORS_DISPONIBILITE` when nobody is there then, `CONFLIT_PLANNING` when nobody is free.
 */
export async function findCandidates(
  executor: Executor,
  need: Need,
  { id: interventionId, siteId }: { id: number; siteId: number | null },
  technicienId: number | null = null,
): Promise<[Choice, ...Choice[]]> {
  const rows = await query<Omit<Candidate, 'hours'> & { horaires: Candidate['hours'] | null }>(
    executor,
    sql`SELECT t.id AS "technicienId", t.competences, t.niveau_experience AS "niveauExperience",
          t.absences, t.horaires,
          coalesce((
            SELECT json_agg(json_build_array(
              extract(epoch FROM p.date_planifiee) * 1000,
              extract(epoch FROM p.date_planifiee) * 1000 + p.duree_estimee * 60000))
            FROM plannings p
            WHERE p.technicien_id = t.id AND p.statut IN ('planifiee', 'en_cours')
              AND p.intervention_id <> ${interventionId}
              AND p.date_planifiee > ${new Date(need.now - 7 * 24 * 3_600_000)}
              AND p.date_planifiee < ${new Date((need.date ?? need.now) + SEARCH_PERIOD)}), '[]') AS occupied
        FROM techniciens t JOIN users u ON u.id = t.user_id
        WHERE ${isAssignable(siteId)} ${technicienId === null ? empty : sql`AND t.id = ${technicienId}`}`,
  );
  const candidates = rows.map(({ horaires, ...row }) => ({ ...row, hours: horaires ?? DEFAULT_HOURS }));
  const [best, ...others] = rankCandidates(candidates, need);
  if (best !== undefined) return [best, ...others];
  const raisons = unavailabilityOfAll(candidates, need);
  if (raisons !== null) throw horsDisponibilite(raisons);
  throw new RegieError('CONFLIT_PLANNING', {
    detail: { fr: "Aucun technicien disponible n'est libre", en: 'No available technicien is free' },
    extensions: { conflits: [] },
  });
}

/**
 * Whether the technicien `t`, who is the user `u`, may be sent to a site; null for equipment that is on none, which is for
 * those alone who work everywhere.
 */
function isAssignable(siteId: number | null): Sql {
  return sql`${CAN_WORK} AND (u.tous_sites OR EXISTS (
    SELECT 1 FROM user_sites us WHERE us.user_id = u.id AND us.site_id = ${siteId}::integer))`;
}

/** @throws {RegieError} `VALIDATION` when nobody under this id may be sent to the site. */
export async function findAssignable(
  executor: Executor,
  technicienId: number,
  siteId: number | null,
): Promise<Assignable> {
  return assignable(executor, technicienId, siteId, empty);
}

/**
 * The same for who is about to be given work: until the transaction ends they leave neither their role nor their account,
 * so that whoever takes those from them finds the work.
 * @throws {RegieError} `VALIDATION` when nobody under this id may be sent to the site.
 */
export function lockAssignable(
  tx: EntityManager,
  technicienId: number,
  siteId: number | null,
): Promise<Assignable> {
  return assignable(tx, technicienId, siteId, sql`FOR SHARE OF t, u`);
}

interface Assignable extends Presence {
  user_id: number;
  nom: string;
  prenom: string;
}

async function assignable(
  executor: Executor,
  technicienId: number,
  siteId: number | null,
  lock: Sql,
): Promise<Assignable> {
  const found = await queryOne<Omit<Assignable, 'hours'> & { horaires: Assignable['hours'] | null }>(
    executor,
    sql`SELECT t.user_id, u.nom, u.prenom, t.absences, t.horaires
        FROM techniciens t JOIN users u ON u.id = t.user_id
        WHERE t.id = ${technicienId} AND ${isAssignable(siteId)} ${lock}`,
  );
  if (found !== null) {
    const { horaires, ...technicien } = found;
    return { ...technicien, hours: horaires ?? DEFAULT_HOURS };
  }
  throw invalid({
    champ: 'technicien_id',
    message: {
      fr: 'Aucun technicien disponible sous cet identifiant pour ce site',
      en: 'No technicien under this id is available for this site',
    },
  });
}

/**
 * Whether somebody is there for a visit.
 * @param zone of the site, in which their hours are told.
 * @returns why they are not, as far as that was forced; nothing when they are.
 * @throws {RegieError} `HORS_DISPONIBILITE` unless it is forced
 */
export function requirePresence(
  presence: Presence,
  visit: { date_planifiee: Date; duree_estimee: number },
  zone: string,
  force: boolean,
): Raison[] {
  const { date_planifiee, duree_estimee } = visit;
  const raisons = unavailability(presence, date_planifiee.getTime(), duree_estimee * 60_000, zone);
  if (raisons.length > 0 && !force) throw horsDisponibilite(raisons);
  return raisons;
}

function horsDisponibilite(raisons: Raison[]): RegieError {
  return new RegieError('HORS_DISPONIBILITE', {
    detail: {
      fr: `Pas de technicien disponible à ce moment : ${raisons.map((raison) => RAISON_TEXTES[raison].fr).join(', ')}`,
      en: `No technicien available at that time: ${raisons.map((raison) => RAISON_TEXTES[raison].en).join(', ')}`,
    },
    extensions: { raisons },
  });
}

const RAISON_TEXTES: Record<Raison, Texte> = {
  hors_horaires: { fr: 'hors de ses horaires', en: 'outside of their hours' },
  absent: { fr: 'pendant une absence', en: 'during an absence' },
};

/** Why somebody was chosen, for the person who asked. */
export function explainChoice(choice: Choice, need: Need, others: number): string[] {
  const hours = Math.round(choice.load / 360_000) / 10;
  return [
    need.competences.length === 0
      ? 'Aucune compétence particulière requise'
      : `Compétences : ${choice.competences.join(', ') || 'aucune'} (${choice.competences.length} sur ${need.competences.length})`,
    need.date === null ? 'Premier créneau libre' : 'Libre à la date demandée',
    `Charge déjà planifiée : ${hours} h`,
    `${others} autre(s) technicien(s) possible(s)`,
  ];
}

/** A visit that stands in the way of another; of one that the caller may not see, only that the time is taken. */
export interface Conflict {
  planning_id: number | null;
  intervention_id: number | null;
  date_planifiee: Date;
  duree_estimee: number;
}

/** The live visits of a technicien for other interventions that overlap the time wanted, as far as the caller may know of them. */
export function conflictsOf(
  executor: Executor,
  access: Access,
  interventionId: number,
  wanted: { technicien_id: number | null; date_planifiee: string | null; duree_estimee: number },
): Promise<Conflict[]> {
  return query<Conflict>(
    executor,
    sql`SELECT CASE WHEN visible THEN id END AS planning_id,
               CASE WHEN visible THEN intervention_id END AS intervention_id, date_planifiee, duree_estimee
        FROM (SELECT p.id, p.intervention_id, p.date_planifiee, p.duree_estimee,
                     ${access.where('read', 'Planning', PLANNING_COLUMNS)} AS visible
              FROM ${PLANNING_FROM}
              WHERE p.technicien_id = ${wanted.technicien_id}::integer AND p.intervention_id <> ${interventionId}
                AND p.statut IN ('planifiee', 'en_cours')
                AND creneau(p.date_planifiee, p.duree_estimee)
                    && creneau(${wanted.date_planifiee}::timestamptz, ${wanted.duree_estimee}::integer)) taken
        ORDER BY date_planifiee`,
  );
}
