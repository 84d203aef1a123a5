import {
  accepterAttente,
  changerAttente,
  declinerAttente,
  inscrire,
  listListesAttente,
  quitterAttente,
  readListeAttente,
} from '../../services/rendez-vous/attente';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { inscriptionBody, listeAttenteAnswer, listesAttenteQuery, souhaitsChanges } from './schemas';

const tag = 'Listes d’attente';

export const listeAttenteRoutes: Route[] = [
  route({
    method: 'get',
    path: '/listes-attente',
    tag,
    summary: 'Lister ceux qui attendent',
    access: ['read', 'ListeAttente'],
    query: listesAttenteQuery,
    answer: { status: 200, description: 'Les attentes', schema: listeAttenteAnswer, list: true },
    handle: async ({ app, access, query: { limit, offset, sort, curseur, ...filters }, ctx }) => {
      const asked = { limit, offset, ...(sort && { sort }), ...(curseur && { curseur }) };
      return page({ ctx }, await listListesAttente(app.db, access, filters, asked));
    },
  }),
  route({
    method: 'post',
    path: '/listes-attente',
    tag,
    summary: 'S’inscrire sur une liste d’attente',
    description:
      'D’une prestation qui en a une (`liste_attente`). Un créneau qui se libère, ou qui est libre déjà, est retenu pour le premier à ' +
      'qui il convient et lui est proposé 30 minutes, puis au suivant ; jamais à tous. Un client s’inscrit lui-même, un membre qui il nomme.',
    access: ['create', 'ListeAttente'],
    body: inscriptionBody,
    transaction: true,
    answer: { status: 201, description: 'L’attente', schema: listeAttenteAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT'],
    examples: {
      body: {
        prestation: 'atelier-reglage',
        date_debut: '2026-12-01',
        date_fin: '2026-12-20',
        heure_debut: '14:00',
        participants: [{ nom: 'Samira Alaoui', email: 'samira@exemple.ma', langue: 'fr' }],
      },
    },
    handle: async ({ app, tx, access, actor, body }) => {
      const id = await inscrire({ tx, access, actor, timeZone: app.config.timeZone }, body);
      return resource(await readListeAttente(tx, access, id), 201);
    },
  }),
  route({
    method: 'get',
    path: '/listes-attente/:id',
    tag,
    summary: 'Lire une attente',
    access: ['read', 'ListeAttente'],
    params: idParam,
    answer: { status: 200, description: 'L’attente', schema: listeAttenteAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => resource(await readListeAttente(app.db, access, params.id)),
  }),
  route({
    method: 'patch',
    path: '/listes-attente/:id',
    tag,
    summary: 'Changer les jours ou les heures attendus',
    access: ['update', 'ListeAttente'],
    params: idParam,
    body: souhaitsChanges,
    transaction: true,
    answer: { status: 200, description: 'L’attente', schema: listeAttenteAnswer },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE', 'TRANSITION_INVALIDE'],
    examples: { body: { date_fin: '2026-12-31' } },
    handle: async ({ app, tx, access, actor, params, body, ifMatch }) =>
      resource(
        await changerAttente({ tx, access, actor, timeZone: app.config.timeZone }, params.id, body, ifMatch),
      ),
  }),
  route({
    method: 'delete',
    path: '/listes-attente/:id',
    tag,
    summary: 'Quitter une liste d’attente',
    description: 'Ce qui était retenu est proposé au suivant.',
    access: ['delete', 'ListeAttente'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Quittée' },
    refusals: ['INTROUVABLE', 'TRANSITION_INVALIDE'],
    handle: async ({ app, tx, access, actor, params }) => {
      await quitterAttente({ tx, access, actor, timeZone: app.config.timeZone }, params.id);
      return { status: 204 };
    },
  }),
  route({
    method: 'put',
    path: '/listes-attente/:id/accepter',
    tag,
    summary: 'Accepter le créneau proposé',
    description: 'Ce qui est retenu devient le rendez-vous, et garde son uid.',
    access: ['update', 'ListeAttente'],
    params: idParam,
    transaction: true,
    answer: {
      status: 200,
      description: 'L’attente, avec l’uid du rendez-vous',
      schema: listeAttenteAnswer,
    },
    refusals: ['INTROUVABLE', 'RETENUE_EXPIREE', 'PLAFOND'],
    handle: async ({ app, tx, access, actor, params, afterCommit }) => {
      const taken = await accepterAttente({ tx, access, actor, timeZone: app.config.timeZone }, params.id);
      afterCommit(() => app.engine.followRendezVousInBackground(taken.rendez_vous_id!));
      return resource(taken);
    },
  }),
  route({
    method: 'put',
    path: '/listes-attente/:id/decliner',
    tag,
    summary: 'Laisser passer le créneau proposé',
    description: 'Il est proposé au suivant, et l’attente continue.',
    access: ['update', 'ListeAttente'],
    params: idParam,
    transaction: true,
    answer: { status: 200, description: 'L’attente', schema: listeAttenteAnswer },
    refusals: ['INTROUVABLE', 'TRANSITION_INVALIDE'],
    handle: async ({ app, tx, access, actor, params }) =>
      resource(await declinerAttente({ tx, access, actor, timeZone: app.config.timeZone }, params.id)),
  }),
];
