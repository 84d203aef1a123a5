import { z } from 'zod';
import {
  ALERTES_EQUIPEMENT,
  CAUSES_ARRET,
  MAX_COMPTEURS,
  MAX_PROFONDEUR,
  STATUTS_EQUIPEMENT,
} from '../../domain/parc/equipements';
import { PRIORITES } from '../../domain/priorites';
import { ALERTE_LIST } from '../../services/parc/alertes';
import { ARRET_LIST } from '../../services/parc/arrets';
import { EQUIPEMENT_LIST } from '../../services/parc/equipements';
import { FORMATS_ETIQUETTE } from '../../services/parc/etiquette';
import { RELEVE_LIST } from '../../services/parc/releves';
import { jour } from '../http/lieux';
import {
  csv,
  id,
  instantOrDate,
  pagination,
  queryBoolean,
  queryId,
  resourceFields,
  search,
  text,
} from '../http/schemas';
import { texte } from '../http/validation';

/** Days between two maintenances, at most ten years. */
const days = z.int().min(1).max(3_650);

/** The same amount is the same text: 1500 is 1500.00. */
const montant = z
  .string()
  .trim()
  .regex(
    /^\d{1,12}(\.\d{1,2})?$/,
    texte('Montant attendu, tel que 1500.00', 'An amount is expected, such as 1500.00'),
  )
  .transform((value) => {
    const [units, cents = ''] = value.split('.');
    return `${BigInt(units!)}.${cents.padEnd(2, '0')}`;
  })
  .meta({
    pattern: '^\\d{1,12}(\\.\\d{1,2})?$',
    description: 'Texte décimal, deux chiffres après le point au plus',
  });

const compteur = z.strictObject({
  nom: text(1, 100),
  unite: text(0, 30).default(''),
  valeur: z.number(),
});

const fields = {
  nom: text(1, 200),
  type: text(1, 100),
  modele: text(1, 100).nullable(),
  numero_serie: text(1, 100).meta({ description: 'Unique' }),
  localisation: text(1, 200).nullable(),
  date_installation: instantOrDate.nullable(),
  frequence_entretien: z
    .union([
      days,
      z
        .string()
        .trim()
        .regex(/^\d{1,4}$/)
        .transform(Number)
        .pipe(days),
    ])
    .nullable()
    .meta({ description: 'Jours entre deux entretiens, en nombre ou en texte' }),
  statut: z.enum(STATUTS_EQUIPEMENT),
  derniere_maintenance: instantOrDate.nullable(),
  site_id: id.nullable(),
  client_id: id.nullable().meta({ description: 'La personne, de rôle client, à qui il appartient' }),
  criticite: z.enum(PRIORITES),
  parent_id: id.nullable().meta({
    description: `L’équipement dont il est une partie, du même site et du même client ; au plus ${MAX_PROFONDEUR} niveaux`,
  }),
  garantie_fin: jour.nullable().meta({ description: 'Dernier jour de garantie' }),
  cout_remplacement: montant.nullable(),
  duree_vie_annees: z
    .int()
    .min(1)
    .max(100)
    .nullable()
    .meta({ description: 'Durée de vie prévue depuis l’installation, en années' }),
  compteurs: z
    .array(compteur)
    .max(MAX_COMPTEURS)
    .refine(
      (compteurs) => new Set(compteurs.map(({ nom }) => nom)).size === compteurs.length,
      texte('Deux compteurs ont le même nom', 'Two meters have the same name'),
    ),
};

export const equipementBody = z.strictObject({
  ...fields,
  modele: fields.modele.default(null),
  localisation: fields.localisation.default(null),
  date_installation: fields.date_installation.default(null),
  frequence_entretien: fields.frequence_entretien.default(null),
  statut: fields.statut.default('operationnel'),
  derniere_maintenance: fields.derniere_maintenance.default(null),
  site_id: fields.site_id.default(null),
  client_id: fields.client_id.default(null),
  criticite: fields.criticite.default('normale'),
  parent_id: fields.parent_id.default(null),
  garantie_fin: fields.garantie_fin.default(null),
  cout_remplacement: fields.cout_remplacement.default(null),
  duree_vie_annees: fields.duree_vie_annees.default(null),
  compteurs: fields.compteurs.default([]),
});

export const equipementChanges = z.strictObject(fields).partial();

export const equipementQuery = z.strictObject({
  ...pagination(EQUIPEMENT_LIST.sortable),
  q: search.optional(),
  localisation: text(1, 200).optional(),
  type: text(1, 100).optional(),
  statut: csv(z.enum(STATUTS_EQUIPEMENT)).optional(),
  criticite: csv(z.enum(PRIORITES)).optional(),
  site_id: queryId.optional(),
  client_id: queryId.optional(),
  parent_id: queryId.optional().meta({ ...queryId.meta(), description: 'Ses parties directes' }),
  maintenance_due: queryBoolean.optional().meta({ description: 'La prochaine maintenance est échue' }),
});

const instant = z.iso.datetime();

export const equipementAnswer = z
  .object({
    ...resourceFields,
    nom: z.string(),
    type: z.string(),
    modele: z.string().nullable(),
    numero_serie: z.string(),
    localisation: z.string().nullable(),
    date_installation: instant.nullable(),
    frequence_entretien: z.string().nullable().meta({ description: 'Jours, en texte' }),
    statut: fields.statut,
    derniere_maintenance: instant.nullable(),
    prochaine_maintenance: instant.nullable(),
    site_id: id.nullable(),
    client_id: id.nullable(),
    criticite: fields.criticite,
    parent_id: id.nullable(),
    garantie_fin: z.iso.date().nullable(),
    cout_remplacement: z.string().nullable().meta({ description: 'Texte décimal' }),
    duree_vie_annees: z.int().nullable(),
    compteurs: z.array(z.object({ nom: z.string(), unite: z.string(), valeur: z.number() })),
    interventions_count: z.int(),
  })
  .meta({ id: 'Equipement' });

export const compteurBody = compteur.extend({ valeur: compteur.shape.valeur.default(0) });

export const releveBody = z
  .strictObject({
    compteur: text(1, 100).meta({ description: 'Le nom d’un compteur de l’équipement' }),
    valeur: z.number(),
    date: instantOrDate.nullable().default(null).meta({ description: 'Sans elle, maintenant' }),
    remplacement: z
      .boolean()
      .default(false)
      .meta({ description: 'Un nouveau compteur commence par ce relevé' }),
    rotation: z.boolean().default(false).meta({ description: 'Le compteur a recommencé à zéro' }),
    corrige_id: id.nullable().default(null).meta({
      description: 'Le relevé qu’il corrige, et dont il a la date ; l’ancien reste, sans plus compter',
    }),
  })
  .refine(({ remplacement, rotation }) => !(remplacement && rotation), {
    path: ['rotation'],
    message: texte('L’un ou l’autre', 'One or the other'),
  })
  .refine(({ date, corrige_id }) => date === null || corrige_id === null, {
    path: ['date'],
    message: texte('Un relevé corrigé garde sa date', 'A reading that is corrected keeps its date'),
  });

export const releveQuery = z.strictObject({
  ...pagination(RELEVE_LIST.sortable),
  compteur: text(1, 100).optional(),
  corrige: queryBoolean
    .optional()
    .meta({ description: 'Ceux qu’un autre relevé a corrigés, ou ceux qui comptent' }),
});

export const releveAnswer = z
  .object({
    id,
    equipement_id: id,
    compteur: z.string(),
    valeur: z.number(),
    date: instant,
    remplacement: z.boolean(),
    rotation: z.boolean(),
    corrige_id: id.nullable(),
    corrige_par_id: id.nullable(),
    auteur_id: id.nullable(),
    date_creation: instant,
  })
  .meta({ id: 'Releve' });

export const arretQuery = z.strictObject({
  ...pagination(ARRET_LIST.sortable),
  cause: csv(z.enum(CAUSES_ARRET)).optional(),
});

export const arretAnswer = z
  .object({ cause: z.enum(CAUSES_ARRET), debut: instant, fin: instant.nullable() })
  .meta({ id: 'Arret' });

export const alerteQuery = z.strictObject({
  ...pagination(ALERTE_LIST.sortable),
  alerte: csv(z.enum(ALERTES_EQUIPEMENT)).optional(),
  site_id: queryId.optional(),
});

export const alerteAnswer = z
  .object({
    id,
    nom: z.string(),
    type: z.string(),
    numero_serie: z.string(),
    localisation: z.string().nullable(),
    site_id: id.nullable(),
    criticite: fields.criticite,
    statut: fields.statut,
    alertes: z.array(z.enum(ALERTES_EQUIPEMENT)).meta({ description: 'Tout ce qu’il a' }),
    en_panne_depuis: instant.nullable(),
    prochaine_maintenance: instant.nullable(),
    garantie_fin: z.iso.date().nullable(),
    interventions_sous_garantie: z.array(id).meta({
      description: 'Correctives ouvertes, signalées pendant la garantie, que la personne peut lire',
    }),
  })
  .meta({ id: 'AlerteEquipement' });

export const etiquetteQuery = z.strictObject({
  format: z.enum(FORMATS_ETIQUETTE).default('svg'),
});
