import { z } from 'zod';
import {
  declarePolitique,
  leverRetenue,
  listEcheances,
  MAX_ECHEANCES,
  readRetenue,
  retenir,
} from '../../services/cabinet/conservation';
import {
  arreterPurge,
  demanderPurge,
  listPurges,
  MAX_PURGES,
  type PurgeLue,
  readPurge,
  signerPurge,
} from '../../services/cabinet/purges';
import { askedOf } from '../http/asked';
import { type Answer, type Medical, type Route, route } from '../http/route';
import { idParam } from '../http/schemas';
import {
  echeancesAnswer,
  echeancesQuery,
  politiqueBody,
  politiquesAnswer,
  purgeAnswer,
  purgeBody,
  retenueAnswer,
  retenueBody,
} from './schemas';

const TAG = 'Conservation';
const CATEGORIES = ['conservation'];
const WRITES = { action: 'ecriture', categories: CATEGORIES } as const;
/** A purge is about whoever it is about, and reads nothing of anybody. */
const PURGE: Medical = {
  acces: WRITES,
  ofMerged: true,
  replay: async ({ tx, access }, id) => purged(await readPurge({ tx, access }, id)),
};
const RETENUE: Medical = {
  acces: WRITES,
  ofMerged: true,
  replay: async ({ tx, access }, id) => held(await readRetenue({ tx, access }, id)),
};

function purged({ purge, patients }: PurgeLue, status = 200): Answer {
  return { status, body: purge, patients };
}

function held({ retenue, patient }: Awaited<ReturnType<typeof readRetenue>>, status = 200): Answer {
  return { status, body: retenue, patients: [patient] };
}

export const conservationRoutes: Route[] = [
  route({
    method: 'get',
    path: '/conservation/echeances',
    tag: TAG,
    summary: 'Lister les dossiers dont la durée de conservation est écoulée',
    description: `Selon ce que le cabinet a déclaré, sinon ce qui est livré pour son pays ; rien tant que rien n’est déclaré. Rien ne se détruit de soi-même. Au plus ${MAX_ECHEANCES}, les plus anciens d’abord.`,
    access: ['read', 'Conservation'],
    medical: { acces: { action: 'liste', categories: CATEGORIES } },
    query: echeancesQuery,
    answer: { status: 200, description: 'Échéances', schema: echeancesAnswer },
    handle: async ({ tx, access, actor, query: { cabinet_id } }) => {
      const { echeances, patients } = await listEcheances({ tx, access, actor }, cabinet_id ?? null);
      return { body: echeances, patients };
    },
  }),
  route({
    method: 'put',
    path: '/conservation/politiques',
    tag: TAG,
    summary: 'Déclarer combien de temps le cabinet conserve les dossiers',
    description: 'Au moins aussi longtemps que ce qui est livré pour son pays.',
    access: ['update', 'Conservation'],
    medical: { acces: null, replay: 'again' },
    body: politiqueBody,
    answer: { status: 200, description: 'Durées', schema: politiquesAnswer },
    examples: {
      body: { ancre: 'dernier_acte', duree_mois: 240, source: 'Décision du cabinet du 12 janvier 2026' },
    },
    handle: async ({ tx, access, actor, body }) => ({
      body: await declarePolitique({ tx, access, actor }, body),
    }),
  }),
  route({
    method: 'post',
    path: '/conservation/retenues',
    tag: TAG,
    summary: 'Retenir un dossier, quelle que soit son échéance',
    description: 'Arrête aussi une destruction qui a été signée.',
    access: ['create', 'Conservation'],
    medical: RETENUE,
    body: retenueBody,
    answer: { status: 201, description: 'Retenue', schema: retenueAnswer },
    refusals: ['PATIENT_FUSIONNE'],
    examples: { body: { patient_id: 48151623, motif: 'Procédure en cours' } },
    handle: async (call) => held(await retenir(askedOf(call), call.body), 201),
  }),
  route({
    method: 'post',
    path: '/conservation/retenues/:id/lever',
    tag: TAG,
    summary: 'Lever une retenue',
    access: ['cancel', 'Conservation'],
    medical: RETENUE,
    params: idParam,
    answer: { status: 200, description: 'Retenue', schema: retenueAnswer },
    refusals: ['INTROUVABLE'],
    handle: async (call) => held(await leverRetenue(askedOf(call), call.params.id)),
  }),
  route({
    method: 'get',
    path: '/conservation/purges',
    tag: TAG,
    summary: 'Lister les destructions de dossiers',
    description: `Faites et arrêtées comprises ; les ${MAX_PURGES} dernières.`,
    access: ['read', 'Purge'],
    medical: { acces: { action: 'liste', categories: CATEGORIES } },
    answer: { status: 200, description: 'Destructions', schema: z.array(purgeAnswer) },
    handle: async ({ tx, access }) => {
      const { purges, patients } = await listPurges({ tx, access });
      return { body: purges, patients };
    },
  }),
  route({
    method: 'post',
    path: '/conservation/purges',
    tag: TAG,
    summary: 'Demander la destruction d’un dossier',
    description:
      'Par le gérant, d’un dossier dont l’échéance est passée et que rien ne retient : la première signature. Un médecin du cabinet, qui est quelqu’un d’autre, donne la seconde.',
    access: ['create', 'Purge'],
    medical: PURGE,
    body: purgeBody,
    answer: { status: 201, description: 'Destruction', schema: purgeAnswer },
    refusals: ['PATIENT_FUSIONNE', 'PURGE_IMPOSSIBLE', 'DEJA_EXISTANT'],
    examples: { body: { patient_id: 48151623 } },
    handle: async (call) => purged(await demanderPurge(askedOf(call), call.body.patient_id), 201),
  }),
  route({
    method: 'post',
    path: '/conservation/purges/:id/signature',
    tag: TAG,
    summary: 'Signer la destruction d’un dossier',
    description:
      'Par un médecin du cabinet qui ne l’a pas demandée. Elle a lieu trente jours plus tard, si rien ne l’arrête : la clé du dossier, ses lignes et ses fichiers.',
    access: ['update', 'Purge'],
    medical: PURGE,
    params: idParam,
    answer: { status: 200, description: 'Destruction', schema: purgeAnswer },
    refusals: ['INTROUVABLE', 'TRANSITION_INVALIDE', 'PURGE_IMPOSSIBLE'],
    handle: async (call) => purged(await signerPurge(askedOf(call), call.params.id)),
  }),
  route({
    method: 'post',
    path: '/conservation/purges/:id/annuler',
    tag: TAG,
    summary: 'Arrêter la destruction d’un dossier',
    access: ['cancel', 'Purge'],
    medical: PURGE,
    params: idParam,
    answer: { status: 200, description: 'Destruction', schema: purgeAnswer },
    refusals: ['INTROUVABLE', 'TRANSITION_INVALIDE'],
    handle: async (call) => purged(await arreterPurge(askedOf(call), call.params.id)),
  }),
];
