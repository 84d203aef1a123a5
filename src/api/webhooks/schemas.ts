import { z } from 'zod';
import { STATUTS_LIVRAISON } from '../../db/echanges/webhooks';
import { LIVRABLES, MOTIFS } from '../../domain/echanges/abonnements';
import { ERREURS_LIVRAISON } from '../../domain/echanges/livraisons';
import { LIVRAISON_LIST } from '../../services/echanges/livraisons';
import { WEBHOOK_LIST } from '../../services/echanges/webhooks';
import { csv, id, line, pagination, queryBoolean, resourceFields } from '../http/schemas';
import { texte } from '../http/validation';

const url = line(1, 2_000).meta({
  format: 'uri',
  description:
    'En https, sans identifiants ; mène à une adresse publique, à l’enregistrement comme à chaque livraison. Les ' +
    'redirections ne sont pas suivies',
});

const evenements = z
  .array(
    z
      .string()
      .max(100)
      .refine(
        (motif) => MOTIFS.includes(motif),
        texte(
          'Événement inconnu : domaine.verbe, domaine.* ou *',
          'Unknown event: domain.verb, domain.* or *',
        ),
      ),
  )
  .min(1)
  .max(100)
  .overwrite((motifs) => [...new Set(motifs)])
  .meta({
    description: `Ce qui est livré : \`domaine.verbe\`, un domaine (\`intervention.*\`), ou tout (\`*\`), parmi ${MOTIFS.join(', ')}`,
  });

const fields = { url, evenements, actif: z.boolean() };

export const webhookBody = z.strictObject({ ...fields, actif: fields.actif.default(true) });

export const webhookChanges = z.strictObject(fields).partial();

export const webhookQuery = z.strictObject({
  ...pagination(WEBHOOK_LIST.sortable),
  actif: queryBoolean.optional(),
});

export const webhookAnswer = z
  .object({
    ...resourceFields,
    url: z.string(),
    evenements: z.array(z.string()),
    actif: z.boolean(),
    secret_precedent_fin: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'Jusque-là, le secret d’avant la dernière rotation signe aussi' }),
    echec_depuis: z.iso.datetime().nullable().meta({
      description: 'Premier échec depuis le dernier succès ; après trois jours, le webhook est désactivé',
    }),
    dernier_succes: z.iso.datetime().nullable().meta({ description: 'À une minute près' }),
    motif_desactivation: z.enum(['echecs', 'parti']).nullable().meta({
      description: 'Désactivé par le système : trois jours d’échecs, ou réponse 410 du destinataire',
    }),
    date_desactivation: z.iso.datetime().nullable(),
    livraisons_en_attente: z.int(),
    livraisons_abandonnees: z.int().meta({ description: 'Depuis un mois ; chacune peut être rejouée' }),
  })
  .meta({ id: 'Webhook' });

export const newWebhookAnswer = webhookAnswer
  .extend({
    secret: z
      .string()
      .meta({ description: 'Montré cette seule fois ; signe chaque livraison (Standard Webhooks)' }),
  })
  .meta({ id: 'NouveauWebhook' });

export const livraisonQuery = z.strictObject({
  ...pagination(LIVRAISON_LIST.sortable),
  statut: csv(z.enum(STATUTS_LIVRAISON)).optional(),
  evenement: csv(z.enum(LIVRABLES)).optional(),
});

const duree = z.int().meta({ description: 'Millisecondes' });
const erreur = z.enum(ERREURS_LIVRAISON).nullable().meta({ description: 'Pourquoi l’essai a échoué' });

export const livraisonAnswer = z
  .object({
    id,
    webhook_id: id,
    identifiant: z.string().meta({ description: 'L’en-tête Webhook-Id, le même à chaque essai' }),
    evenement: z.string(),
    date: z.iso.datetime(),
    ressource: z.string(),
    id_ressource: id,
    version_ressource: z.int().nullable(),
    statut: z.enum(STATUTS_LIVRAISON),
    tentatives: z.int(),
    prochain_essai: z.iso.datetime().nullable(),
    erreur,
    reponse: z
      .object({ statut: z.int(), duree, extrait: z.string().nullable() })
      .nullable()
      .meta({ description: 'La dernière ; de son contenu, le début' }),
    essais: z
      .array(z.object({ date: z.iso.datetime(), statut: z.int().nullable(), duree, erreur }))
      .meta({ description: 'Les derniers essais, dans l’ordre' }),
    date_creation: z.iso.datetime(),
    date_fin: z.iso.datetime().nullable().meta({ description: 'Quand elle a été livrée ou abandonnée' }),
  })
  .meta({ id: 'Livraison' });
