import sql, { join, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import {
  INTERVENTION_COLUMNS,
  PROPOSITION_COLUMNS,
  SITE_COLUMNS,
  TECHNICIEN_COLUMNS,
} from '../../auth/columns';
import { LigneProposition, Proposition } from '../../db/planification/propositions';
import { type Executor, query, queryOne } from '../../db/sql';
import { invalid, notFound, RegieError, type Texte, unknownReference } from '../../domain/errors';
import { isZone } from '../../domain/local-time';
import {
  type Genre,
  joursFrom,
  LIFETIME,
  mondayOf,
  type Plan,
  type Resultat,
  type Segment,
  type StatutProposition,
  statutOf,
} from '../../domain/planification/propositions';
import type { NonAffectee } from '../../domain/planification/semaine/probleme';
import type { Priorite } from '../../domain/priorites';
import type { Actor } from '../actor';
import { oneOf } from '../conditions';
import { record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';

/**
 * Plans that the system proposes, as they are asked for, read and given up. Who computes them is `recherches.ts`, who
 * changes them by hand `retouches.ts`, who carries them out `interventions/application.ts`.
 */

/** Lines of a proposal by what became of them; `restantes` are still to be carried out. */
export type LignesApplication = Record<Resultat | 'restantes', number>;

/** A proposal without its lines, as lists show it. */
export interface PropositionRow
  extends Pick<
    Proposition,
    | 'id'
    | 'genre'
    | 'semaine'
    | 'jour'
    | 'createur_id'
    | 'site_ids'
    | 'techniciens'
    | 'interventions'
    | 'motif'
    | 'date_expiration'
    | 'progression'
    | 'bilan'
    | 'avant'
    | 'laissees'
    | 'trajets'
    | 'application_debut'
    | 'application_fin'
    | 'date_creation'
    | 'date_modification'
    | 'version'
  > {
  statut: StatutProposition;
  /** Null until it is applied. */
  application_lignes: LignesApplication | null;
}

/** A line as it is answered. */
export interface LigneRow
  extends Pick<
    LigneProposition,
    | 'id'
    | 'intervention_id'
    | 'technicien_id'
    | 'date_planifiee'
    | 'duree_estimee'
    | 'equipiers'
    | 'trajet_minutes'
    | 'retard_minutes'
    | 'verrouillee'
    | 'retiree'
    | 'resultat'
    | 'code'
    | 'changements'
    | 'liberee'
  > {
  segments: Segment[];
  /** What was planned when it was proposed. */
  actuel: Plan | null;
  /** Null where the caller may not, or may no longer, see what it is for. */
  intervention: {
    titre: string;
    priorite: Priorite;
    equipement: { nom: string; localisation: string | null };
  } | null;
}

export interface PropositionDetail extends PropositionRow {
  visites: LigneRow[];
  non_affectees: NonAffectee[];
}

/** Ready, and too old: the same rule as `statutOf` of the domain. */
const STATUT = sql`CASE WHEN r.statut = 'prete' AND r.date_expiration <= now() THEN 'perimee' ELSE r.statut END`;

const COUNTED = sql`(SELECT json_build_object(
    'appliquee', count(*) FILTER (WHERE resultat = 'appliquee'),
    'inchangee', count(*) FILTER (WHERE resultat = 'inchangee'),
    'modifiee_entretemps', count(*) FILTER (WHERE resultat = 'modifiee_entretemps'),
    'refusee', count(*) FILTER (WHERE resultat = 'refusee'),
    'restantes', count(*) FILTER (WHERE resultat IS NULL))
  FROM propositions_lignes WHERE proposition_id = r.id AND NOT retiree)`;

const COLUMNS = sql`r.id, r.genre, r.semaine, r.jour::text AS jour, r.createur_id, r.site_ids, r.techniciens, r.interventions,
  ${STATUT} AS statut, r.motif, r.date_expiration, r.progression, r.bilan, r.avant, r.laissees, r.trajets,
  r.application_debut, r.application_fin, CASE WHEN r.application_debut IS NOT NULL THEN ${COUNTED} END AS application_lignes,
  r.date_creation, r.date_modification, r.version`;

export const PROPOSITION_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`propositions r`,
  alias: 'r',
  sortable: {
    id: { expression: 'r.id', cast: 'integer' },
    date_creation: { expression: 'r.date_creation', cast: 'timestamptz' },
    semaine: { expression: 'r.semaine', cast: 'text' },
  },
  defaultSort: '-id',
};

export interface PropositionFilters {
  statut?: StatutProposition[];
  genre?: Genre[];
  semaine?: string[];
  createur_id?: number[];
}

export function listPropositions(
  executor: Executor,
  access: Access,
  { statut, genre, semaine, createur_id }: PropositionFilters,
  page: PageRequest,
): Promise<Page<PropositionRow>> {
  const conditions: Sql[] = [access.where('read', 'Proposition', PROPOSITION_COLUMNS)];
  if (statut) conditions.push(sql`(${STATUT}) = ANY(${statut})`);
  if (genre) conditions.push(oneOf('r.genre', genre));
  if (semaine) conditions.push(oneOf('r.semaine', semaine));
  if (createur_id) conditions.push(oneOf('r.createur_id', createur_id));
  return list<PropositionRow>(executor, PROPOSITION_LIST, conditions, page);
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readProposition(
  executor: Executor,
  access: Access,
  id: number,
): Promise<PropositionDetail> {
  const row = await queryOne<PropositionRow & { non_affectees: NonAffectee[] }>(
    executor,
    sql`SELECT ${COLUMNS}, r.non_affectees FROM propositions r
        WHERE r.id = ${id} AND ${access.where('read', 'Proposition', PROPOSITION_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  return { ...row, visites: await readLignes(executor, access, id) };
}

function readLignes(executor: Executor, access: Access, id: number): Promise<LigneRow[]> {
  return query<LigneRow>(
    executor,
    sql`SELECT l.id, l.intervention_id, l.technicien_id, l.date_planifiee, l.duree_estimee, l.segments, l.equipiers,
          l.trajet_minutes, l.retard_minutes, l.verrouillee, l.retiree, l.vue -> 'actuel' AS actuel,
          l.resultat, l.code, l.changements, l.liberee,
          CASE WHEN ${access.where('read', 'Intervention', INTERVENTION_COLUMNS)} THEN
            json_build_object('titre', i.titre, 'priorite', i.priorite, 'equipement',
              json_build_object('nom', e.nom, 'localisation', e.localisation)) END AS intervention
        FROM propositions_lignes l JOIN interventions i ON i.id = l.intervention_id
        JOIN equipements e ON e.id = i.equipement_id
        WHERE l.proposition_id = ${id} ORDER BY l.date_planifiee, l.id`,
  );
}

export interface NewProposition {
  semaine: string;
  site_id?: number;
  techniciens?: number[];
  interventions?: number[];
}

/** Proposals of one person that are being computed at once. */
const MAX_EN_COURS = 3;
/** Weeks ahead of this one that can be planned: holidays are known for longer. */
const MAX_WEEKS = 105;

/**
 * Asks for a plan of a week: of the site named, else of all that the caller plans. Its workflow computes it after the commit.
 * @param timeZone of sites that name none.
 * @throws {RegieError} `VALIDATION` for a week that is over, and for sites, people and work that are not the caller's to
 *   plan; `INTERDIT` for somebody who plans nothing; `LIMITE_ATTEINTE`
 */
export async function createProposition(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  { semaine, site_id, techniciens, interventions }: NewProposition,
  timeZone: string,
): Promise<PropositionDetail> {
  await access.confirm(tx);
  const zone = site_id === undefined ? timeZone : await zoneOfSite(tx, access, site_id, timeZone);
  const { fin } = joursFrom(requireMonday(semaine), 7, zone).at(-1)!;
  requireTime(fin, actor.now);
  const { principal } = access;
  const site_ids = site_id !== undefined ? [site_id] : principal.tousSites ? [] : [...principal.sites];
  access.require('create', 'Proposition', { site_ids });
  await requireTechniciens(tx, access, techniciens);
  await requireInterventions(tx, access, interventions, site_ids);
  await requireRoom(tx, principal.userId);
  const fields = {
    genre: 'semaine' as const,
    semaine,
    createur_id: principal.userId,
    site_ids,
    techniciens: techniciens ?? null,
    interventions: interventions ?? null,
    date_expiration: new Date(Math.min(fin, actor.now.getTime() + LIFETIME)),
    statut: 'en_cours' as const,
  };
  return insertProposition(tx, access, actor, fields);
}

/** Writes a new proposal, with what it is about in the history. */
export async function insertProposition(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: Partial<Proposition> & Pick<Proposition, 'genre' | 'semaine' | 'site_ids'>,
): Promise<PropositionDetail> {
  const inserted = await tx.insert(Proposition, fields);
  const id = inserted.identifiers[0]!.id as number;
  const { genre, semaine, jour, site_ids, techniciens, interventions } = fields;
  await record(tx, actor, {
    entite: 'proposition',
    entiteId: id,
    action: 'creation',
    apres: { genre, semaine, jour, site_ids, techniciens, interventions },
  });
  return readProposition(tx, access, id);
}

async function zoneOfSite(
  tx: EntityManager,
  access: Access,
  siteId: number,
  timeZone: string,
): Promise<string> {
  const site = await queryOne<{ fuseau_horaire: string | null }>(
    tx,
    sql`SELECT s.fuseau_horaire FROM sites s
        WHERE s.id = ${siteId} AND ${access.where('read', 'Site', SITE_COLUMNS)}`,
  );
  if (site === null) throw unknownReference('site_id');
  const zone = site.fuseau_horaire;
  return zone !== null && isZone(zone) ? zone : timeZone;
}

function requireMonday(semaine: string): string {
  const monday = mondayOf(semaine);
  if (monday !== null) return monday;
  throw invalid({
    champ: 'semaine',
    message: { fr: 'Aucune semaine de ce nom', en: 'There is no week of this name' },
  });
}

function requireTime(fin: number, now: Date): void {
  const left = fin - now.getTime();
  if (left > 0 && left <= MAX_WEEKS * 7 * 86_400_000) return;
  throw invalid({
    champ: 'semaine',
    message: {
      fr: 'Ni passée, ni plus de deux ans à l’avance',
      en: 'Neither past nor more than two years ahead',
    },
  });
}

async function requireTechniciens(
  tx: EntityManager,
  access: Access,
  ids: number[] | undefined,
): Promise<void> {
  if (ids === undefined) return;
  await requireAll(
    tx,
    'techniciens',
    ids,
    sql`techniciens t JOIN users u ON u.id = t.user_id
      WHERE t.id = ANY(${ids}) AND ${access.where('assign', 'Technicien', TECHNICIEN_COLUMNS)}`,
  );
}

async function requireInterventions(
  tx: EntityManager,
  access: Access,
  ids: number[] | undefined,
  siteIds: readonly number[],
): Promise<void> {
  if (ids === undefined) return;
  const onSites = siteIds.length === 0 ? sql`TRUE` : sql`e.site_id = ANY(${siteIds})`;
  await requireAll(
    tx,
    'interventions',
    ids,
    sql`interventions i JOIN equipements e ON e.id = i.equipement_id
      WHERE i.id = ANY(${ids}) AND i.statut IN ('ouverte', 'planifiee') AND ${onSites} AND ${access.where('assign', 'Intervention', INTERVENTION_COLUMNS)}`,
  );
}

const NOT_PLANNED_HERE: Texte = {
  fr: 'Ne sont pas tous à planifier ici, ou plus',
  en: 'Not all of them are to be planned here, or not any more',
};

async function requireAll(
  tx: EntityManager,
  champ: string,
  ids: readonly number[],
  found: Sql,
): Promise<void> {
  const row = await queryOne<{ total: number }>(tx, sql`SELECT count(*)::integer AS total FROM ${found}`);
  if (row!.total === new Set(ids).size) return;
  throw invalid({ champ, message: NOT_PLANNED_HERE });
}

async function requireRoom(tx: EntityManager, userId: number): Promise<void> {
  // Whoever asks for several at once is counted one after the other.
  await query(tx, sql`SELECT pg_advisory_xact_lock(hashtext('propositions'), ${userId})`);
  const row = await queryOne<{ total: number }>(
    tx,
    sql`SELECT count(*)::integer AS total FROM propositions WHERE createur_id = ${userId} AND statut = 'en_cours'`,
  );
  if (row!.total < MAX_EN_COURS) return;
  throw new RegieError('LIMITE_ATTEINTE', {
    detail: {
      fr: `Au plus ${MAX_EN_COURS} propositions en cours de calcul à la fois`,
      en: `At most ${MAX_EN_COURS} proposals are computed at a time`,
    },
    extensions: { limite: MAX_EN_COURS },
  });
}

/**
 * Gives a proposal up: its search is ended, or what it found is left alone.
 * @param expected version named by the caller, or null.
 * @returns whether it was being computed.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `TRANSITION_INVALIDE` for one that is being applied, or
 *   was
 */
export async function cancelProposition(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  expected: number | null,
): Promise<boolean> {
  const proposition = await lockProposition(tx, access, id, 'delete');
  requireVersion(proposition, expected);
  const statut = statutOf(proposition, actor.now);
  if (statut === 'annulee') return false;
  if (statut === 'appliquee' || proposition.application_debut !== null)
    throw refusedIn(proposition, actor.now);
  await tx.update(Proposition, { id }, { statut: 'annulee', motif: 'demande' });
  await record(tx, actor, {
    entite: 'proposition',
    entiteId: id,
    action: 'annulation',
    avant: { statut },
    apres: { statut: 'annulee' },
  });
  return statut === 'en_cours';
}

/**
 * Locks a proposal for somebody who is about to change it.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`
 */
export async function lockProposition(
  tx: EntityManager,
  access: Access,
  id: number,
  action: 'update' | 'delete',
): Promise<Proposition> {
  const row = await queryOne<Proposition>(
    tx,
    sql`SELECT r.*, r.jour::text AS jour FROM propositions r WHERE r.id = ${id} FOR NO KEY UPDATE`,
  );
  await access.confirm(tx);
  if (row === null || !access.may('read', 'Proposition', row)) throw notFound();
  access.require(action, 'Proposition', row);
  return row;
}

/**
 * @throws {RegieError} `TRANSITION_INVALIDE` unless it is ready and nobody applies it.
 */
export function requireReady(proposition: Proposition, now: Date): void {
  if (statutOf(proposition, now) === 'prete' && proposition.application_debut === null) return;
  throw refusedIn(proposition, now);
}

function refusedIn(proposition: Proposition, now: Date): RegieError {
  const statut = statutOf(proposition, now);
  const applied = proposition.application_debut !== null && proposition.application_fin === null;
  const detail: Texte = applied
    ? { fr: 'La proposition est en cours d’application', en: 'The proposal is being applied' }
    : { fr: `La proposition est « ${statut} »`, en: `The proposal is "${statut}"` };
  return new RegieError('TRANSITION_INVALIDE', { detail, extensions: { statut } });
}

/** Has lines written in one statement, however many they are. */
export async function insertLignes(
  tx: EntityManager,
  id: number,
  lignes: readonly NewLigne[],
): Promise<void> {
  await query(
    tx,
    sql`INSERT INTO propositions_lignes (proposition_id, intervention_id, technicien_id, date_planifiee, duree_estimee, segments,
          equipiers, trajet_minutes, retard_minutes, vue)
        SELECT ${id}, l.intervention_id, l.technicien_id, l.date_planifiee, l.duree_estimee, l.segments,
          ARRAY(SELECT jsonb_array_elements_text(l.equipiers)::integer), l.trajet_minutes, l.retard_minutes, l.vue
        FROM jsonb_to_recordset(${JSON.stringify(lignes)}::jsonb) AS l (intervention_id integer, technicien_id integer,
          date_planifiee timestamptz, duree_estimee integer, segments jsonb, equipiers jsonb, trajet_minutes integer,
          retard_minutes integer, vue jsonb)
        JOIN interventions i ON i.id = l.intervention_id JOIN techniciens t ON t.id = l.technicien_id
        ORDER BY l.date_planifiee, l.intervention_id`,
  );
}

export type NewLigne = Pick<
  LigneProposition,
  | 'intervention_id'
  | 'technicien_id'
  | 'date_planifiee'
  | 'duree_estimee'
  | 'segments'
  | 'equipiers'
  | 'trajet_minutes'
  | 'retard_minutes'
  | 'vue'
>;

/** The lines of a proposal as they are written down. */
export function readStoredLignes(executor: Executor, id: number): Promise<LigneProposition[]> {
  return query(
    executor,
    sql`SELECT * FROM propositions_lignes WHERE proposition_id = ${id} ORDER BY date_planifiee, id`,
  );
}

/** Proposals that are to be computed or applied and that nobody has been seen at for so many seconds, by their ids. */
export function forgottenPropositions(
  executor: Executor,
  what: 'recherche' | 'application',
  after: number,
  limit: number,
): Promise<{ id: number }[]> {
  const underWay =
    what === 'recherche'
      ? sql`statut = 'en_cours'`
      : sql`application_debut IS NOT NULL AND application_fin IS NULL`;
  return query(
    executor,
    sql`SELECT id FROM propositions
        WHERE ${join([underWay, sql`id > ${after}`, sql`battement < now() - make_interval(secs => ${UNSEEN})`], ' AND ')}
        ORDER BY id LIMIT ${limit}`,
  );
}

/** Whoever is at it says so more often, in seconds; one that waits for its turn is only asked for again. */
const UNSEEN = 5;
