import { z } from 'zod';
import { isZone } from '../../domain/local-time';
import { TYPES_QUESTION } from '../../domain/rendez-vous/prestations';
import { LANGUES } from '../../domain/writing';
import { jour } from './lieux';
import { email, id, instant, personName, queryBoolean, queryId, queryNumber, telephone } from './schemas';
import { texte } from './validation';

/** What routes of appointments have in common, with an account or without. */

export const slug = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/,
    texte('Minuscules, chiffres et tirets attendus', 'Small letters, digits and hyphens are expected'),
  )
  .meta({ description: 'Dans les adresses : minuscules, chiffres, tirets', example: 'conseil-30' });

/** What is asked of who books. */
export const question = z
  .strictObject({
    nom: z
      .string()
      .regex(
        /^[a-z][a-z0-9_]{0,39}$/,
        texte('Minuscules, chiffres et traits bas', 'Small letters, digits and underscores'),
      ),
    libelle: z.string().trim().min(1).max(300),
    type: z.enum(TYPES_QUESTION),
    obligatoire: z.boolean().default(false),
    choix: z.array(z.string().trim().min(1).max(200)).min(1).max(50).optional(),
  })
  .refine(({ type, choix }) => (type === 'choix') === (choix !== undefined), {
    path: ['choix'],
    message: texte(
      'Pour une question `choix`, et pour elle seule',
      'For a `choix` question, and for it alone',
    ),
  });

/** Known outside by this, and by nothing that one could guess. */
export const uid = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/);

export const uidParam = z.strictObject({ uid: uid.meta({ description: 'Identifiant public' }) });

/** What is asked for: also of what is booked at once. */
export const demandeFields = {
  prestation: slug,
  debut: instant,
  duree: z
    .int()
    .min(5)
    .max(12 * 60)
    .optional()
    .meta({ description: 'Minutes ; la première de la prestation sinon' }),
  intervenant_id: id.optional(),
};

export const retenueAnswer = z
  .object({ uid: z.string(), expire_le: z.iso.datetime() })
  .meta({ id: 'Retenue' });

const participant = z
  .strictObject({
    nom: personName,
    email: email.nullable().default(null).meta({ description: 'Ou un téléphone : l’un des deux' }),
    telephone: telephone.nullable().default(null),
    langue: z.enum(LANGUES).default('fr'),
    fuseau_horaire: z
      .string()
      .max(64)
      .refine(isZone, texte('Fuseau horaire inconnu', 'Unknown time zone'))
      .nullable()
      .default(null)
      .meta({ description: 'Celui de la maison sinon' }),
  })
  .refine((one) => one.email !== null || one.telephone !== null, {
    path: ['email'],
    message: texte('Une adresse ou un téléphone', 'An address or a telephone number'),
  });

/** Those who may come along to what takes one place, and those of one booking of a workshop. */
const MAX_PARTICIPANTS = 20;

/** What a booking says of who comes, and what they answered. */
export const reservationFields = {
  participants: z
    .array(participant)
    .min(1)
    .max(MAX_PARTICIPANTS)
    .meta({ description: 'Le premier réserve ; d’un atelier, chacun prend une place' }),
  reponses: z
    .record(z.string().max(40), z.union([z.string().max(4_000), z.number(), z.boolean(), z.null()]))
    .default({})
    .meta({ description: 'Aux questions de la prestation, par leurs noms' }),
};

const heure = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, texte('Une heure, comme 14:00', 'A time, such as 14:00'));

/** For when somebody waits. */
export const souhaitsFields = {
  date_debut: jour.meta({ description: 'Jours de la prestation, tous deux compris' }),
  date_fin: jour.meta({ description: '92 jours au plus' }),
  heure_debut: heure.nullable().meta({ description: 'Au plus tôt, à ses horloges ; null pour toute heure' }),
  heure_fin: heure.nullable().meta({ description: 'Où il doit être fini' }),
};

/** How long one wants to come, in minutes. */
export const dureeAttendue = z
  .int()
  .min(5)
  .max(12 * 60)
  .nullable()
  .default(null)
  .meta({ description: 'Minutes ; la première de la prestation sinon' });

/** Who waits, for what. */
export const attenteFields = {
  prestation: slug,
  ...souhaitsFields,
  heure_debut: souhaitsFields.heure_debut.default(null),
  heure_fin: souhaitsFields.heure_fin.default(null),
  duree: dureeAttendue,
  intervenant_id: id.nullable().default(null),
  ...reservationFields,
};

/** What of a prestation one asks about. */
export const demandeQuery = {
  prestation: slug,
  duree: queryNumber(5, 720).optional().meta({ description: 'Minutes ; la première de la prestation sinon' }),
  intervenant_id: queryId.optional(),
  report_de: uid
    .optional()
    .meta({ description: 'L’uid du rendez-vous à reporter, qui ne se gêne pas lui-même' }),
};

export const creneauxQuery = z.strictObject({
  ...demandeQuery,
  debut: jour,
  fin: jour.meta({ description: 'Comprise ; 62 jours au plus' }),
  fuseau_horaire: z
    .string()
    .max(64)
    .refine(isZone, texte('Fuseau horaire inconnu', 'Unknown time zone'))
    .optional()
    .meta({ description: 'Dont sont les jours ; les instants n’en dépendent pas' }),
  premier: queryBoolean.optional().meta({ description: 'Le premier créneau seul' }),
});

export const creneauxAnswer = z
  .record(
    z.iso.date(),
    z.array(
      z.object({
        debut: z.iso.datetime({ offset: true }),
        fin: z.iso.datetime({ offset: true }),
        places_restantes: z.int().optional(),
        intervenants: z.array(id).optional().meta({ description: 'Pour les membres seuls' }),
      }),
    ),
  )
  .meta({ id: 'Creneaux' });
