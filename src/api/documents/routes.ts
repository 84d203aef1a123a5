import { RegieError } from '../../domain/errors';
import {
  createDocument,
  listDocuments,
  type NewDocument,
  readDocument,
} from '../../services/documents/documents';
import { listInterventionDocuments } from '../../services/interventions/documents';
import { inTransaction } from '../http/idempotency';
import { type Answer, type Call, page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { check } from '../http/validation';
import { download } from './download';
import { documentAnswer, documentQuery, interventionDocumentsQuery, uploadBody } from './schemas';
import { discard, receiveUpload } from './upload';

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
  const { form, stored } = await receiveUpload(ctx, app.store);
  let filed = false;
  try {
    const { file, ...fields } = check(uploadBody, form);
    const fingerprint = app.tokens.fingerprint(
      JSON.stringify([ctx.method, 'documents/upload', fields, file.nom, file.checksum]),
    );
    const idempotencyKey = call.idempotencyKey && { ...call.idempotencyKey, empreinte: fingerprint };
    const answer = await inTransaction({ ...call, idempotencyKey }, async ({ tx }) => {
      const document = await createDocument(tx, access, actor, { ...file, ...fields } as NewDocument);
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
      'texte et CSV en UTF-8. Le contenu doit correspondre au nom. Un même nom au même endroit devient la version suivante.',
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
    path: '/documents/:id',
    tag,
    summary: 'Lire un document',
    access: ['read', 'Document'],
    params: idParam,
    answer: { status: 200, description: 'Le document', schema: documentAnswer },
    handle: async ({ app, access, params }) => resource(await readDocument(app.db, access, params.id)),
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
