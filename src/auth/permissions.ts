import type { Principal } from './principal';

/**
 * Who may do what (contract §2): the whole table, in one place.
 *
 * A rule allows an action on a subject, on the rows that meet its conditions and, when it names fields, on
 * those alone. Conditions speak of fields of the row, or of rows it belongs to (`equipement.site_id`); they
 * are checked on objects by CASL and translated to SQL for every list, count and lookup (`sql.ts`).
 */

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
  /** Interventions: choose the technicien and the time. */
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
  | { $ne: null };
export type Conditions = Readonly<Record<string, ConditionValue>>;

export interface Rule {
  action: Action | readonly Action[];
  subject: Subject;
  /** Any of these; none means every row. */
  where?: readonly Conditions[];
  fields?: readonly string[];
}

const INTERVENTION_ACTIONS = [
  'read',
  'create',
  'update',
  'assign',
  'move',
  'cancel',
  'comment',
  'supply',
  'rate',
] as const satisfies readonly Action[];
const MANAGE = ['read', 'create', 'update', 'delete'] as const satisfies readonly Action[];

/** Fields of their profile that people may change themselves. */
export const OWN_PROFILE_FIELDS = ['nom', 'prenom', 'langue', 'telephone'] as const;

/** Fields of a technicien that say when they are available. */
const AVAILABILITY_FIELDS = ['disponibilite', 'absences', 'horaires'] as const;

/** The rules of one person: what {@link Access} is made of. */
export type RulesFor = (principal: Principal) => Rule[];

/** The rules of one person. */
export function rulesFor(principal: Principal): Rule[] {
  return [...everybody(principal), ...BY_ROLE[principal.role](principal)];
}

const BY_ROLE: Record<Principal['role'], (principal: Principal) => Rule[]> = {
  admin: ({ cleApiId }) => [
    { action: MANAGE, subject: 'User' },
    { action: MANAGE, subject: 'Technicien' },
    { action: MANAGE, subject: 'Equipement' },
    { action: MANAGE, subject: 'Piece' },
    { action: INTERVENTION_ACTIONS, subject: 'Intervention' },
    { action: 'read', subject: 'Planning' },
    { action: ['read', 'create', 'update'], subject: 'Document' },
    { action: 'create', subject: 'Notification' },
    { action: 'read', subject: 'Dashboard' },
    // A key makes no keys: it would give itself other paths, and outlive its own end.
    ...(cleApiId === null ? [{ action: MANAGE, subject: 'CleApi' } as const] : []),
    { action: 'read', subject: 'Audit' },
  ],

  responsable: ({ sites }) => {
    const onTheirSites: Pick<Rule, 'where'> =
      sites.length === 0 ? {} : { where: [{ 'equipement.site_id': { $in: sites } }] };
    return [
      { action: 'read', subject: 'User' },
      {
        action: 'create',
        subject: 'User',
        where: [{ role: { $in: ['responsable', 'technicien', 'client'] } }],
      },
      { action: MANAGE, subject: 'Technicien' },
      {
        action: MANAGE,
        subject: 'Equipement',
        ...(sites.length === 0 ? {} : { where: [{ site_id: { $in: sites } }] }),
      },
      { action: MANAGE, subject: 'Piece' },
      { action: INTERVENTION_ACTIONS, subject: 'Intervention', ...onTheirSites },
      { action: 'read', subject: 'Planning', ...onTheirSites },
      { action: ['read', 'create', 'update'], subject: 'Document', ...onTheirSites },
      { action: 'create', subject: 'Notification' },
      { action: 'read', subject: 'Dashboard', ...onTheirSites },
    ];
  },

  technicien: ({ userId, technicienId }) => [
    { action: 'read', subject: 'Technicien' },
    { action: 'update', subject: 'Technicien', where: [{ user_id: userId }], fields: AVAILABILITY_FIELDS },
    { action: 'read', subject: 'Equipement' },
    { action: 'read', subject: 'Piece' },
    { action: ['read'], subject: 'Intervention', where: [{ technicien_id: null }] },
    { action: ['read', 'create'], subject: 'Document', where: [{ intervention_id: null }] },
    // Somebody of this role whose technicien row is still missing has no interventions of their own.
    ...(technicienId === null
      ? []
      : ([
          {
            action: ['read', 'move', 'cancel', 'comment', 'supply'],
            subject: 'Intervention',
            where: [{ technicien_id: technicienId }],
          },
          { action: 'read', subject: 'Planning', where: [{ technicien_id: technicienId }] },
          {
            action: ['read', 'create'],
            subject: 'Document',
            where: [{ 'intervention.technicien_id': technicienId }],
          },
          { action: 'read', subject: 'Dashboard', where: [{ technicien_id: technicienId }] },
        ] satisfies Rule[])),
  ],

  client: ({ userId, sites }) => {
    const belongsToThem = (prefix: '' | 'equipement.'): Conditions[] => [
      { [`${prefix}client_id`]: userId },
      ...(sites.length === 0 ? [] : [{ [`${prefix}site_id`]: { $in: sites } }]),
    ];
    const ownEquipment = belongsToThem('equipement.');
    const own: Conditions[] = [{ createur_id: userId }, ...ownEquipment];
    return [
      { action: 'read', subject: 'Equipement', where: belongsToThem('') },
      { action: ['read', 'comment', 'rate'], subject: 'Intervention', where: own },
      { action: 'create', subject: 'Intervention', where: ownEquipment },
      {
        action: 'cancel',
        subject: 'Intervention',
        where: own.map((conditions): Conditions => ({ ...conditions, statut: 'ouverte' })),
      },
      {
        action: 'read',
        subject: 'Document',
        where: [
          { 'intervention.createur_id': userId, visible_client: true },
          // A document of the equipment itself is not one of an intervention on it.
          ...ownEquipment.map(
            (conditions): Conditions => ({
              ...conditions,
              visible_client: true,
              intervention_id: { $ne: null },
            }),
          ),
        ],
      },
    ];
  },
};

function everybody({ userId }: Principal): Rule[] {
  return [
    { action: 'read', subject: 'User', where: [{ id: userId }] },
    { action: 'update', subject: 'User', where: [{ id: userId }], fields: OWN_PROFILE_FIELDS },
    { action: ['read', 'update'], subject: 'Notification', where: [{ destinataire_id: userId }] },
  ];
}
