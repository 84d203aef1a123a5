import type { z } from 'zod';
import type { ActeCabinet } from '../../domain/cabinet/rendez-vous';
import type { ErrorCode } from '../../domain/errors';
import type { PatientFields } from '../../services/cabinet/patients';
import {
  ACTION_OF,
  type CorpsCabinet,
  changerRendezVous,
  type Ecrit,
  MAX_A_QUALIFIER,
  montresOf,
  prendreRendezVous,
  type RendezVousCabinet,
  readAgendaCabinet,
  readAQualifier,
  readRendezVousCabinet,
  readRendezVousCabinetById,
  readSalleAttente,
} from '../../services/cabinet/rendez-vous';
import {
  createType,
  listCreneauxDeCabinet,
  listTypes,
  readType,
  type TypeFields,
  updateHoraires,
  updateType,
} from '../../services/cabinet/types-rendez-vous';
import { type Asking, askedOf, followRendezVous } from '../http/asked';
import { creneauxAnswer } from '../http/rendez-vous';
import { type Answer, type Call, type Medical, page, type Route, resource, route } from '../http/route';
import { idParam, NOTHING } from '../http/schemas';
import { attenteRoutes } from './listes-attente';
import { praticienAnswer, praticienParams } from './schemas';
import {
  agendaCabinetAnswer,
  agendaCabinetQuery,
  annulationCabinetBody,
  creneauxCabinetQuery,
  horairesBody,
  priseBody,
  rendezVousCabinetAnswer,
  rendezVousCabinetListe,
  rendezVousCabinetParams,
  reportCabinetBody,
  typeAnswer,
  typeBody,
  typeChanges,
  typeParams,
  typeQuery,
} from './schemas-rendez-vous';

const tag = 'Cabinets';

/** No patient is in the answers of these routes. */
const NOBODY: Medical = { acces: null };

const CATEGORIES = ['identite', 'rendez_vous'];
const LIST: Medical = { acces: { action: 'liste', categories: CATEGORIES } };

/** Why a time cannot be had; each with what else there is. */
const TAKEN = ['CRENEAU_PRIS', 'PREAVIS', 'HORS_FENETRE', 'HORS_DISPONIBILITE'] as const;

function shown(rendezVous: RendezVousCabinet, status = 200): Answer {
  return { ...resource(rendezVous, status), patients: montresOf([rendezVous]) };
}

/** What was written; what follows it by itself looks again once that has committed. */
function written(call: Asking & Pick<Call<never, never, never>, 'afterCommit'>, ecrit: Ecrit, status = 200) {
  followRendezVous(call, ecrit.suivre);
  return shown(ecrit.rendezVous, status);
}

/** Who asks again is shown the appointment as it is by then. */
const WRITE: Medical = {
  acces: { action: 'ecriture', categories: CATEGORIES },
  replay: async (call, id) => shown(await readRendezVousCabinetById(askedOf(call), id)),
};

interface ActSpec {
  acte: ActeCabinet;
  summary: string;
  description?: string;
  body: z.ZodType<CorpsCabinet>;
  refusals?: readonly ErrorCode[];
  example: object;
}

const ACTS: readonly ActSpec[] = [
  {
    acte: 'arriver',
    summary: 'Dire qu’un patient est arrivé',
    description: 'Le jour du rendez-vous ; reprend une absence dite le même jour.',
    body: NOTHING,
    example: {},
  },
  {
    acte: 'appeler',
    summary: 'Faire entrer un patient en consultation',
    description: 'Par le praticien qu’il vient voir.',
    body: NOTHING,
    example: {},
  },
  {
    acte: 'terminer',
    summary: 'Dire qu’une consultation est terminée',
    description: 'Par le praticien qu’il est venu voir.',
    body: NOTHING,
    example: {},
  },
  {
    acte: 'absent',
    summary: 'Dire qu’un patient n’est pas venu',
    description: 'Une fois son heure venue, jamais tout seul ; `arriver` le reprend le jour même.',
    body: NOTHING,
    example: {},
  },
  {
    acte: 'annuler',
    summary: 'Annuler un rendez-vous',
    description: '`tardif` dit que c’était plus tard que `preavis_annuler` du type.',
    body: annulationCabinetBody,
    example: { par: 'patient' },
  },
  {
    acte: 'reporter',
    summary: 'Reporter un rendez-vous',
    description:
      'Annule celui-ci et en prend un autre, qui le nomme dans `remplace` : la réponse est le nouveau.',
    body: reportCabinetBody,
    refusals: TAKEN,
    example: { debut: '2026-12-02T09:00:00+01:00' },
  },
  {
    acte: 'partir',
    summary: 'Dire qu’un patient est parti sans être vu',
    body: NOTHING,
    example: {},
  },
];

const actRoutes = ACTS.map(({ acte, summary, description, body, refusals = [], example }) =>
  route({
    method: 'put',
    path: `/cabinets/:id/rendez-vous/:uid/${acte}`,
    tag,
    summary,
    ...(description === undefined ? {} : { description }),
    access: [ACTION_OF[acte], 'RendezVousCabinet'],
    medical: WRITE,
    params: rendezVousCabinetParams,
    body,
    bodyType: acte === 'reporter' ? 'json' : 'optional-json',
    answer: { status: 200, description: 'Le rendez-vous', schema: rendezVousCabinetAnswer },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE', 'TRANSITION_INVALIDE', ...refusals],
    examples: { body: example },
    handle: async (call) => {
      const { params, body: corps, ifMatch } = call;
      return written(
        call,
        await changerRendezVous(askedOf(call), params.id, params.uid, acte, corps, ifMatch),
      );
    },
  }),
);

/** What is not asked of somebody who calls. */
const NOT_SAID = {
  lieu_naissance: null,
  date_deces: null,
  statut_identite: 'provisoire',
  justificatif: null,
  partage_cabinet: true,
  actif: true,
  adresse: null,
  profession: null,
  identifiants: [],
} as const satisfies Partial<PatientFields>;

export const rendezVousCabinetRoutes: Route[] = [
  route({
    method: 'get',
    path: '/cabinets/:id/prestations',
    tag,
    summary: 'Lister les types de rendez-vous d’un cabinet',
    access: ['read', 'TypeRendezVous'],
    medical: NOBODY,
    params: idParam,
    query: typeQuery,
    answer: { status: 200, description: 'Types', schema: typeAnswer, list: true },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, params, query: { actif, ...asked }, ctx }) =>
      page({ ctx }, await listTypes({ tx, access }, params.id, { actif }, asked)),
  }),
  route({
    method: 'post',
    path: '/cabinets/:id/prestations',
    tag,
    summary: 'Ajouter un type de rendez-vous',
    description:
      'Les praticiens nommés y reçoivent dès lors. Hors du cabinet, personne ne peut le réserver et rien ne dit son libellé.',
    access: ['create', 'TypeRendezVous'],
    medical: {
      acces: null,
      replay: async ({ tx, access }, id) => resource(await readType({ tx, access }, id)),
    },
    params: idParam,
    body: typeBody,
    answer: { status: 201, description: 'Type', schema: typeAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT'],
    examples: { body: { libelle: 'Consultation', durees: [20, 40], praticiens: [3] } },
    handle: async ({ tx, access, actor, params, body }) =>
      resource(await createType({ tx, access, actor }, params.id, body), 201),
  }),
  route({
    method: 'patch',
    path: '/cabinets/:id/prestations/:type_id',
    tag,
    summary: 'Modifier un type de rendez-vous',
    access: ['update', 'TypeRendezVous'],
    medical: NOBODY,
    params: typeParams,
    body: typeChanges,
    answer: { status: 200, description: 'Type', schema: typeAnswer },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE', 'DEJA_EXISTANT'],
    examples: { body: { durees: [15] } },
    handle: async ({ tx, access, actor, params, body, ifMatch }) =>
      resource(
        await updateType(
          { tx, access, actor },
          params.id,
          params.type_id,
          body as Partial<TypeFields>,
          ifMatch,
        ),
      ),
  }),
  route({
    method: 'put',
    path: '/cabinets/:id/praticiens/:praticien_id/horaires',
    tag,
    summary: 'Dire quand un praticien reçoit',
    description:
      'Ses plages de la semaine, les jours où il en va autrement, ses absences. Il reçoit dès lors.',
    access: ['update', 'Praticien'],
    medical: { acces: null, replay: 'again' },
    params: praticienParams,
    body: horairesBody,
    answer: { status: 200, description: 'Praticien', schema: praticienAnswer },
    refusals: ['INTROUVABLE'],
    examples: {
      body: {
        horaires: {
          1: [
            ['08:30', '12:30'],
            ['14:30', '18:00'],
          ],
        },
      },
    },
    handle: async ({ tx, access, actor, params, body: { absences, ...rest } }) => {
      const away = absences.map((one) => ({ ...one, motif: null, remplacant_id: null }));
      return resource(
        await updateHoraires({ tx, access, actor }, params.id, params.praticien_id, {
          ...rest,
          absences: away,
        }),
      );
    },
  }),
  route({
    method: 'get',
    path: '/cabinets/:id/creneaux',
    tag,
    summary: 'Lister les créneaux libres d’un cabinet',
    access: ['read', 'TypeRendezVous'],
    medical: NOBODY,
    params: idParam,
    query: creneauxCabinetQuery,
    answer: { status: 200, description: 'Les créneaux, par jour du cabinet', schema: creneauxAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, actor, params, query }) => ({
      body: await listCreneauxDeCabinet({ tx, access, actor }, params.id, query),
    }),
  }),

  route({
    method: 'get',
    path: '/cabinets/:id/agenda',
    tag,
    summary: 'Voir l’agenda d’un cabinet',
    description:
      'Un jour, sa semaine à partir du lundi, ou les jours de son mois, au fuseau du cabinet. Sans ce qui est annulé. Chaque patient ' +
      'montré est inscrit au journal des accès, une fois.',
    access: ['read', 'RendezVousCabinet'],
    medical: LIST,
    params: idParam,
    query: agendaCabinetQuery,
    answer: { status: 200, description: 'La vue', schema: agendaCabinetAnswer },
    refusals: ['INTROUVABLE'],
    handle: async (call) => {
      const body = await readAgendaCabinet(askedOf(call), call.params.id, call.query);
      return { body, patients: montresOf(body.rendez_vous) };
    },
  }),
  route({
    method: 'get',
    path: '/cabinets/:id/salle-attente',
    tag,
    summary: 'Voir qui est là',
    description: 'Arrivés et en consultation, dans l’ordre des arrivées du jour.',
    access: ['read', 'RendezVousCabinet'],
    medical: LIST,
    params: idParam,
    answer: { status: 200, description: 'Rendez-vous', schema: rendezVousCabinetListe },
    refusals: ['INTROUVABLE'],
    handle: async (call) => {
      const body = await readSalleAttente(askedOf(call), call.params.id);
      return { body, patients: montresOf(body) };
    },
  }),
  route({
    method: 'get',
    path: '/cabinets/:id/a-qualifier',
    tag,
    summary: 'Voir les rendez-vous dont personne n’a dit ce qu’ils sont devenus',
    description:
      'Une demi-heure après leur heure, et ceux à venir de qui est décédé (`a_annuler`) ; les plus anciens d’abord, au plus ' +
      `${MAX_A_QUALIFIER}. Rien n’y est jamais décidé tout seul.`,
    access: ['read', 'RendezVousCabinet'],
    medical: LIST,
    params: idParam,
    answer: { status: 200, description: 'Rendez-vous', schema: rendezVousCabinetListe },
    refusals: ['INTROUVABLE'],
    handle: async (call) => {
      const body = await readAQualifier(askedOf(call), call.params.id);
      return { body, patients: montresOf(body) };
    },
  }),
  route({
    method: 'post',
    path: '/cabinets/:id/rendez-vous',
    tag,
    summary: 'Prendre un rendez-vous pour un patient',
    description:
      'Connu, ou nouveau. Un créneau pris est refusé (`CRENEAU_PRIS`, avec les trois prochains libres), sauf si `surnombre` dit ' +
      'qu’il s’ajoute à un rendez-vous du même praticien.',
    access: ['create', 'RendezVousCabinet'],
    medical: WRITE,
    params: idParam,
    body: priseBody,
    answer: { status: 201, description: 'Le rendez-vous', schema: rendezVousCabinetAnswer },
    refusals: ['INTROUVABLE', 'PATIENT_FUSIONNE', ...TAKEN],
    examples: {
      body: {
        patient_id: 51,
        praticien_id: 3,
        prestation: 'c-0f3a',
        debut: '2026-12-01T09:00:00+01:00',
      },
    },
    handle: async (call) => {
      const { nouveau_patient, ...fields } = call.body;
      const nouveau = nouveau_patient && { ...NOT_SAID, identifiants: [], ...nouveau_patient };
      const ecrit = await prendreRendezVous(askedOf(call), call.params.id, {
        ...fields,
        nouveau_patient: nouveau,
      });
      return written(call, ecrit, 201);
    },
  }),
  route({
    method: 'get',
    path: '/cabinets/:id/rendez-vous/:uid',
    tag,
    summary: 'Lire un rendez-vous d’un cabinet',
    access: ['read', 'RendezVousCabinet'],
    medical: { acces: { action: 'lecture', categories: CATEGORIES } },
    params: rendezVousCabinetParams,
    answer: { status: 200, description: 'Le rendez-vous', schema: rendezVousCabinetAnswer },
    refusals: ['INTROUVABLE'],
    handle: async (call) =>
      shown(await readRendezVousCabinet(askedOf(call), call.params.id, call.params.uid)),
  }),
  ...actRoutes,
  ...attenteRoutes,
];
