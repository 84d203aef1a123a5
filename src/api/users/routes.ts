import { createUser, deleteUser, listUsers, readUser, updateUser } from '../../services/users';
import { page, type Route, resource, route } from '../route';
import { idParam } from '../schemas';
import { userAnswer, userBody, userChanges, userQuery, userReplacement } from './schemas';

const tag = 'Utilisateurs';
const example = {
  email: 'nouveau@example.com',
  password: 'SecurePass123!',
  nom: 'Nouveau',
  prenom: 'User',
  role: 'technicien',
};

const change = (method: 'put' | 'patch') =>
  route({
    method,
    path: '/users/:id',
    tag,
    summary: 'Modifier une personne',
    description:
      'Chacun change son nom, son prénom, sa langue et son téléphone. Une désactivation, un autre rôle ou un ' +
      'autre mot de passe mettent aussitôt fin aux sessions de la personne.',
    access: ['update', 'User'],
    params: idParam,
    body: method === 'put' ? userReplacement : userChanges,
    transaction: true,
    answer: { status: 200, description: 'La personne', schema: userAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT', 'DEPENDANCES', 'VERSION_PERIMEE'],
    examples: { body: method === 'put' ? { ...example, is_active: true } : { is_active: false } },
    handle: async ({ tx, access, actor, params, body, ifMatch }) =>
      resource(await updateUser(tx, access, actor, params.id, body, ifMatch)),
  });

export const userRoutes: Route[] = [
  route({
    method: 'get',
    path: '/users',
    tag,
    summary: 'Lister les personnes',
    access: ['read', 'User'],
    query: userQuery,
    answer: { status: 200, description: 'Les personnes', schema: userAnswer, list: true },
    handle: async ({ app, access, query: { limit, offset, sort, curseur, ...filters }, ctx }) =>
      page({ ctx }, await listUsers(app.db, access, filters, { limit, offset, sort, curseur })),
  }),
  route({
    method: 'post',
    path: '/users',
    tag,
    summary: 'Créer une personne',
    description: 'La fiche d’un technicien se crée ensuite par /techniciens/.',
    access: ['create', 'User'],
    body: userBody,
    transaction: true,
    answer: { status: 201, description: 'La personne créée', schema: userAnswer },
    refusals: ['DEJA_EXISTANT'],
    examples: { body: example },
    handle: async ({ tx, access, actor, body }) => resource(await createUser(tx, access, actor, body), 201),
  }),
  route({
    method: 'get',
    path: '/users/:id',
    tag,
    summary: 'Lire une personne',
    access: ['read', 'User'],
    params: idParam,
    answer: { status: 200, description: 'La personne', schema: userAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => resource(await readUser(app.db, access, params.id)),
  }),
  change('put'),
  change('patch'),
  route({
    method: 'delete',
    path: '/users/:id',
    tag,
    summary: 'Supprimer une personne',
    description: 'Seulement tant que rien ne s’y rapporte ; sinon elle se désactive.',
    access: ['delete', 'User'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Supprimée' },
    refusals: ['INTROUVABLE', 'DEPENDANCES'],
    handle: async ({ tx, access, actor, params }) => {
      await deleteUser(tx, access, actor, params.id);
      return { status: 204 };
    },
  }),
];
