import { z } from 'zod';
import {
  createDemande,
  listDemandes,
  MAX_DEMANDES,
  readDemande,
  repondreDemande,
} from '../../services/cabinet/demandes-droits';
import { askedOf } from '../http/asked';
import { type Answer, type Medical, type Route, route } from '../http/route';
import { idParam } from '../http/schemas';
import { demandeAnswer, demandeBody, demandeListAnswer, demandesQuery, reponseBody } from './schemas';

const TAG = 'Demandes de droits';
const CATEGORIES = ['demandes_droits'];

function shown({ demande, patient }: Awaited<ReturnType<typeof readDemande>>, status = 200): Answer {
  return { status, body: demande, patients: [patient] };
}

const WRITES: Medical = {
  acces: { action: 'ecriture', categories: CATEGORIES },
  ofMerged: true,
  replay: async (call, id) => shown(await readDemande(askedOf(call), id)),
};

export const demandeDroitsRoutes: Route[] = [
  route({
    method: 'get',
    path: '/demandes-droits',
    tag: TAG,
    summary: 'Lister ce que des patients demandent de leurs droits',
    description: `Les plus urgentes d’abord, ${MAX_DEMANDES} au plus.`,
    access: ['read', 'DemandeDroits'],
    medical: { acces: { action: 'liste', categories: CATEGORIES } },
    query: demandesQuery,
    answer: { status: 200, description: 'Demandes', schema: z.array(demandeListAnswer) },
    handle: async (call) => {
      const { demandes, patients } = await listDemandes(askedOf(call), call.query);
      return { body: demandes, patients };
    },
  }),
  route({
    method: 'post',
    path: '/demandes-droits',
    tag: TAG,
    summary: 'Enregistrer ce qu’un patient demande de ses droits',
    description:
      'Ses délais courent de sa réception : une copie pas avant 48 heures, dans les huit jours, ou deux mois si une information a plus de cinq ans ; le reste dans les trente jours.',
    access: ['create', 'DemandeDroits'],
    medical: WRITES,
    body: demandeBody,
    answer: { status: 201, description: 'Demande', schema: demandeAnswer },
    refusals: ['PATIENT_FUSIONNE'],
    examples: { body: { patient_id: 48151623, nature: 'acces', demande: 'Copie de tout le dossier' } },
    handle: async (call) => shown(await createDemande(askedOf(call), call.body), 201),
  }),
  route({
    method: 'get',
    path: '/demandes-droits/:id',
    tag: TAG,
    summary: 'Lire ce qu’un patient demande',
    access: ['read', 'DemandeDroits'],
    medical: { acces: { action: 'lecture', categories: CATEGORIES } },
    params: idParam,
    answer: { status: 200, description: 'Demande', schema: demandeAnswer },
    refusals: ['INTROUVABLE'],
    handle: async (call) => shown(await readDemande(askedOf(call), call.params.id)),
  }),
  route({
    method: 'post',
    path: '/demandes-droits/:id/reponse',
    tag: TAG,
    summary: 'Répondre à ce qu’un patient demande',
    access: ['update', 'DemandeDroits'],
    medical: WRITES,
    params: idParam,
    body: reponseBody,
    answer: { status: 200, description: 'Demande', schema: demandeAnswer },
    refusals: ['INTROUVABLE', 'TRANSITION_INVALIDE'],
    examples: { body: { statut: 'honoree', reponse: 'Copie remise en main propre' } },
    handle: async (call) => shown(await repondreDemande(askedOf(call), call.params.id, call.body)),
  }),
];
