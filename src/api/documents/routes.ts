import { RegieError } from '../../domain/errors';
import { deleteDocument, restoreDocument, updateDocument } from '../../services/documents/changements';
import { readEtatCles, startRotation } from '../../services/documents/cles';
import {
  createDocument,
  listDocuments,
  listVersions,
  type NewDocument,
  readDocument,
} from '../../services/documents/documents';
import { checkDocument } from '../../services/documents/integrite';
import { listInterventionDocuments } from '../../services/interventions/documents';
import { inTransaction } from '../http/idempotency';
import { type Answer, type Call, page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { check } from '../http/validation';
import { apercu } from './apercu';
import { download } from './download';
import {
  documentAnswer,
  documentChanges,
  documentQuery,
  etatClesAnswer,
  integriteAnswer,
  interventionDocumentsQuery,
  rotationAnswer,
  uploadBody,
} from './schemas';
import { discard, settle } from './settle';
import { receiveUpload } from './upload';

const tag = 'Documents';

/**
 * Stores the file, then files it: checks, row, history and `Idempotency-Key` in one transaction. What is refused, and
 * the second file of a repeated request, does not stay in the store. After any other failure the object is left to the
 * sweep of orphans: the row may have been committed though its answer was lost.
 */
async function upload(
  call: Pick<
    Call<unknown, unknown, unknown>,
    'app' | 'route' | 'access' | 'actor' | 'params' | 'idempotencyKey' | 'ctx'
  >,
): Promise<Answer> {
  const { app, access, actor, ctx } = call;
  const { form, stored: received } = await receiveUpload(ctx, app.store, app.config.documents.maxOctets);
  let stored = received;
  let filed = false;
  try {
    const { file: given, confidentiel, garder_position, ...fields } = check(uploadBody, form);
    const file = await settle(app.store, given, { confidentiel, garderPosition: garder_position });
    stored = file;
    const fingerprint = app.tokens.fingerprint(
      JSON.stringify([
        ctx.method,
        'documents/upload',
        { ...fields, ...(confidentiel && { confidentiel }), ...(garder_position && { garder_position }) },
        given.nom,
        given.checksum,
      ]),
    );
    const idempotencyKey = call.idempotencyKey && { ...call.idempotencyKey, empreinte: fingerprint };
    const answer = await inTransaction({ ...call, idempotencyKey }, async ({ tx }) => {
      const document = await createDocument(tx, access, actor, app.secrets, {
        ...file,
        ...fields,
      } as NewDocument);
      filed = true;
      return resource(document, 201);
    });
    if (!filed) await discard(app.store, file);
    return answer;
  } catch (error) {
    if (stored !== null && error instanceof RegieError) await discard(app.store, stored);
    throw error;
  }
}

export const documentRoutes: Route[] = [
  route({
    method: 'post',
    path: '/documents/upload',
    tag,
    summary: 'Déposer un document',
    description:
      'Types acceptés : PDF, images, vidéos et sons courants, documents de bureau (docx, xlsx, pptx, odt, ods, odp), ' +
      'texte et CSV, dans tout encodage courant. Le contenu décide : un nom dont la fin dit autre chose est corrigé. ' +
      'Un même nom au même endroit devient la version suivante, comme ce qui dit ce qu’il remplace. Une photo est mise à ' +
      'l’endroit, et le lieu où elle fut prise en est retiré.',
    access: ['create', 'Document'],
    bodyType: 'multipart',
    body: uploadBody,
    answer: { status: 201, description: 'Le document', schema: documentAnswer },
    refusals: ['LIMITE_ATTEINTE'],
    examples: { body: { intervention_id: 15, type_document: 'rapport_intervention' } },
    handle: upload,
  }),
  route({
    method: 'get',
    path: '/documents',
    tag,
    summary: 'Lister les documents',
    access: ['read', 'Document'],
    query: documentQuery,
    answer: { status: 200, description: 'Les documents', schema: documentAnswer, list: true },
    handle: async ({ app, access, query: { limit, offset, sort, curseur, ...filters }, ctx }) =>
      page({ ctx }, await listDocuments(app.db, access, filters, { limit, offset, sort, curseur })),
  }),
  route({
    method: 'get',
    path: '/documents/cles/rotation',
    tag,
    summary: 'Lire l’état des clés des documents confidentiels',
    description: 'Les clés de l’anneau, la dernière rotation, et les documents dont la clé est perdue.',
    access: ['seal', 'Document'],
    answer: { status: 200, description: 'L’état des clés', schema: etatClesAnswer },
    handle: async ({ app, access }) => ({ body: await readEtatCles(app.db, access, app.secrets) }),
  }),
  route({
    method: 'post',
    path: '/documents/cles/rotation',
    tag,
    summary: 'Sceller les clés des documents avec la première de l’anneau',
    description:
      'Après avoir mis une clé devant les autres dans DOCUMENT_KEYS, partout. Aucun fichier n’est réécrit ; une rotation ' +
      'interrompue reprend où elle en était. Une rotation en cours est répondue telle quelle.',
    access: ['seal', 'Document'],
    transaction: true,
    about: () => null,
    answer: { status: 202, description: 'La rotation', schema: rotationAnswer },
    handle: async ({ app, tx, access, actor, afterCommit }) => {
      const rotation = await startRotation(tx, access, actor, app.secrets);
      afterCommit(() => app.engine.startRotationInBackground(rotation.id));
      return { status: 202, body: rotation };
    },
  }),
  route({
    method: 'get',
    path: '/documents/:id',
    tag,
    summary: 'Lire un document',
    access: ['read', 'Document'],
    params: idParam,
    answer: { status: 200, description: 'Le document', schema: documentAnswer },
    handle: async ({ app, access, params }) => resource(await readDocument(app.db, access, params.id)),
  }),
  route({
    method: 'put',
    path: '/documents/:id',
    tag,
    summary: 'Modifier un document',
    description: 'Seul ce qui est donné change ; les autres versions gardent ce qui est dit d’elles.',
    access: ['update', 'Document'],
    params: idParam,
    body: documentChanges,
    transaction: true,
    answer: { status: 200, description: 'Le document', schema: documentAnswer },
    refusals: ['VERSION_PERIMEE'],
    examples: { body: { nom: 'plan-atelier.pdf', visible_client: true } },
    handle: async ({ tx, access, actor, params, body, ifMatch }) =>
      resource(await updateDocument(tx, access, actor, params.id, body, ifMatch)),
  }),
  route({
    method: 'delete',
    path: '/documents/:id',
    tag,
    summary: 'Supprimer un document',
    description:
      'Hors de toute liste et de toute réponse ; gardé DOCUMENTS_CONSERVATION_JOURS, pendant lesquels un administrateur ' +
      'peut le restaurer. Les autres versions restent.',
    access: ['delete', 'Document'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Supprimé' },
    refusals: ['DEPENDANCES'],
    handle: async ({ tx, access, actor, params }) => {
      await deleteDocument(tx, access, actor, params.id);
      return { status: 204 };
    },
  }),
  route({
    method: 'post',
    path: '/documents/:id/restauration',
    tag,
    summary: 'Restaurer un document supprimé',
    access: ['restore', 'Document'],
    params: idParam,
    transaction: true,
    answer: { status: 200, description: 'Le document', schema: documentAnswer },
    refusals: ['TRANSITION_INVALIDE'],
    handle: async ({ tx, access, actor, params }) =>
      resource(await restoreDocument(tx, access, actor, params.id)),
  }),
  route({
    method: 'get',
    path: '/documents/:id/integrite',
    tag,
    summary: 'Relire un document et comparer',
    description:
      'Relit tout le fichier dans le stockage, le déchiffre s’il est confidentiel, et compare taille et empreinte.',
    access: ['update', 'Document'],
    params: idParam,
    answer: { status: 200, description: 'Ce qui a été trouvé', schema: integriteAnswer },
    handle: async ({ app, access, params }) => ({
      body: await checkDocument(app.db, app.store, app.secrets, access, params.id, app.clock()),
    }),
  }),
  route({
    method: 'get',
    path: '/documents/:id/versions',
    tag,
    summary: 'Lister les versions d’un document',
    access: ['read', 'Document'],
    params: idParam,
    answer: {
      status: 200,
      description: 'Ses versions, la dernière d’abord',
      schema: documentAnswer,
      list: true,
    },
    handle: async ({ app, access, params, ctx }) =>
      page({ ctx }, await listVersions(app.db, access, params.id)),
  }),
  route({
    method: 'get',
    path: '/documents/:id/apercu',
    tag,
    summary: 'Lire l’aperçu d’un document',
    description:
      'Une petite image JPEG d’une photo ou de la première page d’un PDF, à l’endroit ; 404 pour ce dont il n’y en a pas.',
    access: ['read', 'Document'],
    params: idParam,
    answer: { status: 200, description: 'L’aperçu', contentType: 'image/jpeg' },
    handle: apercu,
  }),
  route({
    method: 'get',
    path: '/documents/:id/telecharger',
    tag,
    summary: 'Télécharger un document',
    access: ['read', 'Document'],
    params: idParam,
    answer: { status: 200, description: 'Le contenu, de son propre type', contentType: '*/*', ranges: true },
    refusals: ['PLAGE_INVALIDE'],
    handle: download,
  }),
  route({
    method: 'get',
    path: '/interventions/:id/documents',
    tag,
    summary: 'Lister les documents d’une intervention',
    access: ['read', 'Document'],
    params: idParam,
    query: interventionDocumentsQuery,
    answer: { status: 200, description: 'Les documents', schema: documentAnswer, list: true },
    handle: async ({ app, access, params, query, ctx }) =>
      page({ ctx }, await listInterventionDocuments(app.db, access, params.id, query)),
  }),
];
