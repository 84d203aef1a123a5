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

const INTERVENTION_ACTIONS = [
  'read',
  'create',
  'update',
  'assign',
  'move',
  'cancel',
  'comment',
  'supply',
] as const satisfies readonly Action[];
const MANAGE = ['read', 'create', 'update', 'delete'] as const satisfies readonly Action[];

/** Fields of their profile that people may change themselves. */
export const OWN_PROFILE_FIELDS = ['nom', 'prenom', 'langue', 'telephone'] as const;

/** Fields with which an account is opened; whoever opens it has to have the right to each. */
export const NEW_ACCOUNT_FIELDS = [
  'email',
  ...OWN_PROFILE_FIELDS,
  'role',
  'is_active',
  'site_ids',
  'tous_sites',
] as const;

/** Fields of a technicien that say when they are available. */
const AVAILABILITY_FIELDS = ['disponibilite', 'absences', 'horaires'] as const;

/** Roles that are not the administrators'. */
const BELOW_ADMIN: Conditions = { role: { $in: ['responsable', 'technicien', 'client'] } };

/** The rules of one person, or of the machine that acts in their name: what {@link Access} is made of. */
export type RulesFor = (principal: Principal) => Rule[];

/** The rules of one person or machine. */
export function rulesFor(principal: Principal): Rule[] {
  const { role, cleApiId } = principal;
  const { shared, person, machine } = BY_ROLE[role](principal);
  return cleApiId === null ? [...everybody(principal), ...shared, ...person] : [...shared, ...machine];
}

/**
 * What comes with a role: for people and machines alike, for people alone, for machines alone. A machine has nothing of
 * what everybody has: neither the profile nor the notifications of whoever made its key.
 */
interface RoleRules {
  shared: Rule[];
  person: Rule[];
  machine: Rule[];
}

const BY_ROLE: Record<Principal['role'], (principal: Principal) => RoleRules> = {
  admin: () => ({
    shared: [
      { action: 'read', subject: 'User' },
      { action: [...MANAGE, 'assign'], subject: 'Technicien' },
      { action: MANAGE, subject: 'Equipement' },
      { action: MANAGE, subject: 'Piece' },
      { action: INTERVENTION_ACTIONS, subject: 'Intervention' },
      { action: 'read', subject: 'Planning' },
      { action: ['read', 'create', 'update'], subject: 'Document' },
      { action: 'create', subject: 'Notification' },
      { action: 'read', subject: 'Dashboard' },
      { action: 'read', subject: 'Audit' },
    ],
    person: [
      { action: ['create', 'update', 'delete'], subject: 'User' },
      // A key makes no keys: it would give itself other paths, and outlive its own end.
      { action: MANAGE, subject: 'CleApi' },
    ],
    /*
     * What a key opens must not outlive it: no password that it knows, no address that it chose for somebody, no second
     * factor taken away, nobody who reaches further than before or is let in again; and nothing at all of
     * administrators, among whom is whoever made it.
     */
    machine: [
      { action: 'create', subject: 'User', where: [BELOW_ADMIN], fields: NEW_ACCOUNT_FIELDS },
      {
        action: 'update',
        subject: 'User',
        where: [{ ...BELOW_ADMIN, is_active: true }],
        fields: [...OWN_PROFILE_FIELDS, 'is_active'],
      },
      { action: 'delete', subject: 'User', where: [BELOW_ADMIN] },
    ],
  }),

  responsable: ({ sites, tousSites }) => {
    const on = (...where: Conditions[]): Pick<Rule, 'where'> => (tousSites ? {} : { where });
    const onTheirSites = on({ 'equipement.site_id': { $in: sites } });
    return {
      shared: [
        { action: 'read', subject: 'User' },
        { action: 'read', subject: 'Technicien' },
        // Whoever works elsewhere too is not theirs alone.
        {
          action: ['create', 'update', 'delete'],
          subject: 'Technicien',
          ...on({ 'user.site_ids': { $within: sites } }),
        },
        {
          action: 'assign',
          subject: 'Technicien',
          ...on({ 'user.tous_sites': true }, { 'user.site_ids': { $meets: sites } }),
        },
        { action: MANAGE, subject: 'Equipement', ...on({ site_id: { $in: sites } }) },
        { action: MANAGE, subject: 'Piece' },
        { action: INTERVENTION_ACTIONS, subject: 'Intervention', ...onTheirSites },
        { action: 'read', subject: 'Planning', ...onTheirSites },
        { action: ['read', 'create', 'update'], subject: 'Document', ...onTheirSites },
        { action: 'create', subject: 'Notification' },
        { action: 'read', subject: 'Dashboard', ...onTheirSites },
      ],
      person: [{ action: 'create', subject: 'User', where: [BELOW_ADMIN] }],
      machine: [{ action: 'create', subject: 'User', where: [BELOW_ADMIN], fields: NEW_ACCOUNT_FIELDS }],
    };
  },

  technicien: ({ userId, technicienId, sites, tousSites }) => {
    const onTheirSites = (field: string): Conditions => (tousSites ? {} : { [field]: { $in: sites } });
    const equipements = tousSites ? {} : { where: [onTheirSites('site_id')] };
    return {
      shared: [
        { action: 'read', subject: 'Technicien' },
        { action: 'assign', subject: 'Technicien', where: [{ user_id: userId }] },
        { action: 'read', subject: 'Equipement', ...equipements },
        { action: 'read', subject: 'Piece' },
        {
          action: 'read',
          subject: 'Intervention',
          where: [{ technicien_id: null, ...onTheirSites('equipement.site_id') }],
        },
        {
          action: ['read', 'create'],
          subject: 'Document',
          where: [{ intervention_id: null, ...onTheirSites('equipement.site_id') }],
        },
        // Somebody of this role whose technicien row is still missing has no interventions of their own.
        ...(technicienId === null ? [] : ofTheirOwn(technicienId)),
      ],
      person: [
        {
          action: 'update',
          subject: 'Technicien',
          where: [{ user_id: userId }],
          fields: AVAILABILITY_FIELDS,
        },
      ],
      machine: [],
    };
  },

  client: ({ userId, sites }) => {
    const belongsToThem = (prefix: '' | 'equipement.'): Conditions[] => [
      { [`${prefix}client_id`]: userId },
      ...(sites.length === 0 ? [] : [{ [`${prefix}site_id`]: { $in: sites } }]),
    ];
    const ownEquipment = belongsToThem('equipement.');
    const own: Conditions[] = [{ createur_id: userId }, ...ownEquipment];
    return {
      shared: [
        { action: 'read', subject: 'Equipement', where: belongsToThem('') },
        { action: ['read', 'comment'], subject: 'Intervention', where: own },
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
      ],
      person: [
        // What a customer thinks of the work is theirs alone to say: where nobody has, or where they have themselves.
        {
          action: 'rate',
          subject: 'Intervention',
          where: own.flatMap((conditions): Conditions[] => [
            { ...conditions, satisfaction_auteur_id: null },
            { ...conditions, satisfaction_auteur_id: userId },
          ]),
        },
      ],
      machine: [],
    };
  },
};

/** What a technicien was sent to is theirs on whatever site it is. */
function ofTheirOwn(technicienId: number): Rule[] {
  return [
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
  ];
}

function everybody({ userId }: Principal): Rule[] {
  return [
    { action: 'read', subject: 'User', where: [{ id: userId }] },
    { action: 'update', subject: 'User', where: [{ id: userId }], fields: OWN_PROFILE_FIELDS },
    { action: ['read', 'update'], subject: 'Notification', where: [{ destinataire_id: userId }] },
  ];
}
