import type { Principal } from '../principal';

/** What the table of permissions is written in. */

export const SUBJECTS = [
  'User',
  'Technicien',
  'Equipement',
  'Piece',
  'Intervention',
  'Planning',
  'Document',
  'Notification',
  /** Figures; its conditions choose the interventions that are counted. */
  'Dashboard',
  /** Keys of machines. */
  'CleApi',
  /** The record of everything that was done, and refused. */
  'Audit',
] as const;
export type Subject = (typeof SUBJECTS)[number];

export const ACTIONS = [
  'read',
  'create',
  'update',
  'delete',
  /** Interventions: choose the technicien and the time. Techniciens: be sent to work by the caller. */
  'assign',
  /** Interventions: ask for another state, other than cancelled. */
  'move',
  'cancel',
  'comment',
  /** Interventions: say which parts are needed, or that they have come. */
  'supply',
  'rate',
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
