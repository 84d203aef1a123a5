import { type AreaRules, ofTheirOwn, whereOnSites } from './rules';

/** Visits. */
export const PLANIFICATION_RULES: AreaRules = {
  admin: () => ({ shared: [{ action: 'read', subject: 'Planning' }] }),

  responsable: (principal) => ({
    shared: [
      {
        action: 'read',
        subject: 'Planning',
        ...whereOnSites(principal, 'equipement.site_id'),
      },
    ],
  }),

  technicien: (principal) => ({
    shared: ofTheirOwn(principal, (technicien_id) => ({
      action: 'read',
      subject: 'Planning',
      where: [{ technicien_id }],
    })),
  }),
};
