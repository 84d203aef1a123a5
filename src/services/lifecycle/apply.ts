import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { exclusionViolation } from '../../db/errors';
import { type Executor, queryOne } from '../../db/sql';
import { type Demande, refuseOrdre, ruleOf } from '../../domain/demandes';
import { notFound, RegieError, unavailable } from '../../domain/errors';
import type { Refusal } from '../../domain/interventions';
import type { Snapshot } from '../../domain/snapshot';
import type { Actor } from '../actor';
import { requireRoomForOrdre } from '../limites';
import { assign } from './assignation';
import { type Dossier, lockDossier, snapshotOf } from './dossier';
import { type Evenement, writeEvenement } from './evenement';
import { modify } from './modification';
import { receiveParts } from './pieces';
import { move } from './statut';

/** How long a demande may wait to be applied, in seconds. Its caller waits longer, and is then told 503. */
const DEMANDE_LIFETIME = 9;

/**
 * Applies a demande to its intervention: the rules once more on the locked row, then row, plan, parts,
 * history and messages in the given transaction. Applying it again changes nothing and answers the same.
 *
 * @throws {RegieError} `TRANSITION_INVALIDE`, `CONFLIT_PLANNING`, `VALIDATION`, `INTROUVABLE`, `LIMITE_ATTEINTE`, or
 *   `SERVICE_INDISPONIBLE` for a demande whose caller has already been told that it failed.
 */
export async function applyDemande(
  tx: EntityManager,
  demandeId: string,
  now: Date,
  timeZone: string,
): Promise<Snapshot> {
  const demande = await queryOne<{
    intervention_id: number;
    auteur_id: number;
    cle_api_id: number | null;
    adresse: string | null;
    contenu: Demande;
    correlation_id: string;
    fresh: boolean;
  }>(
    tx,
    // The lock makes whoever wants to withdraw it wait; the clock is the database's, which also stamped it.
    sql`SELECT intervention_id, auteur_id, cle_api_id, adresse, contenu, correlation_id,
               date_creation > clock_timestamp() - make_interval(secs => ${DEMANDE_LIFETIME}) AS fresh
        FROM demandes WHERE id = ${demandeId} FOR KEY SHARE`,
  );
  if (demande === null) throw unavailable('engine');
  const dossier = await lockDossier(tx, demande.intervention_id, timeZone);
  if (dossier === null) throw notFound();
  if (await hasBeenApplied(tx, demande.intervention_id, demandeId)) return snapshotOf(tx, dossier);
  if (!demande.fresh) throw unavailable('engine');

  const refusal = refuseOrdre(situationOf(dossier), ruleOf(demande.contenu), now.getTime());
  if (refusal !== null) throw transitionInvalide(refusal);
  requireRoomForOrdre(dossier.intervention, demande.contenu);
  const actor: Actor = {
    userId: demande.auteur_id,
    cleApiId: demande.cle_api_id,
    now,
    correlationId: demande.correlation_id,
    adresse: demande.adresse,
  };
  try {
    const evenement = await prepare(tx, actor, dossier, demande.contenu);
    await writeEvenement(tx, actor, dossier, { ...evenement, cause: causeOf(demandeId) });
  } catch (error) {
    if (exclusionViolation(error) === 'plannings_sans_chevauchement') {
      throw new RegieError('CONFLIT_PLANNING', { cause: error });
    }
    throw error;
  }
  return snapshotOf(tx, dossier);
}

/** The transition error, in the contract's words: what is allowed now. */
export function transitionInvalide({ statut, autorisees }: Refusal): RegieError {
  const list = autorisees.join(', ');
  return new RegieError('TRANSITION_INVALIDE', {
    detail: {
      fr: `L'intervention est « ${statut} » ; possible maintenant : ${list || 'rien'}`,
      en: `The intervention is "${statut}"; possible now: ${list || 'nothing'}`,
    },
    extensions: { statut, transitions_autorisees: autorisees },
  });
}

function prepare(
  tx: EntityManager,
  actor: Actor,
  dossier: Dossier,
  demande: Demande,
): Promise<Omit<Evenement, 'cause'>> {
  switch (demande.type) {
    case 'assignation':
      return assign(tx, dossier, demande);
    case 'statut':
      return move(tx, actor, dossier, demande);
    case 'modification':
      return Promise.resolve(modify(actor, dossier, demande.changements));
    case 'reception':
      return receiveParts(tx, actor, dossier, demande.besoins);
  }
}

function situationOf({ intervention }: Dossier) {
  return { statut: intervention.statut, dateFin: intervention.date_fin?.getTime() ?? null };
}

/** Whether a demande has already become an event of its intervention. */
export async function hasBeenApplied(
  executor: Executor,
  interventionId: number,
  demandeId: string,
): Promise<boolean> {
  const found = await queryOne(
    executor,
    sql`SELECT id FROM historique
        WHERE entite = 'intervention' AND entite_id = ${interventionId} AND cause = ${causeOf(demandeId)}`,
  );
  return found !== null;
}

/** What the history names as the cause of its event. */
function causeOf(demandeId: string): string {
  return `demande:${demandeId}`;
}
