import {
  addAddendum,
  type Consultation,
  type ConsultationMontree,
  createConsultation,
  invalidateConsultation,
  listConsultations,
  publishConsultation,
  readConsultation,
  signConsultation,
  updateConsultation,
} from '../../services/cabinet/consultations';
import { type DossierLu, lireDossier } from '../../services/cabinet/dossier-lu';
import { prouver } from '../../services/cabinet/reauthentification';
import { askedOf } from '../http/asked';
import { shownElement } from '../http/elements-schemas';
import { type Answer, type Call, type Medical, page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import {
  addendumBody,
  consultationAnswer,
  consultationBody,
  consultationChanges,
  consultationListAnswer,
  consultationQuery,
  dossierAnswer,
  invalidationBody,
  signatureBody,
} from './schemas';

const TAG = 'Consultations';
const CATEGORIES = ['consultations'];
const DOSSIER = ['allergies', 'traitements', 'antecedents', 'constantes', 'consultations'];

/** A consultation as it is answered. */
function shownConsultation({ constantes, diagnostics, ...rest }: Consultation) {
  return {
    ...rest,
    constantes: constantes.map(shownElement),
    diagnostics: diagnostics.map(shownElement),
  };
}

function shownDossier({ consultations, ...dossier }: DossierLu) {
  const { allergies, traitements, antecedents, constantes } = dossier;
  return {
    ...dossier,
    allergies: allergies.map(shownElement),
    traitements: traitements.map(shownElement),
    antecedents: antecedents.map(shownElement),
    constantes: constantes.map(shownElement),
    consultations: consultations.map(shownConsultation),
  };
}

function answered({ consultation, patient }: ConsultationMontree, status = 200): Answer {
  return { ...resource(shownConsultation(consultation), status), patients: [patient] };
}

const WRITTEN: Medical = {
  acces: { action: 'ecriture', categories: CATEGORIES },
  replay: async (call, id) => answered(await readConsultation(askedOf(call), id)),
};

/** That it was about what its patient reads. */
const PUBLISHED: Medical['acces'] = { action: 'ecriture', categories: [...CATEGORIES, 'publication'] };

export const consultationRoutes: Route[] = [
  route({
    method: 'get',
    path: '/patients/:id/dossier',
    tag: 'Dossiers',
    summary: 'Lire un dossier d’un coup d’œil',
    description:
      'Alertes, allergies ou leur absence dite, traitements, antécédents, dernières constantes et cinq dernières consultations.',
    access: ['read', 'Dossier'],
    medical: { acces: { action: 'lecture', categories: DOSSIER } },
    params: idParam,
    answer: { status: 200, description: 'Dossier', schema: dossierAnswer },
    refusals: ['INTROUVABLE', 'DOSSIER_NON_PARTAGE'],
    handle: async ({ params, ...call }) => {
      const { dossier, patient } = await lireDossier(askedOf(call), params.id);
      return { body: shownDossier(dossier), patients: [patient] };
    },
  }),
  route({
    method: 'get',
    path: '/patients/:id/consultations',
    tag: TAG,
    summary: 'Lister les consultations d’un patient',
    description: 'Qu’il y en eut, quand, avec qui, et où elles en sont : rien de ce qui y est écrit.',
    access: ['read', 'Consultation'],
    medical: { acces: { action: 'liste', categories: ['existence'] } },
    params: idParam,
    query: consultationQuery,
    answer: { status: 200, description: 'Consultations', schema: consultationListAnswer, list: true },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, params, query: { statut, ...asked }, ctx }) => {
      const { page: found, patient } = await listConsultations({ tx, access }, params.id, { statut }, asked);
      return { ...page({ ctx }, found), patients: [patient] };
    },
  }),
  route({
    method: 'post',
    path: '/consultations',
    tag: TAG,
    summary: 'Commencer une consultation',
    description: 'Un brouillon, que son auteur est seul à lire tant qu’il ne l’a pas signé.',
    access: ['create', 'Consultation'],
    medical: WRITTEN,
    body: consultationBody,
    answer: { status: 201, description: 'Consultation', schema: consultationAnswer },
    refusals: ['DOSSIER_NON_PARTAGE'],
    examples: { body: { patient_id: 12, motif: 'Toux depuis trois jours' } },
    handle: async ({ body: { patient_id, ...fields }, ...call }) => {
      const made = await createConsultation(askedOf(call), patient_id, fields);
      const { id, cabinet_id } = made.consultation;
      call.afterCommit(() => call.app.engine.followConsultationInBackground(cabinet_id, id));
      return answered(made, 201);
    },
  }),
  route({
    method: 'get',
    path: '/consultations/:id',
    tag: TAG,
    summary: 'Lire une consultation',
    description: 'Avec ses addenda, et invalidée aussi. Le brouillon d’un autre n’existe pas.',
    access: ['read', 'Dossier'],
    medical: { acces: { action: 'lecture', categories: CATEGORIES } },
    params: idParam,
    answer: { status: 200, description: 'Consultation', schema: consultationAnswer },
    refusals: ['INTROUVABLE', 'DOSSIER_NON_PARTAGE'],
    handle: async ({ params, ...call }) => answered(await readConsultation(askedOf(call), params.id)),
  }),
  route({
    method: 'patch',
    path: '/consultations/:id',
    tag: TAG,
    summary: 'Écrire dans un brouillon, ou l’abandonner',
    description: 'Chaque version est gardée. `If-Match` est exigé.',
    access: ['update', 'Consultation'],
    medical: { acces: { action: 'ecriture', categories: CATEGORIES } },
    params: idParam,
    body: consultationChanges,
    answer: { status: 200, description: 'Consultation', schema: consultationAnswer },
    refusals: ['INTROUVABLE', 'DOSSIER_NON_PARTAGE', 'SIGNEE', 'TRANSITION_INVALIDE', 'VERSION_PERIMEE'],
    examples: { body: { examen: 'Auscultation libre', conclusion: 'Bronchite' } },
    handle: async ({ params, body: { statut, ...changes }, ifMatch, ...call }) => {
      const abandonner = statut === 'abandonnee';
      const asked = askedOf(call);
      const changed = await updateConsultation(asked, params.id, { ...changes, abandonner }, ifMatch);
      if (abandonner) follow(call, changed);
      return answered(changed);
    },
  }),
  route({
    method: 'post',
    path: '/consultations/:id/signature',
    tag: TAG,
    summary: 'Signer une consultation',
    description:
      'En montrant à nouveau qui l’on est : mot de passe, ou code du second facteur. Signée, elle ne change plus.',
    access: ['update', 'Consultation'],
    medical: WRITTEN,
    params: idParam,
    body: signatureBody,
    answer: { status: 201, description: 'Consultation', schema: consultationAnswer },
    refusals: ['INTROUVABLE', 'DOSSIER_NON_PARTAGE', 'SIGNEE', 'TRANSITION_INVALIDE', 'VERSION_PERIMEE'],
    examples: { body: { mot_de_passe: 'Une phrase que je connais 1!' } },
    prepare: ({ app, actor, body: { mot_de_passe, code } }) =>
      prouver(app, actor, code === undefined ? { mot_de_passe: mot_de_passe! } : { code }),
    handle: async ({ params, body: { code }, ifMatch, ...call }) => {
      const methode = code === undefined ? 'mot_de_passe' : 'code';
      const signed = await signConsultation(askedOf(call), params.id, methode, ifMatch);
      follow(call, signed);
      return answered(signed, 201);
    },
  }),
  route({
    method: 'post',
    path: '/consultations/:id/addenda',
    tag: TAG,
    summary: 'Ajouter à une consultation signée',
    access: ['update', 'Consultation'],
    medical: WRITTEN,
    params: idParam,
    body: addendumBody,
    answer: { status: 201, description: 'Consultation', schema: consultationAnswer },
    refusals: ['INTROUVABLE', 'DOSSIER_NON_PARTAGE', 'TRANSITION_INVALIDE'],
    examples: { body: { texte: 'Radiographie reçue : normale' } },
    handle: async ({ params, body, ...call }) =>
      answered(await addAddendum(askedOf(call), params.id, body.texte), 201),
  }),
  route({
    method: 'post',
    path: '/consultations/:id/invalidation',
    tag: TAG,
    summary: 'Dire d’une consultation signée qu’elle ne vaut pas',
    description: 'Elle reste montrée ; ce qui y fut mesuré et trouvé est une erreur aussi.',
    access: ['update', 'Consultation'],
    medical: WRITTEN,
    params: idParam,
    body: invalidationBody,
    answer: { status: 201, description: 'Consultation', schema: consultationAnswer },
    refusals: ['INTROUVABLE', 'DOSSIER_NON_PARTAGE', 'TRANSITION_INVALIDE'],
    examples: { body: { motif: 'Autre patient' } },
    handle: async ({ params, body, ...call }) =>
      answered(await invalidateConsultation(askedOf(call), params.id, body.motif), 201),
  }),
  route({
    method: 'put',
    path: '/consultations/:id/publication',
    tag: TAG,
    summary: 'Publier une consultation signée pour son patient',
    description:
      'Par son auteur. Le patient qui a un compte la lit alors (`GET /mon/consultations`), ses addenda d’après aussi ; les notes personnelles jamais. Ce qui est signé n’en change pas.',
    access: ['update', 'Consultation'],
    medical: { ...WRITTEN, acces: PUBLISHED },
    params: idParam,
    answer: { status: 200, description: 'Consultation', schema: consultationAnswer },
    refusals: ['INTROUVABLE', 'DOSSIER_NON_PARTAGE', 'TRANSITION_INVALIDE', 'VERSION_PERIMEE'],
    handle: async ({ params, ifMatch, ...call }) =>
      answered(await publishConsultation(askedOf(call), params.id, true, ifMatch)),
  }),
  route({
    method: 'delete',
    path: '/consultations/:id/publication',
    tag: TAG,
    summary: 'Reprendre la publication d’une consultation',
    description: 'Par son auteur, invalidée aussi : le patient ne la lit plus.',
    access: ['update', 'Consultation'],
    medical: { acces: PUBLISHED },
    params: idParam,
    answer: { status: 200, description: 'Consultation', schema: consultationAnswer },
    refusals: ['INTROUVABLE', 'DOSSIER_NON_PARTAGE', 'TRANSITION_INVALIDE', 'VERSION_PERIMEE'],
    handle: async ({ params, ifMatch, ...call }) =>
      answered(await publishConsultation(askedOf(call), params.id, false, ifMatch)),
  }),
];

/** Nobody has to be told of it any more. */
function follow(
  { app, afterCommit }: Pick<Call<never, never, never>, 'app' | 'afterCommit'>,
  { consultation: { id, cabinet_id } }: ConsultationMontree,
): void {
  afterCommit(() => app.engine.followConsultationInBackground(cabinet_id, id));
}
