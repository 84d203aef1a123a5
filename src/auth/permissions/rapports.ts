import { type AreaRules, ofTheirOwn, unlessAllSites } from './rules';

/**
 * Reports that people ask for. Whoever oversees some sites asks for, and reads, what shows nothing but those; a technicien
 * what is about their own work.
 */
export const RAPPORT_RULES: AreaRules = {
  admin: () => ({ shared: [{ action: ['read', 'create'], subject: 'Rapport' }] }),

  responsable: (principal) => ({
    shared: [
      {
        action: ['read', 'create'],
        subject: 'Rapport',
        ...unlessAllSites(principal, { site_ids: { $within: principal.sites } }),
      },
    ],
  }),

  technicien: (principal) => ({
    shared: ofTheirOwn(principal, (technicien_id) => ({
      action: ['read', 'create'],
      subject: 'Rapport',
      where: [{ technicien_id }],
    })),
  }),
};
