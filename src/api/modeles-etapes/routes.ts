import {
  createModele,
  deleteModele,
  listModeles,
  readModele,
  updateModele,
} from '../../services/interventions/modeles-etapes';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { modeleAnswer, modeleBody, modeleChanges, modeleQuery } from './schemas';

const tag = 'Modèles d’étapes';
const example = {
  nom: 'Entretien de presse',
  type_equipement: 'Presse',
  automatique: false,
  etapes: [
    { libelle: 'Consignation faite', type: 'case', obligatoire: true },
    { libelle: 'Pression du circuit', type: 'nombre', min: 140, max: 160, unite: 'bar', suite: true },
    { libelle: 'État des flexibles', type: 'choix', choix: ['bon', 'à surveiller', 'à remplacer'] },
  ],
};

const change = (method: 'put' | 'patch') =>
  route({
    method,
    path: '/modeles-etapes/:id',
    tag,
    summary: 'Modifier un modèle d’étapes',
    description: 'Les interventions qui en ont déjà les étapes gardent les leurs.',
    access: ['update', 'ModeleEtapes'],
    params: idParam,
    body: method === 'put' ? modeleBody : modeleChanges,
    transaction: true,
    answer: { status: 200, description: 'Le modèle', schema: modeleAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT', 'VERSION_PERIMEE'],
    examples: { body: example },
    handle: async ({ tx, access, actor, params, body, ifMatch }) =>
      resource(await updateModele(tx, access, actor, params.id, body, ifMatch)),
  });

export const modeleRoutes: Route[] = [
  route({
    method: 'get',
    path: '/modeles-etapes',
    tag,
    summary: 'Lister les modèles d’étapes',
    access: ['read', 'ModeleEtapes'],
    query: modeleQuery,
    answer: { status: 200, description: 'Les modèles', schema: modeleAnswer, list: true },
    handle: async ({ app, access, query, ctx }) => page({ ctx }, await listModeles(app.db, access, query)),
  }),
  route({
    method: 'post',
    path: '/modeles-etapes',
    tag,
    summary: 'Définir un modèle d’étapes',
    description:
      'Par qui voit tous les sites. `POST /interventions/{id}/etapes` {modele_id} en donne les étapes à une intervention ; ' +
      'automatique, il les donne à chaque nouvelle intervention sur ce type d’équipement.',
    access: ['create', 'ModeleEtapes'],
    body: modeleBody,
    transaction: true,
    answer: { status: 201, description: 'Le modèle créé', schema: modeleAnswer },
    refusals: ['DEJA_EXISTANT'],
    examples: { body: example },
    handle: async ({ tx, access, actor, body }) => resource(await createModele(tx, access, actor, body), 201),
  }),
  route({
    method: 'get',
    path: '/modeles-etapes/:id',
    tag,
    summary: 'Lire un modèle d’étapes',
    access: ['read', 'ModeleEtapes'],
    params: idParam,
    answer: { status: 200, description: 'Le modèle', schema: modeleAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => resource(await readModele(app.db, access, params.id)),
  }),
  change('put'),
  change('patch'),
  route({
    method: 'delete',
    path: '/modeles-etapes/:id',
    tag,
    summary: 'Supprimer un modèle d’étapes',
    description: 'Les interventions qui en ont déjà les étapes gardent les leurs.',
    access: ['delete', 'ModeleEtapes'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Supprimé' },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, actor, params }) => {
      await deleteModele(tx, access, actor, params.id);
      return { status: 204 };
    },
  }),
];
