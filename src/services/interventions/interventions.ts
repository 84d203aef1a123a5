import sql, { raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { INTERVENTION_COLUMNS } from '../../auth/columns';
import { Commentaire, Intervention } from '../../db/interventions/interventions';
import { type Executor, query, queryOne } from '../../db/sql';
import { forbidden, notFound, RegieError, unknownReference } from '../../domain/errors';
import {
  type Counting,
  computeEcheances,
  deadlineOf,
  type Echeance,
} from '../../domain/interventions/escalade';
import { computeDateLimite } from '../../domain/interventions/horloge';
import type { Statut, TypeIntervention } from '../../domain/interventions/interventions';
import type { Priorite } from '../../domain/priorites';
import { DEFAULT_HOURS } from '../../domain/working-time';
import type { Actor } from '../actor';
import { containsWords, oneOf } from '../conditions';
import { difference, record } from '../historique';
import { CAN_WORK } from '../identite/techniciens';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';
import { requireRoomForComment, requireRoomForEvent } from './limites';
import { requireOpen } from './refusal';

/** An intervention as it is answered, with what is embedded in it, and the owners that permissions ask for. */
export interface InterventionRow {
  id: number;
  titre: string;
  description: string;
  type_intervention: TypeIntervention;
  statut: Statut;
  priorite: Priorite;
  urgence: boolean;
  date_limite: Date;
  date_debut: Date | null;
  date_fin: Date | null;
  equipement_id: number;
  technicien_id: number | null;
  createur_id: number;
  competences_requises: string[];
  rapport: string | null;
  motif_annulation: string | null;
  en_retard: boolean;
  a_transmettre: boolean;
  niveau_escalade: number;
  satisfaction_note: number | null;
  satisfaction_commentaire: string | null;
  satisfaction_auteur_id: number | null;
  date_creation: Date;
  date_modification: Date;
  version: number;
  equipement_nom: string;
  equipement_localisation: string | null;
  equipement_client_id: number | null;
  equipement_site_id: number | null;
  technicien_nom: string | null;
  technicien_prenom: string | null;
  technicien_specialite: string | null;
  planning_id: number | null;
  planning_date: Date | null;
  planning_duree: number | null;
}

/** Late: past its deadline, or past it already when the clock stopped, which it does for no deadline that was named. */
const EN_RETARD = `(i.statut NOT IN ('terminee', 'annulee') AND i.date_limite < now()
  AND (i.horloge_arretee_le IS NULL OR i.date_limite_imposee OR i.date_limite < i.horloge_arretee_le))`;

const COLUMNS = raw(
  `i.id, i.titre, i.description, i.type_intervention, i.statut, i.priorite, i.urgence, i.date_limite,
   i.date_debut, i.date_fin, i.equipement_id, i.technicien_id, i.createur_id, i.competences_requises,
   i.rapport, i.motif_annulation, ${EN_RETARD} AS en_retard,
   i.a_transmettre_depuis IS NOT NULL AS a_transmettre, i.niveau_escalade,
   i.satisfaction_note, i.satisfaction_commentaire, i.satisfaction_auteur_id, i.date_creation, i.date_modification, i.version,
   e.nom AS equipement_nom, e.localisation AS equipement_localisation,
   e.client_id AS equipement_client_id, e.site_id AS equipement_site_id,
   tu.nom AS technicien_nom, tu.prenom AS technicien_prenom, t.specialite AS technicien_specialite,
   p.id AS planning_id, p.date_planifiee AS planning_date, p.duree_estimee AS planning_duree`,
);

const FROM = sql`interventions i
  JOIN equipements e ON e.id = i.equipement_id
  LEFT JOIN techniciens t ON t.id = i.technicien_id
  LEFT JOIN users tu ON tu.id = t.user_id
  LEFT JOIN LATERAL (
    SELECT id, date_planifiee, duree_estimee FROM plannings
    WHERE intervention_id = i.id AND statut <> 'annulee' ORDER BY id DESC LIMIT 1) p ON TRUE`;

export const INTERVENTION_LIST: ListSpec = {
  columns: COLUMNS,
  from: FROM,
  alias: 'i',
  sortable: {
    id: { expression: 'i.id', cast: 'integer' },
    date_creation: { expression: 'i.date_creation', cast: 'timestamptz' },
    date_limite: { expression: 'i.date_limite', cast: 'timestamptz' },
    titre: { expression: 'i.titre', cast: 'text' },
    statut: { expression: 'i.statut', cast: 'text' },
    // By weight, not by alphabet.
    priorite: {
      expression: `array_position(ARRAY['basse', 'normale', 'haute', 'critique'], i.priorite)`,
      cast: 'integer',
    },
    urgence: { expression: 'i.urgence', cast: 'boolean' },
    niveau_escalade: { expression: 'i.niveau_escalade', cast: 'integer' },
  },
  defaultSort: '-date_creation',
};

export interface InterventionFilters {
  statut?: Statut[];
  priorite?: Priorite[];
  type_intervention?: TypeIntervention[];
  technicien_id?: number[];
  equipement_id?: number[];
  createur_id?: number[];
  site_id?: number[];
  urgence?: boolean;
  en_retard?: boolean;
  /** Begun, by somebody who cannot go on. */
  a_transmettre?: boolean;
  /** Created at or after. */
  date_min?: Date;
  /** Created before. */
  date_max?: Date;
  q?: string;
  /** Only those the caller created or is assigned to. */
  mine?: boolean;
}

export function listInterventions(
  executor: Executor,
  access: Access,
  filters: InterventionFilters,
  page: PageRequest,
): Promise<Page<InterventionRow>> {
  const conditions = [
    access.where('read', 'Intervention', INTERVENTION_COLUMNS),
    ...filterConditions(filters),
  ];
  if (filters.mine) conditions.push(mine(access));
  const needsEquipement = conditions.some(({ text }) => /\be\./.test(text));
  const keysFrom = needsEquipement
    ? sql`interventions i JOIN equipements e ON e.id = i.equipement_id`
    : sql`interventions i`;
  return list<InterventionRow>(executor, { ...INTERVENTION_LIST, keysFrom }, conditions, page);
}

/** What concerns a person directly: what they asked for, and what they are sent to. */
function mine({ principal }: Access): Sql {
  return sql`(i.createur_id = ${principal.userId} OR i.technicien_id = ${principal.technicienId}::integer)`;
}

function filterConditions(filters: InterventionFilters): Sql[] {
  const conditions: Sql[] = [];
  const { statut, priorite, type_intervention, technicien_id, equipement_id, createur_id, site_id } = filters;
  if (statut) conditions.push(oneOf('i.statut', statut));
  if (priorite) conditions.push(oneOf('i.priorite', priorite));
  if (type_intervention) conditions.push(oneOf('i.type_intervention', type_intervention));
  if (technicien_id) conditions.push(oneOf('i.technicien_id', technicien_id));
  if (equipement_id) conditions.push(oneOf('i.equipement_id', equipement_id));
  if (createur_id) conditions.push(oneOf('i.createur_id', createur_id));
  if (site_id) conditions.push(oneOf('e.site_id', site_id));
  if (filters.urgence !== undefined) conditions.push(sql`i.urgence = ${filters.urgence}`);
  // Written out, not a parameter: the index of those that are under way serves only so.
  if (filters.en_retard !== undefined)
    conditions.push(filters.en_retard ? raw(EN_RETARD) : sql`NOT ${raw(EN_RETARD)}`);
  if (filters.a_transmettre !== undefined) {
    conditions.push(raw(`i.a_transmettre_depuis IS ${filters.a_transmettre ? 'NOT ' : ''}NULL`));
  }
  if (filters.date_min) conditions.push(sql`i.date_creation >= ${filters.date_min}`);
  if (filters.date_max) conditions.push(sql`i.date_creation < ${filters.date_max}`);
  if (filters.q !== undefined) conditions.push(containsWords('i.recherche', filters.q));
  return conditions;
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readIntervention(
  executor: Executor,
  access: Access,
  id: number,
): Promise<InterventionRow> {
  const row = await queryOne<InterventionRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM ${FROM}
        WHERE i.id = ${id} AND ${access.where('read', 'Intervention', INTERVENTION_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  return row;
}

/**
 * What the planning of a visit follows from beside the row.
 * @param timeZone of sites that name none.
 */
export async function readVisitContext(
  executor: Executor,
  id: number,
  timeZone: string,
): Promise<{ zone: string; lastDuration: number | null; technicienCanWork: boolean }> {
  const row = await queryOne<{ zone: string | null; lastDuration: number | null; canWork: boolean }>(
    executor,
    sql`SELECT s.fuseau_horaire AS zone, coalesce(${CAN_WORK}, false) AS "canWork",
          (SELECT v.duree_estimee FROM plannings v WHERE v.intervention_id = i.id ORDER BY v.id DESC LIMIT 1)
            AS "lastDuration"
        FROM interventions i JOIN equipements e ON e.id = i.equipement_id
        LEFT JOIN sites s ON s.id = e.site_id
        LEFT JOIN techniciens t ON t.id = i.technicien_id LEFT JOIN users u ON u.id = t.user_id
        WHERE i.id = ${id}`,
  );
  if (row === null) throw notFound();
  return { zone: row.zone ?? timeZone, lastDuration: row.lastDuration, technicienCanWork: row.canWork };
}

/**
 * An intervention as it stands after somebody changed it: they are answered, whether or not they may see it any more.
 * @throws {RegieError} `INTROUVABLE`
 */
export async function readChanged(executor: Executor, id: number): Promise<InterventionRow> {
  const row = await queryOne<InterventionRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM ${FROM} WHERE i.id = ${id}`,
  );
  if (row === null) throw notFound();
  return row;
}

/** An intervention in the shape that its permissions speak of. */
export function permissionSubject(row: InterventionRow) {
  return {
    createur_id: row.createur_id,
    technicien_id: row.technicien_id,
    statut: row.statut,
    satisfaction_auteur_id: row.satisfaction_auteur_id,
    equipement: { client_id: row.equipement_client_id, site_id: row.equipement_site_id },
  };
}

export interface NewIntervention {
  titre: string;
  description: string;
  type_intervention: TypeIntervention;
  priorite: Priorite;
  urgence: boolean;
  /** An instant in ISO 8601, or a day of the site's calendar. */
  date_limite?: string | null;
  equipement_id: number;
  competences_requises: string[];
}

/**
 * Writes a new intervention with its deadlines. Its workflow starts after the commit.
 * @param timeZone of sites that name none.
 * @throws {RegieError} `VALIDATION` for equipment that the caller cannot see, `INTERDIT`
 */
export async function createIntervention(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: NewIntervention,
  timeZone: string,
): Promise<InterventionRow> {
  const equipement = await lockEquipement(tx, access, fields.equipement_id);
  const createur_id = access.principal.userId;
  access.require('create', 'Intervention', {
    createur_id,
    technicien_id: null,
    statut: 'ouverte',
    equipement,
  });

  const zone = equipement.fuseau_horaire ?? timeZone;
  const counting: Counting = { ...fields, calendar: { hours: DEFAULT_HOURS, zone } };
  const now = actor.now.getTime();
  const imposee = fields.date_limite != null;
  const dateLimite = imposee
    ? deadlineOf(fields.date_limite!, zone, now).getTime()
    : computeDateLimite(counting, { depuis: now, pauses: [] });
  const row = {
    ...fields,
    resolution_depuis: actor.now,
    createur_id,
    statut: 'ouverte' as const,
    date_limite: new Date(dateLimite),
    date_limite_imposee: imposee,
    arme_le: actor.now,
    resolution_armee_le: actor.now,
    date_creation: actor.now,
    date_modification: actor.now,
    numero_evenement: 1,
    echeances: computeEcheances({
      ...counting,
      statut: 'ouverte',
      armeLe: now,
      demarrageArmeLe: null,
      resolutionArmeeLe: now,
      datePlanifiee: null,
      dateLimite,
      dateLimiteImposee: imposee,
      dateFin: null,
      horlogeArreteeLe: null,
      escalades: [],
    }),
  };
  const inserted = await tx.insert(Intervention, row);
  const id = inserted.identifiers[0]!.id as number;
  await record(tx, actor, {
    entite: 'intervention',
    entiteId: id,
    action: 'creation',
    apres: { ...fields, statut: 'ouverte', date_limite: row.date_limite },
    numeroEvenement: 1,
    cause: 'creation',
  });
  return readIntervention(tx, access, id);
}

/** The equipment stays whose it is until the transaction ends. */
async function lockEquipement(tx: EntityManager, access: Access, id: number) {
  const found = await queryOne<{
    client_id: number | null;
    site_id: number | null;
    fuseau_horaire: string | null;
  }>(
    tx,
    sql`SELECT e.client_id, e.site_id, s.fuseau_horaire
        FROM equipements e LEFT JOIN sites s ON s.id = e.site_id
        WHERE e.id = ${id} FOR SHARE OF e`,
  );
  await access.confirm(tx);
  if (found === null || !access.may('read', 'Equipement', found)) throw unknownReference('equipement_id');
  return found;
}

/** Nobody else changes, or keeps, an intervention that is about to be changed. */
const LOCK_TO_CHANGE = sql`FOR UPDATE`;
/** Nobody changes it, so that whoever may do something to it still may when it is done. */
export const LOCK_TO_KEEP = sql`FOR SHARE`;
/** The same, and nobody adds to it at the same moment: what it has is being counted. */
const LOCK_TO_COUNT = sql`FOR NO KEY UPDATE`;

/** A statement of its own: what is read together with a lock may be older than what the lock waited for. */
export async function lockIntervention(tx: EntityManager, id: number, lock: Sql): Promise<void> {
  await query(tx, sql`SELECT id FROM interventions WHERE id = ${id} ${lock}`);
}

/** Fields that move no deadline and therefore need no workflow. */
export type InterventionTexts = Partial<Pick<Intervention, 'titre' | 'description' | 'competences_requises'>>;

/** @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `CLOTUREE`, `LIMITE_ATTEINTE` */
export async function updateTexts(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  changes: InterventionTexts,
  expected: number | null,
): Promise<InterventionRow> {
  await lockIntervention(tx, id, LOCK_TO_CHANGE);
  await access.confirm(tx);
  const row = await readIntervention(tx, access, id);
  access.require('update', 'Intervention', permissionSubject(row), Object.keys(changes));
  requireVersion(row, expected);
  requireOpen(row, actor.now);
  const { avant, apres } = difference<InterventionTexts>(row, changes);
  if (Object.keys(apres).length === 0) return row;
  await requireRoomForEvent(tx, id);
  await tx.update(Intervention, { id }, changes);
  await record(tx, actor, { entite: 'intervention', entiteId: id, action: 'modification', avant, apres });
  return readIntervention(tx, access, id);
}

/**
 * The customer's rating of finished work; a later one of the same person replaces it.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `LIMITE_ATTEINTE`, `TRANSITION_INVALIDE` before the work is finished
 */
export async function rate(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  rating: { note: number; commentaire?: string | null },
): Promise<InterventionRow> {
  await lockIntervention(tx, id, LOCK_TO_CHANGE);
  await access.confirm(tx);
  const row = await readIntervention(tx, access, id);
  if (!access.may('rate', 'Intervention', permissionSubject(row))) throw forbidden();
  if (row.statut !== 'terminee') {
    throw new RegieError('TRANSITION_INVALIDE', {
      detail: { fr: "L'intervention n'est pas terminée", en: 'The intervention is not finished' },
      extensions: { statut: row.statut },
    });
  }
  const changes = { satisfaction_note: rating.note, satisfaction_commentaire: rating.commentaire ?? null };
  const { avant, apres } = difference<typeof changes>(
    { satisfaction_note: row.satisfaction_note!, satisfaction_commentaire: row.satisfaction_commentaire },
    changes,
  );
  if (Object.keys(apres).length === 0) return row;
  await requireRoomForEvent(tx, id);
  await tx.update(Intervention, { id }, { ...changes, satisfaction_auteur_id: access.principal.userId });
  await record(tx, actor, { entite: 'intervention', entiteId: id, action: 'satisfaction', avant, apres });
  return readIntervention(tx, access, id);
}

export interface CommentaireRow {
  id: number;
  intervention_id: number;
  texte: string;
  auteur: { id: number; nom: string; prenom: string };
  date_creation: Date;
}

const COMMENTAIRE_COLUMNS = sql`c.id, c.intervention_id, c.texte, c.date_creation,
  json_build_object('id', u.id, 'nom', u.nom, 'prenom', u.prenom) AS auteur`;

const COMMENTAIRE_LIST: ListSpec = {
  columns: COMMENTAIRE_COLUMNS,
  from: sql`commentaires c JOIN users u ON u.id = c.auteur_id`,
  alias: 'c',
  sortable: { id: { expression: 'c.id', cast: 'integer' } },
  defaultSort: 'id',
};

/** @throws {RegieError} `INTROUVABLE` */
export async function listCommentaires(
  executor: Executor,
  access: Access,
  interventionId: number,
  page: PageRequest,
): Promise<Page<CommentaireRow>> {
  await readIntervention(executor, access, interventionId);
  return list(executor, COMMENTAIRE_LIST, [sql`c.intervention_id = ${interventionId}`], page);
}

/** @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `LIMITE_ATTEINTE` */
export async function comment(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  interventionId: number,
  texte: string,
): Promise<CommentaireRow> {
  await lockIntervention(tx, interventionId, LOCK_TO_COUNT);
  await access.confirm(tx);
  const row = await readIntervention(tx, access, interventionId);
  access.require('comment', 'Intervention', permissionSubject(row));
  await requireRoomForComment(tx, interventionId);
  const inserted = await tx.insert(Commentaire, {
    intervention_id: interventionId,
    auteur_id: access.principal.userId,
    texte,
    date_creation: actor.now,
  });
  const id = inserted.identifiers[0]!.id as number;
  await record(tx, actor, {
    entite: 'commentaire',
    entiteId: id,
    action: 'creation',
    apres: { intervention_id: interventionId },
  });
  const rows = await query<CommentaireRow>(
    tx,
    sql`SELECT ${COMMENTAIRE_COLUMNS} FROM commentaires c JOIN users u ON u.id = c.auteur_id WHERE c.id = ${id}`,
  );
  return rows[0]!;
}

export interface HistoriqueRow {
  id: number;
  entite: string;
  entite_id: number;
  action: string;
  auteur_id: number | null;
  date: Date;
  avant: unknown;
  apres: unknown;
  correlation_id: string | null;
  numero_evenement: number | null;
}

export const HISTORIQUE_LIST: ListSpec = {
  columns: sql`h.id, h.entite, h.entite_id, h.action, h.auteur_id, h.date, h.avant, h.apres, h.correlation_id, h.numero_evenement`,
  from: sql`historique h`,
  alias: 'h',
  sortable: { id: { expression: 'h.id', cast: 'integer' } },
  defaultSort: 'id',
};

/** Refusals are the audit's; before they were counted there, each was filed under what it was about. */
const OF_ITS_LIFE = sql`h.action <> 'refus'`;

/** @throws {RegieError} `INTROUVABLE` */
export async function listHistorique(
  executor: Executor,
  access: Access,
  interventionId: number,
  page: PageRequest,
): Promise<Page<HistoriqueRow>> {
  await readIntervention(executor, access, interventionId);
  const conditions = [sql`h.entite = 'intervention'`, sql`h.entite_id = ${interventionId}`, OF_ITS_LIFE];
  return list(executor, HISTORIQUE_LIST, conditions, page);
}

/** What the intervention is waiting for, as its workflow holds it. */
export async function readEcheances(executor: Executor, access: Access, id: number): Promise<Echeance[]> {
  const row = await queryOne<{ echeances: Echeance[] }>(
    executor,
    sql`SELECT i.echeances FROM interventions i JOIN equipements e ON e.id = i.equipement_id
        WHERE i.id = ${id} AND ${access.where('read', 'Intervention', INTERVENTION_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  return row.echeances;
}
