import type { Action } from '../../src/auth/permissions';
import type { RowSubject } from '../support/places';
import { KINDS, type Persona } from './world';

/**
 * The table of contract §2, said once more and in another way: not by rules and conditions, but by which rows of a
 * small world each person reaches. Nothing here is derived from `src/auth/permissions/`.
 */

/** Rows that somebody reaches; `tout` are all of them. */
type Reach = 'tout' | readonly string[];
/** A person who is not named is of a role that may never do it, and is told so whatever the row. */
export type Expectation = Partial<Record<Persona, Reach>>;

/** What machines reach as their makers do, each in the role of its key. */
function alike(expected: Expectation): Expectation {
  const { admin, responsable_nord, technicien, client } = expected;
  const machines = {
    cle_admin: admin,
    cle_chemins: admin,
    cle_nord: responsable_nord,
    cle_technicien: technicien,
    cle_client: client,
  };
  const named = Object.entries(machines).filter(([, reach]) => reach !== undefined);
  return { ...Object.fromEntries(named), ...expected };
}
/** What administrators' machines reach, whatever the paths of their keys. */
const adminMachines = (reach: Reach) => ({ cle_admin: reach, cle_chemins: reach }) as const;

const OVERSEERS = { admin: 'tout', responsable: 'tout', responsable_nord: 'tout' } as const;
/** Those who oversee, the responsable of Nord these rows only. */
const overseersOf = (...nord: string[]) =>
  ({ admin: 'tout', responsable: 'tout', responsable_nord: nord }) satisfies Expectation;
const PEOPLE = [
  'admin',
  'responsable',
  'responsable_nord',
  'technicien',
  'technicien_nord',
  'client',
  'client_nord',
] as const;
/** Every person, and no machine. */
const everyPerson = (reach: Reach): Expectation =>
  Object.fromEntries(PEOPLE.map((persona) => [persona, reach]));
/** Each reaching their own row. */
const OWN = everyPerson(['soi']);
const NONE = everyPerson([]);

const OF_CLIENT = ['client', 'creee', 'client_ouverte', 'creee_ouverte'];
const OF_NORD = ['nord', 'nord_ouverte'];
const BELOW_ADMIN = ['responsable', 'technicien', 'client'];
/** Those whose accounts were closed included. */
const ALL_BELOW_ADMIN = [...BELOW_ADMIN, 'inactif'];

/** Who sees which rows: what a list shows, and what is not 404. */
export const READ: Record<RowSubject, Expectation> = {
  User: { ...OWN, ...alike(OVERSEERS) },
  Technicien: alike({ ...OVERSEERS, technicien: 'tout', technicien_nord: 'tout' }),
  Equipement: alike({
    ...overseersOf('nord'),
    technicien: 'tout',
    technicien_nord: ['nord'],
    client: ['client'],
    client_nord: ['nord'],
  }),
  Piece: alike({ ...OVERSEERS, technicien: 'tout', technicien_nord: 'tout' }),
  Intervention: alike({
    ...overseersOf(...OF_NORD),
    technicien: ['assignee', 'libre', 'client_ouverte', 'nord_ouverte', 'creee_ouverte'],
    technicien_nord: ['detachee', 'nord_ouverte'],
    client: OF_CLIENT,
    client_nord: OF_NORD,
  }),
  Planning: alike({ ...overseersOf('nord'), technicien: ['assignee'], technicien_nord: [] }),
  Document: alike({
    ...overseersOf('nord_visible', 'nord_cache', 'equipement_nord'),
    technicien: ['assignee_cache', 'equipement_client', 'equipement_nord'],
    technicien_nord: ['equipement_nord'],
    client: ['client_visible', 'creee_visible'],
    client_nord: ['nord_visible'],
  }),
  Notification: OWN,
  CleApi: { admin: 'tout' },
  Audit: alike({ admin: 'tout' }),
};

const MANAGE_TECHNICIENS = alike(overseersOf('nord'));
const MOVE = { technicien: ['assignee'], technicien_nord: ['detachee'] };

/** Who reaches which rows with what else can be done. */
export const MAY = {
  users: {
    create: {
      admin: 'tout',
      responsable: BELOW_ADMIN,
      responsable_nord: BELOW_ADMIN,
      ...adminMachines(BELOW_ADMIN),
      cle_nord: BELOW_ADMIN,
    },
    /** With a password that whoever creates them knows: no machine does. */
    createReady: {
      admin: 'tout',
      responsable: BELOW_ADMIN,
      responsable_nord: BELOW_ADMIN,
      ...adminMachines([]),
      cle_nord: [],
    },
    /** Nobody here waits for an invitation: whoever may send one is told so. */
    inviteAgain: {
      admin: 'tout',
      responsable: ['soi', ...ALL_BELOW_ADMIN],
      responsable_nord: ['soi', 'client', 'inactif'],
      ...adminMachines(ALL_BELOW_ADMIN),
      cle_nord: ['soi', 'client', 'inactif'],
    },
    updateProfile: { ...OWN, admin: 'tout', ...adminMachines(BELOW_ADMIN) },
    /** What an account is already may be said again. */
    deactivate: { ...NONE, admin: 'tout', ...adminMachines(BELOW_ADMIN) },
    reactivate: { ...OWN, admin: 'tout', ...adminMachines(BELOW_ADMIN) },
    /** What one signs in with, what one is, and how far one reaches. */
    updateAccess: { ...NONE, admin: 'tout', ...adminMachines([]) },
    delete: { admin: 'tout', ...adminMachines(ALL_BELOW_ADMIN) },
  },
  techniciens: {
    manage: MANAGE_TECHNICIENS,
    updateAvailability: { ...MANAGE_TECHNICIENS, technicien: ['soi'], technicien_nord: ['nord'] },
    updateRest: { ...MANAGE_TECHNICIENS, technicien: [], technicien_nord: [] },
    sendToWork: alike({
      ...overseersOf('soi', 'collegue', 'nord'),
      technicien: ['soi'],
      technicien_nord: ['nord'],
    }),
  },
  equipements: { manage: alike(overseersOf('nord')), moveToSud: alike(overseersOf()) },
  pieces: { manage: alike(OVERSEERS) },
  interventions: {
    create: alike({ ...overseersOf('nord'), client: ['client'], client_nord: ['nord'] }),
    manage: alike(overseersOf(...OF_NORD)),
    move: alike({ ...overseersOf(...OF_NORD), ...MOVE, client: [], client_nord: [] }),
    cancel: alike({
      ...overseersOf(...OF_NORD),
      ...MOVE,
      client: ['client_ouverte', 'creee_ouverte'],
      client_nord: ['nord_ouverte'],
    }),
    comment: alike({ ...overseersOf(...OF_NORD), ...MOVE, client: OF_CLIENT, client_nord: OF_NORD }),
    supply: alike({ ...overseersOf(...OF_NORD), ...MOVE }),
    /** Customers alone, and over nobody else's rating. */
    rate: { client: ['client_ouverte', 'creee_ouverte'], client_nord: ['nord_ouverte'] },
  },
  documents: {
    uploadToIntervention: alike({ ...overseersOf(...OF_NORD), ...MOVE }),
    uploadToEquipement: alike({ ...overseersOf('nord'), technicien: 'tout', technicien_nord: ['nord'] }),
    uploadShown: alike({ ...overseersOf(...OF_NORD), technicien: [], technicien_nord: [] }),
  },
  notifications: { send: alike(OVERSEERS), mark: OWN },
  dashboard: alike({ ...OVERSEERS, technicien: 'tout', technicien_nord: 'tout' }),
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
      responsable: ['soi', ...ALL_BELOW_ADMIN],
      responsable_nord: ['soi', ...ALL_BELOW_ADMIN],
      ...adminMachines(ALL_BELOW_ADMIN),
      cle_nord: ['soi', ...ALL_BELOW_ADMIN],
    },
    update: MAY.users.updateProfile,
    delete: MAY.users.delete,
  },
  Technicien: {
    read: READ.Technicien,
    create: MAY.techniciens.manage,
    update: MAY.techniciens.updateAvailability,
    delete: MAY.techniciens.manage,
    assign: MAY.techniciens.sendToWork,
  },
  Equipement: {
    read: READ.Equipement,
    create: MAY.equipements.manage,
    update: MAY.equipements.manage,
    delete: MAY.equipements.manage,
  },
  Piece: {
    read: READ.Piece,
    create: MAY.pieces.manage,
    update: MAY.pieces.manage,
    delete: MAY.pieces.manage,
  },
  Intervention: {
    read: READ.Intervention,
    create: alike({
      ...overseersOf(...OF_NORD),
      client: ['client', 'client_ouverte'],
      client_nord: OF_NORD,
    }),
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
    create: alike({
      ...overseersOf(...SHOWN_AT_NORD),
      technicien: ['assignee_cache', 'equipement_client', 'equipement_nord'],
      technicien_nord: ['equipement_nord'],
    }),
    update: alike(overseersOf(...SHOWN_AT_NORD)),
  },
  Notification: { read: OWN, update: OWN, create: MAY.notifications.send },
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
