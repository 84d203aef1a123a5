import type { PatientMontre } from '../../services/cabinet/acces';
import { ACTES_ATTENTE, type ActeAttente } from '../../services/cabinet/attente';
import { codeLiaison, delierCompte, lierCompte } from '../../services/cabinet/comptes';
import { mesAcces, mesDossiers, mesRendezVous } from '../../services/cabinet/mon';
import {
  annulerMonRendezVous,
  type FaitParLePatient,
  mesAttentes,
  monAttente,
  repondreAMonOffre,
} from '../../services/cabinet/mon-attente';
import { mesConsultations } from '../../services/cabinet/mon-consultations';
import { demanderCopie, maDemande, mesDemandes } from '../../services/cabinet/mon-copies';
import { readPatient } from '../../services/cabinet/patients';
import { type Asking, askedOf, followRendezVous } from '../http/asked';
import { type Answer, type Call, page, type Route, route } from '../http/route';
import { idParam, NOTHING } from '../http/schemas';
import {
  codeAnswer,
  compteAnswer,
  compteBody,
  copieBody,
  maConsultationAnswer,
  maDemandeAnswer,
  mesAttentesQuery,
  mesConsultationsQuery,
  mesDemandesQuery,
  mesRendezVousQuery,
  monAccesAnswer,
  monAccesQuery,
  monAttenteAnswer,
  monDossierAnswer,
  monRendezVousAnswer,
  monRendezVousParams,
} from './schemas';

const TAG = 'Patient';

function tied(patient: PatientMontre, compte: boolean): Answer {
  return { body: { id: patient.id, compte }, patients: [patient] };
}

function shown({ demande, patient }: Awaited<ReturnType<typeof maDemande>>, status = 200): Answer {
  return { status, body: demande, patients: [patient] };
}

const TIE = { action: 'ecriture', categories: ['compte'] } as const;

/** What a patient did about an appointment; whatever follows it by itself looks again once that has committed. */
function done<Shown extends object>(
  call: Asking & Pick<Call<never, never, never>, 'afterCommit'>,
  { fait, patient, suivre }: FaitParLePatient<Shown>,
): Answer {
  followRendezVous(call, suivre);
  return { body: fait, patients: [patient] };
}

const COMES = { acces: { action: 'ecriture', categories: ['rendez_vous'] }, enPatient: true } as const;

const ANSWERS: Readonly<Record<ActeAttente, string>> = {
  accepter: 'Accepter le rendez-vous proposé',
  decliner: 'Laisser passer le rendez-vous proposé',
  quitter: 'Ne plus attendre',
};

const answerRoutes = ACTES_ATTENTE.map((acte) =>
  route({
    method: 'put',
    path: `/mon/listes-attente/:id/${acte}`,
    tag: TAG,
    summary: ANSWERS[acte],
    access: ['update', 'MonDossier'],
    medical: {
      ...COMES,
      replay: async (call, id) => done(call, { ...(await monAttente(askedOf(call), id)), suivre: [] }),
    },
    params: idParam,
    body: NOTHING,
    bodyType: 'optional-json',
    answer: { status: 200, description: 'L’attente', schema: monAttenteAnswer },
    refusals: [
      'INTROUVABLE',
      'TRANSITION_INVALIDE',
      ...(acte === 'accepter' ? ['RETENUE_EXPIREE' as const] : []),
    ],
    examples: { body: {} },
    handle: async (call) => done(call, await repondreAMonOffre(askedOf(call), call.params.id, acte)),
  }),
);

export const monRoutes: Route[] = [
  route({
    method: 'get',
    path: '/mon/dossier',
    tag: TAG,
    summary: 'Lire ce qui est à soi',
    description:
      'Pour un patient qui a un compte : ce que chacun de ses cabinets garde de lui. Cette lecture est inscrite comme la sienne.',
    access: ['read', 'MonDossier'],
    medical: { acces: { action: 'lecture', categories: ['dossier'] }, enPatient: true },
    answer: { status: 200, description: 'Dossiers', schema: monDossierAnswer },
    handle: async (call) => {
      const { dossiers, patients } = await mesDossiers(askedOf(call));
      return { body: dossiers, patients };
    },
  }),
  route({
    method: 'get',
    path: '/mon/acces',
    tag: TAG,
    summary: 'Lire qui a ouvert son dossier',
    description: 'Qui, ce que la personne fait au cabinet, et quand ; tant que le registre est gardé.',
    access: ['read', 'MonDossier'],
    medical: { acces: { action: 'lecture', categories: ['acces'] }, enPatient: true },
    query: monAccesQuery,
    answer: { status: 200, description: 'Accès', schema: monAccesAnswer, list: true },
    handle: async ({ query: { patient_id, ...asked }, ctx, ...call }) => {
      const found = await mesAcces(askedOf(call), { patient_id }, asked);
      return { ...page({ ctx }, found.page), patients: found.patients };
    },
  }),
  route({
    method: 'get',
    path: '/mon/rendez-vous',
    tag: TAG,
    summary: 'Lire ses rendez-vous',
    description:
      'Dans tous ses cabinets, passés et à venir : où, quand et chez qui. Ni leur type ni la spécialité n’en sont.',
    access: ['read', 'MonDossier'],
    medical: { acces: { action: 'lecture', categories: ['rendez_vous'] }, enPatient: true },
    query: mesRendezVousQuery,
    answer: { status: 200, description: 'Rendez-vous', schema: monRendezVousAnswer, list: true },
    handle: async ({ query: { patient_id, periode, ...asked }, ctx, ...call }) => {
      const mine = askedOf(call);
      const found = await mesRendezVous(mine, { patient_id, periode }, call.actor.now, asked);
      return { ...page({ ctx }, found.page), patients: found.patients };
    },
  }),
  route({
    method: 'put',
    path: '/mon/rendez-vous/:uid/annuler',
    tag: TAG,
    summary: 'Annuler son rendez-vous',
    description:
      'Jusqu’au `preavis_annuler` du type ; plus tard `PREAVIS`, et il faut appeler. Ce qui se libère est proposé à qui attend.',
    access: ['update', 'MonDossier'],
    medical: { ...COMES, replay: 'again' },
    params: monRendezVousParams,
    body: NOTHING,
    bodyType: 'optional-json',
    answer: { status: 200, description: 'Le rendez-vous', schema: monRendezVousAnswer },
    refusals: ['INTROUVABLE', 'TRANSITION_INVALIDE', 'PREAVIS'],
    examples: { body: {} },
    handle: async (call) => done(call, await annulerMonRendezVous(askedOf(call), call.params.uid)),
  }),
  route({
    method: 'get',
    path: '/mon/listes-attente',
    tag: TAG,
    summary: 'Lire ce que l’on attend',
    description: 'Dans tous ses cabinets, avec ce qui est proposé et jusqu’à quand. Le type n’en est pas.',
    access: ['read', 'MonDossier'],
    medical: { acces: { action: 'lecture', categories: ['rendez_vous'] }, enPatient: true },
    query: mesAttentesQuery,
    answer: { status: 200, description: 'Attentes', schema: monAttenteAnswer, list: true },
    handle: async ({ query: { patient_id, ...asked }, ctx, ...call }) => {
      const found = await mesAttentes(askedOf(call), { patient_id }, asked);
      return { ...page({ ctx }, found.page), patients: found.patients };
    },
  }),
  ...answerRoutes,
  route({
    method: 'get',
    path: '/mon/consultations',
    tag: TAG,
    summary: 'Lire ses consultations publiées',
    description:
      'Dans tous ses cabinets, celles que leur médecin a signées et publiées, avec leurs addenda ; une consultation invalidée le dit.',
    access: ['read', 'MonDossier'],
    medical: { acces: { action: 'lecture', categories: ['consultations'] }, enPatient: true },
    query: mesConsultationsQuery,
    answer: { status: 200, description: 'Consultations', schema: maConsultationAnswer, list: true },
    handle: async ({ query: { patient_id, ...asked }, ctx, ...call }) => {
      const found = await mesConsultations(askedOf(call), { patient_id }, asked);
      return { ...page({ ctx }, found.page), patients: found.patients };
    },
  }),
  route({
    method: 'get',
    path: '/mon/copie',
    tag: TAG,
    summary: 'Suivre ce que l’on a demandé de ses droits',
    access: ['read', 'MonDossier'],
    medical: { acces: { action: 'lecture', categories: ['demandes_droits'] }, enPatient: true },
    query: mesDemandesQuery,
    answer: { status: 200, description: 'Demandes', schema: maDemandeAnswer, list: true },
    handle: async ({ query: { patient_id, ...asked }, ctx, ...call }) => {
      const found = await mesDemandes(askedOf(call), { patient_id }, asked);
      return { ...page({ ctx }, found.page), patients: found.patients };
    },
  }),
  route({
    method: 'post',
    path: '/mon/copie',
    tag: TAG,
    summary: 'Demander une copie de son dossier',
    description:
      'Ses délais courent de maintenant : pas avant 48 heures, dans les huit jours. Tant qu’une copie demandée n’a pas sa réponse, c’est celle-là, avec ses délais à elle.',
    access: ['create', 'MonDossier'],
    medical: {
      acces: { action: 'ecriture', categories: ['demandes_droits'] },
      enPatient: true,
      // Whom they turned out to be is told where they ask.
      ofMerged: true,
      replay: async (call, id) => shown(await maDemande(askedOf(call), id)),
    },
    body: copieBody,
    answer: { status: 201, description: 'Demande', schema: maDemandeAnswer },
    refusals: ['INTROUVABLE', 'PATIENT_FUSIONNE'],
    examples: { body: { patient_id: 48151623 } },
    handle: async ({ body, ...call }) => shown(await demanderCopie(askedOf(call), body), 201),
  }),
  route({
    method: 'get',
    path: '/mon/code',
    tag: TAG,
    summary: 'Montrer un code à l’accueil',
    description: 'Par lequel l’accueil d’un cabinet lie ce compte au patient qu’il connaît, une pièce vue.',
    access: ['read', 'MonDossier'],
    medical: { acces: null, enPatient: true },
    answer: { status: 200, description: 'Code', schema: codeAnswer },
    handle: ({ app, access, actor }) => ({
      body: codeLiaison(app.secrets, access.principal.userId, actor.now),
      headers: { 'Cache-Control': 'no-store' },
    }),
  }),
  route({
    method: 'put',
    path: '/patients/:id/compte',
    tag: TAG,
    summary: 'Lier un patient à son compte',
    description:
      'Une pièce vue (`statut_identite` validee ou qualifiee), par le code que montre le compte. D’autres cabinets n’en savent rien.',
    access: ['update', 'Patient'],
    medical: {
      acces: TIE,
      replay: async (call, id) => {
        const patient = await readPatient(askedOf(call), id);
        return tied(patient, patient.compte);
      },
    },
    params: idParam,
    body: compteBody,
    answer: { status: 200, description: 'Lié', schema: compteAnswer },
    refusals: ['INTROUVABLE', 'PATIENT_FUSIONNE', 'TRANSITION_INVALIDE'],
    examples: { body: { code: '1042-7KQ2M-0ZXWB' } },
    handle: async ({ params, body, ...call }) =>
      tied(await lierCompte(askedOf(call), params.id, body.code), true),
  }),
  route({
    method: 'delete',
    path: '/patients/:id/compte',
    tag: TAG,
    summary: 'Délier un patient de son compte',
    access: ['update', 'Patient'],
    medical: { acces: TIE },
    params: idParam,
    answer: { status: 200, description: 'Délié', schema: compteAnswer },
    refusals: ['INTROUVABLE', 'PATIENT_FUSIONNE'],
    handle: async ({ params, ...call }) => tied(await delierCompte(askedOf(call), params.id), false),
  }),
];
