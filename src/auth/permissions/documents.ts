import {
  type AreaRules,
  belongsToClient,
  type Conditions,
  ofTheirOwn,
  onTheirSites,
  whereOnSites,
} from './rules';

/** Documents of interventions and of equipment. */
export const DOCUMENT_RULES: AreaRules = {
  admin: () => ({ shared: [{ action: ['read', 'create', 'update'], subject: 'Document' }] }),

  responsable: (principal) => ({
    shared: [
      {
        action: ['read', 'create', 'update'],
        subject: 'Document',
        ...whereOnSites(principal, 'equipement.site_id'),
      },
    ],
  }),

  technicien: (principal) => ({
    shared: [
      {
        action: ['read', 'create'],
        subject: 'Document',
        where: [{ intervention_id: null, ...onTheirSites(principal, 'equipement.site_id') }],
      },
      ...ofTheirOwn(principal, (technicienId) => ({
        action: ['read', 'create'],
        subject: 'Document',
        where: [{ 'intervention.technicien_id': technicienId }],
      })),
    ],
  }),

  client: (principal) => ({
    shared: [
      {
        action: 'read',
        subject: 'Document',
        where: [
          { 'intervention.createur_id': principal.userId, visible_client: true },
          // A document of the equipment itself is not one of an intervention on it.
          ...belongsToClient(principal, 'equipement.').map(
            (conditions): Conditions => ({
              ...conditions,
              visible_client: true,
              intervention_id: { $ne: null },
            }),
          ),
        ],
      },
    ],
  }),
};
