import {
  ACTES_ATTENTE,
  type ActeAttente,
  type AttenteEcrite,
  type AttentePatient,
  inscrirePatient,
  listAttentes,
  montresDAttente,
  readAttente,
  repondrePourPatient,
} from '../../services/cabinet/attente';
import { type Asking, askedOf, followRendezVous } from '../http/asked';
import { type Answer, type Call, type Medical, page, type Route, resource, route } from '../http/route';
import { idParam, NOTHING } from '../http/schemas';
import { attenteAnswer, attenteBody, attenteParams, attentesQuery } from './schemas-attente';

const tag = 'Cabinets';

const CATEGORIES = ['identite', 'rendez_vous'];

function shown(attente: AttentePatient, status = 200): Answer {
  return { ...resource(attente, status), patients: montresDAttente([attente]) };
}

/** What was written; the appointments that were offered or answered are followed once that has committed. */
function written(
  call: Asking & Pick<Call<never, never, never>, 'afterCommit'>,
  { attente, suivre }: AttenteEcrite,
  status = 200,
): Answer {
  followRendezVous(call, suivre);
  return shown(attente, status);
}

const WRITE: Medical = {
  acces: { action: 'ecriture', categories: CATEGORIES },
  replay: async (call, id) => shown(await readAttente(askedOf(call), id)),
};

const SUMMARIES: Readonly<Record<ActeAttente, [summary: string, description: string]>> = {
  accepter: ['Accepter pour un patient ce qui lui est proposé', 'Le rendez-vous proposé devient le sien.'],
  decliner: [
    'Laisser passer ce qui est proposé à un patient',
    'C’est proposé au suivant, et le patient attend encore.',
  ],
  quitter: ['Retirer un patient de la liste d’attente', 'Ce qui lui était proposé l’est au suivant.'],
};

const actRoutes = ACTES_ATTENTE.map((acte) =>
  route({
    method: 'put',
    path: `/cabinets/:id/listes-attente/:attente_id/${acte}`,
    tag,
    summary: SUMMARIES[acte][0],
    description: SUMMARIES[acte][1],
    access: ['update', 'RendezVousCabinet'],
    medical: WRITE,
    params: attenteParams,
    body: NOTHING,
    bodyType: 'optional-json',
    answer: { status: 200, description: 'L’attente', schema: attenteAnswer },
    refusals: [
      'INTROUVABLE',
      'TRANSITION_INVALIDE',
      ...(acte === 'accepter' ? ['RETENUE_EXPIREE' as const] : []),
    ],
    examples: { body: {} },
    handle: async (call) => {
      const { id, attente_id } = call.params;
      return written(call, await repondrePourPatient(askedOf(call), id, attente_id, acte));
    },
  }),
);

/** Waiting lists of practices. */
export const attenteRoutes: Route[] = [
  route({
    method: 'get',
    path: '/cabinets/:id/listes-attente',
    tag,
    summary: 'Voir qui attend un rendez-vous d’un cabinet',
    description: 'Le premier inscrit d’abord, avec ce qui lui est proposé et jusqu’à quand.',
    access: ['read', 'RendezVousCabinet'],
    medical: { acces: { action: 'liste', categories: CATEGORIES } },
    params: idParam,
    query: attentesQuery,
    answer: { status: 200, description: 'Les attentes', schema: attenteAnswer, list: true },
    refusals: ['INTROUVABLE'],
    handle: async ({ params, query: { statut, ...asked }, ctx, ...call }) => {
      const found = await listAttentes(askedOf(call), params.id, { statut }, asked);
      return { ...page({ ctx }, found), patients: montresDAttente(found.rows) };
    },
  }),
  route({
    method: 'post',
    path: '/cabinets/:id/listes-attente',
    tag,
    summary: 'Inscrire un patient sur la liste d’attente',
    description:
      'Un horaire qui se libère, ou qui est libre déjà, est gardé pour le premier à qui il convient et lui est proposé 30 minutes, ' +
      'par le canal auquel il consent ; puis au suivant, jamais à tous.',
    access: ['create', 'RendezVousCabinet'],
    medical: WRITE,
    params: idParam,
    body: attenteBody,
    answer: { status: 201, description: 'L’attente', schema: attenteAnswer },
    refusals: ['INTROUVABLE', 'PATIENT_FUSIONNE', 'DEJA_EXISTANT'],
    examples: {
      body: {
        patient_id: 51,
        prestation: 'c-0f3a',
        date_debut: '2026-12-01',
        date_fin: '2026-12-11',
        heure_debut: '08:00',
      },
    },
    handle: async ({ params, body, ...call }) =>
      written(call, await inscrirePatient(askedOf(call), params.id, body), 201),
  }),
  route({
    method: 'get',
    path: '/cabinets/:id/listes-attente/:attente_id',
    tag,
    summary: 'Lire une attente',
    access: ['read', 'RendezVousCabinet'],
    medical: { acces: { action: 'lecture', categories: CATEGORIES } },
    params: attenteParams,
    answer: { status: 200, description: 'L’attente', schema: attenteAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ params, ...call }) =>
      shown(await readAttente(askedOf(call), params.attente_id, params.id)),
  }),
  ...actRoutes,
];
