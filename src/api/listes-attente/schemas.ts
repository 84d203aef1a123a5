import { z } from 'zod';
import { STATUTS_ATTENTE } from '../../domain/rendez-vous/attente';
import { ORIGINES } from '../../domain/rendez-vous/rendez-vous';
import { LANGUES } from '../../domain/writing';
import { LISTE_ATTENTE_SORTABLE } from '../../services/rendez-vous/attente';
import { jour } from '../http/lieux';
import { attenteFields, souhaitsFields } from '../http/rendez-vous';
import { csv, id, pagination, queryId, resourceFields } from '../http/schemas';

export const inscriptionBody = z.strictObject(attenteFields);

export const souhaitsChanges = z.strictObject(souhaitsFields).partial();

export const listesAttenteQuery = z.strictObject({
  ...pagination(LISTE_ATTENTE_SORTABLE),
  prestation_id: csv(queryId).optional(),
  demandeur_id: csv(queryId).optional(),
  statut: csv(z.enum(STATUTS_ATTENTE)).optional(),
  debut: jour.optional().meta({ description: 'Qui attendent ce jour, ou un jour suivant' }),
  fin: jour.optional().meta({ description: 'Qui attendent ce jour, ou un jour précédent' }),
});

export const listeAttenteAnswer = z
  .object({
    ...resourceFields,
    prestation_id: id,
    prestation: z.object({ slug: z.string(), nom: z.string() }),
    date_debut: z.iso.date(),
    date_fin: z.iso.date(),
    heure_debut: z.string().nullable(),
    heure_fin: z.string().nullable(),
    duree: z.int().nullable(),
    intervenant_id: id.nullable(),
    places: z.int(),
    participants: z.array(
      z.object({
        nom: z.string(),
        email: z.string().nullable(),
        telephone: z.string().nullable(),
        langue: z.enum(LANGUES),
        fuseau_horaire: z.string(),
      }),
    ),
    reponses: z.record(z.string(), z.unknown()),
    statut: z.enum(STATUTS_ATTENTE),
    position: z.int().nullable().meta({ description: 'Dans la liste de la prestation, à partir de 1' }),
    offre: z
      .object({ debut: z.iso.datetime(), fin: z.iso.datetime(), expire_le: z.iso.datetime() })
      .nullable()
      .meta({ description: 'Le créneau retenu, jusqu’à quand' }),
    offre_expire_le: z.iso.datetime().nullable(),
    offres_manquees: z
      .int()
      .meta({ description: 'De suite, sans réponse ; à la troisième l’attente prend fin' }),
    rendez_vous_id: id.nullable().meta({ description: 'Ce qui est retenu, puis réservé' }),
    rendez_vous_uid: z.string().nullable().meta({ description: 'De ce qui a été accepté' }),
    origine: z.enum(ORIGINES),
    demandeur_id: id.nullable(),
  })
  .meta({ id: 'ListeAttente' });
