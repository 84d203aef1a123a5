import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { Access } from '../../../auth/access';
import { type AuthorRow, authorSql, toPrincipal } from '../../../auth/author';
import type { Principal } from '../../../auth/principal';
import { exclusionViolation } from '../../../db/errors';
import { forbidden, notFound, RegieError, unavailable } from '../../../domain/errors';
import { covers } from '../../../domain/identite/cles-api';
import { type Ordre, refuseOrdre, ruleOf } from '../../../domain/interventions/ordres';
import { idsOf } from '../../../domain/interventions/pannes';
import type { Snapshot } from '../../../domain/interventions/snapshot';
import type { Actor } from '../../actor';
import { claim } from '../../idempotence';
import { type AssignableRow, assignablesSql } from '../../planification/affectation';
import { SANS_CHEVAUCHEMENT, type Voulu } from '../../planification/occupations';
import { requireVersion } from '../../versions';
import { requireRoomForOrdre } from '../limites';
import { refused } from '../refusal';
import type { AskedOrdre } from '../scelles';
import { assign } from './assignation';
import { settleDeparture } from './depart';
import { refreshReopened } from './derivation';
import { type Evenement, writeEvenement } from './evenement';
import { type LockedIntervention, lockAndRead, snapshotOf, subjectOf } from './locked';
import { modify } from './modification';
import { receiveParts } from './pieces';
import { type KnownCode, move } from './statut';

/** How long an order may wait to be carried out, in milliseconds. Its caller waits longer, and is then told 503. */
const ORDRE_LIFETIME = 9_000;

/**
 * Carries an order out: rights, version and rules once more on the locked row, then row, plan, parts, history and messages
 * in the given transaction, with the claim of its key. Carrying it out again changes nothing and answers the same.
 *
 * @param toWake other interventions that are given parts by it are added to these: to be woken after the commit.
 * @throws {RegieError} `NON_AUTHENTIFIE`, `INTROUVABLE` or `INTERDIT` when its author may not have it done any more,
 *   `VERSION_PERIMEE`, `TRANSITION_INVALIDE`, `CLOTUREE`, `LIMITE_ATTEINTE`, `CONFLIT_PLANNING`, `HORS_DISPONIBILITE`,
 *   `VALIDATION`, `CLE_REUTILISEE`, or `SERVICE_INDISPONIBLE` for one whose caller has already been told that it failed.
 */
export async function applyOrdre(
  tx: EntityManager,
  interventionId: number,
  asked: AskedOrdre,
  now: Date,
  timeZone: string,
  toWake: number[] = [],
): Promise<Snapshot> {
  // First of all: whatever happens while somebody else holds the key is seen by what is read afterwards.
  const claimed = asked.key === null ? null : await claim(tx, asked.key, asked.id);
  const locked = await lockAndRead<Standing>(
    tx,
    interventionId,
    timeZone,
    standingSql(interventionId, asked),
  );
  if (locked === null) throw notFound();
  const { applied, withdrawn, now: databaseNow, author, assignables, codes } = locked.besides;
  if (applied || claimed?.fresh === false) return snapshotOf(tx, locked);
  if (withdrawn || databaseNow > asked.askedAt + ORDRE_LIFETIME) throw unavailable('engine');

  requireRight(toPrincipal(author, asked.author), asked, locked);
  requireVersion(locked.intervention, asked.expectedVersion);
  const refusal = refuseOrdre(situationOf(locked), ruleOf(asked.ordre), now.getTime());
  if (refusal !== null) throw refused(refusal);
  requireRoomForOrdre(locked.intervention, asked.ordre);
  const actor: Actor = {
    userId: asked.userId,
    cleApiId: asked.author.cleApiId,
    now,
    correlationId: asked.correlationId,
    adresse: asked.adresse,
  };
  try {
    const evenement = await prepare(tx, actor, locked, asked.ordre, assignables ?? [], codes ?? [], toWake);
    await writeEvenement(tx, actor, locked, { ...evenement, cause: causeOf(asked.id) });
    if (evenement.action === 'reouverture') await refreshReopened(tx, locked, now);
    // Work that is reopened may be somebody's who has left since.
    await settleDeparture(tx, locked, now);
  } catch (error) {
    throw exclusionViolation(error) === SANS_CHEVAUCHEMENT ? conflictOf(locked, error) : error;
  }
  return snapshotOf(tx, locked);
}

/** Says for whom and when there was no room; what is in the way the caller is told as far as they may know of it. */
function conflictOf({ technicien, equipe, planning }: LockedIntervention, cause: unknown): RegieError {
  const voulu: Voulu = {
    personnes: [technicien!, ...equipe].map(({ user_id }) => user_id),
    segments: planning!.segments,
  };
  return new RegieError('CONFLIT_PLANNING', { extensions: { voulu }, cause });
}

/** What became of an order, and who its author is, once its intervention is locked. */
interface Standing {
  applied: boolean;
  withdrawn: boolean;
  /** By the clock of the database, which also said when the order was placed; milliseconds. */
  now: number;
  author: AuthorRow | null;
  /** Of those whom an assignment names, or who have the work, who may be sent there; null for no assignment or nobody. */
  assignables: AssignableRow[] | null;
  /** Of the codes that a move names, those that there are; null for none. */
  codes: KnownCode[] | null;
}

function standingSql(interventionId: number, { id, author, ordre }: AskedOrdre): Sql {
  // One text for every kind of order: it is planned once a connection.
  const named = ordre.type === 'assignation' ? ordre : { technicien_id: null, equipiers: null };
  const team = sql`coalesce(${named.technicien_id ?? null}::integer, i.technicien_id)
    || coalesce(${named.equipiers ?? null}::integer[], i.equipiers)`;
  const pannes = ordre.type === 'statut' ? ordre.pannes : undefined;
  return sql`json_build_object(
    'applied', EXISTS (${applicationOf(interventionId, id)}),
    'withdrawn', EXISTS (SELECT FROM ordres_retires WHERE id = ${id}),
    'now', (extract(epoch FROM clock_timestamp()) * 1000)::double precision,
    'author', (SELECT row_to_json(a) FROM (${authorSql(author)}) a),
    'assignables', CASE WHEN ${ordre.type === 'assignation'}::boolean THEN
      (SELECT json_agg(a) FROM (${assignablesSql(team, sql`e.site_id`)}) a) END,
    'codes', (SELECT json_agg(json_build_object('id', c.id, 'nature', c.nature, 'actif', c.actif))
              FROM codes_panne c WHERE c.id = ANY(${idsOf(pannes)}::integer[])))`;
}

/**
 * Whether the author of an order may still have it done: to an intervention that was given to somebody else meanwhile,
 * or has moved on, they may not, nor when they have been signed out or given another role.
 * @throws {RegieError} `NON_AUTHENTIFIE`, `INTROUVABLE`, `INTERDIT`
 */
function requireRight(
  author: Principal | null,
  { action, requete }: AskedOrdre,
  locked: LockedIntervention,
): void {
  if (author === null) throw new RegieError('NON_AUTHENTIFIE');
  const access = new Access(author);
  const row = subjectOf(locked);
  const [method, path] = requete.split(' ') as [string, string];
  if (author.chemins !== null && !covers(author.chemins, method, path)) throw forbidden();
  if (!access.may('read', 'Intervention', row)) throw notFound();
  access.require(action, 'Intervention', row);
}

function prepare(
  tx: EntityManager,
  actor: Actor,
  locked: LockedIntervention,
  ordre: Ordre,
  assignables: readonly AssignableRow[],
  codes: readonly KnownCode[],
  toWake: number[],
): Promise<Omit<Evenement, 'cause'>> {
  switch (ordre.type) {
    case 'assignation':
      return assign(tx, actor, locked, ordre, assignables);
    case 'statut':
      return move(tx, actor, locked, ordre, codes, toWake);
    case 'modification':
      return Promise.resolve(modify(actor, locked, ordre.changements));
    case 'reception':
      return receiveParts(tx, actor, locked, ordre.besoins, toWake);
  }
}

function situationOf({ intervention }: LockedIntervention) {
  return { statut: intervention.statut, dateFin: intervention.date_fin?.getTime() ?? null };
}

/** The event that an order has become, if it has. */
export function applicationOf(interventionId: number, ordreId: string): Sql {
  return sql`SELECT id FROM historique
        WHERE entite = 'intervention' AND entite_id = ${interventionId} AND cause = ${causeOf(ordreId)}`;
}

/** What the history names as the cause of its event. */
function causeOf(ordreId: string): string {
  return `demande:${ordreId}`;
}
