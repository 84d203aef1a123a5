import { type AreaRules, ofTheirOwn, whereOnSites } from './rules';

/** Figures. */
export const PILOTAGE_RULES: AreaRules = {
  admin: () => ({ shared: [{ action: 'read', subject: 'Dashboard' }] }),

  responsable: (principal) => ({
    shared: [
      {
        action: 'read',
        subject: 'Dashboard',
        ...whereOnSites(principal, 'equipement.site_id'),
      },
    ],
  }),

  technicien: (principal) => ({
    shared: ofTheirOwn(principal, (technicien_id) => ({
      action: 'read',
      subject: 'Dashboard',
      where: [{ technicien_id }],
    })),
  }),
};
