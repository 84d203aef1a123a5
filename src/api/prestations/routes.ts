import { PRESTATIONS, prestationConditions } from '../../services/rendez-vous/prestations';
import { crudRoutes } from '../http/crud';
import { prestationAnswer, prestationBody, prestationChanges, prestationQuery } from './schemas';

export const prestationRoutes = crudRoutes({
  path: '/prestations',
  subject: 'Prestation',
  tag: 'Prestations',
  summaries: {
    list: 'Lister les prestations',
    create: 'Ajouter une prestation',
    read: 'Lire une prestation',
    update: 'Modifier une prestation',
    remove: 'Supprimer une prestation',
  },
  description:
    'Ce que l’on peut réserver : `un` (une personne au choix), `tour_de_role` (celle dont c’est le tour), `collectif` (toutes).',
  crud: PRESTATIONS,
  body: prestationBody,
  changes: prestationChanges,
  query: prestationQuery,
  filter: prestationConditions,
  answer: prestationAnswer,
  refusals: ['DEJA_EXISTANT'],
  example: {
    slug: 'conseil-30',
    nom: 'Conseil, trente minutes',
    durees: [30],
    mode: 'un',
    intervenants: [],
    tampon_apres: 10,
    preavis: { creer: 120, annuler: 1_440 },
    fenetre: { jours: 60 },
  },
});
