import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { Commentaire, type Intervention } from '../../../db/interventions/interventions';
import { Planning } from '../../../db/planification/planning';
import { query } from '../../../db/sql';
import { invalid } from '../../../domain/errors';
import type { Demande } from '../../../domain/interventions/demandes';
import { missingForTransition, type Statut } from '../../../domain/interventions/interventions';
import type { StatutPlanning } from '../../../domain/planification/planning';
import type { Actor } from '../../actor';
import { record } from '../../historique';
import { followMaintenance } from '../../parc/maintenance';
import { requireRoomForComment } from '../limites';
import { clock, dateLimiteOf } from './clock';
import type { Annonce, Evenement } from './evenement';
import type { LockedIntervention } from './locked';
import { consumeParts, missingParts, requestParts, returnParts } from './pieces';

type Move = Extract<Demande, { type: 'statut' }>;

/** Moves an intervention to another state, with all that goes with it. The move is known to be legal. */
export async function move(
  tx: EntityManager,
  actor: Actor,
  locked: LockedIntervention,
  demande: Move,
): Promise<Omit<Evenement, 'cause'>> {
  await addComment(tx, actor, locked, demande.commentaire);
  const requested = demande.pieces ?? [];
  if (requested.length > 0) await requestParts(tx, actor, locked.intervention.id, requested);
  const missing = await missingParts(tx, locked.intervention.id);
  requireComplete(demande, missing.length);

  const from = locked.intervention.statut;
  const changes: Partial<Intervention> = {
    statut: demande.statut,
    niveau_escalade: 0,
    ...clock(locked, demande.statut, actor.now),
  };
  await moveVisit(tx, locked, demande.statut);
  const { clientId, intervention } = locked;
  const technicien = locked.technicien?.user_id ?? null;
  const customers = { users: [clientId, intervention.createur_id] };
  const everyone = { users: [technicien, ...customers.users] };

  switch (demande.statut) {
    case 'en_cours':
      return enterEnCours(tx, locked, from, changes, actor);
    case 'attente_pieces':
      return {
        action: 'attente_pieces',
        changes,
        details: { pieces: missing.map(({ reference, quantite }) => ({ reference, quantite })) },
        annonces: [
          {
            modele: 'attente_pieces',
            audience: { ...customers, responsables: true },
            donnees: { pieces: missing },
          },
        ],
      };
    case 'terminee':
      await consumeParts(tx, intervention.id);
      await noteMaintenance(tx, actor, locked, actor.now);
      return {
        action: 'fin',
        changes: { ...changes, rapport: demande.rapport!.trim(), date_fin: actor.now },
        annonces: [
          { modele: 'terminee', audience: customers, donnees: { rapport: demande.rapport!.trim() } },
        ],
      };
    case 'annulee':
      await returnParts(tx, actor, intervention.id);
      return {
        action: 'annulation',
        changes: { ...changes, motif_annulation: demande.motif!.trim(), date_fin: actor.now },
        annonces: [{ modele: 'annulee', audience: everyone, donnees: { motif: demande.motif!.trim() } }],
      };
    default:
      return withdraw(locked, changes, actor);
  }
}

async function enterEnCours(
  tx: EntityManager,
  locked: LockedIntervention,
  from: Statut,
  changes: Partial<Intervention>,
  actor: Actor,
): Promise<Omit<Evenement, 'cause'>> {
  const { intervention, clientId, technicien } = locked;
  const customers = [clientId, intervention.createur_id];
  if (from === 'terminee') {
    await forgetRapports(tx, intervention.id);
    await noteMaintenance(tx, actor, locked, null);
    return {
      action: 'reouverture',
      changes: {
        ...changes,
        date_fin: null,
        resolution_armee_le: actor.now,
        ...newDeadline(locked, actor.now),
      },
      annonces: [{ modele: 'rouverte', audience: { users: [technicien?.user_id ?? null, ...customers] } }],
    };
  }
  if (from === 'attente_pieces') return { action: 'reprise', changes };
  return {
    action: 'debut',
    changes: { ...changes, date_debut: intervention.date_debut ?? actor.now },
    annonces: [{ modele: 'demarree', audience: { users: customers } }],
  };
}

/** Its end did not last, so neither does what was still to be made, or could not be made, of it. */
async function forgetRapports(tx: EntityManager, interventionId: number): Promise<void> {
  await query(tx, sql`DELETE FROM rapports WHERE intervention_id = ${interventionId}`);
}

/** Work that begins again has the time that its priority gives, unless somebody named a deadline that is yet to come. */
function newDeadline(locked: LockedIntervention, now: Date): Partial<Intervention> {
  const { intervention, calendar } = locked;
  const started = { resolution_depuis: now, pauses: [] };
  if (intervention.date_limite_imposee && intervention.date_limite > now) return started;
  const changes = { ...started, date_limite_imposee: false };
  return {
    ...changes,
    date_limite: dateLimiteOf({ intervention: { ...intervention, ...changes }, calendar }),
  };
}

/** Takes the technicien off; the wait for an assignment begins anew. */
function withdraw(
  locked: LockedIntervention,
  changes: Partial<Intervention>,
  actor: Actor,
): Omit<Evenement, 'cause'> {
  const annonces: Annonce[] = [{ modele: 'retiree', audience: { users: [locked.technicien!.user_id] } }];
  return { action: 'retrait', changes: { ...changes, technicien_id: null, arme_le: actor.now }, annonces };
}

function requireComplete(demande: Move, missing: number): void {
  const champ = missingForTransition(demande.statut, { ...demande, pieces: missing });
  if (champ === null) return;
  const messages = {
    rapport: { fr: 'Un rapport est requis pour terminer', en: 'A report is required to finish' },
    motif: { fr: 'Un motif est requis pour annuler', en: 'A reason is required to cancel' },
    pieces: { fr: 'Au moins une pièce manquante est requise', en: 'At least one missing part is required' },
  };
  throw invalid({ champ, message: messages[champ] });
}

const VISIT_STATUT: Record<Exclude<Statut, 'planifiee'>, StatutPlanning> = {
  ouverte: 'annulee',
  en_cours: 'en_cours',
  attente_pieces: 'en_cours',
  terminee: 'realisee',
  annulee: 'annulee',
};

/** The visit follows the intervention. A reopened one has no live visit: its time has passed. */
async function moveVisit(tx: EntityManager, locked: LockedIntervention, to: Statut): Promise<void> {
  if (locked.planning === null || to === 'planifiee') return;
  await tx.update(Planning, { id: locked.planning.id }, { statut: VISIT_STATUT[to] });
}

async function addComment(
  tx: EntityManager,
  actor: Actor,
  { intervention }: LockedIntervention,
  texte?: string,
): Promise<void> {
  if (!texte?.trim()) return;
  await requireRoomForComment(tx, intervention.id);
  const inserted = await tx.insert(Commentaire, {
    intervention_id: intervention.id,
    auteur_id: actor.userId!,
    texte: texte.trim(),
    date_creation: actor.now,
  });
  await record(tx, actor, {
    entite: 'commentaire',
    entiteId: inserted.identifiers[0]!.id as number,
    action: 'creation',
    apres: { intervention_id: intervention.id },
  });
}

/** A finished preventive visit is the equipment's last maintenance, and is none any more once it is reopened. */
async function noteMaintenance(
  tx: EntityManager,
  actor: Actor,
  { intervention, calendar }: LockedIntervention,
  fin: Date | null,
): Promise<void> {
  if (intervention.type_intervention !== 'preventive') return;
  const { id: interventionId, equipement_id: equipementId } = intervention;
  await followMaintenance(tx, actor, { interventionId, equipementId, fin }, calendar.zone);
}
