import sql, { raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import type { AuthorRow } from '../../auth/author';
import { INTERVENTION_COLUMNS } from '../../auth/columns';
import type { Action } from '../../auth/permissions';
import { Commentaire, Intervention } from '../../db/interventions/interventions';
import { readLocked } from '../../db/lock';
import type { SegmentRow } from '../../db/planification/planning';
import { type Executor, query, queryOne } from '../../db/sql';
import { writeTogether } from '../../db/write';
import { forbidden, notFound, RegieError, unknownReference } from '../../domain/errors';
import type { Counting } from '../../domain/interventions/comptage';
import { computeEcheances, deadlineOf, type Echeance } from '../../domain/interventions/escalade';
import { computeDateLimite } from '../../domain/interventions/horloge';
import { causeArret, type Statut, type TypeIntervention } from '../../domain/interventions/interventions';
import type { Snapshot } from '../../domain/interventions/snapshot';
import type { ContratCandidat, Machine } from '../../domain/parc/contrats';
import { POLITIQUE_INTEGREE } from '../../domain/parc/niveaux';
import type { Point } from '../../domain/planification/trajets';
import type { Priorite } from '../../domain/priorites';
import type { Calendar } from '../../domain/working-time';
import type { Actor } from '../actor';
import { containsWords, oneOf } from '../conditions';
import { difference, record, recordSql } from '../historique';
import { CAN_WORK } from '../identite/techniciens';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { arretSql } from '../parc/arrets';
import { applying, candidatsSql, niveauHeldSql } from '../parc/contrats';
import { calendarOf, calendrierSql } from '../planification/calendriers';
import { POINT_OF_SITE } from '../planification/lieux';
import { requireVersion } from '../versions';
import { automaticStepsSql } from './etapes-automatiques';
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
  arret: boolean;
  date_limite: Date;
  date_debut: Date | null;
  date_fin: Date | null;
  equipement_id: number;
  technicien_id: number | null;
  equipiers: number[];
  createur_id: number;
  competences_requises: string[];
  /** What is waited for, where it is no part. */
  motif_attente: string | null;
  /** Minutes that its first visit is meant to take, and who is chosen before all others when they are free. */
  duree_prevue: number | null;
  technicien_prefere_id: number | null;
  rapport: string | null;
  motif_annulation: string | null;
  cout_pieces: string | null;
  en_retard: boolean;
  a_transmettre: boolean;
  niveau_escalade: number;
  satisfaction_note: number | null;
  satisfaction_commentaire: string | null;
  satisfaction_auteur_id: number | null;
  /** What it follows from, and what follows from it. */
  suite_de: number | null;
  suites: number[];
  panne_probleme_id: number | null;
  panne_cause_id: number | null;
  panne_remede_id: number | null;
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
  planning_segments: SegmentRow[] | null;
}

/** Late: past its deadline, or past it already when the clock stopped, which it does for no deadline that was named. */
const EN_RETARD = `(i.statut NOT IN ('terminee', 'annulee') AND i.date_limite < now()
  AND (i.horloge_arretee_le IS NULL OR i.date_limite_imposee OR i.date_limite < i.horloge_arretee_le))`;

const COLUMNS = raw(
  `i.id, i.titre, i.description, i.type_intervention, i.statut, i.priorite, i.urgence, i.arret, i.date_limite,
   i.date_debut, i.date_fin, i.equipement_id, i.technicien_id, i.equipiers, i.createur_id, i.competences_requises,
   i.attente_motif AS motif_attente, i.duree_prevue,
   i.technicien_prefere_id, i.rapport, i.motif_annulation, i.cout_pieces, ${EN_RETARD} AS en_retard,
   i.a_transmettre_depuis IS NOT NULL AS a_transmettre, i.niveau_escalade,
   i.satisfaction_note, i.satisfaction_commentaire, i.satisfaction_auteur_id, i.suite_de,
   ARRAY(SELECT f.id FROM interventions f WHERE f.suite_de = i.id ORDER BY f.id) AS suites,
   i.panne_probleme_id, i.panne_cause_id, i.panne_remede_id, i.date_creation, i.date_modification, i.version,
   e.nom AS equipement_nom, e.localisation AS equipement_localisation,
   e.client_id AS equipement_client_id, e.site_id AS equipement_site_id,
   t.nom AS technicien_nom, t.prenom AS technicien_prenom, t.specialite AS technicien_specialite,
   p.id AS planning_id, p.date_planifiee AS planning_date, p.duree_estimee AS planning_duree,
   p.segments AS planning_segments`,
);

/** Each looked up for the one row: in what order to join them costs more to find out than the rows do. */
const JOINS = sql`
  CROSS JOIN LATERAL (
    SELECT nom, localisation, client_id, site_id FROM equipements WHERE id = i.equipement_id OFFSET 0) e
  LEFT JOIN LATERAL (
    SELECT u.nom, u.prenom, t.specialite FROM techniciens t JOIN users u ON u.id = t.user_id
    WHERE t.id = i.technicien_id OFFSET 0) t ON TRUE
  LEFT JOIN LATERAL (
    SELECT id, date_planifiee, duree_estimee, segments FROM plannings
    WHERE intervention_id = i.id AND statut <> 'annulee' ORDER BY id DESC LIMIT 1) p ON TRUE`;

const FROM = sql`interventions i ${JOINS}`;

export const INTERVENTION_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`interventions i`,
  // As much by itself as what it is joined with: the table has many indexes, and each is weighed for each join.
  rows: sql`CROSS JOIN LATERAL (SELECT * FROM interventions WHERE id = page._id OFFSET 0) i ${JOINS}`,
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
  const from = needsEquipement
    ? sql`interventions i JOIN equipements e ON e.id = i.equipement_id`
    : INTERVENTION_LIST.from;
  return list<InterventionRow>(executor, { ...INTERVENTION_LIST, from }, conditions, page);
}

/** What concerns a person directly: what they asked for, and what they are sent to. */
function mine({ principal }: Access): Sql {
  const { userId, technicienId } = principal;
  return sql`(i.createur_id = ${userId} OR i.technicien_id = ${technicienId}::integer
    OR i.equipiers && ARRAY[${technicienId}::integer])`;
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
 * The same for somebody who is about to order something, with when that was by the clock of the database, in milliseconds.
 * @throws {RegieError} `INTROUVABLE` when there is none that the caller may see.
 */
export async function readToOrder(
  executor: Executor,
  access: Access,
  id: number,
): Promise<InterventionRow & { askedAt: number }> {
  const row = await queryOne<InterventionRow & { askedAt: number }>(
    executor,
    sql`SELECT ${COLUMNS}, (extract(epoch FROM clock_timestamp()) * 1000)::double precision AS "askedAt" FROM ${FROM}
        WHERE i.id = ${id} AND ${access.where('read', 'Intervention', INTERVENTION_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  return row;
}

/** What the planning of a visit follows from beside the row. */
export interface VisitContext {
  calendar: Calendar;
  /** Where the site lies, or null. */
  lieu: Point | null;
  /** Minutes that the last visit was planned to take, or null when there never was one. */
  lastDuration: number | null;
  technicienCanWork: boolean;
  /** Whom the plan of preventive work prefers. */
  technicienPrefere: number | null;
}

/** @param timeZone of sites that name none. */
export async function readVisitContext(
  executor: Executor,
  id: number,
  timeZone: string,
): Promise<VisitContext> {
  const row = await queryOne<Omit<VisitContext, 'calendar'> & { calendrier: string }>(
    executor,
    sql`SELECT ${calendrierSql(timeZone)} AS calendrier, coalesce(${CAN_WORK}, false) AS "technicienCanWork",
          ${POINT_OF_SITE} AS lieu, i.technicien_prefere_id AS "technicienPrefere",
          coalesce((SELECT v.duree_estimee FROM plannings v WHERE v.intervention_id = i.id ORDER BY v.id DESC LIMIT 1),
            i.duree_prevue) AS "lastDuration"
        FROM interventions i JOIN equipements e ON e.id = i.equipement_id
        LEFT JOIN sites s ON s.id = e.site_id
        LEFT JOIN techniciens t ON t.id = i.technicien_id LEFT JOIN users u ON u.id = t.user_id
        WHERE i.id = ${id}`,
  );
  if (row === null) throw notFound();
  const { calendrier, ...context } = row;
  return { ...context, calendar: calendarOf(executor, calendrier, timeZone) };
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
    equipiers: row.equipiers,
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
  /** Whether the equipment stands still until it is over. */
  arret?: boolean;
  /** An instant in ISO 8601, or a day of the site's calendar. */
  date_limite?: string | null;
  equipement_id: number;
  competences_requises: string[];
  /** Of its first visit, in minutes, where nobody names another. */
  duree_prevue?: number | null;
  /** Who is chosen before all others when they are free. */
  technicien_prefere_id?: number | null;
  /** The intervention that it follows from. */
  suite_de?: number;
}

/** What a new intervention has: its row, and how its workflow starts. */
export interface Opened {
  row: InterventionRow;
  situation: Snapshot;
}

/**
 * Writes a new intervention with its deadlines. Its workflow starts after the commit, with how it stands.
 * @param timeZone of sites that name none.
 * @throws {RegieError} `VALIDATION` for equipment that the caller cannot see, `INTERDIT`
 */
export async function createIntervention(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: NewIntervention,
  timeZone: string,
): Promise<Opened> {
  const equipement = await lockEquipement(tx, access, fields, timeZone, actor.now);
  if (equipement === null || !access.may('read', 'Equipement', equipement)) {
    throw unknownReference('equipement_id');
  }
  const createur_id = access.principal.userId;
  access.require('create', 'Intervention', {
    createur_id,
    technicien_id: null,
    equipiers: [],
    statut: 'ouverte',
    equipement,
  });
  return openIntervention(tx, actor, fields, createur_id, placementOf(tx, equipement, timeZone));
}

/**
 * What an intervention brings about by itself, such as one that follows from a step of its work: in the name of the caller,
 * who is confirmed by this and may do that to the intervention, whether or not they may report work themselves.
 * @param timeZone of sites that name none.
 */
export async function openSuite(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: NewIntervention & { suite_de: number },
  timeZone: string,
): Promise<Opened> {
  const equipement = await lockEquipement(tx, access, fields, timeZone, actor.now);
  return openIntervention(tx, actor, fields, access.principal.userId, placementOf(tx, equipement!, timeZone));
}

function placementOf(tx: EntityManager, equipement: OwnedEquipement, timeZone: string): Placement {
  return { ...equipement, calendar: calendarOf(tx, equipement.calendrier, timeZone) };
}

/** Where an intervention is to be opened: by what its time counts, and whose levels of service hold. */
export interface Placement extends Machine {
  calendar: Calendar;
  contrats: ContratCandidat[] | null;
}

/**
 * Writes a new intervention; whoever calls it has asked permission, or needs none as the system that carries out somebody's
 * plans, and holds the lock of the equipment.
 * @param createur_id in whose name it stands.
 */
export async function openIntervention(
  tx: EntityManager,
  actor: Actor,
  fields: NewIntervention,
  createur_id: number,
  placement: Placement,
): Promise<{ row: InterventionRow; situation: Snapshot }> {
  const { calendar, contrats } = placement;
  const now = actor.now.getTime();
  const { niveau_service_id, politique } = applying(contrats, placement, now, calendar.zone);
  const counting: Counting = { ...fields, calendar, politique: politique ?? POLITIQUE_INTEGREE };
  const imposee = fields.date_limite != null;
  const dateLimite = imposee
    ? deadlineOf(fields.date_limite!, calendar.zone, now).getTime()
    : computeDateLimite(counting, { depuis: now, pauses: [] });
  const echeances = computeEcheances({
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
    attenteMotif: null,
    resolutionDepuis: now,
    pauses: [],
    reglesDepuis: now,
    escalades: [],
  });
  const creation = recordSql(actor, {
    entite: 'intervention',
    entiteId: sql`created.id`,
    action: 'creation',
    apres: {
      ...fields,
      statut: 'ouverte',
      date_limite: new Date(dateLimite),
      ...(niveau_service_id === null ? {} : { niveau_service_id, niveau_service: politique!.nom }),
    },
    numeroEvenement: 1,
    cause: 'creation',
    from: sql`created`,
  });
  const row = await queryOne<InterventionRow>(
    tx,
    sql`WITH created AS (
          INSERT INTO interventions (titre, description, type_intervention, statut, priorite, urgence, arret, equipement_id,
            competences_requises, createur_id, date_limite, date_limite_imposee, echeances, duree_prevue,
            technicien_prefere_id, numero_evenement, arme_le, resolution_armee_le, resolution_depuis, regles_depuis,
            date_creation, date_modification, niveau_service_id, politique, suite_de)
          SELECT ${fields.titre}, ${fields.description}, ${fields.type_intervention}, 'ouverte', ${fields.priorite},
            ${fields.urgence}::boolean, ${fields.arret ?? false}::boolean, ${fields.equipement_id}::integer, ${fields.competences_requises}::text[],
            ${createur_id}::integer, ${new Date(dateLimite)}::timestamptz, ${imposee}::boolean,
            ${JSON.stringify(echeances)}::jsonb, ${fields.duree_prevue ?? null}::integer,
            ${fields.technicien_prefere_id ?? null}::integer, 1, now, now, now, now, now, now,
            ${niveauHeldSql(niveau_service_id)}, ${politique === null ? null : JSON.stringify(politique)}::jsonb,
            ${fields.suite_de ?? null}::integer
          FROM (SELECT ${actor.now}::timestamptz AS now) clock
          RETURNING *),
        event AS (${creation}),
        steps AS (${automaticStepsSql(sql`created`)})
        SELECT ${COLUMNS} FROM created i ${JOINS}`,
  );
  if (fields.arret) {
    const arret = { interventionId: row!.id, equipementId: fields.equipement_id, cause: causeArret(row!) };
    await writeTogether(tx, await arretSql(tx, actor, arret));
  }
  const { priorite, urgence, type_intervention: typeIntervention, equipement_id: equipementId } = fields;
  const situation: Snapshot = {
    statut: 'ouverte',
    priorite,
    urgence,
    typeIntervention,
    equipementId,
    technicienId: null,
    dateLimite,
    dateFin: null,
    numeroEvenement: 1,
    echeances,
    rapportAttendu: null,
    rapportAbandonne: false,
  };
  return { row: row!, situation };
}

interface OwnedEquipement {
  client_id: number | null;
  site_id: number | null;
  calendrier: string;
  contrats: ContratCandidat[] | null;
}

/** The equipment stays whose it is until the transaction ends; the caller is confirmed. */
async function lockEquipement(
  tx: EntityManager,
  access: Access,
  { equipement_id: id, arret }: Pick<NewIntervention, 'equipement_id' | 'arret'>,
  timeZone: string,
  now: Date,
): Promise<OwnedEquipement | null> {
  // Its state is about to change: to take more of it later than now would be to wait for somebody who does the same.
  const lock = arret ? sql`FOR NO KEY UPDATE` : sql`FOR SHARE`;
  const row = await readLocked(
    () => takeEquipement(tx, access, id, lock, timeZone, now),
    () => query(tx, sql`SELECT id FROM equipements WHERE id = ${id} ${lock}`),
  );
  const { author, equipement } = row!;
  access.confirmWith(author);
  return equipement;
}

/** Locks an equipment that is free, and reads what goes with it and who asks; there is a row whether or not it exists. */
function takeEquipement(
  tx: EntityManager,
  access: Access,
  id: number,
  lock: Sql,
  timeZone: string,
  now: Date,
) {
  return queryOne<{
    author: AuthorRow | null;
    equipement: OwnedEquipement | null;
    settled: boolean;
  }>(
    tx,
    sql`WITH taken AS MATERIALIZED (
          SELECT id, client_id, site_id, xmin FROM equipements WHERE id = ${id} ${lock} SKIP LOCKED)
        SELECT ${access.authorJson} AS author, taken.xmin IS NOT DISTINCT FROM seen.xmin AS settled,
          CASE WHEN taken.id IS NULL THEN NULL
               ELSE json_build_object('client_id', taken.client_id, 'site_id', taken.site_id,
                                      'calendrier', ${calendrierSql(timeZone)},
                                      'contrats', ${candidatsSql('taken', sql`${now}::timestamptz`)}) END AS equipement
        FROM (SELECT) always
        LEFT JOIN taken ON TRUE
        LEFT JOIN equipements seen ON seen.id = ${id}
        LEFT JOIN sites s ON s.id = taken.site_id`,
  );
}

/** Nobody else changes, or keeps, an intervention that is about to be changed. */
export const LOCK_TO_CHANGE = sql`FOR UPDATE`;
/** Nobody changes it, so that whoever may do something to it still may when it is done. */
export const LOCK_TO_KEEP = sql`FOR SHARE`;
/** The same, and nobody adds to it at the same moment: what it has is being counted. */
const LOCK_TO_COUNT = sql`FOR NO KEY UPDATE`;

/** A statement of its own: what is read together with a lock may be older than what the lock waited for. */
export async function lockIntervention(tx: EntityManager, id: number, lock: Sql): Promise<void> {
  await query(tx, sql`SELECT id FROM interventions WHERE id = ${id} ${lock}`);
}

/** What is asked of an intervention before something of it is written. */
interface Asked {
  /** Version named by the caller, or null. */
  expected?: number | null;
  /** Fields of the intervention itself that are changed. */
  fields?: readonly string[];
  /** Whether what is to be changed is the caller's own, who then needs no other right; asked once they are confirmed. */
  isOwn?: () => Promise<boolean>;
}

/**
 * The one way to write anything that belongs to an intervention, whatever the noun: locks it, confirms the caller, and asks
 * whether they may do this to it and whether it is open. What is over is closed to all but comments, documents and the
 * rating (`refuseWriting`).
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `CLOTUREE`
 */
export async function lockOpen(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  action: Action,
  { expected = null, fields = [], isOwn }: Asked = {},
): Promise<InterventionRow> {
  await lockIntervention(tx, id, LOCK_TO_CHANGE);
  await access.confirm(tx);
  const own = (await isOwn?.()) === true;
  const row = own ? await readChanged(tx, id) : await readIntervention(tx, access, id);
  if (!own) access.require(action, 'Intervention', permissionSubject(row), fields);
  requireVersion(row, expected);
  requireOpen(row, actor.now);
  return row;
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
  const row = await lockOpen(tx, access, actor, id, 'update', { expected, fields: Object.keys(changes) });
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
