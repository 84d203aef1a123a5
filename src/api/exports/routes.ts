import {
  createExport,
  type ExportMontre,
  giveBackExport,
  readExport,
  takeExport,
} from '../../services/cabinet/exports';
import { askedOf } from '../http/asked';
import { type Answer, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { exportAnswer } from './schemas';

const tag = 'Exports de dossiers';
const FHIR = 'application/fhir+json';

/** One export with where it is followed, and the patient whose it is, who is on record. */
function shown({ export: found, patient }: ExportMontre, status = 200): Answer {
  const answer = resource(found, status);
  const headers = { ...answer.headers, ...(status === 202 && { Location: `/api/v1/exports/${found.id}` }) };
  return { ...answer, headers, patients: [patient] };
}

export const exportRoutes: Route[] = [
  route({
    method: 'post',
    path: '/patients/:id/export',
    tag,
    summary: 'Demander une copie d’un dossier',
    description:
      'Pour un médecin qui suit le patient. La copie, un Bundle FHIR R4, s’établit à part et se compte contre les lignes avant ' +
      'd’être donnée ; l’en-tête Location dit où la suivre. Elle est à retirer une fois, pendant 72 heures, par qui l’a demandée.',
    access: ['create', 'ExportDossier'],
    medical: {
      acces: { action: 'export', categories: ['export'] },
      replay: async (call, id) => shown(await readExport(askedOf(call), id), 202),
    },
    params: idParam,
    answer: { status: 202, description: 'La copie, en cours d’établissement', schema: exportAnswer },
    refusals: ['INTROUVABLE', 'DOSSIER_NON_PARTAGE', 'LIMITE_ATTEINTE'],
    handle: async ({ params, ...call }) => {
      const asked = askedOf(call);
      const made = await createExport(asked, params.id);
      const { id, cabinet_id } = made.export;
      call.afterCommit(() => call.app.engine.startExportInBackground(cabinet_id, id));
      return shown(made, 202);
    },
  }),
  route({
    method: 'get',
    path: '/exports/:id',
    tag,
    summary: 'Suivre une copie demandée',
    access: ['read', 'ExportDossier'],
    medical: { acces: { action: 'lecture', categories: ['export'] } },
    params: idParam,
    answer: { status: 200, description: 'La copie', schema: exportAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ params, ...call }) => shown(await readExport(askedOf(call), params.id)),
  }),
  route({
    method: 'get',
    path: '/exports/:id/contenu',
    tag,
    summary: 'Retirer une copie, une seule fois',
    description: 'Un Bundle FHIR R4 `collection`. Il est effacé dès qu’il est retiré. HEAD ne retire rien.',
    access: ['read', 'ExportDossier'],
    medical: { acces: { action: 'export', categories: ['dossier'] } },
    params: idParam,
    answer: { status: 200, description: 'Le dossier', contentType: FHIR },
    refusals: ['INTROUVABLE', 'TRANSITION_INVALIDE'],
    handle: async ({ params, ctx, ...call }) => {
      const asked = askedOf(call);
      const headers = {
        'Content-Type': FHIR,
        'Content-Disposition': `attachment; filename="dossier-${params.id}.json"`,
        'Cache-Control': 'no-store',
      };
      if (ctx.method === 'HEAD') {
        const { patient } = await readExport(asked, params.id);
        return { headers, patients: [patient] };
      }
      const { patient, cabinetId, contenu } = await takeExport(asked, params.id);
      const fetch = async () => {
        try {
          const bytes = await contenu(call.app.store);
          call.app.engine.tellExportRemis(cabinetId, params.id);
          return bytes;
        } catch (error) {
          await giveBackExport(call.app.medical, cabinetId, params.id);
          throw error;
        }
      };
      return { headers, patients: [patient], fetch };
    },
  }),
];
