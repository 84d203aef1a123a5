import { z } from 'zod';
import {
  GENRES,
  mondayOf,
  RESULTATS,
  SOURCES_TRAJETS,
  STATUTS_PROPOSITION,
} from '../../domain/planification/propositions';
import { CODES_REFUS } from '../../domain/planification/semaine/probleme';
import { PRIORITES } from '../../domain/priorites';
import { PROPOSITION_LIST } from '../../services/planification/propositions';
import { csv, id, instant, pagination, queryId, resourceFields } from '../http/schemas';
import { texte } from '../http/validation';

/** Values of one list of a body, at most. */
const MAX_PEOPLE = 200;
const MAX_WORK = 1_000;
const MAX_CHANGES = 200;

const semaine = z
  .string()
  .regex(/^\d{4}-W\d{2}$/, texte('Semaine attendue, comme 2026-W51', 'A week such as 2026-W51 is expected'))
  .refine(
    (value) => mondayOf(value) !== null,
    texte('Aucune semaine de ce nom', 'There is no week of this name'),
  )
  .meta({ description: 'Semaine ISO 8601, du lundi au dimanche', example: '2026-W51' });

const ids = (max: number) =>
  z
    .array(id)
    .min(1)
    .max(max)
    .overwrite((list) => [...new Set(list)]);

export const genererBody = z.strictObject({
  semaine,
  site_id: id.optional().meta({ description: 'Un site ; sinon tous ceux que l’appelant planifie' }),
  techniciens: ids(MAX_PEOPLE)
    .optional()
    .meta({ description: 'Avec ces techniciens seulement ; sinon tous ceux qui peuvent y être envoyés' }),
  interventions: ids(MAX_WORK).optional().meta({
    description:
      'Ces interventions seulement, où qu’elles soient planifiées ; sinon celles qui sont ouvertes et celles de la semaine',
  }),
});

export const propositionQuery = z.strictObject({
  ...pagination(PROPOSITION_LIST.sortable),
  statut: csv(z.enum(STATUTS_PROPOSITION)).optional(),
  genre: csv(z.enum(GENRES)).optional(),
  semaine: csv(semaine).optional(),
  createur_id: csv(queryId).optional(),
});

export const propositionChanges = z.strictObject({
  visites: z
    .array(
      z.strictObject({
        id: id.meta({ description: 'De la ligne' }),
        technicien_id: id.optional(),
        date_planifiee: instant.optional(),
        verrouillee: z.boolean().optional().meta({
          description: 'Une ligne verrouillée n’est ni déplacée ni retirée avant d’être déverrouillée',
        }),
        retiree: z
          .boolean()
          .optional()
          .meta({ description: 'Hors de la proposition : il n’en sera rien fait' }),
      }),
    )
    .min(1)
    .max(MAX_CHANGES)
    .refine(
      (lignes) => new Set(lignes.map((ligne) => ligne.id)).size === lignes.length,
      texte('Chaque ligne une fois', 'Each line once'),
    ),
});

const bilan = z
  .object({
    affectees: z.int(),
    non_affectees: z.int(),
    retard_minutes: z.int().meta({ description: 'Après les échéances, toutes visites ensemble' }),
    trajet_minutes: z.int(),
    km: z.number(),
    ecart_charge: z
      .int()
      .meta({ description: 'Minutes, en moyenne quadratique, entre la charge de chacun et sa part' }),
  })
  .meta({ id: 'BilanPlanning' });

const progression = z.object({
  iteration: z.int(),
  total: z.int(),
  non_affectees: z.int(),
  cout: z.object({
    non_affectees: z.number(),
    retard: z.number(),
    trajet: z.number(),
    desequilibre: z.number(),
    ecart: z.number(),
  }),
});

const plan = z.object({
  technicien_id: id,
  date_planifiee: z.iso.datetime(),
  duree_estimee: z.int().meta({ description: 'Minutes' }),
});

const count = z.int().min(0);

export const propositionAnswer = z
  .object({
    ...resourceFields,
    genre: z.enum(GENRES).meta({ description: '`journee` : l’ordre d’un jour d’un technicien' }),
    semaine: z.string(),
    jour: z.iso.date().nullable(),
    createur_id: id,
    site_ids: z.array(id).meta({ description: 'Vide pour tous les sites' }),
    techniciens: z.array(id).nullable(),
    interventions: z.array(id).nullable(),
    statut: z.enum(STATUTS_PROPOSITION),
    motif: z.enum(['demande', 'echec']).nullable().meta({ description: 'Pourquoi elle est `annulee`' }),
    date_expiration: z.iso
      .datetime()
      .meta({ description: 'Prête et non appliquée, elle est `perimee` à partir de là' }),
    progression: progression.nullable(),
    bilan: bilan.nullable(),
    avant: bilan.nullable().meta({ description: 'Les mêmes mesures de ce qui était planifié' }),
    laissees: count.meta({
      description: 'Interventions laissées de côté : trop nombreuses pour une semaine',
    }),
    trajets: z
      .enum(SOURCES_TRAJETS)
      .nullable()
      .meta({ description: '`service_injoignable` : comptés à vol d’oiseau, faute de réponse' }),
    application: z
      .object({
        statut: z.enum(['en_cours', 'terminee']),
        debut: z.iso.datetime(),
        fin: z.iso.datetime().nullable(),
        lignes: z.object({
          ...(Object.fromEntries(RESULTATS.map((resultat) => [resultat, count])) as Record<
            (typeof RESULTATS)[number],
            typeof count
          >),
          restantes: count,
        }),
      })
      .nullable(),
  })
  .meta({ id: 'Proposition' });

const ligne = z.object({
  id,
  intervention_id: id,
  technicien_id: id,
  date_planifiee: z.iso.datetime(),
  duree_estimee: z.int().meta({ description: 'Minutes de travail' }),
  segments: z
    .array(z.object({ debut: z.iso.datetime(), fin: z.iso.datetime() }))
    .meta({ description: 'Les plages que le travail remplit' }),
  equipiers: z.array(id),
  trajet_minutes: z.int().nullable().meta({ description: 'Jusqu’à son début' }),
  retard_minutes: z.int(),
  verrouillee: z.boolean(),
  retiree: z.boolean(),
  actuel: plan.nullable().meta({ description: 'Ce qui était planifié quand elle a été proposée' }),
  resultat: z.enum(RESULTATS).nullable(),
  code: z.string().nullable().meta({ description: 'De l’erreur pour laquelle elle est `refusee`' }),
  changements: z
    .array(z.string())
    .meta({ description: 'Ce qui a changé, d’une ligne `modifiee_entretemps`' }),
  liberee: z
    .boolean()
    .meta({ description: 'A quitté son ancienne place pendant l’application, pour qu’une autre l’ait' }),
  intervention: z
    .object({
      titre: z.string(),
      priorite: z.enum(PRIORITES),
      equipement: z.object({ nom: z.string(), localisation: z.string().nullable() }),
    })
    .nullable(),
});

export const propositionDetail = propositionAnswer
  .extend({
    visites: z.array(ligne),
    non_affectees: z.array(
      z.object({
        intervention_id: id,
        raisons: z
          .array(z.object({ code: z.enum(CODES_REFUS), techniciens: count }))
          .meta({ description: 'Combien de techniciens chaque raison écarte' }),
        meilleurs: z
          .array(z.object({ technicien_id: id, code: z.enum(CODES_REFUS) }))
          .meta({ description: 'Les cinq qui en étaient le plus près' }),
      }),
    ),
  })
  .meta({ id: 'PropositionComplete' });
