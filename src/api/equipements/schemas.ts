import { z } from 'zod';
import { STATUTS_EQUIPEMENT } from '../../domain/parc/equipements';
import { PRIORITES } from '../../domain/priorites';
import { EQUIPEMENT_LIST } from '../../services/parc/equipements';
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
  compteurs: z
    .array(compteur)
    .max(50)
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
    compteurs: z.array(z.object({ nom: z.string(), unite: z.string(), valeur: z.number() })),
    interventions_count: z.int(),
  })
  .meta({ id: 'Equipement' });
