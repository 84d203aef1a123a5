import { INTERVENANTS, intervenantConditions } from '../../services/rendez-vous/intervenants';
import { adresseRoutes } from '../http/agendas';
import { crudRoutes } from '../http/crud';
import type { Route } from '../http/route';
import { intervenantAnswer, intervenantBody, intervenantChanges, intervenantQuery } from './schemas';

export const intervenantRoutes: Route[] = [
  ...crudRoutes({
    path: '/intervenants',
    subject: 'Intervenant',
    tag: 'Intervenants',
    summaries: {
      list: 'Lister les intervenants',
      create: 'Ajouter un intervenant',
      read: 'Lire un intervenant',
      update: 'Modifier un intervenant',
      remove: 'Supprimer un intervenant',
    },
    description:
      'Qui reçoit ceux qui réservent. Les visites d’une intervention et les rendez-vous d’une même personne ne se chevauchent jamais.',
    crud: INTERVENANTS,
    body: intervenantBody,
    changes: intervenantChanges,
    query: intervenantQuery,
    filter: intervenantConditions,
    answer: intervenantAnswer,
    refusals: ['DEJA_EXISTANT'],
    example: {
      user_id: 7,
      nom_public: 'Nadia B.',
      fuseau_horaire: 'Europe/Paris',
      horaires: { 1: [['09:00', '12:30']], 3: [['14:00', '18:00']] },
      exceptions: [{ date: '2026-12-24', ferme: true }],
    },
  }),
  ...adresseRoutes('/intervenants', 'intervenant', 'Intervenants'),
];
