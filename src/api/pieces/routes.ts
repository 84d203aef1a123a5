import { addMouvement, listMouvements } from '../../services/stock/mouvements';
import { createPiece, deletePiece, listPieces, readPiece, updatePiece } from '../../services/stock/pieces';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import {
  mouvementAnswer,
  mouvementBody,
  mouvementQuery,
  pieceAnswer,
  pieceBody,
  pieceChanges,
  pieceQuery,
  pieceReplacement,
} from './schemas';

const tag = 'Pièces';
const example = {
  reference: 'JNT-042',
  designation: 'Joint torique 42 mm',
  unite: 'pièce',
  prix_unitaire: '12.50',
  stock: 12,
  seuil_alerte: 5,
};

/** `PUT` and `PATCH` both change the fields given; a part has none that would need to be cleared. */
const change = (method: 'put' | 'patch') =>
  route({
    method,
    path: '/pieces/:id',
    tag,
    summary: 'Modifier une pièce',
    description: 'Un stock donné a été compté : la différence devient un mouvement `inventaire`.',
    access: ['update', 'Piece'],
    params: idParam,
    body: method === 'put' ? pieceReplacement : pieceChanges,
    transaction: true,
    answer: { status: 200, description: 'La pièce', schema: pieceAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT', 'VERSION_PERIMEE'],
    examples: { body: example },
    handle: async ({ app, tx, access, actor, params, body, ifMatch, afterCommit }) => {
      const { piece, toWake } = await updatePiece(tx, access, actor, params.id, body, ifMatch);
      afterCommit(() => app.engine.wakeAllInBackground(toWake));
      return resource(piece);
    },
  });

export const pieceRoutes: Route[] = [
  route({
    method: 'get',
    path: '/pieces',
    tag,
    summary: 'Lister les pièces',
    access: ['read', 'Piece'],
    query: pieceQuery,
    answer: { status: 200, description: 'Les pièces', schema: pieceAnswer, list: true },
    handle: async ({ app, access, query: { limit, offset, sort, curseur, ...filters }, ctx }) =>
      page({ ctx }, await listPieces(app.db, access, filters, { limit, offset, sort, curseur })),
  }),
  route({
    method: 'post',
    path: '/pieces',
    tag,
    summary: 'Créer une pièce',
    access: ['create', 'Piece'],
    body: pieceBody,
    transaction: true,
    answer: { status: 201, description: 'La pièce créée', schema: pieceAnswer },
    refusals: ['DEJA_EXISTANT'],
    examples: { body: example },
    handle: async ({ tx, access, actor, body }) => resource(await createPiece(tx, access, actor, body), 201),
  }),
  route({
    method: 'get',
    path: '/pieces/:id',
    tag,
    summary: 'Lire une pièce',
    access: ['read', 'Piece'],
    params: idParam,
    answer: { status: 200, description: 'La pièce', schema: pieceAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => resource(await readPiece(app.db, access, params.id)),
  }),
  change('put'),
  change('patch'),
  route({
    method: 'delete',
    path: '/pieces/:id',
    tag,
    summary: 'Supprimer une pièce',
    access: ['delete', 'Piece'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Supprimée' },
    refusals: ['INTROUVABLE', 'DEPENDANCES'],
    handle: async ({ tx, access, actor, params }) => {
      await deletePiece(tx, access, actor, params.id);
      return { status: 204 };
    },
  }),
  route({
    method: 'get',
    path: '/pieces/:id/mouvements',
    tag,
    summary: 'Lister les mouvements d’une pièce',
    access: ['read', 'Piece'],
    params: idParam,
    query: mouvementQuery,
    answer: {
      status: 200,
      description: 'Les mouvements, du dernier au premier ; le stock est la somme de leurs variations',
      schema: mouvementAnswer,
      list: true,
    },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params, query: { limit, offset, sort, curseur, ...filters }, ctx }) =>
      page(
        { ctx },
        await listMouvements(app.db, access, params.id, filters, { limit, offset, sort, curseur }),
      ),
  }),
  route({
    method: 'post',
    path: '/pieces/:id/mouvements',
    tag,
    summary: 'Enregistrer une entrée, une sortie, un retour ou un inventaire',
    description:
      'Ce qui entre va aussitôt aux interventions qui attendent, par priorité puis ancienneté. Une sortie ne prend que ce ' +
      'qui est disponible. Un inventaire dit combien il y en a ; s’il en manque de réservées, les réservations dont le tour ' +
      'vient en dernier redeviennent `demandee`.',
    access: ['update', 'Piece'],
    params: idParam,
    body: mouvementBody,
    transaction: true,
    answer: { status: 201, description: 'Le mouvement', schema: mouvementAnswer },
    refusals: ['INTROUVABLE', 'STOCK_INSUFFISANT', 'LIMITE_ATTEINTE'],
    examples: { body: { type: 'entree', quantite: 10, motif: 'Livraison du fournisseur' } },
    handle: async ({ app, tx, access, actor, params, body, afterCommit }) => {
      const { mouvement, toWake } = await addMouvement(tx, access, actor, params.id, body);
      afterCommit(() => app.engine.wakeAllInBackground(toWake));
      return { status: 201, body: mouvement };
    },
  }),
];
