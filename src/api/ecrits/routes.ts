import type { ActionAcces, PatientMontre } from '../../services/cabinet/acces';
import type { Forcer } from '../../services/cabinet/alertes';
import {
  createEcrit,
  type EcritFields,
  type EcritOuvert,
  invaliderEcrit,
  listEcrits,
  openEcrit,
  readDocument,
  updateEcrit,
} from '../../services/cabinet/ecrits';
import type { Contenus } from '../../services/cabinet/genres-ecrits';
import type { Preuve } from '../../services/cabinet/reauthentification';
import { preparerSignature, signer } from '../../services/cabinet/signatures';
import { askedOf } from '../http/asked';
import { type Answer, type Medical, page, type Route, resource, route } from '../http/route';
import {
  champsOf,
  documentQuery,
  ecritAnswer,
  ecritBody,
  ecritChanges,
  ecritListAnswer,
  ecritParams,
  ecritQuery,
  type Genre,
  invalidationBody,
  signatureBody,
} from './schemas';

/** Ordonnances and certificates: written, signed once, handed over as they were signed. */

interface Presentation {
  segment: string;
  tag: string;
  /** « une ordonnance », « les ordonnances », « l’ordonnance ». */
  un: string;
  des: string;
  le: string;
  exemple: object;
  changement: object;
}

const PRESENTATIONS: Readonly<Record<Genre, Presentation>> = {
  ordonnance: {
    segment: 'ordonnances',
    tag: 'Ordonnances',
    un: 'une ordonnance',
    des: 'les ordonnances',
    le: 'l’ordonnance',
    exemple: {
      lignes: [
        {
          dci: 'Paracétamol',
          dosage: '1 g',
          posologie: '1 comprimé trois fois par jour si douleur',
          mode: 'Voie orale',
          duree_jours: 5,
          renouvellements: 0,
        },
      ],
      a_remettre: true,
    },
    changement: { remarques: 'Revenir si la fièvre dure' },
  },
  certificat: {
    segment: 'certificats',
    tag: 'Certificats',
    un: 'un certificat',
    des: 'les certificats',
    le: 'le certificat',
    exemple: {
      type: 'repos',
      texte: 'L’état de santé de Mme Benali nécessite un repos de trois jours.',
      date_debut: '2026-11-29',
      date_fin: '2026-12-01',
    },
    changement: { date_fin: '2026-12-02' },
  },
};

function shown({ ecrit }: EcritOuvert): { version: number } {
  const { contenu, genre, alertes, verification, ...row } = ecrit;
  return { ...row, ...contenu, ...(genre === 'ordonnance' && { alertes, verification }) };
}

function answered(opened: EcritOuvert, status = 200): Answer {
  return { ...resource(shown(opened), status), patients: [opened.dossier.patient] };
}

type Body = Record<string, unknown> & { a_remettre?: boolean; copie_arabe?: boolean; forcer?: Forcer };

/** What of a body is written, apart from what becomes of it. */
function writtenOf<G extends Genre>(genre: G, body: Body): Partial<Contenus[G]> {
  const names = champsOf(genre);
  return Object.fromEntries(Object.entries(body).filter(([name]) => names.includes(name))) as Partial<
    Contenus[G]
  >;
}

/** One file name for everybody: who it is for stands inside. */
function fileHeaders(
  genre: Genre,
  id: number,
  langue: 'fr' | 'ar',
  usage: ActionAcces,
): Record<string, string> {
  const disposition = usage === 'impression' ? 'inline' : 'attachment';
  const name = `${genre}-${id}${langue === 'ar' ? '-ar' : ''}.pdf`;
  return {
    'Content-Type': 'application/pdf',
    'Content-Disposition': `${disposition}; filename="${name}"`,
  };
}

function routesOf(genre: Genre): Route[] {
  const { segment, tag, un, des, le, exemple, changement } = PRESENTATIONS[genre];
  const categories = [segment];
  const WRITE = { action: 'ecriture', categories } as const;
  const rewritten: Medical['replay'] = async (call, id) =>
    answered(await openEcrit(askedOf(call), genre, id));
  const allergies = genre === 'ordonnance' ? (['ALLERGIE_CONNUE'] as const) : [];
  const ofRecord = ['INTROUVABLE', 'DOSSIER_NON_PARTAGE'] as const;
  return [
    route({
      method: 'get',
      path: `/${segment}`,
      tag,
      summary: `Lister ${des}`,
      description:
        'Sans leur contenu. L’accueil y voit ce qui est à remettre, dans les 24 heures de la signature ; un brouillon est à son auteur.',
      access: ['read', 'Ecrit'],
      medical: { acces: { action: 'liste', categories } },
      query: ecritQuery,
      answer: { status: 200, description: tag, schema: ecritListAnswer(genre), list: true },
      handle: async ({ tx, access, query: { patient_id, statut, auteur_id, ...asked }, ctx }) => {
        const found = await listEcrits({ tx, access }, genre, { patient_id, statut, auteur_id }, asked);
        return { ...page({ ctx }, found.page), patients: found.patients };
      },
    }),
    route({
      method: 'post',
      path: `/${segment}`,
      tag,
      summary: `Commencer ${un}`,
      access: ['update', 'Dossier'],
      medical: { acces: WRITE, replay: rewritten },
      body: ecritBody(genre),
      answer: { status: 201, description: 'Brouillon', schema: ecritAnswer(genre) },
      refusals: ['DOSSIER_NON_PARTAGE', 'INTROUVABLE', ...allergies],
      examples: { body: { patient_id: 812_345_678, ...exemple } },
      handle: async ({ body: given, ...call }) => {
        const { a_remettre = false, copie_arabe = false, forcer = null, ...body } = given as Body;
        const contenu = writtenOf(genre, body) as EcritFields<typeof genre>['contenu'];
        const asked = askedOf(call);
        const fields = { contenu, a_remettre, copie_arabe };
        return answered(await createEcrit(asked, genre, body.patient_id as number, fields, forcer), 201);
      },
    }),
    route({
      method: 'get',
      path: `/${segment}/:id`,
      tag,
      summary: `Lire ${un}`,
      access: ['read', 'Dossier'],
      medical: { acces: { action: 'lecture', categories } },
      params: ecritParams,
      answer: { status: 200, description: tag, schema: ecritAnswer(genre) },
      refusals: [...ofRecord],
      handle: async ({ params, ...call }) => answered(await openEcrit(askedOf(call), genre, params.id)),
    }),
    route({
      method: 'patch',
      path: `/${segment}/:id`,
      tag,
      summary: 'Modifier un brouillon',
      description: 'Le sien, en nommant par `If-Match` la version que l’on modifie.',
      access: ['update', 'Dossier'],
      medical: { acces: WRITE },
      params: ecritParams,
      body: ecritChanges(genre),
      answer: { status: 200, description: 'Brouillon', schema: ecritAnswer(genre) },
      refusals: [...ofRecord, 'SIGNEE', 'VERSION_PERIMEE', ...allergies],
      examples: { body: changement },
      handle: async ({ params, body: given, ifMatch, ...call }) => {
        const { a_remettre, copie_arabe, forcer = null, ...body } = given as Body;
        const changes = {
          contenu: writtenOf(genre, body),
          ...(a_remettre !== undefined && { a_remettre }),
          ...(copie_arabe !== undefined && { copie_arabe }),
        };
        const asked = askedOf(call);
        return answered(await updateEcrit(asked, genre, params.id, changes, { expected: ifMatch, forcer }));
      },
    }),
    route({
      method: 'post',
      path: `/${segment}/:id/signature`,
      tag,
      summary: `Signer ${le}`,
      description:
        'Par son auteur, qui montre à nouveau qui il est. Le document est établi une fois, et rien n’en change plus. ' +
        'Ce qui manque est dit ligne par ligne (art. R.5132-3 et R.4127-76 du Code de la santé publique).',
      access: ['update', 'Dossier'],
      medical: { acces: WRITE, replay: rewritten },
      params: ecritParams,
      body: signatureBody(genre),
      answer: { status: 200, description: 'Signé', schema: ecritAnswer(genre) },
      refusals: [
        ...ofRecord,
        'SIGNEE',
        'VERSION_PERIMEE',
        'TRANSITION_INVALIDE',
        'TROP_DE_REQUETES',
        'SERVICE_INDISPONIBLE',
        ...allergies,
      ],
      examples: { body: { code: '123456' } },
      prepare: ({ app, access, actor, params, body: given, ifMatch }) => {
        const { forcer = null, ...preuve } = given as Preuve & { forcer?: Forcer };
        return preparerSignature(app, access, actor, genre, params.id, {
          preuve: preuve as Preuve,
          forcer,
          expected: ifMatch,
        });
      },
      handle: async ({ params, prepared, ...call }) =>
        answered(await signer(askedOf(call), genre, params.id, prepared)),
    }),
    route({
      method: 'post',
      path: `/${segment}/:id/invalidation`,
      tag,
      summary: `Dire que ${le} ne vaut plus`,
      description: 'Par son auteur, avec un motif ; le document reste à lire tel qu’il a été signé.',
      access: ['update', 'Dossier'],
      medical: { acces: WRITE, replay: rewritten },
      params: ecritParams,
      body: invalidationBody,
      answer: { status: 200, description: 'Invalidé', schema: ecritAnswer(genre) },
      refusals: [...ofRecord, 'TRANSITION_INVALIDE'],
      examples: { body: { motif: 'Établi pour un autre patient' } },
      handle: async ({ params, body, ...call }) =>
        answered(await invaliderEcrit(askedOf(call), genre, params.id, body.motif)),
    }),
    route({
      method: 'get',
      path: `/${segment}/:id/pdf`,
      tag,
      summary: 'Lire le document signé',
      description:
        'Octet pour octet tel qu’il a été signé. Chaque lecture est inscrite au journal du dossier ; l’accueil a celui qui est à remettre, dans les 24 heures de la signature.',
      access: ['read', 'Ecrit'],
      medical: { acces: { action: 'telechargement', categories } },
      params: ecritParams,
      query: documentQuery,
      answer: { status: 200, description: 'PDF', contentType: 'application/pdf' },
      refusals: [...ofRecord],
      handle: async ({ params, query: { langue, usage }, ...call }) => {
        const asked = askedOf(call);
        const { octets, patient } = await readDocument(asked, genre, params.id, langue);
        const patients: PatientMontre[] = [patient];
        return {
          body: octets,
          headers: fileHeaders(genre, params.id, langue, usage),
          patients,
          action: usage,
        };
      },
    }),
  ];
}

export const ecritRoutes: Route[] = [...routesOf('ordonnance'), ...routesOf('certificat')];
