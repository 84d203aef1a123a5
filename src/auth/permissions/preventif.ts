import { type AreaRules, MANAGE, unlessAllSites } from './rules';

/** Plans of preventive work: of whoever oversees all the sites on which their equipments stand. */
export const PREVENTIF_RULES: AreaRules = {
  admin: () => ({ shared: [{ action: MANAGE, subject: 'PlanPreventif' }] }),

  responsable: (principal) => ({
    shared: [
      {
        action: MANAGE,
        subject: 'PlanPreventif',
        ...unlessAllSites(principal, { site_ids: { $within: principal.sites } }),
      },
    ],
  }),

  technicien: (principal) => ({
    shared: [
      {
        action: 'read',
        subject: 'PlanPreventif',
        ...unlessAllSites(principal, { site_ids: { $within: principal.sites } }),
      },
    ],
  }),
};
