import { z } from 'zod';
import { NATURES_TEMPS } from '../../domain/interventions/temps';
import { addTemps, listTemps, removeTemps, updateTemps } from '../../services/interventions/temps';
import { type Route, resource, route } from '../http/route';
import { id, idParam, instant } from '../http/schemas';

const tag = 'Interventions';

const nature = z.enum(NATURES_TEMPS);
const fin = instant.nullable().meta({ description: 'null tant que le segment court ; un seul par personne' });

const tempsBody = z.strictObject({
  nature,
  debut: instant.optional().meta({ description: 'Sans lui, maintenant' }),
  fin: fin.optional(),
});
const tempsChanges = z.strictObject({ nature, debut: instant, fin }).partial();
const tempsParams = idParam.extend({ temps_id: idParam.shape.id });

const tempsAnswer = z
  .object({
    id,
    intervention_id: id,
    technicien_id: id,
    nom: z.string(),
    prenom: z.string(),
    nature,
    debut: z.iso.datetime(),
    fin: z.iso.datetime().nullable(),
    version: z.int(),
  })
  .meta({ id: 'Temps' });

const listeAnswer = z
  .object({
    segments: z.array(tempsAnswer),
    minutes: z
      .object({ trajet: z.int(), travail: z.int(), attente: z.int() })
      .meta({ description: 'Par nature ; ce qui court encore compte jusqu’à maintenant' }),
  })
  .meta({ id: 'TempsPasse' });

const OWN = 'Le sien, aussi d’un travail transmis depuis à quelqu’un d’autre.';

export const tempsRoutes: Route[] = [
  route({
    method: 'get',
    path: '/interventions/:id/temps',
    tag,
    summary: 'Lire le temps passé',
    access: ['read', 'Intervention'],
    params: idParam,
    answer: { status: 200, description: 'Les segments, dans l’ordre, et leurs sommes', schema: listeAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => ({
      body: await listTemps(app.db, access, params.id, new Date()),
    }),
  }),
  route({
    method: 'post',
    path: '/interventions/:id/temps',
    tag,
    summary: 'Saisir du temps',
    description:
      'Le sien, par un technicien de l’intervention. Sans `fin`, le segment court ; il s’arrête au plus tard quand ' +
      'l’intervention est terminée ou annulée. Deux segments d’une personne ne se recouvrent jamais : 409 dit dans ' +
      '`conflits` ce qui gêne.',
    access: ['work', 'Intervention'],
    params: idParam,
    body: tempsBody,
    transaction: true,
    answer: { status: 201, description: 'Le segment', schema: tempsAnswer },
    refusals: ['INTROUVABLE', 'CLOTUREE', 'CONFLIT_PLANNING', 'LIMITE_ATTEINTE'],
    examples: {
      body: { nature: 'travail', debut: '2026-11-20T08:00:00Z', fin: '2026-11-20T09:30:00Z' },
    },
    handle: async ({ tx, access, actor, params, body }) => {
      const fields = { nature: body.nature, debut: body.debut ?? actor.now, fin: body.fin ?? null };
      return resource(await addTemps(tx, access, actor, params.id, fields), 201);
    },
  }),
  route({
    method: 'put',
    path: '/interventions/:id/temps/:temps_id',
    tag,
    summary: 'Corriger ou arrêter un segment',
    description: `${OWN} Ce qui n’est pas nommé reste.`,
    access: ['work', 'Intervention'],
    params: tempsParams,
    body: tempsChanges,
    transaction: true,
    answer: { status: 200, description: 'Le segment', schema: tempsAnswer },
    refusals: ['INTROUVABLE', 'CLOTUREE', 'CONFLIT_PLANNING', 'VERSION_PERIMEE'],
    examples: { body: { fin: '2026-11-20T10:00:00Z' } },
    handle: async ({ tx, access, actor, params, body, ifMatch }) => {
      const ids = { interventionId: params.id, tempsId: params.temps_id };
      return resource(await updateTemps(tx, access, actor, ids, body, ifMatch));
    },
  }),
  route({
    method: 'delete',
    path: '/interventions/:id/temps/:temps_id',
    tag,
    summary: 'Retirer un segment',
    description: OWN,
    access: ['work', 'Intervention'],
    params: tempsParams,
    transaction: true,
    answer: { status: 204, description: 'Retiré' },
    refusals: ['INTROUVABLE', 'CLOTUREE', 'VERSION_PERIMEE'],
    handle: async ({ tx, access, actor, params, ifMatch }) => {
      const ids = { interventionId: params.id, tempsId: params.temps_id };
      await removeTemps(tx, access, actor, ids, ifMatch);
      return { status: 204 };
    },
  }),
];
