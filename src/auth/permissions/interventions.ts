import type { Principal } from '../principal';
import {
  type Action,
  type AreaRules,
  belongsToClient,
  type Conditions,
  isOfTheCrew,
  MANAGE,
  ofTheirOwn,
  onTheirSites,
  whereOnSites,
} from './rules';

const INTERVENTION_ACTIONS = [
  'read',
  'create',
  'update',
  'assign',
  'move',
  'cancel',
  'comment',
  'supply',
  'work',
] as const satisfies readonly Action[];

/** What a client asked for, and what is done to their equipment. */
const ofClient = (principal: Principal): Conditions[] => [
  { createur_id: principal.userId },
  ...belongsToClient(principal, 'equipement.'),
];

export const INTERVENTION_RULES: AreaRules = {
  admin: () => ({
    shared: [
      { action: INTERVENTION_ACTIONS, subject: 'Intervention' },
      { action: MANAGE, subject: 'ModeleEtapes' },
      { action: MANAGE, subject: 'CodePanne' },
    ],
  }),

  responsable: (principal) => ({
    shared: [
      {
        action: INTERVENTION_ACTIONS,
        subject: 'Intervention',
        ...whereOnSites(principal, 'equipement.site_id'),
      },
      // A template is of the house, as a level of service is: changed by whoever reaches every site.
      { action: principal.tousSites ? MANAGE : 'read', subject: 'ModeleEtapes' },
      { action: 'read', subject: 'CodePanne' },
    ],
  }),

  technicien: (principal) => ({
    shared: [
      { action: 'read', subject: 'CodePanne' },
      {
        action: 'read',
        subject: 'Intervention',
        where: [{ technicien_id: null, ...onTheirSites(principal, 'equipement.site_id') }],
      },
      ...ofTheirOwn(principal, (technicien_id) => ({
        action: ['read', 'move', 'cancel', 'comment', 'supply', 'work'],
        subject: 'Intervention',
        where: [{ technicien_id }],
      })),
      // Whoever goes with them reads what it is for, does the work and may say something of it; to move it is for the one
      // who leads.
      ...ofTheirOwn(principal, (technicien_id) => ({
        action: ['read', 'comment', 'work'],
        subject: 'Intervention',
        where: [isOfTheCrew(technicien_id)],
      })),
    ],
  }),

  client: (principal) => ({
    shared: [
      { action: ['read', 'comment'], subject: 'Intervention', where: ofClient(principal) },
      { action: 'create', subject: 'Intervention', where: belongsToClient(principal, 'equipement.') },
      {
        action: 'cancel',
        subject: 'Intervention',
        where: ofClient(principal).map((conditions): Conditions => ({ ...conditions, statut: 'ouverte' })),
      },
    ],
    person: [
      // What a customer thinks of the work is theirs alone to say: where nobody has, or where they have themselves.
      {
        action: 'rate',
        subject: 'Intervention',
        where: ofClient(principal).flatMap((conditions): Conditions[] => [
          { ...conditions, satisfaction_auteur_id: null },
          { ...conditions, satisfaction_auteur_id: principal.userId },
        ]),
      },
    ],
  }),
};
