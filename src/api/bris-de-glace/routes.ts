import type { PatientMontre } from '../../services/cabinet/acces';
import {
  type BrisDeGlace,
  fermerDossier,
  listBris,
  ouvrirDossier,
  readBris,
  revoirBris,
} from '../../services/cabinet/bris-de-glace';
import { askedOf } from '../http/asked';
import { type Answer, type Call, type Medical, page, type Route, route } from '../http/route';
import { idParam } from '../http/schemas';
import { brisAnswer, brisBody, brisQuery, revueBody } from './schemas';

const TAG = 'Bris de glace';
const CATEGORIES = ['bris_de_glace'];

/** One, of a patient who is on record. */
function shown({ bris, patient }: { bris: BrisDeGlace; patient: PatientMontre }, status = 200): Answer {
  return { status, body: bris, patients: [patient] };
}

const again = async (call: Call<never, never, never>, id: number) => shown(await readBris(askedOf(call), id));

const CHANGE: Medical = { acces: { action: 'ecriture', categories: CATEGORIES }, replay: again };

export const brisDeGlaceRoutes: Route[] = [
  route({
    method: 'post',
    path: '/patients/:id/bris-de-glace',
    tag: TAG,
    summary: 'Ouvrir un dossier qui n’est pas partagé',
    description:
      'Pour un médecin du cabinet, une heure au plus, avec un motif. Ce qui est lu alors est inscrit comme urgence (`ETREAT`) ; le ' +
      'patient en est averti, et le gérant revoit. Les notes personnelles restent closes. Un dossier déjà ouvert est refusé (409).',
    access: ['create', 'BrisDeGlace'],
    medical: { acces: { action: 'bris_de_glace', categories: CATEGORIES }, replay: again },
    params: idParam,
    body: brisBody,
    answer: { status: 201, description: 'Bris de glace', schema: brisAnswer },
    refusals: ['INTROUVABLE', 'PATIENT_FUSIONNE', 'DEJA_EXISTANT'],
    examples: { body: { motif: 'Malaise en salle d’attente, médecin traitant absent' } },
    handle: async ({ params, body, ...call }) => {
      const asked = askedOf(call);
      const made = await ouvrirDossier(asked, params.id, body.motif);
      call.afterCommit(() => call.app.engine.followBrisDeGlaceInBackground(made.bris));
      return shown(made, 201);
    },
  }),
  route({
    method: 'get',
    path: '/bris-de-glace',
    tag: TAG,
    summary: 'Lister les bris de glace',
    description: 'Ceux du cabinet pour son gérant, les siens pour un médecin.',
    access: ['read', 'BrisDeGlace'],
    medical: { acces: { action: 'liste', categories: CATEGORIES } },
    query: brisQuery,
    answer: { status: 200, description: 'Bris de glace', schema: brisAnswer, list: true },
    handle: async ({ query: { cabinet_id, patient_id, user_id, etat, ...asked }, ctx, ...call }) => {
      const filters = { cabinet_id, patient_id, user_id, etat };
      const { page: found, patients } = await listBris(askedOf(call), filters, asked);
      return { ...page({ ctx }, found), patients };
    },
  }),
  route({
    method: 'post',
    path: '/bris-de-glace/:id/fermeture',
    tag: TAG,
    summary: 'Refermer un dossier avant l’heure',
    description: 'Pour qui l’a ouvert, et le gérant du cabinet.',
    access: ['cancel', 'BrisDeGlace'],
    medical: CHANGE,
    params: idParam,
    answer: { status: 200, description: 'Bris de glace', schema: brisAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ params, ...call }) => {
      const closed = await fermerDossier(askedOf(call), params.id);
      call.afterCommit(() => call.app.engine.followBrisDeGlaceInBackground(closed.bris));
      return shown(closed);
    },
  }),
  route({
    method: 'post',
    path: '/bris-de-glace/:id/revue',
    tag: TAG,
    summary: 'Revoir un bris de glace',
    description: 'Pour le gérant du cabinet, une fois ; jamais pour qui a ouvert le dossier.',
    access: ['update', 'BrisDeGlace'],
    medical: CHANGE,
    params: idParam,
    body: revueBody,
    answer: { status: 200, description: 'Bris de glace', schema: brisAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT'],
    examples: { body: { conclusion: 'justifie', commentaire: 'Urgence avérée' } },
    handle: async ({ params, body, ...call }) => {
      const seen = await revoirBris(askedOf(call), params.id, body);
      call.afterCommit(() => call.app.engine.followBrisDeGlaceInBackground(seen.bris));
      return shown(seen);
    },
  }),
];
