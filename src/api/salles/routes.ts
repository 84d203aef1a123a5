import { SALLES, salleConditions } from '../../services/rendez-vous/salles';
import { adresseRoutes } from '../http/agendas';
import { crudRoutes } from '../http/crud';
import type { Route } from '../http/route';
import { salleAnswer, salleBody, salleChanges, salleQuery } from './schemas';

export const salleRoutes: Route[] = [
  ...crudRoutes({
    path: '/salles',
    subject: 'Salle',
    tag: 'Salles',
    summaries: {
      list: 'Lister les salles',
      create: 'Ajouter une salle',
      read: 'Lire une salle',
      update: 'Modifier une salle',
      remove: 'Supprimer une salle',
    },
    crud: SALLES,
    body: salleBody,
    changes: salleChanges,
    query: salleQuery,
    filter: salleConditions,
    answer: salleAnswer,
    refusals: ['DEJA_EXISTANT'],
    example: { nom: 'Salle Atlas', capacite: 12, etiquettes: ['visio', 'calme'] },
  }),
  ...adresseRoutes('/salles', 'salle', 'Salles'),
];
