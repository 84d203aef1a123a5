import { z } from 'zod';
import { MAX_REPONSE, type ValeurEtape } from '../../domain/interventions/etapes';
import { addEtapes, listEtapes, removeEtape } from '../../services/interventions/etapes';
import { answerFollowedEtape } from '../../services/preventif/releves';
import { definitionAnswer, etapesBody } from '../http/etapes';
import { type Route, resource, route } from '../http/route';
import { id, idParam, paragraphs } from '../http/schemas';
import { texte } from '../http/validation';

const tag = 'Interventions';

/** A form, or a check list: nothing of it is empty, and it is given or named. */
const newEtapesBody = z
  .strictObject({ etapes: etapesBody.optional(), modele_id: id.optional() })
  .refine(
    ({ etapes, modele_id }) => (etapes === undefined) !== (modele_id === undefined),
    texte('Soit etapes, soit modele_id', 'Either etapes or modele_id'),
  )
  .meta({ oneOf: [{ required: ['etapes'] }, { required: ['modele_id'] }] });

const valeurBody = z
  .strictObject({
    valeur: z
      .union([z.boolean(), z.number().min(-1e12).max(1e12), paragraphs(1, MAX_REPONSE)])
      .nullable()
      .meta({
        description:
          'Selon le type de l’étape : true ou false, un nombre, un texte, un des choix, l’identifiant d’un document de ' +
          'l’intervention ; null retire la réponse',
      }),
    remplacement: z
      .boolean()
      .default(false)
      .meta({ description: 'De `releve` : un nouveau compteur commence par cette valeur' }),
    rotation: z
      .boolean()
      .default(false)
      .meta({ description: 'De `releve` : le compteur a recommencé à zéro' }),
  })
  .refine(({ remplacement, rotation }) => !(remplacement && rotation), {
    path: ['rotation'],
    message: texte('L’un ou l’autre', 'One or the other'),
  });

const etapeParams = idParam.extend({ etape_id: idParam.shape.id });

const etapeAnswer = z
  .object({
    id,
    intervention_id: id,
    ...definitionAnswer,
    valeur: z.union([z.boolean(), z.number(), z.string()]).nullable(),
    hors_limites: z.boolean(),
    auteur: z.object({ id, nom: z.string(), prenom: z.string() }).nullable(),
    date_reponse: z.iso.datetime().nullable(),
    suite_id: id.nullable().meta({ description: 'L’intervention qu’une valeur hors limites a ouverte' }),
    releve_id: id.nullable().meta({ description: 'Le dernier relevé de compteur qu’une réponse a inscrit' }),
    version: z.int(),
  })
  .meta({ id: 'Etape' });

export const etapeRoutes: Route[] = [
  route({
    method: 'get',
    path: '/interventions/:id/etapes',
    tag,
    summary: 'Lire les étapes du travail',
    access: ['read', 'Intervention'],
    params: idParam,
    answer: { status: 200, description: 'Les étapes, dans l’ordre', schema: etapeAnswer.array() },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => ({ body: await listEtapes(app.db, access, params.id) }),
  }),
  route({
    method: 'post',
    path: '/interventions/:id/etapes',
    tag,
    summary: 'Ajouter des étapes',
    description: 'Données une à une, ou par un modèle ; elles viennent après celles qui y sont.',
    access: ['update', 'Intervention'],
    params: idParam,
    body: newEtapesBody,
    transaction: true,
    answer: {
      status: 201,
      description: 'Toutes les étapes de l’intervention',
      schema: etapeAnswer.array(),
    },
    refusals: ['INTROUVABLE', 'CLOTUREE', 'LIMITE_ATTEINTE'],
    examples: {
      body: {
        etapes: [
          { libelle: 'Consignation faite', type: 'case', obligatoire: true },
          { libelle: 'Pression', type: 'nombre', min: 140, max: 160, unite: 'bar', suite: true },
        ],
      },
    },
    handle: async ({ tx, access, actor, params, body: { etapes, modele_id } }) => ({
      status: 201,
      body: await addEtapes(
        tx,
        access,
        actor,
        params.id,
        etapes === undefined ? { modele_id: modele_id! } : { etapes },
      ),
    }),
  }),
  route({
    method: 'put',
    path: '/interventions/:id/etapes/:etape_id',
    tag,
    summary: 'Répondre à une étape',
    description:
      'Par le technicien de l’intervention, son équipe, ou qui la gère. Une valeur hors limites est signalée ; celle d’une ' +
      'étape à `suite` ouvre une intervention, une seule fois. Celle d’un `releve` s’inscrit parmi les relevés du compteur, ' +
      'comme par `POST /equipements/{id}/releves` ; une autre réponse la corrige. Réponse retirée, le relevé reste.',
    access: ['work', 'Intervention'],
    params: etapeParams,
    body: valeurBody,
    transaction: true,
    answer: { status: 200, description: 'L’étape', schema: etapeAnswer },
    refusals: ['INTROUVABLE', 'CLOTUREE', 'VERSION_PERIMEE'],
    examples: { body: { valeur: 152.5 } },
    handle: async ({ app, tx, access, actor, params, body, ifMatch, afterCommit }) => {
      const { etape, suite, decided } = await answerFollowedEtape(
        tx,
        access,
        actor,
        { interventionId: params.id, etapeId: params.etape_id },
        { ...body, valeur: body.valeur as ValeurEtape | null },
        ifMatch,
        app.config.timeZone,
      );
      if (suite !== null) afterCommit(() => app.engine.startInBackground(suite.row.id, suite.situation));
      afterCommit(() => app.engine.startAllInBackground(decided.created));
      return resource(etape);
    },
  }),
  route({
    method: 'delete',
    path: '/interventions/:id/etapes/:etape_id',
    tag,
    summary: 'Retirer une étape',
    description: 'Tant que personne n’y a répondu.',
    access: ['update', 'Intervention'],
    params: etapeParams,
    transaction: true,
    answer: { status: 204, description: 'Retirée' },
    refusals: ['INTROUVABLE', 'CLOTUREE', 'DEPENDANCES', 'VERSION_PERIMEE'],
    handle: async ({ tx, access, actor, params, ifMatch }) => {
      await removeEtape(tx, access, actor, { interventionId: params.id, etapeId: params.etape_id }, ifMatch);
      return { status: 204 };
    },
  }),
];
