import { z } from 'zod';
import { PAST_TOLERANCE, STATUTS, TYPES_INTERVENTION } from '../../domain/interventions/interventions';
import { MAX_LIGNES_RAPPORT } from '../../domain/limites';
import { endOf } from '../../domain/local-time';
import { PRIORITES } from '../../domain/priorites';
import { STATUTS_BESOIN } from '../../domain/stock/pieces';
import { HISTORIQUE_LIST, INTERVENTION_LIST } from '../../services/interventions/interventions';
import {
  csv,
  id,
  instant,
  instantOrDate,
  pagination,
  paragraphs,
  queryBoolean,
  queryId,
  resourceFields,
  search,
  text,
} from '../http/schemas';
import { texte } from '../http/validation';

const titre = text(1, 200);
const description = paragraphs(10, 2_000);
const competences = z.array(text(1, 50)).max(20);
const pieces = z
  .array(z.strictObject({ piece_id: id, quantite: z.int().min(1).max(10_000) }))
  .min(1)
  .max(50);
const commentaire = paragraphs(1, 2_000);

const isAhead = (date: Date) => date.getTime() > Date.now() - PAST_TOLERANCE;
/** Where a day ends last. */
const LAST_ZONE = 'Etc/GMT+12';
const PAST = texte('La date est passée', 'The date is in the past');

/** A day means its end in the zone of the site; what has passed everywhere is refused before the site is looked up. */
const dateLimite = instantOrDate
  .refine((value) => isAhead(endOf(value, LAST_ZONE)), PAST)
  .meta({ description: 'Un jour seul désigne sa fin' });

export const interventionBody = z.strictObject({
  titre,
  description,
  type_intervention: z.enum(TYPES_INTERVENTION),
  priorite: z.enum(PRIORITES).default('normale'),
  urgence: z.boolean().default(false).meta({ description: 'Divise les délais par deux' }),
  date_limite: dateLimite.nullish().meta({ description: 'Sans elle, le délai de la priorité en donne une' }),
  equipement_id: id,
  competences_requises: competences.default([]),
});

export const interventionChanges = z.strictObject({
  titre: titre.optional(),
  description: description.optional(),
  priorite: z.enum(PRIORITES).optional(),
  urgence: z.boolean().optional(),
  date_limite: dateLimite.nullish().meta({ description: 'null la rend au délai de la priorité' }),
  competences_requises: competences.optional(),
});

export const interventionQuery = z.strictObject({
  ...pagination(INTERVENTION_LIST.sortable),
  statut: csv(z.enum(STATUTS)).optional(),
  priorite: csv(z.enum(PRIORITES)).optional(),
  type_intervention: csv(z.enum(TYPES_INTERVENTION)).optional(),
  technicien_id: csv(queryId).optional(),
  equipement_id: csv(queryId).optional(),
  createur_id: csv(queryId).optional(),
  site_id: csv(queryId).optional(),
  urgence: queryBoolean.optional(),
  en_retard: queryBoolean.optional(),
  a_transmettre: queryBoolean.optional(),
  date_min: instantOrDate.optional().meta({ description: 'Créées à partir de' }),
  date_max: instantOrDate.optional().meta({ description: 'Créées jusqu’à, jour compris' }),
  q: search.optional(),
});

export const assignationBody = z.strictObject({
  technicien_id: id.optional().meta({
    description:
      'Sans lui, celui qui a l’intervention ; quand rien n’est nommé ou que personne ne l’a, le meilleur',
  }),
  date_planifiee: instant
    .refine(isAhead, PAST)
    .optional()
    .meta({ description: 'Sans elle, celle de la visite prévue ou le prochain créneau libre' }),
  duree_estimee: z
    .int()
    .min(5)
    .max(10_080)
    .optional()
    .meta({ description: 'Minutes ; sans elle, celle de la dernière visite, ou 60' }),
  force: z.boolean().optional().meta({
    description: 'Aussi hors des horaires ou pendant une absence du technicien nommé ; l’historique le garde',
  }),
});

export const statutBody = z
  .strictObject({
    statut: z.enum(STATUTS),
    rapport: paragraphs(1, 20_000, MAX_LIGNES_RAPPORT)
      .optional()
      .meta({ description: 'Requis pour terminer' }),
    motif: paragraphs(1, 2_000).optional().meta({ description: 'Requis pour annuler' }),
    pieces: pieces.optional().meta({ description: 'Pièces dont on a besoin, pour attente_pieces' }),
    commentaire: commentaire.optional(),
  })
  .superRefine((body, context) => {
    const required = (champ: 'rapport' | 'motif', message: string) => {
      if (body[champ] === undefined) context.addIssue({ code: 'custom', path: [champ], message });
    };
    if (body.statut === 'terminee') {
      required('rapport', texte('Un rapport est requis pour terminer', 'A report is required to finish'));
    }
    if (body.statut === 'annulee') {
      required('motif', texte('Un motif est requis pour annuler', 'A reason is required to cancel'));
    }
    if (body.pieces !== undefined && body.statut !== 'attente_pieces') {
      const message = texte('Seulement pour attente_pieces', 'Only for attente_pieces');
      context.addIssue({ code: 'custom', path: ['pieces'], message });
    }
  })
  .meta({
    // The same three rules, as clients may check them.
    allOf: [
      { anyOf: [{ properties: { statut: { not: { const: 'terminee' } } } }, { required: ['rapport'] }] },
      { anyOf: [{ properties: { statut: { not: { const: 'annulee' } } } }, { required: ['motif'] }] },
      { anyOf: [{ properties: { statut: { const: 'attente_pieces' } } }, { not: { required: ['pieces'] } }] },
    ],
  });

export const receptionBody = z.strictObject({
  besoins: z
    .array(id)
    .min(1)
    .max(50)
    .optional()
    .meta({ description: 'Besoins reçus ; sans eux, tous ceux qui manquent' }),
});

export const commentaireBody = z.strictObject({ texte: commentaire });

export const satisfactionBody = z.strictObject({
  note: z.int().min(1).max(5),
  commentaire: commentaire.nullish(),
});

export const subListQuery = z.strictObject(pagination(HISTORIQUE_LIST.sortable));

const instantAnswer = z.iso.datetime();

export const interventionAnswer = z
  .object({
    ...resourceFields,
    titre: z.string(),
    description: z.string(),
    type_intervention: z.enum(TYPES_INTERVENTION),
    statut: z.enum(STATUTS),
    priorite: z.enum(PRIORITES),
    urgence: z.boolean(),
    date_limite: instantAnswer,
    date_debut: instantAnswer.nullable(),
    date_fin: instantAnswer.nullable(),
    en_retard: z.boolean(),
    a_transmettre: z.boolean().meta({
      description: 'Commencée par quelqu’un qui ne peut plus la continuer ; /assign la transmet',
    }),
    niveau_escalade: z.int(),
    equipement_id: id,
    technicien_id: id.nullable(),
    createur_id: id,
    competences_requises: z.array(z.string()),
    rapport: z.string().nullable(),
    motif_annulation: z.string().nullable(),
    satisfaction: z.object({ note: z.int(), commentaire: z.string().nullable() }).nullable(),
    equipement: z.object({ nom: z.string(), localisation: z.string().nullable() }),
    technicien: z.object({ nom: z.string(), prenom: z.string(), specialite: z.string() }).nullable(),
    planning: z.object({ id, date_planifiee: instantAnswer, duree_estimee: z.int() }).nullable(),
  })
  .meta({ id: 'Intervention' });

export const assignationAnswer = interventionAnswer
  .extend({
    affectation: z
      .object({ automatique: z.boolean(), raisons: z.array(z.string()) })
      .optional()
      .meta({ description: 'Pourquoi ce technicien, quand il a été choisi automatiquement' }),
  })
  .meta({ id: 'InterventionAssignee' });

export const commentaireAnswer = z
  .object({
    id,
    intervention_id: id,
    texte: z.string(),
    auteur: z.object({ id, nom: z.string(), prenom: z.string() }),
    date_creation: instantAnswer,
  })
  .meta({ id: 'Commentaire' });

export const historiqueAnswer = z
  .object({
    id: z.int(),
    entite: z.string(),
    entite_id: id,
    action: z.string(),
    auteur_id: id.nullable(),
    date: instantAnswer,
    avant: z.record(z.string(), z.unknown()).nullable(),
    apres: z.record(z.string(), z.unknown()).nullable(),
    correlation_id: z.string().nullable(),
    numero_evenement: z.int().nullable(),
  })
  .meta({ id: 'Historique' });

export const workflowAnswer = z
  .object({
    workflow_id: z.string(),
    statut: z
      .string()
      .nullable()
      .meta({ description: 'Tel que Temporal le nomme ; null quand le moteur ne répond pas' }),
    echeances: z.array(z.object({ etape: z.string(), niveau: z.int(), date: instantAnswer })),
    web_ui: z.url().nullable().meta({ description: 'Pour qui affecte ; null pour les autres' }),
  })
  .meta({ id: 'Workflow' });

export const besoinAnswer = z
  .object({
    id,
    piece_id: id,
    reference: z.string(),
    designation: z.string(),
    quantite: z.int(),
    statut: z.enum(STATUTS_BESOIN),
  })
  .meta({ id: 'BesoinPiece' });
