import { type Action, type AreaRules, belongsToClient, MANAGE, whereOnSites } from './rules';

const EQUIPEMENT_ACTIONS = [...MANAGE, 'measure'] as const satisfies readonly Action[];
const SITE_ACTIONS = ['read', 'create', 'update'] as const satisfies readonly Action[];

/**
 * Sites, equipment, contracts and the levels of service that these promise. A site is opened and closed for good by whoever
 * reaches every site; a level is of the house, and changed by them alone.
 */
export const PARC_RULES: AreaRules = {
  admin: () => ({
    shared: [
      { action: EQUIPEMENT_ACTIONS, subject: 'Equipement' },
      { action: MANAGE, subject: 'Site' },
      { action: MANAGE, subject: 'NiveauService' },
      { action: MANAGE, subject: 'Contrat' },
    ],
  }),

  responsable: (principal) => ({
    shared: [
      {
        action: EQUIPEMENT_ACTIONS,
        subject: 'Equipement',
        ...whereOnSites(principal, 'site_id'),
      },
      {
        action: principal.tousSites ? MANAGE : SITE_ACTIONS,
        subject: 'Site',
        ...whereOnSites(principal, 'id'),
      },
      { action: principal.tousSites ? MANAGE : 'read', subject: 'NiveauService' },
      { action: MANAGE, subject: 'Contrat', ...whereOnSites(principal, 'site_id') },
    ],
  }),

  technicien: (principal) => ({
    shared: [
      {
        action: ['read', 'measure'],
        subject: 'Equipement',
        ...whereOnSites(principal, 'site_id'),
      },
      { action: 'read', subject: 'Site', ...whereOnSites(principal, 'id') },
    ],
  }),

  client: (principal) => ({
    shared: [
      { action: 'read', subject: 'Equipement', where: belongsToClient(principal, '') },
      { action: 'read', subject: 'Site', where: [{ id: { $in: principal.sites } }] },
      { action: 'read', subject: 'Contrat', where: [{ client_id: principal.userId }] },
    ],
  }),
};
