import { storeLogo } from '../../services/logo';
import { findLogo, setLogo, showParametres, updateParametres } from '../../services/parametres';
import { clientHas } from '../http/etags';
import { type Route, resource, route } from '../http/route';
import { receiveLogo } from './logo';
import { logoBody, parametresAnswer, parametresBody, parametresChanges } from './schemas';

const tag = 'Paramètres';
const example = {
  nom: 'MIF Maroc',
  couleur: '#0f766e',
  coordonnees: ['Zone industrielle, Route de Fquih Ben Salah', '25000 Khouribga', 'Tél. +212 5 23 00 00 00'],
  langue: 'fr',
};

const change = (method: 'put' | 'patch') =>
  route({
    method,
    path: '/parametres',
    tag,
    summary: 'Modifier la maison',
    description: 'Ce qui est écrit ensuite le montre ; un rapport déjà établi reste comme il est.',
    access: ['update', 'Parametres'],
    body: method === 'put' ? parametresBody : parametresChanges,
    transaction: true,
    answer: { status: 200, description: 'La maison', schema: parametresAnswer },
    refusals: ['VERSION_PERIMEE'],
    examples: { body: example },
    handle: async ({ tx, access, actor, body, ifMatch }) =>
      resource(await updateParametres(tx, access, actor, body, ifMatch)),
  });

export const parametresRoutes: Route[] = [
  route({
    method: 'get',
    path: '/parametres',
    tag,
    summary: 'Lire le nom, la couleur, le logo et l’en-tête de la maison',
    access: ['read', 'Parametres'],
    answer: { status: 200, description: 'La maison', schema: parametresAnswer },
    handle: async ({ app, access }) => resource(await showParametres(app.db, access)),
  }),
  change('put'),
  change('patch'),
  route({
    method: 'get',
    path: '/parametres/logo',
    tag,
    summary: 'Lire le logo de la maison',
    access: ['read', 'Parametres'],
    answer: { status: 200, description: 'Un PNG', contentType: 'image/png', revalidated: true },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, ctx }) => {
      const logo = await findLogo(app.db, access);
      const etag = `"${logo.checksum}"`;
      if (clientHas(ctx, etag)) return { status: 304, headers: { ETag: etag } };
      const headers = { ETag: etag, 'Content-Type': 'image/png', 'Content-Length': String(logo.taille) };
      return ctx.method === 'HEAD' ? { headers } : { headers, body: await app.store.get(logo.cle) };
    },
  }),
  route({
    method: 'put',
    path: '/parametres/logo',
    tag,
    summary: 'Donner un logo à la maison',
    description:
      'Une image PNG, JPEG ou SVG d’au plus 1 Mo, dans le champ `file`. Elle est gardée en PNG de 600 × 240 pixels au ' +
      'plus ; ce qu’elle est, son contenu le dit.',
    access: ['update', 'Parametres'],
    bodyType: 'multipart',
    body: logoBody,
    transaction: true,
    answer: { status: 200, description: 'La maison', schema: parametresAnswer },
    refusals: ['TROP_GROS', 'TYPE_NON_ACCEPTE', 'VERSION_PERIMEE'],
    prepare: async ({ app, ctx }) => storeLogo(app.store, await receiveLogo(ctx)),
    handle: async ({ tx, access, actor, prepared, ifMatch }) =>
      resource(await setLogo(tx, access, actor, prepared, ifMatch)),
  }),
  route({
    method: 'delete',
    path: '/parametres/logo',
    tag,
    summary: 'Retirer le logo de la maison',
    access: ['update', 'Parametres'],
    transaction: true,
    answer: { status: 204, description: 'Retiré' },
    refusals: ['VERSION_PERIMEE'],
    handle: async ({ tx, access, actor, ifMatch }) => {
      await setLogo(tx, access, actor, null, ifMatch);
      return { status: 204 };
    },
  }),
];
