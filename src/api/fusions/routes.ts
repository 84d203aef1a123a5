import { annulerFusion, readFusion } from '../../services/cabinet/fusion';
import { askedOf } from '../http/asked';
import { fusionAnswer, merged } from '../http/fusions';
import { type Route, route } from '../http/route';
import { idParam } from '../http/schemas';

export const fusionRoutes: Route[] = [
  route({
    method: 'post',
    path: '/fusions/:id/annuler',
    tag: 'Patients',
    summary: 'Annuler une fusion',
    description:
      'Pour le gérant du cabinet, pendant 30 jours, la plus récente d’abord. Ce qui était au doublon lui revient, avec ce qui y a été écrit depuis ; ce qui a été ajouté depuis reste au patient qui l’avait reçu.',
    access: ['merge', 'Patient'],
    medical: {
      acces: { action: 'ecriture', categories: ['fusion'] },
      replay: async ({ tx, access }, id) => merged(await readFusion({ tx, access }, id)),
    },
    params: idParam,
    answer: { status: 200, description: 'Fusion', schema: fusionAnswer },
    refusals: ['INTROUVABLE', 'PATIENT_FUSIONNE', 'FUSION_DEFINITIVE', 'TRANSITION_INVALIDE'],
    handle: async ({ params, ...call }) => merged(await annulerFusion(askedOf(call), params.id)),
  }),
];
