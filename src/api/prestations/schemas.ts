import { z } from 'zod';
import {
  CANAUX_RAPPEL,
  CONFIRMATIONS,
  MODES,
  TYPES_LIEU,
  VISIBILITES,
} from '../../domain/rendez-vous/prestations';
import { MAX_OCCURRENCES } from '../../domain/rendez-vous/series';
import { PRESTATION_LIST } from '../../services/rendez-vous/prestations';
import { jour } from '../http/lieux';
import { question, slug } from '../http/rendez-vous';
import {
  csv,
  id,
  pagination,
  paragraphs,
  queryBoolean,
  queryId,
  resourceFields,
  text,
} from '../http/schemas';
import { texte } from '../http/validation';

const MAX_MINUTES = 30 * 24 * 60;

const minutes = (max = MAX_MINUTES) => z.int().min(0).max(max);
const jours = z.int().min(0).max(730);

const intervenant = z.strictObject({
  id,
  obligatoire: z.boolean().default(false),
  priorite: z.int().min(-100).max(100).default(0),
  poids: z.number().min(0.01).max(100).default(1),
});

const lieu = z.strictObject({
  type: z.enum(TYPES_LIEU),
  valeur: z.string().trim().min(1).max(500).optional(),
});

const rappel = z.strictObject({
  avant: z
    .string()
    .regex(
      /^P(?:\d{1,2}D|T\d{1,3}H|T\d{1,3}M)$/,
      texte('Une durée comme P1D ou PT2H', 'A duration like P1D or PT2H'),
    )
    .meta({ description: 'Durée ISO 8601 avant le début : `P1D`, `PT2H`, `PT30M`' }),
  canal: z.enum(CANAUX_RAPPEL),
});

const fields = {
  slug,
  nom: text(1, 100),
  description: paragraphs(1, 2_000).nullable(),
  site_id: id.nullable().meta({ description: 'Dont les responsables s’en occupent ; null pour la maison' }),
  durees: z
    .array(
      z
        .int()
        .min(5)
        .max(12 * 60),
    )
    .min(1)
    .max(10)
    .meta({ description: 'Minutes ; la première sauf autre choix' }),
  mode: z.enum(MODES),
  intervenants: z.array(intervenant).max(100),
  salles: z
    .array(
      z.strictObject({
        etiquettes: z.array(text(1, 50)).max(10).default([]),
        nombre: z.int().min(1).max(10),
      }),
    )
    .max(5)
    .meta({ description: 'Salles qu’il faut, chacune avec toutes ces étiquettes' }),
  places: z.int().min(1).max(1_000).meta({ description: 'Plus d’une pour un atelier' }),
  tampon_avant: minutes(12 * 60).meta({
    description: 'Minutes laissées libres, ajoutées à celles du voisin',
  }),
  tampon_apres: minutes(12 * 60),
  pas: z
    .union([
      z
        .int()
        .min(5)
        .max(12 * 60),
      z.literal('auto'),
    ])
    .meta({ description: 'Minutes d’un début au suivant ; `auto` pour la durée et ses tampons' }),
  preavis: z
    .strictObject({
      creer: minutes().default(0),
      modifier: minutes().default(0),
      annuler: minutes().default(0),
    })
    .meta({ description: 'Minutes avant le début jusqu’auxquelles chacun est possible' }),
  fenetre: z
    .union([
      z.strictObject({ jours }),
      z.strictObject({ jours_ouvres: jours }),
      z.strictObject({ date_debut: jour, date_fin: jour }),
    ])
    .meta({ description: 'Jusqu’à quand on peut réserver, au calendrier de la maison' }),
  plafonds: z
    .strictObject({
      par_jour: z.int().min(1).max(10_000).optional(),
      par_semaine: z.int().min(1).max(10_000).optional(),
      par_mois: z.int().min(1).max(10_000).optional(),
      par_client_actifs: z
        .int()
        .min(1)
        .max(1_000)
        .optional()
        .meta({ description: 'À venir d’un même client' }),
    })
    .meta({ description: 'Rendez-vous au plus, comptés au calendrier de la maison' }),
  confirmation: z.enum(CONFIRMATIONS),
  confirmation_email: z.boolean().meta({
    description:
      'Qui réserve sans compte le confirme d’abord par le lien de son courrier ; le créneau lui est gardé 30 minutes',
  }),
  avis: z.boolean().meta({ description: 'Demande ensuite, une fois, leur avis à ceux qui sont venus' }),
  visibilite: z.enum(VISIBILITES),
  questions: z
    .array(question)
    .max(20)
    .refine(
      (all) => new Set(all.map(({ nom }) => nom)).size === all.length,
      texte('Deux questions du même nom', 'Two questions of one name'),
    ),
  lieu: lieu.nullable(),
  rappels: z.array(rappel).max(5),
  rejouer_regle: z
    .int()
    .min(2)
    .max(MAX_OCCURRENCES)
    .nullable()
    .meta({ description: 'Rendez-vous au plus d’une récurrence ; null pour aucune' }),
  liste_attente: z.boolean().meta({ description: 'On peut y attendre un créneau (`/listes-attente`)' }),
  actif: z.boolean(),
};

export const prestationBody = z.strictObject({
  ...fields,
  description: fields.description.default(null),
  site_id: fields.site_id.default(null),
  mode: fields.mode.default('un'),
  intervenants: fields.intervenants.default([]),
  salles: fields.salles.default([]),
  places: fields.places.default(1),
  tampon_avant: fields.tampon_avant.default(0),
  tampon_apres: fields.tampon_apres.default(0),
  pas: fields.pas.default('auto'),
  preavis: fields.preavis.default({ creer: 0, modifier: 0, annuler: 0 }),
  fenetre: fields.fenetre.default({ jours: 60 }),
  plafonds: fields.plafonds.default({}),
  confirmation: fields.confirmation.default('immediate'),
  confirmation_email: fields.confirmation_email.default(false),
  avis: fields.avis.default(false),
  visibilite: fields.visibilite.default('publique'),
  questions: fields.questions.default([]),
  lieu: fields.lieu.default(null),
  rappels: fields.rappels.default([]),
  rejouer_regle: fields.rejouer_regle.default(null),
  liste_attente: fields.liste_attente.default(false),
  actif: fields.actif.default(true),
});

export const prestationChanges = z.strictObject(fields).partial();

export const prestationQuery = z.strictObject({
  ...pagination(PRESTATION_LIST.sortable),
  site_id: csv(queryId).optional(),
  slug: slug.optional(),
  actif: queryBoolean.optional(),
});

export const prestationAnswer = z
  .object({
    ...resourceFields,
    slug: z.string(),
    nom: z.string(),
    description: z.string().nullable(),
    site_id: id.nullable(),
    durees: z.array(z.int()),
    mode: z.enum(MODES),
    intervenants: z.array(z.object({ id, obligatoire: z.boolean(), priorite: z.int(), poids: z.number() })),
    salles: z.array(z.object({ etiquettes: z.array(z.string()), nombre: z.int() })),
    places: z.int(),
    tampon_avant: z.int(),
    tampon_apres: z.int(),
    pas: z.union([z.int(), z.literal('auto')]),
    preavis: z.object({ creer: z.int(), modifier: z.int(), annuler: z.int() }),
    fenetre: z.union([
      z.object({ jours: z.int() }),
      z.object({ jours_ouvres: z.int() }),
      z.object({ date_debut: z.iso.date(), date_fin: z.iso.date() }),
    ]),
    plafonds: z.object({
      par_jour: z.int().optional(),
      par_semaine: z.int().optional(),
      par_mois: z.int().optional(),
      par_client_actifs: z.int().optional(),
    }),
    confirmation: z.enum(CONFIRMATIONS),
    confirmation_email: z.boolean(),
    avis: z.boolean(),
    visibilite: z.enum(VISIBILITES),
    questions: z.array(question),
    lieu: lieu.nullable(),
    rappels: z.array(rappel),
    rejouer_regle: z.int().nullable(),
    liste_attente: z.boolean(),
    de_cabinet: z.boolean().meta({ description: 'D’un cabinet : ne se réserve et ne se modifie que là' }),
    actif: z.boolean(),
  })
  .meta({ id: 'Prestation' });
