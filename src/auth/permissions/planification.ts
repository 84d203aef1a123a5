import {
  type AreaRules,
  isOfTheCrew,
  MANAGE,
  ofTheirOwn,
  type Rule,
  unlessAllSites,
  whereOnSites,
} from './rules';

const READ_FERIES: Rule = { action: 'read', subject: 'JourFerie' };

/** Visits, and the days on which nobody works, which everybody knows. */
export const PLANIFICATION_RULES: AreaRules = {
  admin: () => ({
    shared: [
      { action: 'read', subject: 'Planning' },
      { action: MANAGE, subject: 'JourFerie' },
      { action: MANAGE, subject: 'Proposition' },
    ],
  }),

  responsable: (principal) => ({
    shared: [
      {
        action: 'read',
        subject: 'Planning',
        ...whereOnSites(principal, 'equipement.site_id'),
      },
      // Of everything that is planned there: whoever plans part of it sees no proposal for more.
      {
        action: MANAGE,
        subject: 'Proposition',
        ...unlessAllSites(principal, { site_ids: { $within: principal.sites } }),
      },
      READ_FERIES,
    ],
  }),

  technicien: (principal) => ({
    shared: [
      ...ofTheirOwn(principal, (technicien_id) => ({
        action: 'read',
        subject: 'Planning',
        where: [{ technicien_id }, isOfTheCrew(technicien_id)],
      })),
      READ_FERIES,
    ],
  }),

  client: () => ({ shared: [READ_FERIES] }),
};
