import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { CodePanne } from '../../../db/interventions/codes-panne';
import { Commentaire, type Intervention } from '../../../db/interventions/interventions';
import { query } from '../../../db/sql';
import { invalid } from '../../../domain/errors';
import { missingForTransition, type Statut } from '../../../domain/interventions/interventions';
import type { Ordre } from '../../../domain/interventions/ordres';
import { faultsOfPannes } from '../../../domain/interventions/pannes';
import type { AttenteMotif } from '../../../domain/parc/niveaux';
import type { StatutPlanning } from '../../../domain/planification/planning';
import type { Actor } from '../../actor';
import { record } from '../../historique';
import { followMaintenance } from '../../parc/maintenance';
import { countVisite } from '../../parc/visites';
import { requireRoomForComment } from '../limites';
import { endTempsSql } from '../temps-sql';
import { clock, dateLimiteOf } from './clock';
import { type Evenement, everybodyOf } from './evenement';
import type { LockedIntervention } from './locked';
import { awaitParts, consumeParts, releaseParts } from './pieces';
import { updateVisitSql } from './visit';

type Move = Extract<Ordre, { type: 'statut' }>;

/** A code of what fails, as far as a choice of it is judged. */
export type KnownCode = Pick<CodePanne, 'id' | 'nature' | 'actif'>;

/**
 * Moves an intervention to another state, with all that goes with it. The move is known to be legal.
 * @param toWake interventions that are given parts by it are added to these.
 */
export async function move(
  tx: EntityManager,
  actor: Actor,
  locked: LockedIntervention,
  ordre: Move,
  codes: readonly KnownCode[],
  toWake: number[],
): Promise<Omit<Evenement, 'cause'>> {
  await addComment(tx, actor, locked, ordre.commentaire);
  const missing =
    ordre.statut === 'attente_pieces'
      ? await awaitParts(tx, actor, locked, ordre.pieces ?? [], toWake)
      : locked.missingParts;
  requireComplete(ordre, missing.length);
  if (ordre.statut === 'terminee') requireSteps(locked);
  const pannes = pannesOf(ordre, codes);
  const motif = motifOf(locked, ordre);

  const from = locked.intervention.statut;
  const changes: Partial<Intervention> = {
    statut: ordre.statut,
    niveau_escalade: 0,
    ...clock(locked, ordre.statut, actor.now, motif),
  };
  const writes = moveVisit(tx, locked, ordre.statut, actor.now);
  const { intervention } = locked;
  const audience = everybodyOf(locked);

  switch (ordre.statut) {
    case 'en_cours':
      return { ...(await enterEnCours(tx, locked, from, changes, actor)), writes };
    case 'attente_pieces':
      return {
        action: 'attente_pieces',
        changes,
        writes,
        details: { pieces: missing.map(({ reference, quantite }) => ({ reference, quantite })), ...motif },
        annonces: [
          {
            modele: 'attente_pieces',
            audience,
            donnees: { pieces: missing, motif: motif?.motif ?? null },
          },
        ],
      };
    case 'terminee':
      await noteMaintenance(tx, actor, locked, actor.now);
      return {
        action: 'fin',
        writes: { ...writes, time: endTempsSql(intervention.id, actor.now) },
        changes: {
          ...changes,
          ...pannes,
          rapport: ordre.rapport!.trim(),
          date_fin: actor.now,
          cout_pieces: locked.hasParts ? await consumeParts(tx, actor, intervention.id, toWake) : NO_COST,
        },
        annonces: [{ modele: 'terminee', audience, donnees: { rapport: ordre.rapport!.trim() } }],
      };
    case 'annulee':
      return {
        action: 'annulation',
        writes: { ...writes, time: endTempsSql(intervention.id, actor.now) },
        changes: {
          ...changes,
          motif_annulation: ordre.motif!.trim(),
          date_fin: actor.now,
          cout_pieces: locked.hasParts ? await releaseParts(tx, actor, intervention.id, toWake) : NO_COST,
        },
        annonces: [{ modele: 'annulee', audience, donnees: { motif: ordre.motif!.trim() } }],
      };
    default:
      return { ...withdraw(locked, changes, actor), writes };
  }
}

/** Of work that needed no parts. */
const NO_COST = '0.00';

async function enterEnCours(
  tx: EntityManager,
  locked: LockedIntervention,
  from: Statut,
  changes: Partial<Intervention>,
  actor: Actor,
): Promise<Omit<Evenement, 'cause'>> {
  const { intervention } = locked;
  if (from === 'terminee') {
    await forgetRapports(tx, intervention.id);
    await noteMaintenance(tx, actor, locked, null);
    return {
      action: 'reouverture',
      changes: {
        ...changes,
        date_fin: null,
        cout_pieces: null,
        resolution_armee_le: actor.now,
        ...newDeadline(locked, actor.now),
      },
      annonces: [
        {
          modele: 'rouverte',
          audience: everybodyOf(locked),
        },
      ],
    };
  }
  if (from === 'attente_pieces') return { action: 'reprise', changes };
  return {
    action: 'debut',
    changes: { ...changes, date_debut: intervention.date_debut ?? actor.now },
    annonces: [{ modele: 'demarree', audience: everybodyOf(locked) }],
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
  const ancien = [locked.technicien!, ...locked.equipe].map(({ user_id }) => user_id);
  return {
    action: 'retrait',
    changes: { ...changes, technicien_id: null, equipiers: [], arme_le: actor.now },
    annonces: [{ modele: 'retiree', audience: { ancien } }],
  };
}

/** The reason of a wait that is not for parts, as the level of service knows it; null of every other move. */
function motifOf({ intervention }: LockedIntervention, { motif_attente }: Move): AttenteMotif | null {
  if (motif_attente === undefined) return null;
  const known = intervention.politique?.attente_motifs ?? [];
  const found = known.find(({ motif }) => motif === motif_attente);
  if (found !== undefined) return found;
  const list = known.map(({ motif }) => `« ${motif} »`).join(', ');
  throw invalid({
    champ: 'motif_attente',
    message: {
      fr: `Le niveau de service ne connaît pas ce motif ; possibles : ${list || 'aucun'}`,
      en: `The level of service knows no such reason; possible: ${list || 'none'}`,
    },
  });
}

function requireComplete(ordre: Move, missing: number): void {
  const champ = missingForTransition(ordre.statut, { ...ordre, pieces: missing });
  if (champ === null) return;
  const messages = {
    rapport: { fr: 'Un rapport est requis pour terminer', en: 'A report is required to finish' },
    motif: { fr: 'Un motif est requis pour annuler', en: 'A reason is required to cancel' },
    pieces: { fr: 'Au moins une pièce manquante est requise', en: 'At least one missing part is required' },
  };
  throw invalid({ champ, message: messages[champ] });
}

/** @throws {RegieError} `VALIDATION` for codes that there are not, that are of another tree or are not used any more. */
function pannesOf({ pannes }: Move, codes: readonly KnownCode[]): Partial<Intervention> {
  if (pannes === undefined) return {};
  const faults = faultsOfPannes(pannes, codes);
  if (faults.length > 0) throw invalid(...faults);
  return {
    panne_probleme_id: pannes.probleme_id ?? null,
    panne_cause_id: pannes.cause_id ?? null,
    panne_remede_id: pannes.remede_id ?? null,
  };
}

/** @throws {RegieError} `VALIDATION` naming every step that has to be answered first. */
function requireSteps({ missingSteps }: LockedIntervention): void {
  if (missingSteps.length === 0) return;
  throw invalid(
    ...missingSteps.map(({ id, libelle }) => ({
      champ: `etapes.${id}`,
      message: {
        fr: `« ${libelle} » est obligatoire et n’a pas de réponse`,
        en: `"${libelle}" is obligatory and has no answer`,
      },
    })),
  );
}

const VISIT_STATUT: Record<Exclude<Statut, 'planifiee'>, StatutPlanning> = {
  ouverte: 'annulee',
  en_cours: 'en_cours',
  attente_pieces: 'en_cours',
  terminee: 'realisee',
  annulee: 'annulee',
};

/** The visit follows the intervention. A reopened one has no live visit: its time has passed. */
function moveVisit(
  tx: EntityManager,
  { planning, intervention }: LockedIntervention,
  to: Statut,
  now: Date,
): Record<string, Sql> {
  if (planning === null || to === 'planifiee') return {};
  const statut = VISIT_STATUT[to];
  return {
    visit: updateVisitSql(tx, intervention.id, {
      statut,
      debut_reel: planning.statut === 'planifiee' && statut === 'en_cours' ? now : undefined,
      fin_reelle: statut === 'realisee' ? now : undefined,
    }),
  };
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

/**
 * A finished preventive visit is the equipment's last maintenance and one of the visits of its contract, and is neither any
 * more once it is reopened.
 */
async function noteMaintenance(
  tx: EntityManager,
  actor: Actor,
  { intervention, calendar }: LockedIntervention,
  fin: Date | null,
): Promise<void> {
  if (intervention.type_intervention !== 'preventive') return;
  const { id: interventionId, equipement_id: equipementId } = intervention;
  await followMaintenance(tx, actor, { interventionId, equipementId, fin }, calendar.zone);
  if (fin !== null) await countVisite(tx, { interventionId, equipementId, fin }, calendar.zone);
}
