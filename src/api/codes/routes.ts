import { MAX_CODES, searchCodes } from '../../services/cabinet/codes';
import { type Route, route } from '../http/route';
import { codeBody, codesAnswer } from './schemas';

export const codeRoutes: Route[] = [
  route({
    method: 'post',
    path: '/codes/cim10/recherche',
    tag: 'Dossiers',
    summary: 'Chercher un code de la CIM-10',
    description: `Pour les médecins, parmi les codes que l’installation connaît ; au plus ${MAX_CODES}. Un diagnostic sans code est toujours admis.`,
    // Who may write a diagnosis may look for its code, which says nothing of anybody.
    access: ['read', 'Dossier'],
    medical: { acces: null, replay: 'again' },
    body: codeBody,
    answer: { status: 200, description: 'Codes, les plus proches d’abord', schema: codesAnswer },
    examples: { body: { q: 'diabete' }, answer: [{ code: 'E11', libelle: 'Diabète de type 2' }] },
    handle: async ({ tx, body }) => ({ body: await searchCodes(tx, body.q) }),
  }),
];
