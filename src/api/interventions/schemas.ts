import { z } from 'zod';
import { MAX_SEGMENTS, NATURES } from '../../domain/interventions/chronologie';
import { ETATS } from '../../domain/interventions/engagements';
import { STATUTS, TYPES_INTERVENTION } from '../../domain/interventions/interventions';
import { MAX_LIGNES_RAPPORT } from '../../domain/limites';
import { endOf } from '../../domain/local-time';
import { ETAPES_ENGAGEES } from '../../domain/parc/niveaux';
import { EXCLUSIONS } from '../../domain/planification/candidats';
import { MAX_DURATION, MAX_EQUIPIERS, MIN_DURATION } from '../../domain/planification/planning';
import { PRIORITES } from '../../domain/priorites';
import { MAX_BESOIN, MAX_DEMANDE, STATUTS_BESOIN } from '../../domain/stock/pieces';
import { HISTORIQUE_LIST, INTERVENTION_LIST } from '../../services/interventions/interventions';
import { MAX_NAMED } from '../../services/planification/candidats';
import {
  csv,
  id,
  idParam,
  instantOrDate,
  pagination,
  paragraphs,
  queryBoolean,
  queryId,
  resourceFields,
  search,
  segmentsAnswer,
  text,
} from '../http/schemas';
import { texte } from '../http/validation';
import { dureeQuery, isAhead, PAST, visitMoment } from '../http/visites';

const titre = text(1, 200);
const description = paragraphs(10, 2_000);
const competences = z.array(text(1, 50)).max(20);
const pieces = z
  .array(z.strictObject({ piece_id: id, quantite: z.int().min(1).max(MAX_DEMANDE) }))
  .min(1)
  .max(50);
const commentaire = paragraphs(1, 2_000);

/** Where a day ends last. */
const LAST_ZONE = 'Etc/GMT+12';

/** A day means its end in the zone of the site; what has passed everywhere is refused before the site is looked up. */
const dateLimite = instantOrDate
  .refine((value) => isAhead(endOf(value, LAST_ZONE)), PAST)
  .meta({ description: 'Un jour seul désigne sa fin' });

const arret = z.boolean().meta({
  description:
    'L’équipement est en panne jusqu’à ce qu’elle soit terminée ou annulée ; pour une corrective seulement',
});
const ARRET_CORRECTIF = texte('Seulement pour une corrective', 'Only for a corrective');

export const interventionBody = z
  .strictObject({
    titre,
    description,
    type_intervention: z.enum(TYPES_INTERVENTION),
    priorite: z.enum(PRIORITES).default('normale'),
    urgence: z.boolean().default(false).meta({ description: 'Divise les délais par deux' }),
    date_limite: dateLimite
      .nullish()
      .meta({ description: 'Sans elle, le délai de la priorité en donne une' }),
    arret: arret.default(false),
    equipement_id: id,
    competences_requises: competences.default([]),
  })
  .refine(({ arret, type_intervention }) => !arret || type_intervention === 'corrective', {
    path: ['arret'],
    message: ARRET_CORRECTIF,
  });

export const interventionChanges = z.strictObject({
  titre: titre.optional(),
  description: description.optional(),
  priorite: z.enum(PRIORITES).optional(),
  urgence: z.boolean().optional(),
  arret: arret.optional(),
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
  date_planifiee: visitMoment
    .optional()
    .meta({ description: 'Sans elle, celle de la visite prévue ou le prochain créneau libre' }),
  duree_estimee: z
    .int()
    .min(MIN_DURATION)
    .max(MAX_DURATION)
    .optional()
    .meta({ description: 'Minutes de travail ; sans elle, celle de la dernière visite, ou 60' }),
  equipiers: z
    .array(id)
    .max(MAX_EQUIPIERS)
    .refine((ids) => new Set(ids).size === ids.length, texte('Chacun une fois', 'Each of them once'))
    .optional()
    .meta({
      description: 'Les autres techniciens envoyés ; sans eux, ceux qui le sont déjà, [] pour personne',
    }),
  force: z.boolean().optional().meta({
    description: 'Aussi hors des horaires ou pendant une absence du technicien nommé ; l’historique le garde',
  }),
});

export const candidatsQuery = z.strictObject({
  date_planifiee: visitMoment
    .optional()
    .meta({ description: 'Sans elle, celle de la visite prévue ou le prochain créneau libre de chacun' }),
  duree_estimee: dureeQuery
    .optional()
    .meta({ description: 'Minutes de travail ; sans elle, celle de la dernière visite, ou 60' }),
});

export const statutBody = z
  .strictObject({
    statut: z.enum(STATUTS),
    rapport: paragraphs(1, 20_000, MAX_LIGNES_RAPPORT)
      .optional()
      .meta({ description: 'Requis pour terminer' }),
    motif: paragraphs(1, 2_000).optional().meta({ description: 'Requis pour annuler' }),
    pieces: pieces.optional().meta({ description: 'Pièces dont on a besoin, pour attente_pieces' }),
    motif_attente: text(1, 100).optional().meta({
      description:
        'Pour attente_pieces, quand ce ne sont pas des pièces qu’on attend : un des `attente_motifs` du niveau de service',
    }),
    pannes: z
      .strictObject({ probleme_id: id.nullish(), cause_id: id.nullish(), remede_id: id.nullish() })
      .optional()
      .meta({ description: 'Pour terminee : ce qui était en panne, pourquoi, et le remède' }),
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
    if (body.pannes !== undefined && body.statut !== 'terminee') {
      const message = texte('Seulement pour terminee', 'Only for terminee');
      context.addIssue({ code: 'custom', path: ['pannes'], message });
    }
    if (body.motif_attente !== undefined && body.statut !== 'attente_pieces') {
      const message = texte('Seulement pour attente_pieces', 'Only for attente_pieces');
      context.addIssue({ code: 'custom', path: ['motif_attente'], message });
    }
  })
  .meta({
    // The same five rules, as clients may check them.
    allOf: [
      { anyOf: [{ properties: { statut: { not: { const: 'terminee' } } } }, { required: ['rapport'] }] },
      { anyOf: [{ properties: { statut: { not: { const: 'annulee' } } } }, { required: ['motif'] }] },
      { anyOf: [{ properties: { statut: { const: 'attente_pieces' } } }, { not: { required: ['pieces'] } }] },
      { anyOf: [{ properties: { statut: { const: 'terminee' } } }, { not: { required: ['pannes'] } }] },
      {
        anyOf: [
          { properties: { statut: { const: 'attente_pieces' } } },
          { not: { required: ['motif_attente'] } },
        ],
      },
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

/** The same part twice is one need. */
export const besoinsBody = pieces;

export const besoinParams = idParam.extend({
  besoin_id: idParam.shape.id.meta({ description: 'Besoin' }),
});

export const besoinChanges = z.strictObject({ quantite: z.int().min(1).max(MAX_BESOIN) });

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
    arret: z.boolean().meta({ description: 'L’équipement est en panne tant qu’elle est ouverte' }),
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
    equipiers: z.array(id).meta({ description: 'Les techniciens envoyés avec lui' }),
    createur_id: id,
    competences_requises: z.array(z.string()),
    motif_attente: z
      .string()
      .nullable()
      .meta({ description: 'Ce qui est attendu, quand ce ne sont pas des pièces' }),
    duree_prevue: z.int().nullable().meta({ description: 'Minutes prévues pour sa première visite' }),
    technicien_prefere_id: id
      .nullable()
      .meta({ description: 'Choisi avant tout autre, s’il est libre, quand personne n’est nommé' }),
    rapport: z.string().nullable(),
    motif_annulation: z.string().nullable(),
    cout_pieces: z.string().nullable().meta({
      description:
        'Décimal exact : les pièces consommées, au prix d’alors ; figé à la fin, null tant qu’elle est ouverte',
    }),
    suite_de: id.nullable().meta({ description: 'L’intervention dont une mesure hors limites l’a ouverte' }),
    suites: z.array(id).meta({ description: 'Celles que les mesures de celle-ci ont ouvertes' }),
    pannes: z
      .object({ probleme_id: id.nullable(), cause_id: id.nullable(), remede_id: id.nullable() })
      .meta({ description: 'Ce qui était en panne, pourquoi, et le remède : des codes de `/codes-panne`' }),
    satisfaction: z.object({ note: z.int(), commentaire: z.string().nullable() }).nullable(),
    equipement: z.object({ nom: z.string(), localisation: z.string().nullable() }),
    technicien: z.object({ nom: z.string(), prenom: z.string(), specialite: z.string() }).nullable(),
    planning: z
      .object({ id, date_planifiee: instantAnswer, duree_estimee: z.int(), segments: segmentsAnswer })
      .nullable(),
  })
  .meta({ id: 'Intervention' });

const affectationFields = {
  raison: z.string(),
  candidats: z
    .array(
      z.object({
        technicien_id: id,
        exclu: z
          .enum(EXCLUSIONS)
          .optional()
          .meta({ description: 'La première raison pour laquelle il ne peut pas' }),
        date_planifiee: instantAnswer
          .optional()
          .meta({ description: 'Quand il pourrait ; sauf s’il est exclu' }),
        couts: z.object({
          trajet_minutes: z
            .int()
            .meta({ description: 'Depuis son travail précédent ce jour-là, ou sa base' }),
          charge: z.int().meta({
            description: 'Minutes prises dans les quatre semaines passées et la semaine à venir',
          }),
          niveau: z.int().meta({ description: 'Écart entre son niveau et celui que veut la priorité' }),
        }),
      }),
    )
    .meta({ description: `Au plus ${MAX_NAMED}, les possibles d’abord, du meilleur au moins bon` }),
  exclusions: z
    .partialRecord(z.enum(EXCLUSIONS), z.int())
    .meta({ description: 'Combien sont exclus, par raison' }),
};

export const affectationAnswer = z
  .object({
    technicien_id: id.nullable().meta({ description: 'Qui irait ; null quand personne ne peut' }),
    date_planifiee: instantAnswer.nullable(),
    ...affectationFields,
  })
  .meta({ id: 'Affectation' });

export const assignationAnswer = interventionAnswer
  .extend({
    affectation: z
      .object({ ...affectationFields, technicien_id: id, date_planifiee: instantAnswer })
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

export const engagementAnswer = z
  .object({
    etape: z.enum(ETAPES_ENGAGEES),
    debut: instantAnswer,
    echeance: instantAnswer.meta({
      description: 'Pendant une pause, ce qu’elle serait si le travail reprenait maintenant',
    }),
    delai_minutes: z.number().meta({ description: 'Le temps qui compte, du début à l’échéance' }),
    imposee: z
      .boolean()
      .meta({ description: 'Échéance nommée par quelqu’un : aucune attente ne la déplace' }),
    etat: z.enum(ETATS),
    restant_minutes: z.int().meta({ description: 'Qui comptent ; négatif au-delà de l’échéance' }),
    depasse_le: instantAnswer.nullable().meta({ description: 'La première échéance manquée' }),
    fin: instantAnswer.nullable(),
    niveau_service: z
      .object({ id, nom: z.string() })
      .nullable()
      .meta({ description: 'null : les délais de la maison' }),
    chronologie: z
      .array(
        z.object({
          de: instantAnswer,
          a: instantAnswer,
          nature: z.enum(NATURES),
          minutes: z.number(),
          motif: z.string().optional(),
        }),
      )
      .max(MAX_SEGMENTS)
      .meta({
        description:
          'Du début à l’échéance, sans trou : les minutes de nature `compte` font le délai. Au-delà de ' +
          `${MAX_SEGMENTS} tronçons, les premiers n’en font qu’un, dont \`minutes\` dit ce qui y compte.`,
      }),
  })
  .meta({ id: 'Engagement' });

export const besoinAnswer = z
  .object({
    id,
    piece_id: id,
    reference: z.string(),
    designation: z.string(),
    quantite: z.int(),
    quantite_reservee: z.int().meta({ description: 'Dont mises de côté au magasin' }),
    quantite_recue: z.int().meta({ description: 'Dont remises au technicien' }),
    statut: z.enum(STATUTS_BESOIN),
    prix_unitaire: z.string().nullable().meta({ description: 'Décimal exact, figé à la consommation' }),
  })
  .meta({ id: 'BesoinPiece' });
