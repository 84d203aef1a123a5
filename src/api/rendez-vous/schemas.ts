import { z } from 'zod';

import { MAX_REGLE } from '../../domain/recurrence';
import { REFUS } from '../../domain/rendez-vous/creneaux';
import {
  ATTENTES,
  ORIGINES,
  STATUTS_PARTICIPANT,
  STATUTS_RENDEZ_VOUS,
} from '../../domain/rendez-vous/rendez-vous';
import { EN_CONFLIT, PORTEES } from '../../domain/rendez-vous/series';

import { CRITERES } from '../../domain/rendez-vous/tour-de-role';
import { LANGUES } from '../../domain/writing';
import { RENDEZ_VOUS_SORTABLE } from '../../services/rendez-vous/lecture';
import { demandeFields, reservationFields, uid, uidParam } from '../http/rendez-vous';
import { csv, id, instant, pagination, queryId, resourceFields, text } from '../http/schemas';

export const reservationBody = z.strictObject({
  ...demandeFields,
  retenue: uid.optional().meta({ description: 'Celle de l’appelant, pour ce créneau' }),
  ...reservationFields,
  recurrence: z
    .strictObject({
      regle: text(1, MAX_REGLE).meta({
        description:
          'RFC 5545, avec `COUNT` ou `UNTIL`, à l’heure locale du premier ; pas plus de fois que `rejouer_regle`',
        example: 'FREQ=WEEKLY;COUNT=10',
      }),
      en_conflit: z.enum(EN_CONFLIT).default('echouer').meta({
        description: '`echouer` : tout ou rien ; `sauter` : tout ce qui est libre, le reste est nommé',
      }),
    })
    .optional()
    .meta({ description: 'Pour réserver plusieurs fois, d’un coup' }),
});

const jour = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

export const rendezVousQuery = z.strictObject({
  ...pagination(RENDEZ_VOUS_SORTABLE),
  prestation_id: csv(queryId).optional(),
  intervenant_id: csv(queryId).optional(),
  salle_id: csv(queryId).optional(),
  demandeur_id: csv(queryId).optional(),
  statut: csv(z.enum(STATUTS_RENDEZ_VOUS).exclude(['retenu'])).optional(),
  serie_id: z.uuid().optional(),
  debut: jour.optional().meta({ description: 'Qui finissent après' }),
  fin: jour.optional().meta({ description: 'Qui commencent avant ; d’un jour, sa fin' }),
});

export const rendezVousAnswer = z
  .object({
    ...resourceFields,
    uid: z.string(),
    prestation_id: id,
    prestation: z.object({ slug: z.string(), nom: z.string() }),
    debut: z.iso.datetime(),
    fin: z.iso.datetime(),
    intervenants: z.array(id),
    salles: z.array(id),
    participants: z.array(
      z.object({
        id,
        nom: z.string(),
        email: z.string().nullable(),
        telephone: z.string().nullable(),
        langue: z.enum(LANGUES),
        fuseau_horaire: z.string(),
        statut: z.enum(STATUTS_PARTICIPANT),
        avis: z
          .object({
            note: z.int(),
            commentaire: z.string().nullable(),
            date: z.iso.datetime({ offset: true }),
          })
          .nullable()
          .meta({ description: 'Ce qu’il en a pensé, pour qui s’occupe du rendez-vous' }),
      }),
    ),
    places: z.int(),
    reponses: z.record(z.string(), z.unknown()),
    statut: z.enum(STATUTS_RENDEZ_VOUS).exclude(['retenu']),
    sequence: z.int(),
    origine: z.enum(ORIGINES),
    demandeur_id: id.nullable(),
    attente: z
      .enum(ATTENTES)
      .nullable()
      .meta({
        description:
          'Ce qu’une demande attend avant la maison : que les agendas tenus ailleurs de qui reçoit soient relus, ou que qui a ' +
          'réservé le confirme depuis son courrier',
      }),
    expire_le: z.iso.datetime().nullable().meta({ description: 'D’une demande, jusqu’à quand y répondre' }),
    motif_annulation: z.string().nullable(),
    annule_par: z.enum(['membre', 'intervenant', 'client', 'systeme']).nullable(),
    tardif: z.boolean().nullable(),
    raison_affectation: z
      .object({
        id,
        critere: z.enum(CRITERES),
        charges: z.array(z.object({ id, charge: z.number() })),
      })
      .nullable()
      .meta({ description: 'Pourquoi cette personne, quand c’était son tour ; pour les membres' }),
    serie_id: z.uuid().nullable(),
  })
  .meta({ id: 'RendezVous' });

/** What of a series became of each of its starts. */
export const serieAnswer = z
  .object({
    serie_id: z.uuid(),
    occurrences: z.array(
      z.object({
        debut: z.iso.datetime(),
        fin: z.iso.datetime(),
        id: id.nullable(),
        uid: z.string().nullable().meta({ description: 'Null pour un rendez-vous qui n’a pu être pris' }),
        statut: z.enum(['a_valider', 'confirme']).nullable(),
        code: z
          .enum([...REFUS, 'RETENUE_EXPIREE'])
          .nullable()
          .meta({ description: 'Pourquoi non' }),
        raison: z.string().nullable(),
        alternatives: z.array(
          z.object({ debut: z.iso.datetime({ offset: true }), fin: z.iso.datetime({ offset: true }) }),
        ),
      }),
    ),
  })
  .meta({ id: 'SerieDeRendezVous' });

const motif = text(1, 500).optional();

export const motifBody = z.strictObject({ motif });
export const annulationBody = z.strictObject({
  motif,
  portee: z
    .enum(PORTEES)
    .default('seule')
    .meta({ description: '`suivantes` : avec ceux de sa série qui commencent plus tard' }),
});
export const reportBody = z.strictObject({
  debut: instant,
  duree: demandeFields.duree.meta({ description: 'Minutes ; celle d’avant sinon' }),
  intervenant_id: id.optional().meta({ description: 'Le même que possible sinon' }),
});
export const reaffectationBody = z.strictObject({ intervenant_id: id });

export const participantParams = z.strictObject({
  ...uidParam.shape,
  participant_id: z
    .string()
    .regex(/^[1-9]\d{0,9}$/)
    .transform(Number)
    .pipe(id)
    .meta({ type: 'integer', minimum: 1, maximum: 2_147_483_647, pattern: undefined }),
});
