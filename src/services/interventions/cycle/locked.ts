import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Intervention } from '../../../db/interventions/interventions';
import { readLocked } from '../../../db/lock';
import type { Planning } from '../../../db/planification/planning';
import { query, queryOne } from '../../../db/sql';
import type { Counting } from '../../../domain/interventions/comptage';
import type { Engage } from '../../../domain/interventions/engagements';
import { computeEcheances, type Echeance } from '../../../domain/interventions/escalade';
import type { Snapshot } from '../../../domain/interventions/snapshot';
import type { Depart } from '../../../domain/interventions/textes';
import { POLITIQUE_INTEGREE } from '../../../domain/parc/niveaux';
import type { Calendar } from '../../../domain/working-time';
import { WHY_LEFT } from '../../identite/techniciens';
import { calendarOf, calendrierSql } from '../../planification/calendriers';
import { HAS_PARTS, MISSING_PARTS, type MissingPart, PARTS_SIGNALLED } from './missing-parts';

/** An intervention under the lock of this transaction, with what its rules need to know besides. */
export interface LockedIntervention {
  intervention: Intervention;
  calendar: Calendar;
  siteId: number | null;
  clientId: number | null;
  equipement: { nom: string; localisation: string | null };
  /** The visit that is live, or null; there is one at most. */
  planning: LiveVisit | null;
  /** When it was to be before the event that is being written. */
  plannedBefore: Date | null;
  technicien: Worker | null;
  /** Those of the crew, in the order of their ids. */
  equipe: (Worker & { id: number })[];
  /** Minutes that the last visit was planned to take, be it over, or null when there never was one. */
  lastDuration: number | null;
  /** Parts that the technicien still waits for. */
  missingParts: MissingPart[];
  /** Whether it has ever needed parts. */
  hasParts: boolean;
  /** Whether something became of its parts of which it has not taken note. */
  partsSignalled: boolean;
  /** Steps without which the work cannot be finished and that have no answer, in order. */
  missingSteps: MissingStep[];
}

export interface MissingStep {
  id: number;
  libelle: string;
}

/** What the rules need to know of a visit. */
export type LiveVisit = Pick<
  Planning,
  'date_planifiee' | 'duree_estimee' | 'statut' | 'segments' | 'raisons_forcees'
>;

/** Whom the intervention is given to. */
export interface Worker {
  user_id: number;
  nom: string;
  prenom: string;
  /** Why they can do no work any more, or null while they can. */
  left: Depart | null;
}

/** The row, and beside it under names that no column has what else is read with it. */
type Read<Besides> = Intervention & {
  settled: boolean;
  _equipement: LockedIntervention['equipement'];
  _site_id: number | null;
  _client_id: number | null;
  _calendrier: string;
  _technicien: Worker | null;
  _equipe: LockedIntervention['equipe'] | null;
  _date_planifiee: Date;
  /** Null when no visit is live. */
  _visite: Omit<LiveVisit, 'date_planifiee'> | null;
  _last_duration: number | null;
  _missing_parts: MissingPart[];
  _has_parts: boolean;
  _parts_signalled: boolean;
  _missing_steps: MissingStep[];
  _besides: Besides;
};

/**
 * Locks an intervention and reads what goes with it.
 * @param timeZone of sites that name none.
 * @param besides what else is to be read with it: an expression of JSON about `i`, the intervention, and `e`, its equipment.
 * @returns null when there is no such intervention.
 */
export async function lockAndRead<Besides = undefined>(
  tx: EntityManager,
  id: number,
  timeZone: string,
  besides: Sql = NOTHING_BESIDES,
): Promise<(LockedIntervention & { besides: Besides }) | null> {
  const row = await readLocked(
    () => queryOne<Read<Besides>>(tx, readStatement(id, timeZone, besides)),
    () => query(tx, sql`SELECT id FROM interventions WHERE id = ${id} FOR UPDATE`),
  );
  if (row === null) return null;
  const {
    settled: _,
    _equipement: equipement,
    _site_id: siteId,
    _client_id: clientId,
    _calendrier,
    _technicien: technicien,
    _equipe,
    _date_planifiee: date_planifiee,
    _visite,
    _last_duration: lastDuration,
    _missing_parts: missingParts,
    _has_parts: hasParts,
    _parts_signalled: partsSignalled,
    _missing_steps: missingSteps,
    _besides,
    ...intervention
  } = row;
  return {
    intervention,
    calendar: calendarOf(tx, _calendrier, timeZone),
    siteId,
    clientId,
    equipement,
    planning: _visite === null ? null : { date_planifiee, ..._visite },
    plannedBefore: _visite === null ? null : date_planifiee,
    technicien,
    equipe: _equipe ?? [],
    lastDuration,
    missingParts,
    hasParts,
    partsSignalled,
    missingSteps,
    besides: _besides,
  };
}

/** What nobody asked for has no type, so that it cannot be taken for what a rule needs. */
const NOTHING_BESIDES = sql`NULL`;

/** As `isAnswered` says it (`domain/interventions/etapes.ts`). */
const MISSING_STEPS = sql`(
  SELECT coalesce(json_agg(json_build_object('id', m.id, 'libelle', m.libelle) ORDER BY m.ordre, m.id), '[]')
  FROM etapes m WHERE m.intervention_id = i.id AND m.obligatoire
    AND (m.valeur IS NULL OR m.type = 'case' AND m.valeur <> 'true'))`;

function readStatement(id: number, timeZone: string, besides: Sql): Sql {
  return sql`SELECT i.*,
      i.xmin = (SELECT seen.xmin FROM interventions seen WHERE seen.id = i.id) AS settled,
      json_build_object('nom', e.nom, 'localisation', e.localisation) AS _equipement,
      e.site_id AS _site_id, e.client_id AS _client_id, ${calendrierSql(timeZone)} AS _calendrier,
      CASE WHEN t.id IS NOT NULL THEN
        json_build_object('user_id', t.user_id, 'nom', u.nom, 'prenom', u.prenom, 'left', ${WHY_LEFT}) END AS _technicien,
      CASE WHEN i.equipiers <> '{}' THEN
        (SELECT json_agg(json_build_object('id', t.id, 'user_id', t.user_id, 'nom', u.nom, 'prenom', u.prenom,
           'left', ${WHY_LEFT}) ORDER BY t.id)
         FROM techniciens t JOIN users u ON u.id = t.user_id WHERE t.id = ANY(i.equipiers)) END AS _equipe,
      p.date_planifiee AS _date_planifiee,
      CASE WHEN p.id IS NOT NULL THEN json_build_object('duree_estimee', p.duree_estimee, 'statut', p.statut,
        'segments', p.segments, 'raisons_forcees', p.raisons_forcees) END AS _visite,
      (SELECT v.duree_estimee FROM plannings v WHERE v.intervention_id = i.id ORDER BY v.id DESC LIMIT 1) AS _last_duration,
      ${MISSING_PARTS} AS _missing_parts, ${HAS_PARTS} AS _has_parts,
      ${PARTS_SIGNALLED} AS _parts_signalled, ${MISSING_STEPS} AS _missing_steps,
      ${besides} AS _besides
    FROM interventions i
    JOIN equipements e ON e.id = i.equipement_id
    LEFT JOIN sites s ON s.id = e.site_id
    LEFT JOIN techniciens t ON t.id = i.technicien_id
    LEFT JOIN users u ON u.id = t.user_id
    LEFT JOIN plannings p ON p.intervention_id = i.id AND p.statut IN ('planifiee', 'en_cours')
    WHERE i.id = ${id} FOR UPDATE OF i SKIP LOCKED`;
}

/** The intervention in the shape that its permissions speak of. */
export function subjectOf({ intervention, siteId, clientId }: LockedIntervention) {
  return { ...intervention, equipement: { client_id: clientId, site_id: siteId } };
}

/** How the time of an intervention counts. */
export function countingOf({
  intervention,
  calendar,
}: {
  intervention: Pick<Intervention, 'priorite' | 'urgence' | 'politique'>;
  calendar: Calendar;
}): Counting {
  const { priorite, urgence, politique } = intervention;
  return { priorite, urgence, calendar, politique: politique ?? POLITIQUE_INTEGREE };
}

/** What its deadlines and its targets follow from. */
export interface Followed {
  intervention: ForTargets;
  calendar: Calendar;
  planning: Pick<NonNullable<LockedIntervention['planning']>, 'date_planifiee'> | null;
}

/** Fields of the row that they follow from. */
export const TARGET_FIELDS = [
  'statut',
  'priorite',
  'urgence',
  'date_limite',
  'date_limite_imposee',
  'date_fin',
  'arme_le',
  'demarrage_arme_le',
  'resolution_armee_le',
  'resolution_depuis',
  'pauses',
  'horloge_arretee_le',
  'attente_motif',
  'niveau_service_id',
  'politique',
  'regles_depuis',
  'depassements',
  'escalades',
] as const satisfies readonly (keyof Intervention)[];
type ForTargets = Pick<Intervention, (typeof TARGET_FIELDS)[number]>;

/** The row as the rules of deadlines and targets know it. */
export function engageOf({ intervention, calendar, planning }: Followed): Engage {
  const { niveau_service_id: id, politique } = intervention;
  return {
    ...countingOf({ intervention, calendar }),
    statut: intervention.statut,
    armeLe: intervention.arme_le.getTime(),
    demarrageArmeLe: intervention.demarrage_arme_le?.getTime() ?? null,
    resolutionArmeeLe: intervention.resolution_armee_le.getTime(),
    datePlanifiee: planning?.date_planifiee.getTime() ?? null,
    dateLimite: intervention.date_limite.getTime(),
    dateLimiteImposee: intervention.date_limite_imposee,
    dateFin: intervention.date_fin?.getTime() ?? null,
    horlogeArreteeLe: intervention.horloge_arretee_le?.getTime() ?? null,
    attenteMotif: intervention.attente_motif,
    resolutionDepuis: intervention.resolution_depuis.getTime(),
    pauses: intervention.pauses,
    reglesDepuis: intervention.regles_depuis.getTime(),
    escalades: intervention.escalades,
    depassements: intervention.depassements,
    niveau: id === null || politique === null ? null : { id, nom: politique.nom },
  };
}

/** What will happen by itself to the intervention as it now stands. */
export function echeancesOf(followed: Followed): Echeance[] {
  return computeEcheances(engageOf(followed));
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
