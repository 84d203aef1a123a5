import type { Action } from '../../src/auth/permissions';
import type { RowSubject } from '../support/places';
import { KINDS, type Persona } from './world';

/**
 * The table of contract §2, said once more and in another way: not by rules and conditions, but by which rows of a
 * small world each person reaches. Nothing here is derived from `src/auth/permissions.ts`.
 */

/** Rows that somebody reaches; `tout` are all of them. */
type Reach = 'tout' | readonly string[];
/** A person who is not named is of a role that may never do it, and is told so whatever the row. */
export type Expectation = Partial<Record<Persona, Reach>>;

const OVERSEERS = { admin: 'tout', responsable: 'tout', responsable_nord: 'tout' } as const;
/** Those who oversee, the responsable of Nord these rows only. */
const overseersOf = (...nord: string[]) =>
  ({ admin: 'tout', responsable: 'tout', responsable_nord: nord }) satisfies Expectation;
/** Every role, reaching their own row. */
const OWN = {
  admin: ['soi'],
  responsable: ['soi'],
  responsable_nord: ['soi'],
  technicien: ['soi'],
  client: ['soi'],
  client_nord: ['soi'],
} as const;
const NONE = {
  admin: [],
  responsable: [],
  responsable_nord: [],
  technicien: [],
  client: [],
  client_nord: [],
} as const;

const OF_CLIENT = ['client', 'creee', 'client_ouverte', 'creee_ouverte'];
const OF_NORD = ['nord', 'nord_ouverte'];

/** Who sees which rows: what a list shows, and what is not 404. */
export const READ: Record<RowSubject, Expectation> = {
  User: { ...OWN, ...OVERSEERS },
  Technicien: { ...OVERSEERS, technicien: 'tout' },
  Equipement: { ...overseersOf('nord'), technicien: 'tout', client: ['client'], client_nord: ['nord'] },
  Piece: { ...OVERSEERS, technicien: 'tout' },
  Intervention: {
    ...overseersOf(...OF_NORD),
    technicien: ['assignee', 'libre', 'client_ouverte', 'nord_ouverte', 'creee_ouverte'],
    client: OF_CLIENT,
    client_nord: OF_NORD,
  },
  Planning: { ...overseersOf('nord'), technicien: ['assignee'] },
  Document: {
    ...overseersOf('nord_visible', 'nord_cache', 'equipement_nord'),
    technicien: ['assignee_cache', 'equipement_client', 'equipement_nord'],
    client: ['client_visible', 'creee_visible'],
    client_nord: ['nord_visible'],
  },
  Notification: OWN,
  CleApi: { admin: 'tout' },
  Audit: { admin: 'tout' },
};

/** Who reaches which rows with what else can be done. */
export const MAY = {
  users: {
    create: {
      admin: 'tout',
      responsable: ['responsable', 'technicien', 'client'],
      responsable_nord: ['responsable', 'technicien', 'client'],
    },
    /** Nobody here waits for an invitation: whoever may send one is told so. */
    inviteAgain: {
      admin: 'tout',
      responsable: ['soi', 'responsable', 'technicien', 'client'],
      responsable_nord: ['soi', 'technicien', 'client'],
    },
    updateProfile: { ...OWN, admin: 'tout' },
    updateAccount: { ...NONE, admin: 'tout' },
    delete: { admin: 'tout' },
  },
  techniciens: {
    manage: OVERSEERS,
    updateAvailability: { ...OVERSEERS, technicien: ['soi'] },
    updateRest: { ...OVERSEERS, technicien: [] },
  },
  equipements: { manage: overseersOf('nord'), moveToSud: overseersOf() },
  pieces: { manage: OVERSEERS },
  interventions: {
    create: { ...overseersOf('nord'), client: ['client'], client_nord: ['nord'] },
    manage: overseersOf(...OF_NORD),
    move: { ...overseersOf(...OF_NORD), technicien: ['assignee'], client: [], client_nord: [] },
    cancel: {
      ...overseersOf(...OF_NORD),
      technicien: ['assignee'],
      client: ['client_ouverte', 'creee_ouverte'],
      client_nord: ['nord_ouverte'],
    },
    comment: {
      ...overseersOf(...OF_NORD),
      technicien: ['assignee'],
      client: OF_CLIENT,
      client_nord: OF_NORD,
    },
    supply: { ...overseersOf(...OF_NORD), technicien: ['assignee'] },
    rate: { ...overseersOf(...OF_NORD), client: OF_CLIENT, client_nord: OF_NORD },
  },
  documents: {
    uploadToIntervention: { ...overseersOf(...OF_NORD), technicien: ['assignee'] },
    uploadToEquipement: { ...overseersOf('nord'), technicien: 'tout' },
    uploadShown: { ...overseersOf(...OF_NORD), technicien: [] },
  },
  notifications: { send: OVERSEERS, mark: OWN },
  dashboard: { ...OVERSEERS, technicien: 'tout' },
  clesApi: { manage: { admin: 'tout' } },
} as const satisfies Record<string, Expectation | Record<string, Expectation>>;

const SHOWN_AT_NORD = ['nord_visible', 'nord_cache', 'equipement_nord'];

/**
 * The same for each permission by itself, whether or not the person sees the row: a request meets the permission to read
 * first, and what lies behind it has to hold all the same.
 */
export const PERMITTED: Record<RowSubject, Partial<Record<Action, Expectation>>> = {
  User: {
    read: READ.User,
    create: {
      admin: 'tout',
      responsable: ['soi', 'responsable', 'technicien', 'client'],
      responsable_nord: ['soi', 'responsable', 'technicien', 'client'],
    },
    update: MAY.users.updateProfile,
    delete: MAY.users.delete,
  },
  Technicien: {
    read: READ.Technicien,
    create: OVERSEERS,
    update: MAY.techniciens.updateAvailability,
    delete: OVERSEERS,
  },
  Equipement: {
    read: READ.Equipement,
    create: overseersOf('nord'),
    update: overseersOf('nord'),
    delete: overseersOf('nord'),
  },
  Piece: { read: READ.Piece, create: OVERSEERS, update: OVERSEERS, delete: OVERSEERS },
  Intervention: {
    read: READ.Intervention,
    create: {
      ...overseersOf(...OF_NORD),
      client: ['client', 'client_ouverte'],
      client_nord: OF_NORD,
    },
    update: MAY.interventions.manage,
    assign: MAY.interventions.manage,
    move: MAY.interventions.move,
    cancel: MAY.interventions.cancel,
    comment: MAY.interventions.comment,
    supply: MAY.interventions.supply,
    rate: MAY.interventions.rate,
  },
  Planning: { read: READ.Planning },
  Document: {
    read: READ.Document,
    create: {
      ...overseersOf(...SHOWN_AT_NORD),
      technicien: ['assignee_cache', 'equipement_client', 'equipement_nord'],
    },
    update: overseersOf(...SHOWN_AT_NORD),
  },
  Notification: { read: OWN, update: OWN, create: OVERSEERS },
  CleApi: {
    read: MAY.clesApi.manage,
    create: MAY.clesApi.manage,
    update: MAY.clesApi.manage,
    delete: MAY.clesApi.manage,
  },
  Audit: { read: READ.Audit },
};

/** Whether this person reaches that row; null when their role may never do it. */
export function reaches(expected: Expectation, persona: Persona, kind: string): boolean | null {
  const reach = expected[persona];
  if (reach === undefined) return null;
  return reach === 'tout' || reach.includes(kind);
}

/** The rows of a subject that somebody reaches. */
export function reached(expected: Expectation, subject: RowSubject, persona: Persona): string[] {
  return KINDS[subject].filter((kind) => reaches(expected, persona, kind));
}
