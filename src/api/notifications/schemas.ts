import { z } from 'zod';
import { TYPES_NOTIFICATION } from '../../db/messages/notifications';
import { isZone } from '../../domain/local-time';
import { CANAUX, RELATIONS, URGENCES } from '../../domain/messages/canaux';
import { EVENEMENTS } from '../../domain/regles';
import { ROLES } from '../../domain/roles';
import { NOTIFICATION_LIST } from '../../services/messages/notifications';
import { id, line, pagination, paragraphs, queryBoolean, resourceFields, text } from '../http/schemas';
import { texte } from '../http/validation';

/** What a program wants to know of a notification: names and plain values. */
const metadata = z
  .record(text(1, 100), z.union([text(0, 500), z.number(), z.boolean(), z.null()]))
  .refine((values) => Object.keys(values).length <= 20, texte('Au plus 20 valeurs', 'At most 20 values'));

const canal = z.enum(CANAUX);

/** Each once. */
const listOf = <Value extends z.ZodType<string | number>>(value: Value, max: number) =>
  z
    .array(value)
    .max(max)
    .refine(
      (values) => new Set(values).size === values.length,
      texte('Deux fois la même valeur', 'The same value twice'),
    );

/** People named in one message at most. */
const MAX_DESTINATAIRES = 200;

export const notificationBody = z
  .strictObject({
    destinataire_id: id
      .optional()
      .meta({ description: 'Une personne, dans l’application : la réponse est sa notification' }),
    destinataires: listOf(id, MAX_DESTINATAIRES).min(1).optional().meta({ description: 'Ces personnes' }),
    roles: listOf(z.enum(ROLES), ROLES.length).min(1).optional().meta({
      description: 'Toutes les personnes de ces rôles que l’on atteint ; avec `site_id`, celles du site',
    }),
    site_id: id.optional().meta({ description: 'Toutes les personnes de ce site' }),
    titre: line(1, 200).meta({ description: 'Pas celui d’un message du système' }),
    message: paragraphs(1, 2_000),
    type: z.enum(TYPES_NOTIFICATION).default('info'),
    canaux: listOf(canal, CANAUX.length).min(1).default(['application']),
    metadata: metadata.default({}).meta({
      description: 'Sans les noms réservés au système : modele, intervention_id, priorite, etape, niveau',
    }),
  })
  .refine(
    ({ destinataire_id, destinataires, roles, site_id }) =>
      [destinataire_id, destinataires, roles ?? site_id].filter((given) => given !== undefined).length === 1,
    {
      error: texte(
        'Exactement l’un de destinataire_id, destinataires, et roles ou site_id',
        'Exactly one of destinataire_id, destinataires, and roles or site_id',
      ),
      path: ['destinataires'],
    },
  );

export const notificationQuery = z.strictObject({
  ...pagination(NOTIFICATION_LIST.sortable),
  lue: queryBoolean.optional(),
});

export const notificationAnswer = z
  .object({
    ...resourceFields,
    titre: z.string(),
    message: z.string(),
    type: z.enum(TYPES_NOTIFICATION),
    destinataire_id: id,
    lue: z.boolean(),
    date_lecture: z.iso.datetime().nullable(),
    metadata: z.record(z.string(), z.unknown()),
    expediteur: z
      .object({
        id,
        nom: z.string(),
        prenom: z.string(),
        cle_api: z.string().nullable().meta({ description: 'Le nom de la clé qui l’a envoyée en son nom' }),
      })
      .nullable()
      .meta({ description: 'null : le système lui-même' }),
  })
  .meta({ id: 'Notification' });

export const sentAnswer = z.union([
  notificationAnswer,
  z.object({ destinataires: z.int().meta({ description: 'À combien de personnes' }) }),
]);

export const readAnswer = z.object({ lues: z.int().meta({ description: 'Combien étaient encore à lire' }) });

const version = z.int().meta({ description: '0 : jamais changée' });

export const regleAnswer = z
  .object({
    evenement: z.string(),
    destinataires: z.array(z.enum(RELATIONS)),
    possibles: z.array(z.enum(RELATIONS)).meta({ description: 'Qui peut l’apprendre' }),
    canaux: z.array(canal),
    urgence: z.enum(URGENCES).meta({ description: '`critique` n’attend jamais' }),
    obligatoire: z.boolean().meta({ description: 'Concerne un compte : ni modifiable, ni refusable' }),
    modifiee: z.boolean().meta({ description: 'Autre que celle de la livraison' }),
    version,
  })
  .meta({ id: 'RegleNotification' });

export const regleParams = z.strictObject({ evenement: z.string().max(100) });

export const regleBody = z.strictObject({
  destinataires: listOf(z.enum(RELATIONS), RELATIONS.length).optional(),
  canaux: listOf(canal, CANAUX.length).optional(),
  urgence: z.enum(URGENCES).optional(),
});

const heure = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, texte('Une heure, comme 22:00', 'A time, such as 22:00'));

const choix = z.partialRecord(z.enum(EVENEMENTS), z.partialRecord(canal, z.boolean()));

export const preferencesBody = z.strictObject({
  evenements: choix.default({}).meta({
    description: 'Par événement, les canaux : `false` l’éteint, ce qui n’est pas nommé reste allumé',
  }),
  heures_calmes: z
    .strictObject({ debut: heure, fin: heure })
    .refine(
      ({ debut, fin }) => debut !== fin,
      texte('Une durée est attendue', 'Some length of time is expected'),
    )
    .nullable()
    .default(null)
    .meta({ description: 'Rien n’arrive pendant ces heures, sauf ce qui est critique' }),
  resume_quotidien: z.int().min(0).max(23).nullable().default(null).meta({
    description: 'Heure à laquelle tout ce qui peut attendre arrive en un seul email',
  }),
  fuseau_horaire: z
    .string()
    .max(100)
    .refine(isZone, texte('Fuseau horaire inconnu', 'Unknown time zone'))
    .nullable()
    .default(null)
    .meta({ description: 'De ces heures ; null : celui de l’installation' }),
});

export const preferencesAnswer = z
  .object({
    evenements: choix,
    heures_calmes: z.object({ debut: z.string(), fin: z.string() }).nullable(),
    resume_quotidien: z.int().nullable(),
    fuseau_horaire: z.string().nullable(),
    version,
  })
  .meta({ id: 'PreferencesNotification' });

export const unsubscribeParams = z.strictObject({ jeton: z.string().max(400) });
