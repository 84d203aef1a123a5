import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { Access } from '../../../auth/access';
import { type AuthorRow, authorSql, toPrincipal } from '../../../auth/author';
import type { Action } from '../../../auth/permissions';
import type { Principal } from '../../../auth/principal';
import { exclusionViolation } from '../../../db/errors';
import { type Executor, queryOne } from '../../../db/sql';
import { forbidden, notFound, RegieError, unavailable } from '../../../domain/errors';
import { covers } from '../../../domain/identite/cles-api';
import { type Demande, refuseOrdre, ruleOf } from '../../../domain/interventions/demandes';
import type { Snapshot } from '../../../domain/interventions/snapshot';
import type { Actor } from '../../actor';
import { requireVersion } from '../../versions';
import { requireRoomForOrdre } from '../limites';
import { refused } from '../refusal';
import { assign } from './assignation';
import { settleDeparture } from './depart';
import { type Evenement, writeEvenement } from './evenement';
import { type LockedIntervention, lockAndRead, snapshotOf } from './locked';
import { modify } from './modification';
import { receiveParts } from './pieces';
import { move } from './statut';

/** How long a demande may wait to be applied, in seconds. Its caller waits longer, and is then told 503. */
const DEMANDE_LIFETIME = 9;

/**
 * Applies a demande to its intervention: rights, version and rules once more on the locked row, then row, plan, parts,
 * history and messages in the given transaction. Applying it again changes nothing and answers the same.
 *
 * @throws {RegieError} `NON_AUTHENTIFIE`, `INTROUVABLE` or `INTERDIT` when its author may not have it done any more,
 *   `VERSION_PERIMEE`, `TRANSITION_INVALIDE`, `CLOTUREE`, `LIMITE_ATTEINTE`, `CONFLIT_PLANNING`,
 *   `HORS_DISPONIBILITE`, `VALIDATION`, or `SERVICE_INDISPONIBLE` for a demande whose caller has already been told that it failed.
 */
export async function applyDemande(
  tx: EntityManager,
  demandeId: string,
  now: Date,
  timeZone: string,
): Promise<Snapshot> {
  const demande = await queryOne<Asked>(
    tx,
    // The lock makes whoever wants to withdraw it wait; the clock is the database's, which also stamped it.
    sql`SELECT intervention_id, auteur_id, session_id, cle_api_id, adresse, contenu, correlation_id,
               action, requete, version_attendue,
               date_creation > clock_timestamp() - make_interval(secs => ${DEMANDE_LIFETIME}) AS fresh
        FROM demandes WHERE id = ${demandeId} FOR KEY SHARE`,
  );
  if (demande === null) throw unavailable('engine');
  const locked = await lockAndRead(tx, demande.intervention_id, timeZone);
  if (locked === null) throw notFound();
  const { applied, author } = await standing(tx, demandeId, demande);
  if (applied) return snapshotOf(tx, locked);
  if (!demande.fresh) throw unavailable('engine');

  requireRight(author, demande, locked);
  requireVersion(locked.intervention, demande.version_attendue);
  const refusal = refuseOrdre(situationOf(locked), ruleOf(demande.contenu), now.getTime());
  if (refusal !== null) throw refused(refusal);
  requireRoomForOrdre(locked.intervention, demande.contenu);
  const actor: Actor = {
    userId: demande.auteur_id,
    cleApiId: demande.cle_api_id,
    now,
    correlationId: demande.correlation_id,
    adresse: demande.adresse,
  };
  try {
    const evenement = await prepare(tx, actor, locked, demande.contenu);
    await writeEvenement(tx, actor, locked, { ...evenement, cause: causeOf(demandeId) });
    // Work that is reopened may be somebody's who has left since.
    await settleDeparture(tx, locked, now);
  } catch (error) {
    if (exclusionViolation(error) === 'plannings_sans_chevauchement') {
      throw new RegieError('CONFLIT_PLANNING', { cause: error });
    }
    throw error;
  }
  return snapshotOf(tx, locked);
}

/** A demande as it was written down. */
interface Asked {
  intervention_id: number;
  auteur_id: number;
  session_id: string | null;
  cle_api_id: number | null;
  adresse: string | null;
  contenu: Demande;
  correlation_id: string;
  action: Action | null;
  requete: string | null;
  version_attendue: number | null;
  fresh: boolean;
}

/**
 * What became of a demande, and who its author is, once its intervention is locked: whatever was changed before the lock
 * was ours counts.
 */
async function standing(
  tx: EntityManager,
  demandeId: string,
  asked: Asked,
): Promise<{ applied: boolean; author: Principal | null }> {
  const identity = { sessionId: asked.session_id, cleApiId: asked.cle_api_id };
  const found = await queryOne<{ applied: boolean; author: AuthorRow | null }>(
    tx,
    sql`SELECT EXISTS (${applicationOf(asked.intervention_id, demandeId)}) AS applied,
               (SELECT row_to_json(a) FROM (${authorSql(identity)}) a) AS author`,
  );
  return { applied: found!.applied, author: toPrincipal(found!.author, identity) };
}

/**
 * Whether the author of a demande may still have it done: to an intervention that was given to somebody else meanwhile,
 * or has moved on, they may not, nor when they have been signed out or given another role.
 * @throws {RegieError} `NON_AUTHENTIFIE`, `INTROUVABLE`, `INTERDIT`, `SERVICE_INDISPONIBLE`
 */
function requireRight(
  author: Principal | null,
  { action, requete }: Asked,
  locked: LockedIntervention,
): void {
  // Written by a process of an earlier version, while a new one is being rolled out: nobody knows whose it is.
  if (action === null || requete === null) throw unavailable('engine');
  if (author === null) throw new RegieError('NON_AUTHENTIFIE');
  const access = new Access(author);
  const { intervention, siteId, clientId } = locked;
  const row = { ...intervention, equipement: { client_id: clientId, site_id: siteId } };
  const [method, path] = requete.split(' ') as [string, string];
  if (author.chemins !== null && !covers(author.chemins, method, path)) throw forbidden();
  if (!access.may('read', 'Intervention', row)) throw notFound();
  access.require(action, 'Intervention', row);
}

function prepare(
  tx: EntityManager,
  actor: Actor,
  locked: LockedIntervention,
  demande: Demande,
): Promise<Omit<Evenement, 'cause'>> {
  switch (demande.type) {
    case 'assignation':
      return assign(tx, actor, locked, demande);
    case 'statut':
      return move(tx, actor, locked, demande);
    case 'modification':
      return Promise.resolve(modify(actor, locked, demande.changements));
    case 'reception':
      return receiveParts(tx, actor, locked, demande.besoins);
  }
}

function situationOf({ intervention }: LockedIntervention) {
  return { statut: intervention.statut, dateFin: intervention.date_fin?.getTime() ?? null };
}

/** Whether a demande has already become an event of its intervention. */
export async function hasBeenApplied(
  executor: Executor,
  interventionId: number,
  demandeId: string,
): Promise<boolean> {
  return (await queryOne(executor, applicationOf(interventionId, demandeId))) !== null;
}

/** The event that a demande became. */
function applicationOf(interventionId: number, demandeId: string): Sql {
  return sql`SELECT id FROM historique
        WHERE entite = 'intervention' AND entite_id = ${interventionId} AND cause = ${causeOf(demandeId)}`;
}

/** What the history names as the cause of its event. */
function causeOf(demandeId: string): string {
  return `demande:${demandeId}`;
}
