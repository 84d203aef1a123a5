import { z } from 'zod';
import { listAcces } from '../../services/cabinet/acces';
import { findDoublons, MAX_DOUBLONS } from '../../services/cabinet/doublons';
import { fusionner, listFusions, MAX_FUSIONS, readFusion } from '../../services/cabinet/fusion';
import {
  createPatient,
  listPatients,
  type Patient,
  type PatientFields,
  readPatient,
  updatePatient,
} from '../../services/cabinet/patients';
import { MAX_TROUVES, searchPatients } from '../../services/cabinet/recherche';
import { askedOf } from '../http/asked';
import { fusionAnswer, merged } from '../http/fusions';
import { type Answer, type Medical, page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import {
  accesAnswer,
  accesQuery,
  doublonsAnswer,
  fusionBody,
  patientAnswer,
  patientBody,
  patientChanges,
  patientListAnswer,
  patientQuery,
  rechercheAnswer,
  rechercheBody,
} from './schemas';

const TAG = 'Patients';

const IDENTITE = ['identite', 'coordonnees', 'identifiants'];
const READ: Medical = { acces: { action: 'lecture', categories: IDENTITE } };
const WRITE = { action: 'ecriture', categories: IDENTITE } as const;
const MERGE = { action: 'ecriture', categories: ['fusion'] } as const;

/** One patient, who is on record. */
function shown(patient: Patient, status = 200): Answer {
  return { ...resource(patient, status), patients: [patient] };
}

const EXAMPLE = {
  nom_naissance: 'Benali',
  prenoms: 'Samira',
  sexe: 'F',
  date_naissance: '1962-03-14',
  telephone: '06 12 34 56 78',
  identifiants: [{ type: 'cin', valeur: 'BK 123456' }],
};

export const patientRoutes: Route[] = [
  route({
    method: 'get',
    path: '/patients',
    tag: TAG,
    summary: 'Lister les patients de ses cabinets',
    description: 'Sans noms : on cherche quelqu’un par `POST /patients/recherche`.',
    access: ['read', 'Patient'],
    medical: { acces: { action: 'liste', categories: ['existence'] } },
    query: patientQuery,
    answer: { status: 200, description: 'Patients', schema: patientListAnswer, list: true },
    handle: async ({
      tx,
      access,
      query: { cabinet_id, statut_identite, actif, fusionne, ...asked },
      ctx,
    }) => {
      const filters = { cabinet_id, statut_identite, actif, fusionne };
      const found = await listPatients({ tx, access }, filters, asked);
      return { ...page({ ctx }, found), patients: found.rows };
    },
  }),
  route({
    method: 'post',
    path: '/patients/recherche',
    tag: TAG,
    summary: 'Chercher un patient',
    description: `Au plus ${MAX_TROUVES}, les plus proches d’abord, dans les cabinets dont on est membre. Ce qui est cherché n’est gardé nulle part.`,
    access: ['read', 'Patient'],
    medical: { acces: { action: 'recherche', categories: ['identite'] }, replay: 'again' },
    body: rechercheBody,
    answer: { status: 200, description: 'Patients', schema: rechercheAnswer },
    examples: { body: { q: 'samira benali', date_naissance: '1962' } },
    handle: async ({ body, ...call }) => {
      const found = await searchPatients(askedOf(call), body);
      return { body: found, patients: found };
    },
  }),
  route({
    method: 'post',
    path: '/patients',
    tag: TAG,
    summary: 'Ajouter un patient',
    access: ['create', 'Patient'],
    medical: {
      acces: WRITE,
      replay: async (call, id) => shown(await readPatient(askedOf(call), id)),
    },
    body: patientBody,
    answer: { status: 201, description: 'Patient', schema: patientAnswer },
    examples: { body: EXAMPLE },
    handle: async ({ body: { cabinet_id, ...fields }, ...call }) =>
      shown(await createPatient(askedOf(call), cabinet_id, { ...fields, date_deces: null }), 201),
  }),
  route({
    method: 'get',
    path: '/patients/:id',
    tag: TAG,
    summary: 'Lire un patient',
    description:
      'Aussi quelqu’un qui a été fusionné dans un autre, comme il était : `fusionne_dans_id` le dit. Ce qui est sous son chemin se lit chez l’autre (307), et ne s’y écrit pas (409 `PATIENT_FUSIONNE`).',
    access: ['read', 'Patient'],
    medical: { ...READ, ofMerged: true },
    params: idParam,
    answer: { status: 200, description: 'Patient', schema: patientAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ params, ...call }) => shown(await readPatient(askedOf(call), params.id)),
  }),
  route({
    method: 'patch',
    path: '/patients/:id',
    tag: TAG,
    summary: 'Modifier un patient',
    access: ['update', 'Patient'],
    medical: { acces: WRITE, ofMerged: true },
    params: idParam,
    body: patientChanges,
    answer: { status: 200, description: 'Patient', schema: patientAnswer },
    refusals: ['INTROUVABLE', 'PATIENT_FUSIONNE', 'VERSION_PERIMEE'],
    examples: { body: { statut_identite: 'validee', justificatif: 'carte_identite' } },
    handle: async ({ params, body, ifMatch, ...call }) => {
      const asked = askedOf(call);
      return shown(await updatePatient(asked, params.id, body as Partial<PatientFields>, ifMatch));
    },
  }),
  route({
    method: 'get',
    path: '/patients/:id/doublons',
    tag: TAG,
    summary: 'Chercher qui pourrait être la même personne',
    description: `Dans le même cabinet : un numéro commun, ou les mêmes noms et une naissance compatible. Au plus ${MAX_DOUBLONS}.`,
    access: ['read', 'Patient'],
    medical: { acces: { action: 'recherche', categories: ['identite'] } },
    params: idParam,
    answer: { status: 200, description: 'Patients', schema: doublonsAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, params }) => {
      const { doublons, patient } = await findDoublons({ tx, access }, params.id);
      return { body: doublons, patients: [patient, ...doublons] };
    },
  }),
  route({
    method: 'get',
    path: '/patients/:id/fusions',
    tag: TAG,
    summary: 'Lire les fusions d’un patient',
    description: `Dans un sens et dans l’autre, annulées comprises ; les ${MAX_FUSIONS} dernières.`,
    access: ['read', 'Patient'],
    medical: { acces: { action: 'lecture', categories: ['fusion'] }, ofMerged: true },
    params: idParam,
    answer: { status: 200, description: 'Fusions', schema: z.array(fusionAnswer) },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, params }) => {
      const { fusions, patients } = await listFusions({ tx, access }, params.id);
      return { body: fusions, patients };
    },
  }),
  route({
    method: 'post',
    path: '/patients/:id/fusion',
    tag: TAG,
    summary: 'Fusionner un doublon dans un patient',
    description:
      'Pour le gérant du cabinet. Tout ce qui est au doublon passe au patient du chemin, d’un coup ; le doublon ne s’écrit plus. Peut être annulé pendant 30 jours.',
    access: ['merge', 'Patient'],
    medical: {
      acces: MERGE,
      ofMerged: true,
      replay: async ({ tx, access }, id) => merged(await readFusion({ tx, access }, id)),
    },
    params: idParam,
    body: fusionBody,
    answer: { status: 201, description: 'Fusion', schema: fusionAnswer },
    refusals: ['INTROUVABLE', 'PATIENT_FUSIONNE', 'FUSION_IMPOSSIBLE'],
    examples: { body: { avec: 48151623 } },
    handle: async ({ params, body, ...call }) => {
      const asked = askedOf(call);
      return merged(await fusionner(asked, params.id, body.avec), 201);
    },
  }),
  route({
    method: 'get',
    path: '/patients/:id/acces',
    tag: TAG,
    summary: 'Lire qui a lu un dossier',
    description: 'Pour les médecins et le gérant du cabinet. Cette lecture y est inscrite à son tour.',
    access: ['read', 'AccesDossier'],
    medical: { acces: { action: 'lecture', categories: ['acces'] }, ofMerged: true },
    params: idParam,
    query: accesQuery,
    answer: { status: 200, description: 'Accès', schema: accesAnswer, list: true },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, params, query: { action, ...asked }, ctx }) => {
      const { page: found, patient } = await listAcces(tx, access, params.id, { action }, asked);
      return { ...page({ ctx }, found), patients: [patient] };
    },
  }),
];
