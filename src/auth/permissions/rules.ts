import type { Principal } from '../principal';

/** What the table of permissions is written in. */

/** Of which nothing is read over the connections of everything else, and rights follow from what somebody does in a practice. */
export const MEDICAL_SUBJECTS = [
  'Cabinet',
  /** Who belongs to a practice. */
  'MembreCabinet',
  /** Who receives patients there. */
  'Praticien',
  /** What can be booked there, by whom. */
  'TypeRendezVous',
  /** Who comes when. */
  'RendezVousCabinet',
  'Patient',
  /** What doctors write and learn of a patient. */
  'Dossier',
  /** That a doctor saw a patient; what they wrote of it is of the record. */
  'Consultation',
  /** Ordonnances and certificates: those that somebody may have, as they are handed over. */
  'Ecrit',
  /** A result of which nobody knows yet whose it is. */
  'ExamenNonRattache',
  /** Who read what of a patient. */
  'AccesDossier',
  /** A copy of a record that leaves the practice. */
  'ExportDossier',
  /** That a record was opened with a reason. */
  'BrisDeGlace',
  /** What is a patient's own, for themselves. */
  'MonDossier',
  /** How long records are kept, and what keeps them longer. */
  'Conservation',
  /** That a record be destroyed. */
  'Purge',
  /** What a patient asks by right. */
  'DemandeDroits',
] as const;
export type MedicalSubject = (typeof MEDICAL_SUBJECTS)[number];

export const SUBJECTS = [
  'User',
  'Technicien',
  'Site',
  'Equipement',
  'NiveauService',
  'Contrat',
  'Piece',
  'Intervention',
  'ModeleEtapes',
  'CodePanne',
  'Planning',
  'JourFerie',
  /** Plans that the system proposes. */
  'Proposition',
  'PlanPreventif',
  /** Somebody who receives those who book. */
  'Intervenant',
  'Salle',
  'Prestation',
  /** Calendars that who receives keeps elsewhere. */
  'AgendaExterne',
  /** What somebody has booked. */
  'RendezVous',
  /** Somebody who waits for a time of something that can be booked. */
  'ListeAttente',
  'Document',
  'Notification',
  /** Who is told of what. */
  'RegleNotification',
  /** Figures; its conditions choose the interventions that are counted. */
  'Dashboard',
  /** Reports that people ask for. */
  'Rapport',
  /** Keys of machines. */
  'CleApi',
  /** Name, colour and logo of the house. */
  'Parametres',
  /** Other systems that are told of what happens, and what became of what they were to be told. */
  'Webhook',
  'Livraison',
  /** The record of everything that was done, and refused. */
  'Audit',
  ...MEDICAL_SUBJECTS,
] as const;
export type Subject = (typeof SUBJECTS)[number];

export const ACTIONS = [
  'read',
  'create',
  'update',
  'delete',
  /** Interventions: choose the technicien and the time. Techniciens: be sent to work by the caller. Appointments: choose who receives. */
  'assign',
  /** Interventions: ask for another state, other than cancelled. Appointments: say what became of them. */
  'move',
  'cancel',
  'comment',
  /** Interventions: say which parts are needed, or that they have come. */
  'supply',
  'rate',
  /** Interventions: answer the steps of the work, and say what time it takes. */
  'work',
  /** Equipment: say what its meters show. */
  'measure',
  /** Documents: bring back what was deleted. */
  'restore',
  /** Documents: change the keys that confidential ones are sealed with, and see how they stand. */
  'seal',
  /** Patients: say that two are one person, and take it back. */
  'merge',
  /** Techniciens, intervenants, rooms: make, and end, the private address under which their calendar is read. */
  'publish',
] as const;
export type Action = (typeof ACTIONS)[number];

export type ConditionValue =
  | string
  | number
  | boolean
  | null
  | { $in: readonly (string | number)[] }
  | { $ne: null }
  | ListCondition;
/** Of a field that is a list of ids: none of them lies outside, and there is one; or one of them lies inside. */
export type ListCondition = { $within: readonly number[] } | { $meets: readonly number[] };
export type Conditions = Readonly<Record<string, ConditionValue>>;

export interface Rule {
  action: Action | readonly Action[];
  subject: Subject;
  /** Any of these; none means every row. */
  where?: readonly Conditions[];
  fields?: readonly string[];
}

/**
 * What comes with a role: for people and machines alike, for people alone, for machines alone. A machine has nothing of
 * what everybody has: neither the profile nor the notifications of whoever made its key.
 */
export interface RoleRules {
  shared: Rule[];
  person: Rule[];
  machine: Rule[];
}

/** The rules of one area: what each role may do there, and what everybody may, which is for people alone. */
export type AreaRules = Partial<Record<Principal['role'], (principal: Principal) => Partial<RoleRules>>> & {
  everybody?: (principal: Principal) => Rule[];
};

export const MANAGE = ['read', 'create', 'update', 'delete'] as const satisfies readonly Action[];

/** Any of these, for whoever does not reach every site. */
export function unlessAllSites({ tousSites }: Principal, ...where: Conditions[]): Pick<Rule, 'where'> {
  return tousSites ? {} : { where };
}

/** What lies on the sites of somebody. */
export function onTheirSites({ sites, tousSites }: Principal, field: string): Conditions {
  return tousSites ? {} : { [field]: { $in: sites } };
}

/** What lies on their sites, for somebody who may reach every site. */
export function whereOnSites(principal: Principal, field: string): Pick<Rule, 'where'> {
  return unlessAllSites(principal, onTheirSites(principal, field));
}

/** The equipment of a client: their own, and what stands on their sites. */
export function belongsToClient({ userId, sites }: Principal, prefix: '' | 'equipement.'): Conditions[] {
  return [
    { [`${prefix}client_id`]: userId },
    ...(sites.length === 0 ? [] : [{ [`${prefix}site_id`]: { $in: sites } }]),
  ];
}

/**
 * What a technicien was sent to is theirs on whatever site it is. Somebody of this role whose technicien row is still
 * missing has nothing of their own.
 */
export function ofTheirOwn({ technicienId }: Principal, rule: (technicienId: number) => Rule): Rule[] {
  return technicienId === null ? [] : [rule(technicienId)];
}

/** Where a technicien goes with somebody else, who leads. */
export function isOfTheCrew(technicienId: number): Conditions {
  return { equipiers: { $meets: [technicienId] } };
}
