import { type AreaRules, belongsToClient, MANAGE, whereOnSites } from './rules';

/** Equipment. */
export const PARC_RULES: AreaRules = {
  admin: () => ({ shared: [{ action: MANAGE, subject: 'Equipement' }] }),

  responsable: (principal) => ({
    shared: [
      {
        action: MANAGE,
        subject: 'Equipement',
        ...whereOnSites(principal, 'site_id'),
      },
    ],
  }),

  technicien: (principal) => ({
    shared: [
      {
        action: 'read',
        subject: 'Equipement',
        ...whereOnSites(principal, 'site_id'),
      },
    ],
  }),

  client: (principal) => ({
    shared: [{ action: 'read', subject: 'Equipement', where: belongsToClient(principal, '') }],
  }),
};
