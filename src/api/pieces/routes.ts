import { createPiece, deletePiece, listPieces, readPiece, updatePiece } from '../../services/stock/pieces';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { pieceAnswer, pieceBody, pieceChanges, pieceQuery } from './schemas';

const tag = 'Pièces';
const example = { reference: 'JNT-042', designation: 'Joint torique 42 mm', stock: 12, seuil_alerte: 5 };

/** `PUT` and `PATCH` both change the fields given; a part has none that would need to be cleared. */
const change = (method: 'put' | 'patch') =>
  route({
    method,
    path: '/pieces/:id',
    tag,
    summary: 'Modifier une pièce',
    access: ['update', 'Piece'],
    params: idParam,
    body: method === 'put' ? pieceBody : pieceChanges,
    transaction: true,
    answer: { status: 200, description: 'La pièce', schema: pieceAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT', 'VERSION_PERIMEE'],
    examples: { body: example },
    handle: async ({ tx, access, actor, params, body, ifMatch }) =>
      resource(await updatePiece(tx, access, actor, params.id, body, ifMatch)),
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
];
