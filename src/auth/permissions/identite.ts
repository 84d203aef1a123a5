import { type AreaRules, type Conditions, MANAGE, unlessAllSites } from './rules';

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
const BELOW_ADMIN: Conditions = { role: { $in: ['responsable', 'technicien', 'client', 'membre'] } };

/** Accounts, techniciens and keys. */
export const IDENTITE_RULES: AreaRules = {
  everybody: ({ userId }) => [
    { action: 'read', subject: 'User', where: [{ id: userId }] },
    { action: 'update', subject: 'User', where: [{ id: userId }], fields: OWN_PROFILE_FIELDS },
  ],

  admin: () => ({
    shared: [
      { action: 'read', subject: 'User' },
      { action: [...MANAGE, 'assign'], subject: 'Technicien' },
    ],
    person: [
      { action: ['create', 'update', 'delete'], subject: 'User' },
      // What it opens would outlive a key.
      { action: 'publish', subject: 'Technicien' },
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

  responsable: (principal) => ({
    shared: [
      { action: 'read', subject: 'User' },
      { action: 'read', subject: 'Technicien' },
      // Whoever works elsewhere too is not theirs alone.
      {
        action: ['create', 'update', 'delete'],
        subject: 'Technicien',
        ...unlessAllSites(principal, { 'user.site_ids': { $within: principal.sites } }),
      },
      {
        action: 'assign',
        subject: 'Technicien',
        ...unlessAllSites(
          principal,
          { 'user.tous_sites': true },
          { 'user.site_ids': { $meets: principal.sites } },
        ),
      },
    ],
    person: [
      { action: 'create', subject: 'User', where: [BELOW_ADMIN] },
      {
        action: 'publish',
        subject: 'Technicien',
        ...unlessAllSites(principal, { 'user.site_ids': { $within: principal.sites } }),
      },
    ],
    machine: [{ action: 'create', subject: 'User', where: [BELOW_ADMIN], fields: NEW_ACCOUNT_FIELDS }],
  }),

  technicien: ({ userId }) => ({
    shared: [
      { action: 'read', subject: 'Technicien' },
      { action: 'assign', subject: 'Technicien', where: [{ user_id: userId }] },
    ],
    person: [
      {
        action: 'update',
        subject: 'Technicien',
        where: [{ user_id: userId }],
        fields: AVAILABILITY_FIELDS,
      },
      { action: 'publish', subject: 'Technicien', where: [{ user_id: userId }] },
    ],
  }),
};
