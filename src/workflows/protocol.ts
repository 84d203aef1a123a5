import type { SearchAttributePair } from '@temporalio/common';
import type { Snapshot } from '../domain/interventions/snapshot';
import { searchAttributesOf } from './search-attributes';

/**
 * How others speak to the workflows: names, ids and arguments. Everything here is part of the histories of
 * running workflows; a name that has been released is never changed.
 */

export const INTERVENTION_WORKFLOW = 'intervention';
export const LIEN_MOT_DE_PASSE_WORKFLOW = 'lienMotDePasse';
export const PROPOSITION_WORKFLOW = 'proposition';
export const RAPPORT_WORKFLOW = 'rapport';
export const APPLICATION_WORKFLOW = 'applicationProposition';
export const MESSAGERIE_WORKFLOW = 'messagerie';
export const RECONCILIATION_WORKFLOW = 'reconciliation';
export const NETTOYAGE_WORKFLOW = 'nettoyage';
export const AGENDAS_WORKFLOW = 'agendas';
export const RELECTURE_DOCUMENTS_WORKFLOW = 'relectureDocuments';
export const ROTATION_CLES_WORKFLOW = 'rotationCles';
export const ECHEANCE_PREVENTIF_WORKFLOW = 'echeancePreventif';
export const WEBHOOK_WORKFLOW = 'webhook';
export const RENDEZ_VOUS_WORKFLOW = 'rendezVous';
export const EXPORT_DOSSIER_WORKFLOW = 'exportDossier';
export const BRIS_DE_GLACE_WORKFLOW = 'brisDeGlace';
export const PURGE_WORKFLOW = 'purge';
export const DEMANDE_DROITS_WORKFLOW = 'demandeDroits';
export const CONSULTATION_WORKFLOW = 'consultation';
export const EXAMEN_WORKFLOW = 'examen';
export const DISTRIBUTION_WEBHOOKS_WORKFLOW = 'distributionWebhooks';

/** The workflow of an intervention, one for its whole life. */
export function interventionWorkflowId(interventionId: number): string {
  return `intervention-${interventionId}`;
}

/** Whose workflow it is, or null when it is none of an intervention. */
export function interventionIdOf(workflowId: string): number | null {
  const id = /^intervention-(\d{1,10})$/.exec(workflowId)?.[1];
  return id === undefined ? null : Number(id);
}

/** What the workflow of an intervention is started with. */
export interface InterventionStart {
  /** How things stand, if whoever starts it has just written the row; else it reads the row itself. */
  situation: Snapshot | null;
}

/** How the workflow of an intervention is started, by whoever notices first that it should run. */
export function interventionStart(interventionId: number, taskQueue: string) {
  return {
    workflowId: interventionWorkflowId(interventionId),
    taskQueue,
    args: [interventionId, { situation: null }] as [number, InterventionStart],
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    staticSummary: `Intervention ${interventionId}`,
  };
}

/**
 * The same for one whose row has just been written: its first task has nothing to read. Only the first time: what is over
 * by now is not started again with how things stood at its beginning.
 */
export function newInterventionStart(interventionId: number, taskQueue: string, situation: Snapshot) {
  return {
    ...interventionStart(interventionId, taskQueue),
    args: [interventionId, { situation }] as [number, InterventionStart],
    workflowIdReusePolicy: 'REJECT_DUPLICATE' as const,
    typedSearchAttributes: searchAttributesOf(situation, Date.now()).filter(isGiven),
  };
}

function isGiven(pair: { value: unknown }): pair is SearchAttributePair {
  return pair.value !== null;
}

/** Reads its row again, started if it does not run. */
export function interventionWake(interventionId: number, taskQueue: string) {
  const { workflowIdConflictPolicy, ...start } = interventionStart(interventionId, taskQueue);
  return { ...start, signal: SYNCHRONISER_SIGNAL, signalArgs: [] as [] };
}

/** Where the workflows of a queue have their reports made. */
export function rapportsTaskQueue(taskQueue: string): string {
  return `${taskQueue}-rapports`;
}

/** How a report that somebody asked for is begun, by whoever notices first that it should be made. */
export function rapportStart(rapportId: number, taskQueue: string) {
  return {
    workflowId: `rapport-${rapportId}`,
    taskQueue,
    args: [rapportId] as [number],
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    staticSummary: `Rapport ${rapportId}`,
  };
}

/** The workflow of a link by which somebody chooses a password. The id opens nothing: its token is made of it with a key. */
export function lienMotDePasseWorkflowId(lienId: string): string {
  return `lien-mot-de-passe-${lienId}`;
}

/** How it is started, by whoever notices first that it should run. */
export function lienMotDePasseStart(lienId: string, taskQueue: string) {
  return {
    workflowId: lienMotDePasseWorkflowId(lienId),
    taskQueue,
    args: [lienId] as [string],
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    staticSummary: 'Lien de mot de passe',
  };
}

/** Where the workflows of a queue have proposals applied. */
export function applicationsTaskQueue(taskQueue: string): string {
  return `${taskQueue}-applications`;
}

/** Where the workflows of a queue have plans computed. */
export function propositionsTaskQueue(taskQueue: string): string {
  return `${taskQueue}-propositions`;
}

/** How the computing of a proposal is started, by whoever notices first that it should run. */
export function propositionStart(propositionId: number, taskQueue: string) {
  return {
    workflowId: `proposition-${propositionId}`,
    taskQueue,
    args: [propositionId] as [number],
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    staticSummary: `Proposition ${propositionId} : calcul`,
  };
}

/** How its application is. */
export function applicationStart(propositionId: number, taskQueue: string) {
  return {
    ...propositionStart(propositionId, taskQueue),
    workflowId: `proposition-${propositionId}-application`,
    staticSummary: `Proposition ${propositionId} : application`,
  };
}

/** Where the workflows of a queue have webhooks called. */
export function webhooksTaskQueue(taskQueue: string): string {
  return `${taskQueue}-webhooks`;
}

/** How a webhook that has something to send is woken, started if it does not run. */
export function webhookWake(webhookId: number, taskQueue: string) {
  return {
    workflowId: `webhook-${webhookId}`,
    taskQueue,
    args: [webhookId] as [number],
    staticSummary: `Webhook ${webhookId}`,
    signal: LIVRAISON_SIGNAL,
    signalArgs: [] as [],
  };
}

/** A signal of `webhook`: there may be something to send. */
export const LIVRAISON_SIGNAL = 'livraison';

/** A signal of `rendezVous`: its row may have changed. */
export const RENDEZ_VOUS_SIGNAL = 'change';

/** How the workflow of an appointment is told to look at its row, started if it does not run. */
export function rendezVousWake(rendezVousId: number, taskQueue: string) {
  return {
    workflowId: `rendez-vous-${rendezVousId}`,
    taskQueue,
    args: [rendezVousId] as [number],
    staticSummary: `Rendez-vous ${rendezVousId}`,
    staticDetails:
      'Fin des retenues et des demandes, rappels, liste du soir. Relit la ligne à chaque fois : ce qui est annulé, déplacé ' +
      'ou déjà dit n’est pas dit. Recommencé, il ne dit rien deux fois.',
    signal: RENDEZ_VOUS_SIGNAL,
    signalArgs: [] as [],
  };
}

/** A signal of `exportDossier`: whoever asked for it has it. */
export const EXPORT_REMIS_SIGNAL = 'remis';

/** How a copy of a record is made and followed, by whoever notices first that it should be. */
export function exportDossierStart(cabinetId: number, exportId: number, taskQueue: string) {
  return {
    workflowId: `export-${exportId}`,
    taskQueue,
    args: [cabinetId, exportId] as [number, number],
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    staticSummary: `Export ${exportId}`,
    staticDetails:
      'Établit la copie d’un dossier, la garde jusqu’à son retrait ou son échéance, puis l’efface. Relit la ligne à chaque ' +
      'fois : recommencé, il n’établit ni ne remet rien deux fois.',
  };
}

/** Tells it that it was handed over, started if it does not run. */
export function exportDossierRemis(cabinetId: number, exportId: number, taskQueue: string) {
  const { workflowIdConflictPolicy, ...start } = exportDossierStart(cabinetId, exportId, taskQueue);
  return { ...start, signal: EXPORT_REMIS_SIGNAL, signalArgs: [] as [] };
}

/** A signal of `brisDeGlace`: its row may have changed. */
export const BRIS_DE_GLACE_SIGNAL = 'change';

/** How the workflow of a break-glass is told to look at its row, started if it does not run. It knows ids, and nothing else. */
export function brisDeGlaceWake({ id, cabinet_id }: { id: number; cabinet_id: number }, taskQueue: string) {
  return {
    workflowId: `bris-de-glace-${id}`,
    taskQueue,
    args: [cabinet_id, id] as [number, number],
    staticSummary: `Bris de glace ${id}`,
    staticDetails:
      'Avertit le patient, demande la revue, la redemande après 72 h. Relit la ligne à chaque fois ; le dossier se referme ' +
      'par sa ligne, que ceci tourne ou non. Recommencé, il ne dit rien deux fois.',
    signal: BRIS_DE_GLACE_SIGNAL,
    signalArgs: [] as [],
  };
}

/** A signal of `examen`: its row may have changed. */
export const EXAMEN_SIGNAL = 'change';

/** How the workflow of an examen is told to look at its row, started if it does not run. */
export function examenWake(examenId: number, taskQueue: string) {
  return {
    workflowId: `examen-${examenId}`,
    taskQueue,
    args: [examenId] as [number],
    staticSummary: `Examen ${examenId}`,
    staticDetails:
      'Résultat en retard, résultat que personne n’a vu. Relit la ligne à chaque fois ; ne finit qu’avec la décision d’un ' +
      'médecin. Recommencé, il ne dit rien deux fois.',
    signal: EXAMEN_SIGNAL,
    signalArgs: [] as [],
  };
}

/** A signal of `consultation`: it may have been signed or given up. */
export const CONSULTATION_SIGNAL = 'change';

/** How the workflow of a draft is told to look at its row, started if it does not run. It knows ids alone. */
export function consultationWake(cabinetId: number, consultationId: number, taskQueue: string) {
  return {
    workflowId: `consultation-${consultationId}`,
    taskQueue,
    args: [cabinetId, consultationId] as [number, number],
    staticSummary: `Consultation ${consultationId}`,
    staticDetails:
      'Brouillon non signé : 24 h et 72 h, son auteur ; 7 jours, qui gère le cabinet. Relit la ligne à chaque fois ; ' +
      'recommencé, il ne dit rien deux fois. Rien ne se signe tout seul.',
    signal: CONSULTATION_SIGNAL,
    signalArgs: [] as [],
  };
}

/** A signal of `demandeDroits`: its row may have changed. */
export const DEMANDE_DROITS_SIGNAL = 'change';

/** How the clocks of what a patient asks by right are told to look at their row, started if they do not run. */
export function demandeDroitsWake({ id, cabinet_id }: { id: number; cabinet_id: number }, taskQueue: string) {
  return {
    workflowId: `demande-droits-${id}`,
    taskQueue,
    args: [cabinet_id, id] as [number, number],
    staticSummary: `Demande de droits ${id}`,
    staticDetails:
      'Une copie : pas avant 48 h, dans les 8 jours, ou 2 mois pour ce qui a plus de 5 ans ; le reste : 30 jours. La ligne dit où ' +
      'elle en est, que ceci tourne ou non.',
    signal: DEMANDE_DROITS_SIGNAL,
    signalArgs: [] as [],
  };
}

/** How the destruction of a record is started, by whoever notices first that it should run. It knows ids, and nothing else. */
export function purgeStart({ id, cabinet_id }: { id: number; cabinet_id: number }, taskQueue: string) {
  return {
    workflowId: `purge-${id}`,
    taskQueue,
    args: [cabinet_id, id] as [number, number],
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    staticSummary: `Purge ${id}`,
    staticDetails:
      'Détruit un dossier trente jours après deux signatures : sa clé, ses lignes, ses fichiers, puis compte ce qui reste. ' +
      'Relit la ligne au moment venu : une retenue ou un acte récent l’arrête. Recommencé, il ne détruit rien deux fois.',
  };
}

/** How a rotation of the keys of documents is started, by whoever notices first that it should run. */
export function rotationClesStart(rotationId: number, taskQueue: string) {
  return {
    workflowId: `rotation-cles-${rotationId}`,
    taskQueue,
    args: [rotationId] as [number],
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    staticSummary: `Rotation ${rotationId} des clés des documents`,
  };
}

/** A signal of `lienMotDePasse`: the link has served. */
export const LIEN_UTILISE_SIGNAL = 'utilise';

/** An update of `intervention`: takes a `SealedOrdre`, answers the number of the event it became. */
export const ORDRE_UPDATE = 'ordre';

/** A signal of `intervention`: the row may have changed behind its back; read it again. */
export const SYNCHRONISER_SIGNAL = 'synchroniser';

/** The schedule of a preventive plan. */
export function planScheduleId(planId: number): string {
  return `preventif-${planId}`;
}

/** Whose schedule it is, or null when it is none of a plan. */
export function planIdOf(scheduleId: string): number | null {
  const id = /^preventif-(\d{1,10})$/.exec(scheduleId)?.[1];
  return id === undefined ? null : Number(id);
}

/** The workflow that decides on what is due of a plan. Its schedule puts the time behind the id. */
export function echeancePreventifStart(planId: number, taskQueue: string) {
  return {
    workflowId: `echeance-preventif-${planId}`,
    taskQueue,
    args: [planId] as [number],
    staticSummary: `Échéance du plan préventif ${planId}`,
    staticDetails:
      'Décide en base ce que devient chaque date échue, crée les interventions, puis remet l’horaire du plan à jour. ' +
      'Recommencé, il ne crée rien deux fois.',
  };
}
