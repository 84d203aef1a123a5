import {
  ajouterResultat,
  deciderExamen,
  demanderExamen,
  type ExamenOuvert,
  listExamens,
  listNonRattaches,
  type Rattachement,
  rattacherExamen,
  readExamen,
  readRattachement,
  recevoirExamen,
  updateExamen,
} from '../../services/cabinet/examens';
import { askedOf } from '../http/asked';
import { type Answer, type Medical, page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import {
  decisionBody,
  examenAnswer,
  examenBody,
  examenChanges,
  examenListAnswer,
  examenQuery,
  nonRattacheAnswer,
  nonRattachesQuery,
  rattachementAnswer,
  rattachementBody,
  resultatBody,
} from './schemas';

const TAG = 'Examens';

const CATEGORIES = ['examens'];
const WRITE = { action: 'ecriture', categories: CATEGORIES } as const;
const OF_RECORD = ['INTROUVABLE', 'DOSSIER_NON_PARTAGE'] as const;

function shown({ examen, patients }: ExamenOuvert, status = 200): Answer {
  return { ...resource(examen, status), patients };
}

function attached({ patients, ...body }: Rattachement): Answer {
  return { ...resource(body), patients };
}

const reread: Medical['replay'] = async (call, id) => shown(await readExamen(askedOf(call), id));

/** Who may put a result into the inbox need not be somebody who reads it: they are told that it is there. */
const received = (id: number): Answer => ({ status: 201, body: { id, version: 1 }, patients: [] });

export const examenRoutes: Route[] = [
  route({
    method: 'get',
    path: '/examens',
    tag: TAG,
    summary: 'Lister les examens',
    description: 'Sans ce qui est demandé ni reçu. `statut=recu,partiel` : ceux qui attendent un médecin.',
    access: ['read', 'Dossier'],
    medical: { acces: { action: 'liste', categories: CATEGORIES } },
    query: examenQuery,
    answer: { status: 200, description: 'Examens', schema: examenListAnswer, list: true },
    handle: async ({ tx, access, query: { patient_id, statut, medecin_id, ...asked }, ctx }) => {
      const found = await listExamens({ tx, access }, { patient_id, statut, medecin_id }, asked);
      return { ...page({ ctx }, found.page), patients: found.patients };
    },
  }),
  route({
    method: 'get',
    path: '/examens/non-rattaches',
    tag: TAG,
    summary: 'Lister les résultats dont personne ne sait encore de qui ils sont',
    description: 'De qui chacun dit qu’il est, et rien de ce qu’il dit.',
    access: ['read', 'ExamenNonRattache'],
    medical: { acces: null },
    query: nonRattachesQuery,
    answer: { status: 200, description: 'Résultats', schema: nonRattacheAnswer, list: true },
    handle: async ({ query, ctx, ...call }) => page({ ctx }, await listNonRattaches(askedOf(call), query)),
  }),
  route({
    method: 'post',
    path: '/examens',
    tag: TAG,
    summary: 'Demander un examen, ou déposer un résultat qui n’est encore à personne',
    description:
      'Avec un patient, un médecin le demande. Sans patient, un résultat arrivé est déposé ; la réponse dit sous quel numéro, et rien d’autre.',
    access: ['create', 'ExamenNonRattache'],
    medical: {
      acces: WRITE,
      replay: async (call, id) => {
        const { patient_id } = call.body as { patient_id: number | null };
        return patient_id === null ? received(id) : reread(call, id);
      },
    },
    body: examenBody,
    answer: { status: 201, description: 'Examen', schema: examenAnswer.or(rattachementAnswer) },
    refusals: [...OF_RECORD],
    examples: { body: { patient_id: 812_345_678, libelle: 'Glycémie à jeun', attendu_le: '2026-12-04' } },
    handle: async ({ body, ...call }) => {
      const asked = askedOf(call);
      const { patient_id, cabinet_id, attendu_le, identite, resultat, ...contenu } = body;
      if (patient_id !== null) {
        const made = await demanderExamen(asked, { patient_id, contenu, attendu_le });
        call.afterCommit(() => call.app.engine.followExamenInBackground(made.examen.id));
        return shown(made, 201);
      }
      const id = await recevoirExamen(asked, {
        ...{ cabinet_id, contenu, identite: identite!, resultat: resultat! },
      });
      call.afterCommit(() => call.app.engine.followExamenInBackground(id));
      return received(id);
    },
  }),
  route({
    method: 'get',
    path: '/examens/:id',
    tag: TAG,
    summary: 'Lire un examen',
    description: 'Tous ses résultats, dans l’ordre de leur arrivée : aucun n’en remplace un autre.',
    access: ['read', 'Dossier'],
    medical: { acces: { action: 'lecture', categories: CATEGORIES } },
    params: idParam,
    answer: { status: 200, description: 'Examen', schema: examenAnswer },
    refusals: [...OF_RECORD],
    handle: async ({ params, ...call }) => shown(await readExamen(askedOf(call), params.id)),
  }),
  route({
    method: 'patch',
    path: '/examens/:id',
    tag: TAG,
    summary: 'Dire quand il est attendu, ou qui en est averti',
    access: ['update', 'Dossier'],
    medical: { acces: WRITE },
    params: idParam,
    body: examenChanges,
    answer: { status: 200, description: 'Examen', schema: examenAnswer },
    refusals: [...OF_RECORD, 'VERSION_PERIMEE'],
    examples: { body: { attendu_le: '2026-12-11' } },
    handle: async ({ params, body, ifMatch, ...call }) => {
      const asked = askedOf(call);
      const { attendu_le, medecin_id } = body;
      const changes = {
        ...(attendu_le !== undefined && { attendu_le }),
        ...(medecin_id !== undefined && { medecin_id }),
      };
      const changed = await updateExamen(asked, params.id, changes, ifMatch);
      call.afterCommit(() => call.app.engine.followExamenInBackground(params.id));
      return shown(changed);
    },
  }),
  route({
    method: 'put',
    path: '/examens/:id/resultat',
    tag: TAG,
    summary: 'Ajouter un résultat',
    description: 'Chacun est une version de plus, et attend d’être vu par un médecin.',
    access: ['update', 'Dossier'],
    medical: { acces: WRITE, replay: reread },
    params: idParam,
    body: resultatBody,
    answer: { status: 200, description: 'Examen', schema: examenAnswer },
    refusals: [...OF_RECORD],
    examples: { body: { texte: 'Glycémie à jeun : 1,42 g/L', critique: false } },
    handle: async ({ params, body, ...call }) => {
      const added = await ajouterResultat(askedOf(call), params.id, body);
      call.afterCommit(() => call.app.engine.followExamenInBackground(params.id));
      return shown(added);
    },
  }),
  route({
    method: 'post',
    path: '/examens/:id/vu',
    tag: TAG,
    summary: 'Dire qu’un résultat est vu, et ce que l’on décide',
    description:
      'Nomme par `numero` le résultat que l’on a vu. De ce qui était partiel, la suite reste attendue. `sans_objet` met aussi fin à l’attente de ce qui n’est pas arrivé.',
    access: ['update', 'Dossier'],
    medical: { acces: WRITE, replay: reread },
    params: idParam,
    body: decisionBody,
    answer: { status: 200, description: 'Examen', schema: examenAnswer },
    refusals: [...OF_RECORD, 'VERSION_PERIMEE', 'TRANSITION_INVALIDE'],
    examples: { body: { numero: 1, decision: 'a_surveiller', commentaire: 'Contrôle dans trois mois' } },
    handle: async ({ params, body: { numero, ...prise }, ...call }) => {
      const asked = askedOf(call);
      const decided = await deciderExamen(asked, params.id, numero, prise);
      call.afterCommit(() => call.app.engine.followExamenInBackground(params.id));
      return shown(decided);
    },
  }),
  route({
    method: 'put',
    path: '/examens/:id/rattachement',
    tag: TAG,
    summary: 'Dire de qui est un résultat',
    description: 'Par un médecin ou l’accueil, qui n’en lit rien.',
    access: ['update', 'ExamenNonRattache'],
    medical: {
      acces: WRITE,
      replay: async ({ tx, access }, id) => attached(await readRattachement({ tx, access }, id)),
    },
    params: idParam,
    body: rattachementBody,
    answer: { status: 200, description: 'Rattaché', schema: rattachementAnswer },
    refusals: ['INTROUVABLE', 'TRANSITION_INVALIDE'],
    examples: { body: { patient_id: 812_345_678, medecin_id: 12 } },
    handle: async ({ params, body: { patient_id, medecin_id }, ...call }) => {
      const asked = askedOf(call);
      const done = await rattacherExamen(asked, params.id, patient_id, medecin_id);
      call.afterCommit(() => call.app.engine.followExamenInBackground(params.id));
      return attached(done);
    },
  }),
];
