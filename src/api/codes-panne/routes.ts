import {
  createCode,
  deleteCode,
  listCodes,
  readCode,
  updateCode,
} from '../../services/interventions/codes-panne';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { codeAnswer, codeBody, codeChanges, codeQuery, codeReplacement } from './schemas';

const tag = 'Codes de panne';

const change = (method: 'put' | 'patch') =>
  route({
    method,
    path: '/codes-panne/:id',
    tag,
    summary: 'Modifier un code de panne',
    description: 'Il reste dans son arbre.',
    access: ['update', 'CodePanne'],
    params: idParam,
    body: method === 'put' ? codeReplacement : codeChanges,
    transaction: true,
    answer: { status: 200, description: 'Le code', schema: codeAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT', 'VERSION_PERIMEE'],
    examples: { body: { code: 'FUITE-HYD', libelle: 'Fuite hydraulique', parent_id: null, actif: true } },
    handle: async ({ tx, access, actor, params, body, ifMatch }) =>
      resource(await updateCode(tx, access, actor, params.id, body, ifMatch)),
  });

export const codePanneRoutes: Route[] = [
  route({
    method: 'get',
    path: '/codes-panne',
    tag,
    summary: 'Lister les codes de panne',
    access: ['read', 'CodePanne'],
    query: codeQuery,
    answer: { status: 200, description: 'Les codes', schema: codeAnswer, list: true },
    handle: async ({ app, access, query, ctx }) => {
      const { nature, parent_id, actif, ...asked } = query;
      return page({ ctx }, await listCodes(app.db, access, { nature, parent_id, actif }, asked));
    },
  }),
  route({
    method: 'post',
    path: '/codes-panne',
    tag,
    summary: 'Ajouter un code de panne',
    description:
      'Problème, cause ou remède : chacun a son arbre. Ils sont choisis quand le travail est terminé.',
    access: ['create', 'CodePanne'],
    body: codeBody,
    transaction: true,
    answer: { status: 201, description: 'Le code ajouté', schema: codeAnswer },
    refusals: ['DEJA_EXISTANT'],
    examples: { body: { nature: 'probleme', code: 'FUITE', libelle: 'Fuite', parent_id: null } },
    handle: async ({ tx, access, actor, body }) => resource(await createCode(tx, access, actor, body), 201),
  }),
  route({
    method: 'get',
    path: '/codes-panne/:id',
    tag,
    summary: 'Lire un code de panne',
    access: ['read', 'CodePanne'],
    params: idParam,
    answer: { status: 200, description: 'Le code', schema: codeAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => resource(await readCode(app.db, access, params.id)),
  }),
  change('put'),
  change('patch'),
  route({
    method: 'delete',
    path: '/codes-panne/:id',
    tag,
    summary: 'Supprimer un code de panne',
    description: 'Tant qu’il a des codes sous lui ou qu’une intervention l’a, 409 `DEPENDANCES`.',
    access: ['delete', 'CodePanne'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Supprimé' },
    refusals: ['INTROUVABLE', 'DEPENDANCES'],
    handle: async ({ tx, access, actor, params }) => {
      await deleteCode(tx, access, actor, params.id);
      return { status: 204 };
    },
  }),
];
