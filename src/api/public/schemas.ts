import { z } from 'zod';
import { STATUTS_ATTENTE } from '../../domain/rendez-vous/attente';
import { CONFIRMATIONS, MODES, TYPES_LIEU } from '../../domain/rendez-vous/prestations';
import { ATTENTES, STATUTS_PARTICIPANT, STATUTS_RENDEZ_VOUS } from '../../domain/rendez-vous/rendez-vous';
import { ACTES_ATTENTE } from '../../services/rendez-vous/attente-sans-compte';
import { ACTES_PAR_LIEN } from '../../services/rendez-vous/public';
import {
  attenteFields,
  creneauxQuery,
  demandeFields,
  question,
  reservationFields,
  slug,
  uid,
} from '../http/rendez-vous';
import { id, instant, paragraphs, text } from '../http/schemas';

const visiteur = z
  .string()
  .regex(/^[\w-]{16,64}$/)
  .optional()
  .meta({
    description: 'Au choix de l’appelant, gardé d’une requête à l’autre ; sans lui, son adresse le distingue',
  });

export const prestationParams = z.strictObject({ slug });

export const creneauxPublicsQuery = z.strictObject({
  ...creneauxQuery.omit({ report_de: true }).shape,
  visiteur,
});

export const retenuePubliqueBody = z.strictObject({ ...demandeFields, visiteur });

export const reservationPubliqueBody = z.strictObject({
  ...demandeFields,
  ...reservationFields,
  retenue: uid.optional().meta({ description: 'Celle du visiteur, pour ce créneau' }),
  visiteur,
  preuve: z
    .strictObject({ defi: z.string().max(200), reponse: z.string().regex(/^\d{1,15}$/) })
    .optional()
    .meta({ description: 'Le défi de la prestation, et le nombre qui le résout' }),
  site_web: z
    .string()
    .max(300)
    .optional()
    .meta({ description: 'À laisser vide : seules des machines le remplissent' }),
});

const sansMachine = {
  preuve: reservationPubliqueBody.shape.preuve,
  site_web: reservationPubliqueBody.shape.site_web,
};

export const attentePubliqueBody = z.strictObject({ ...attenteFields, ...sansMachine });

export const reponseBody = z.strictObject({ acte: z.enum(ACTES_ATTENTE) });

const lieu = z
  .object({ type: z.enum(TYPES_LIEU), valeur: z.string().nullable() })
  .nullable()
  .meta({ description: 'Où l’on se voit ; numéros et liens ne sont dits qu’à qui a réservé' });

export const prestationPubliqueAnswer = z
  .object({
    slug: z.string(),
    nom: z.string(),
    description: z.string().nullable(),
    durees: z.array(z.int()),
    mode: z.enum(MODES),
    places: z.int(),
    lieu,
    questions: z.array(question),
    confirmation: z.enum(CONFIRMATIONS),
    confirmation_email: z
      .boolean()
      .meta({ description: 'Se confirme par le lien du courrier qui est envoyé' }),
    preavis: z.object({ creer: z.int(), modifier: z.int(), annuler: z.int() }),
    liste_attente: z.boolean().meta({ description: 'On peut y attendre (`/public/listes-attente`)' }),
    fuseau_horaire: z.string(),
    intervenants: z
      .array(z.object({ id, nom_public: z.string() }))
      .meta({ description: 'Au choix ; aucun quand la maison choisit' }),
    preuve: z.object({ defi: z.string(), bits: z.int() }).meta({
      description:
        'À joindre à la réservation : un nombre tel que SHA-256 de `<défi>:<nombre>` commence par autant de bits nuls',
    }),
  })
  .meta({ id: 'PrestationPublique' });

const attente = z
  .enum(ATTENTES)
  .nullable()
  .meta({
    description:
      'Ce qu’une demande attend encore d’elle-même : `agendas`, que ceux de qui reçoit soient relus, un instant ; `email`, le ' +
      'courrier de qui a réservé',
  });

export const reserveAnswer = z
  .object({
    uid: z.string(),
    statut: z.enum(STATUTS_RENDEZ_VOUS),
    attente,
    sequence: z.int(),
    debut: z.iso.datetime(),
    fin: z.iso.datetime(),
    jeton: z
      .string()
      .meta({ description: 'De qui a réservé, pour `/public/gestion/{jeton}` ; dit cette seule fois' }),
    gestion: z.string().meta({ description: 'L’adresse de la page où voir, déplacer ou annuler' }),
  })
  .meta({ id: 'ReservationPublique' });

/** What somebody who waits sees by their link. */
export const attenteAnswer = z
  .object({
    prestation: z.object({ slug: z.string(), nom: z.string() }),
    statut: z.enum(STATUTS_ATTENTE),
    date_debut: z.iso.date(),
    date_fin: z.iso.date(),
    heure_debut: z.string().nullable(),
    heure_fin: z.string().nullable(),
    position: z.int().nullable(),
    offre: z
      .object({
        debut: z.iso.datetime(),
        fin: z.iso.datetime(),
        expire_le: z.iso.datetime(),
        salles: z.array(z.string()),
        intervenants: z.array(z.string()),
      })
      .nullable()
      .meta({ description: 'Le créneau retenu, jusqu’à quand' }),
    lieu,
    fuseau_horaire: z.string(),
    actes: z.array(z.enum(ACTES_ATTENTE)).meta({ description: 'Encore possibles' }),
  })
  .meta({ id: 'Attente' });

export const inscritAnswer = z
  .object({
    statut: z.enum(STATUTS_ATTENTE),
    jeton: z.string().meta({ description: 'Pour `/public/attente/{jeton}` ; dit cette seule fois' }),
    attente: z.string().meta({ description: 'L’adresse de la page où répondre, ou quitter la liste' }),
  })
  .meta({ id: 'InscriptionPublique' });

export const reponduAnswer = z
  .object({
    gestion: z
      .string()
      .nullable()
      .meta({ description: 'De ce qui est accepté, la page où le voir ou l’annuler' }),
  })
  .meta({ id: 'ReponsePublique' });

export const jetonParams = z.strictObject({ jeton: z.string().regex(/^[\w-]{20,100}$/) });

export const gestionBody = z.strictObject({
  acte: z.enum(ACTES_PAR_LIEN),
  motif: text(1, 500).optional(),
  debut: instant.optional().meta({ description: 'De `reporter`' }),
  duree: demandeFields.duree,
  intervenant_id: demandeFields.intervenant_id,
  visiteur,
  code: z
    .string()
    .regex(/^[\w-]{20,100}$/)
    .optional()
    .meta({ description: 'De `confirmer` : celui du courrier' }),
  note: z.int().min(1).max(5).optional().meta({ description: 'De `avis`' }),
  commentaire: paragraphs(1, 2_000).optional().meta({ description: 'De `avis`' }),
});

export const gestionAnswer = z
  .object({
    uid,
    prestation: z.object({ slug: z.string(), nom: z.string() }),
    debut: z.iso.datetime(),
    fin: z.iso.datetime(),
    statut: z.enum(STATUTS_RENDEZ_VOUS),
    attente,
    sequence: z.int(),
    lieu,
    fuseau_horaire: z.string(),
    intervenants: z.array(z.string()).meta({ description: 'Leurs noms publics, quand on pouvait choisir' }),
    salles: z.array(z.string()),
    participant: z.object({
      nom: z.string(),
      email: z.string().nullable(),
      langue: z.string(),
      fuseau_horaire: z.string(),
      statut: z.enum(STATUTS_PARTICIPANT),
      note: z.int().nullable(),
      commentaire: z.string().nullable(),
    }),
    actes: z.array(z.enum(ACTES_PAR_LIEN)).meta({ description: 'Encore possibles' }),
  })
  .meta({ id: 'Gestion' });
