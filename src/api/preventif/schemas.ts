import { z } from 'zod';
import { MOTIFS_SAUT, RESULTATS } from '../../domain/preventif/decision';
import {
  BASES,
  DECLENCHEURS,
  ETATS_PLAN,
  JOURS_FERMES,
  OPERATEURS,
  RATTRAPAGES,
  SI_PRECEDENTE_OUVERTE,
} from '../../domain/preventif/plans';
import { PRIORITES } from '../../domain/priorites';
import { MAX_REGLE } from '../../domain/recurrence';
import { MAX_DEMANDE } from '../../domain/stock/pieces';
import { ECHEANCE_LIST, PLAN_LIST, REPRISES } from '../../services/preventif/plans';
import { definitionAnswer, etapesOrNone } from '../http/etapes';
import { jour } from '../http/lieux';
import { csv, id, pagination, paragraphs, queryId, resourceFields, text } from '../http/schemas';
import { texte } from '../http/validation';

/** What is wrong with a rule is told with all else that does not fit together in a plan. */
const regle = text(1, MAX_REGLE);

const MONTH_DAY =
  '(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2\\d))';
const saison = z
  .string()
  .regex(
    new RegExp(`^${MONTH_DAY}/${MONTH_DAY}$`),
    texte('Saison attendue, 11-01/03-31', 'A season is expected, 11-01/03-31'),
  );

const nombre = z.number().min(-1e12).max(1e12);

const compteur = z.strictObject({ nom: text(1, 100), pas: nombre.positive() });

const condition = z.strictObject({
  compteur: text(1, 100),
  operateur: z.enum(OPERATEURS),
  seuil: nombre,
  hysteresis: nombre
    .min(0)
    .default(0)
    .meta({ description: 'De combien il doit revenir avant de compter de nouveau' }),
  n_releves: z.int().min(1).max(100).default(1).meta({ description: 'Relevés de suite' }),
});

const modele = z.strictObject({
  titre: text(1, 200),
  description: paragraphs(10, 2_000),
  priorite: z.enum(PRIORITES).default('normale'),
  urgence: z.boolean().default(false),
  competences_requises: z.array(text(1, 50)).max(20).default([]),
  duree_estimee: z
    .int()
    .min(5)
    .max(10_080)
    .nullable()
    .default(null)
    .meta({ description: 'Minutes de la première visite, à moins que quelqu’un n’en nomme d’autres' }),
  technicien_id: id
    .nullable()
    .default(null)
    .meta({ description: 'Choisi avant tout autre, s’il est libre, quand personne n’est nommé' }),
  pieces: z
    .array(z.strictObject({ piece_id: id, quantite: z.int().min(1).max(MAX_DEMANDE) }))
    .max(50)
    .default([])
    .meta({ description: 'Besoins de l’intervention, mis de côté dès sa création tant qu’il y en a' }),
  modele_etapes_id: id
    .nullable()
    .default(null)
    .meta({ description: 'Modèle dont elle a les étapes, telles qu’elles sont à sa création' }),
  etapes: etapesOrNone
    .default([])
    .meta({ description: 'Ses étapes, après celles du type d’équipement et du modèle' }),
});

const days = z.int().min(0).max(365);

const fields = {
  nom: text(1, 200),
  equipements: z
    .array(id)
    .min(1)
    .max(100)
    .refine(
      (ids) => new Set(ids).size === ids.length,
      texte('Un équipement deux fois', 'An equipment twice'),
    ),
  par_equipement: z.boolean().meta({
    description: 'Une intervention pour chacun ; sinon une pour tous, sur le premier, qui dit lesquels',
  }),
  declencheur: z
    .enum(DECLENCHEURS)
    .meta({ description: '`combine` : le premier du calendrier et du compteur' }),
  base: z.enum(BASES).meta({
    description: 'La suite se compte sur la grille de la règle, ou depuis la fin du dernier travail',
  }),
  regle: regle.nullable().meta({
    description:
      'RRULE de la RFC 5545 : FREQ (DAILY à YEARLY), INTERVAL, BYMONTH, BYMONTHDAY, BYDAY avec rang, SKIP=BACKWARD',
  }),
  date_debut: jour.nullable().meta({ description: 'Le jour d’où la règle se compte' }),
  heure: z
    .string()
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, texte('Heure attendue, 08:00', 'A time is expected, 08:00'))
    .meta({
      description:
        'À l’horloge du site ; celle qui n’existe pas avance, celle qui revient ne compte qu’une fois',
    }),
  saisons: z.array(saison).max(12).meta({
    description: '`MM-DD/MM-DD`, bornes comprises, par-dessus le Nouvel An aussi ; vide : toute l’année',
  }),
  jour_ferme: z
    .enum(JOURS_FERMES)
    .meta({ description: 'Ce que devient une date où le site est fermé, férié ou sans horaires' }),
  delai_generation: days.meta({ description: 'Jours avant la date où l’intervention est créée' }),
  tolerance_jours: days.meta({
    description:
      'Un travail achevé si tôt compte pour la date ; un plan de rang supérieur dû si près l’absorbe',
  }),
  si_precedente_ouverte: z.enum(SI_PRECEDENTE_OUVERTE),
  rattrapage: z
    .enum(RATTRAPAGES)
    .meta({ description: 'Lesquelles des dates passées pendant un arrêt sont faites après coup' }),
  compteur: compteur.nullable(),
  condition: condition.nullable(),
  groupe: text(1, 100).nullable().meta({ description: 'Plans emboîtés, par le rang' }),
  rang: z.int().min(0).max(1_000),
  modele,
};

export const planBody = z.strictObject({
  ...fields,
  par_equipement: fields.par_equipement.default(true),
  base: fields.base.default('fixe'),
  regle: fields.regle.default(null),
  date_debut: fields.date_debut.default(null),
  heure: fields.heure.default('08:00'),
  saisons: fields.saisons.default([]),
  jour_ferme: fields.jour_ferme.default('garder'),
  delai_generation: fields.delai_generation.default(0),
  tolerance_jours: fields.tolerance_jours.default(0),
  si_precedente_ouverte: fields.si_precedente_ouverte.default('creer'),
  rattrapage: fields.rattrapage.default('derniere'),
  compteur: fields.compteur.default(null),
  condition: fields.condition.default(null),
  groupe: fields.groupe.default(null),
  rang: fields.rang.default(0),
});

export const planChanges = z.strictObject(fields).partial();

export const planQuery = z.strictObject({
  ...pagination(PLAN_LIST.sortable),
  etat: csv(z.enum(ETATS_PLAN)).optional(),
  declencheur: csv(z.enum(DECLENCHEURS)).optional(),
  equipement_id: queryId.optional(),
  groupe: text(1, 100).optional(),
});

export const echeanceQuery = z.strictObject(pagination(ECHEANCE_LIST.sortable));

/** How many dates are told at once, at most. */
const MAX_PREVISIONS = 100;

export const previsionsQuery = z.strictObject({
  nombre: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, texte('Nombre de 1 à 100 attendu', 'A number from 1 to 100 is expected'))
    .transform(Number)
    .pipe(z.int().min(1).max(MAX_PREVISIONS))
    .default(10)
    .meta({
      type: 'integer',
      minimum: 1,
      maximum: MAX_PREVISIONS,
      pattern: undefined,
      description: 'Dates voulues',
    }),
});

export const repriseBody = z.strictObject({
  depuis: z.enum(REPRISES).meta({
    description:
      '`origine` : comme s’il n’y avait pas eu de pause, selon `rattrapage` ; `aujourdhui` : la règle repart de ce jour',
  }),
});

const instant = z.iso.datetime();

export const planAnswer = z
  .object({
    ...resourceFields,
    nom: z.string(),
    equipements: z.array(id),
    par_equipement: z.boolean(),
    declencheur: fields.declencheur,
    base: fields.base,
    regle: z.string().nullable(),
    date_debut: z.iso.date().nullable(),
    heure: z.string(),
    saisons: z.array(z.string()),
    jour_ferme: fields.jour_ferme,
    delai_generation: z.int(),
    tolerance_jours: z.int(),
    si_precedente_ouverte: fields.si_precedente_ouverte,
    rattrapage: fields.rattrapage,
    compteur: z.object({ nom: z.string(), pas: z.number() }).nullable(),
    condition: z
      .object({
        compteur: z.string(),
        operateur: z.enum(OPERATEURS),
        seuil: z.number(),
        hysteresis: z.number(),
        n_releves: z.int(),
      })
      .nullable(),
    groupe: z.string().nullable(),
    rang: z.int(),
    modele: z.object({
      titre: z.string(),
      description: z.string(),
      priorite: z.enum(PRIORITES),
      urgence: z.boolean(),
      competences_requises: z.array(z.string()),
      duree_estimee: z.int().nullable(),
      technicien_id: id.nullable(),
      pieces: z.array(z.object({ piece_id: id, quantite: z.int() })),
      modele_etapes_id: id.nullable(),
      etapes: z.array(z.object(definitionAnswer)),
    }),
    createur_id: id.meta({ description: 'Au nom de qui ses interventions sont créées' }),
    etat: z.enum(ETATS_PLAN),
    pause_depuis: instant.nullable(),
    prochaine_generation: instant
      .nullable()
      .meta({ description: 'Quand la prochaine intervention sera créée, pour autant qu’une date le dise' }),
    interventions_ouvertes: z.int().meta({
      description: 'Déjà créées et non closes : modifier, suspendre ou supprimer le plan n’y change rien',
    }),
  })
  .meta({ id: 'PlanPreventif' });

export const echeanceAnswer = z
  .object({
    id: z.int(),
    equipement_id: id,
    cle: z
      .string()
      .meta({ description: 'Le jour de la règle, ou ce qui l’a rendue due : `compteur:…`, `condition:…`' }),
    occurrence: z.iso.date().nullable(),
    date: instant,
    resultat: z.enum(RESULTATS),
    motif: z.enum(MOTIFS_SAUT).nullable().meta({ description: 'Pourquoi elle a été sautée' }),
    rattrapage: z.boolean().meta({ description: 'Décidée après coup' }),
    intervention_id: id.nullable().meta({ description: 'Le travail qui en répond' }),
    intervention_statut: z.string().nullable(),
    absorbee_par: id.nullable().meta({ description: 'Le plan de rang supérieur dont le travail en répond' }),
    date_decision: instant,
  })
  .meta({ id: 'EcheancePreventive' });

const motif = z.union([
  z.object({ code: z.literal('fin_de_mois'), jour_voulu: z.int() }),
  z.object({ code: z.literal('jour_ferme'), de: z.iso.date() }),
  z.object({ code: z.literal('heure_inexistante') }),
  z.object({ code: z.literal('confondue'), de: z.iso.date() }),
]);

export const previsionAnswer = z
  .object({
    jour: z.iso.date(),
    date: instant,
    generation: instant.meta({ description: 'Quand l’intervention sera créée' }),
    equipements: z.array(id),
    sautee: z.boolean().meta({ description: 'Jour fermé, que le plan saute' }),
    absorbee_par: id.nullable().meta({ description: 'Le plan de rang supérieur qui sera dû si près' }),
    estimee: z.boolean().meta({ description: 'Si le travail d’avant est fait le jour où il est dû' }),
    motifs: z.array(motif).meta({ description: 'Ce qui l’a déplacée' }),
  })
  .meta({ id: 'PrevisionPreventive' });
