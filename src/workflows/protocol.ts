/**
 * How others speak to the workflows: names, ids and arguments. Everything here is part of the histories of
 * running workflows; a name that has been released is never changed.
 */

export const INTERVENTION_WORKFLOW = 'intervention';
export const LIEN_MOT_DE_PASSE_WORKFLOW = 'lienMotDePasse';
export const MESSAGERIE_WORKFLOW = 'messagerie';
export const RECONCILIATION_WORKFLOW = 'reconciliation';
export const NETTOYAGE_WORKFLOW = 'nettoyage';

/** The workflow of an intervention, one for its whole life. */
export function interventionWorkflowId(interventionId: number): string {
  return `intervention-${interventionId}`;
}

/** Whose workflow it is, or null when it is none of an intervention. */
export function interventionIdOf(workflowId: string): number | null {
  const id = /^intervention-(\d{1,10})$/.exec(workflowId)?.[1];
  return id === undefined ? null : Number(id);
}

/** How the workflow of an intervention is started, by whoever notices first that it should run. */
export function interventionStart(interventionId: number, taskQueue: string) {
  return {
    workflowId: interventionWorkflowId(interventionId),
    taskQueue,
    args: [interventionId] as [number],
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    staticSummary: `Intervention ${interventionId}`,
  };
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

/** A signal of `lienMotDePasse`: the link has served. */
export const LIEN_UTILISE_SIGNAL = 'utilise';

/** An update of `intervention`: takes an `Ordre`, answers the number of the event it became. */
export const ORDRE_UPDATE = 'ordre';

/** A signal of `intervention`: the row may have changed behind its back; read it again. */
export const SYNCHRONISER_SIGNAL = 'synchroniser';

/** Type of the failure with which a validator refuses an order. */
export const TRANSITION_INVALIDE = 'TRANSITION_INVALIDE';

/** What the Web UI can search for and show in its lists; registered by the worker at start. */
export const SEARCH_ATTRIBUTES = {
  Statut: 'KEYWORD',
  Priorite: 'KEYWORD',
  TypeIntervention: 'KEYWORD',
  TechnicienId: 'INT',
  EquipementId: 'INT',
  DateLimite: 'DATETIME',
  EnRetard: 'BOOL',
} as const;
