import {
  type AreaRules,
  belongsToClient,
  type Conditions,
  MANAGE,
  ofTheirOwn,
  onTheirSites,
  whereOnSites,
} from './rules';

/** Documents of interventions, of equipment, and reports of neither, which are read as the reports are. */
export const DOCUMENT_RULES: AreaRules = {
  admin: () => ({
    shared: [{ action: [...MANAGE, 'restore', 'seal'], subject: 'Document' }],
  }),

  responsable: (principal) => ({
    shared: [
      {
        action: MANAGE,
        subject: 'Document',
        ...whereOnSites(principal, 'equipement.site_id'),
      },
      // Whoever reaches every site has these by the rule above.
      ...(principal.tousSites
        ? []
        : [
            {
              action: 'read',
              subject: 'Document',
              where: [{ 'rapport.site_ids': { $within: principal.sites } }],
            } as const,
          ]),
    ],
  }),

  technicien: (principal) => ({
    shared: [
      {
        action: ['read', 'create'],
        subject: 'Document',
        // What belongs to an equipment itself.
        where: [{ equipement_id: { $ne: null }, ...onTheirSites(principal, 'equipement.site_id') }],
      },
      ...ofTheirOwn(principal, (technicienId) => ({
        action: ['read', 'create'],
        subject: 'Document',
        where: [{ 'intervention.technicien_id': technicienId }],
      })),
      // What they filed themselves, for as long as they see it.
      {
        action: 'update',
        subject: 'Document',
        where: [{ uploadeur_id: principal.userId }],
        fields: ['nom', 'type_document'],
      },
      { action: 'delete', subject: 'Document', where: [{ uploadeur_id: principal.userId }] },
      ...ofTheirOwn(principal, (technicienId) => ({
        action: 'read',
        subject: 'Document',
        where: [{ 'rapport.technicien_id': technicienId }],
      })),
    ],
  }),

  client: (principal) => ({
    shared: [
      {
        action: 'read',
        subject: 'Document',
        where: [
          // Confidential ones are for the house, whatever is said of who sees them.
          { 'intervention.createur_id': principal.userId, visible_client: true, is_encrypted: false },
          // A document of the equipment itself is not one of an intervention on it.
          ...belongsToClient(principal, 'equipement.').map(
            (conditions): Conditions => ({
              ...conditions,
              visible_client: true,
              is_encrypted: false,
              intervention_id: { $ne: null },
            }),
          ),
        ],
      },
    ],
  }),
};
