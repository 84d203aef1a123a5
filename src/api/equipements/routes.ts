import { listAlertes } from '../../services/parc/alertes';
import {
  addCompteur,
  createEquipement,
  deleteEquipement,
  listArrets,
  listEquipements,
  listReleves,
  readEquipement,
} from '../../services/parc/equipements';
import { type FormatEtiquette, readEtiquette } from '../../services/parc/etiquette';
import { readFollowedMeter, updateFollowedEquipement } from '../../services/preventif/releves';
import { clientHas } from '../http/etags';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import {
  alerteAnswer,
  alerteQuery,
  arretAnswer,
  arretQuery,
  compteurBody,
  equipementAnswer,
  equipementBody,
  equipementChanges,
  equipementQuery,
  etiquetteQuery,
  releveAnswer,
  releveBody,
  releveQuery,
} from './schemas';

const tag = 'Équipements';
const example = {
  nom: 'Presse hydraulique PH-001',
  type: 'Presse',
  modele: 'HPX-2000',
  numero_serie: 'PH001-2023-001',
  localisation: 'Atelier A',
  date_installation: '2023-03-15T00:00:00Z',
  frequence_entretien: '30',
};

const ETIQUETTE_TYPES: Readonly<Record<FormatEtiquette, string>> = {
  svg: 'image/svg+xml; charset=utf-8',
  png: 'image/png',
};
/** Of a picture that is opened by itself: nothing in it may do anything. */
const IMAGE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";

const change = (method: 'put' | 'patch') =>
  route({
    method,
    path: '/equipements/:id',
    tag,
    summary: 'Modifier un équipement',
    access: ['update', 'Equipement'],
    params: idParam,
    body: method === 'put' ? equipementBody : equipementChanges,
    transaction: true,
    answer: { status: 200, description: 'L’équipement', schema: equipementAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT', 'VERSION_PERIMEE'],
    examples: { body: example },
    handle: async ({ app, tx, access, actor, params, body, ifMatch, afterCommit }) => {
      const { timeZone } = app.config;
      const { row, decided } = await updateFollowedEquipement(
        tx,
        access,
        actor,
        params.id,
        body,
        ifMatch,
        timeZone,
      );
      afterCommit(() => app.engine.startAllInBackground(decided.created));
      return resource(row);
    },
  });

export const equipementRoutes: Route[] = [
  route({
    method: 'get',
    path: '/equipements',
    tag,
    summary: 'Lister les équipements',
    access: ['read', 'Equipement'],
    query: equipementQuery,
    answer: { status: 200, description: 'Les équipements', schema: equipementAnswer, list: true },
    handle: async ({ app, access, actor, query: { limit, offset, sort, curseur, ...filters }, ctx }) => {
      const request = { limit, offset, sort, curseur };
      return page({ ctx }, await listEquipements(app.db, access, filters, request, actor.now));
    },
  }),
  route({
    method: 'post',
    path: '/equipements',
    tag,
    summary: 'Créer un équipement',
    access: ['create', 'Equipement'],
    body: equipementBody,
    transaction: true,
    answer: { status: 201, description: 'L’équipement créé', schema: equipementAnswer },
    refusals: ['DEJA_EXISTANT'],
    examples: { body: example },
    handle: async ({ app, tx, access, actor, body }) =>
      resource(await createEquipement(tx, access, actor, body, app.config.timeZone), 201),
  }),
  route({
    method: 'get',
    path: '/equipements/alertes',
    tag,
    summary: 'Lister les équipements à regarder',
    description:
      'En panne, en retard de maintenance, en réparation sous garantie, ou au-delà de leur durée de vie ; chacun une fois.',
    access: ['read', 'Equipement'],
    query: alerteQuery,
    answer: { status: 200, description: 'Les équipements à regarder', schema: alerteAnswer, list: true },
    handle: async ({ app, access, actor, query: { limit, offset, sort, curseur, ...filters }, ctx }) => {
      const request = { limit, offset, sort, curseur };
      const { timeZone } = app.config;
      return page({ ctx }, await listAlertes(app.db, access, filters, request, actor.now, timeZone));
    },
  }),
  route({
    method: 'get',
    path: '/equipements/:id',
    tag,
    summary: 'Lire un équipement',
    access: ['read', 'Equipement'],
    params: idParam,
    answer: { status: 200, description: 'L’équipement', schema: equipementAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => resource(await readEquipement(app.db, access, params.id)),
  }),
  change('put'),
  change('patch'),
  route({
    method: 'delete',
    path: '/equipements/:id',
    tag,
    summary: 'Supprimer un équipement',
    description:
      'Avec les relevés de ses compteurs. Tant qu’une intervention, un document, une partie, un plan ou un contrat y tient, ' +
      '409 `DEPENDANCES`, avec leur nombre : `statut: hors_service` dit qu’il ne sert plus.',
    access: ['delete', 'Equipement'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Supprimé' },
    refusals: ['INTROUVABLE', 'DEPENDANCES'],
    handle: async ({ tx, access, actor, params }) => {
      await deleteEquipement(tx, access, actor, params.id);
      return { status: 204 };
    },
  }),
  route({
    method: 'post',
    path: '/equipements/:id/compteurs',
    tag,
    summary: 'Ajouter un compteur',
    access: ['update', 'Equipement'],
    params: idParam,
    body: compteurBody,
    transaction: true,
    answer: { status: 201, description: 'L’équipement', schema: equipementAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT', 'LIMITE_ATTEINTE'],
    examples: { body: { nom: 'Heures', unite: 'h', valeur: 1_250 } },
    handle: async ({ app, tx, access, actor, params, body }) =>
      resource(await addCompteur(tx, access, actor, params.id, body, app.config.timeZone), 201),
  }),
  route({
    method: 'get',
    path: '/equipements/:id/releves',
    tag,
    summary: 'Lister les relevés des compteurs',
    access: ['read', 'Equipement'],
    params: idParam,
    query: releveQuery,
    answer: { status: 200, description: 'Les relevés', schema: releveAnswer, list: true },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params, query: { limit, offset, sort, curseur, ...filters }, ctx }) =>
      page({ ctx }, await listReleves(app.db, access, params.id, filters, { limit, offset, sort, curseur })),
  }),
  route({
    method: 'post',
    path: '/equipements/:id/releves',
    tag,
    summary: 'Relever un compteur',
    description:
      'Un relevé antérieur s’ajoute s’il s’accorde avec ses voisins. Au-dessous du précédent, il faut dire pourquoi : ' +
      '`remplacement` ou `rotation`. Rien ne s’efface : un relevé faux se corrige par un autre.',
    access: ['measure', 'Equipement'],
    params: idParam,
    body: releveBody,
    transaction: true,
    answer: { status: 201, description: 'Le relevé', schema: releveAnswer },
    refusals: ['INTROUVABLE'],
    examples: { body: { compteur: 'Heures', valeur: 1_310.5 } },
    handle: async ({ app, tx, access, actor, params, body, afterCommit }) => {
      const { timeZone } = app.config;
      const { releve, decided } = await readFollowedMeter(tx, access, actor, params.id, body, timeZone);
      afterCommit(() => app.engine.startAllInBackground(decided.created));
      return { status: 201, body: releve };
    },
  }),
  route({
    method: 'get',
    path: '/equipements/:id/arrets',
    tag,
    summary: 'Lister les arrêts d’un équipement',
    description:
      'Les arrêts qui se recouvrent n’en font qu’un ; en panne, il n’est pas en maintenance. Sans fin, il dure.',
    access: ['read', 'Equipement'],
    params: idParam,
    query: arretQuery,
    answer: { status: 200, description: 'Les arrêts', schema: arretAnswer, list: true },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params, query: { limit, offset, sort, curseur, cause }, ctx }) =>
      page({ ctx }, await listArrets(app.db, access, params.id, cause, { limit, offset, sort, curseur })),
  }),
  route({
    method: 'get',
    path: '/equipements/:id/etiquette',
    tag,
    summary: 'Imprimer l’étiquette d’un équipement',
    description:
      'Une étiquette de 60 sur 30 mm : un code QR qui mène à la page de l’équipement (sous `PUBLIC_URL`), son nom, son ' +
      'numéro de série et son site.',
    access: ['read', 'Equipement'],
    params: idParam,
    query: etiquetteQuery,
    answer: {
      status: 200,
      description: 'L’étiquette',
      contentType: ['image/svg+xml', 'image/png'],
      revalidated: true,
    },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params, query: { format }, ctx }) => {
      const { image, etag } = await readEtiquette(app.db, access, params.id, format, app.config.publicUrl);
      const headers = {
        'Cache-Control': 'private, no-cache',
        'Content-Security-Policy': IMAGE_POLICY,
        ETag: etag,
      };
      if (clientHas(ctx, etag)) return { status: 304, headers };
      const name = `inline; filename="etiquette-${params.id}.${format}"`;
      return {
        headers: { ...headers, 'Content-Type': ETIQUETTE_TYPES[format], 'Content-Disposition': name },
        body: image,
      };
    },
  }),
];
