import { z } from 'zod';
import { TYPES_NOTIFICATION } from '../../db/messages/notifications';
import { NOTIFICATION_LIST } from '../../services/messages/notifications';
import { id, line, pagination, paragraphs, queryBoolean, resourceFields, text } from '../http/schemas';
import { texte } from '../http/validation';

/** What a program wants to know of a notification: names and plain values. */
const metadata = z
  .record(text(1, 100), z.union([text(0, 500), z.number(), z.boolean(), z.null()]))
  .refine((values) => Object.keys(values).length <= 20, texte('Au plus 20 valeurs', 'At most 20 values'));

export const notificationBody = z.strictObject({
  destinataire_id: id,
  titre: line(1, 200).meta({ description: 'Pas celui d’un message du système' }),
  message: paragraphs(1, 2_000),
  type: z.enum(TYPES_NOTIFICATION).default('info'),
  metadata: metadata.default({}).meta({
    description: 'Sans les noms réservés au système : modele, intervention_id, priorite, etape, niveau',
  }),
});

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

export const readAnswer = z.object({ lues: z.int().meta({ description: 'Combien étaient encore à lire' }) });
