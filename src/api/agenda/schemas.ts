import { z } from 'zod';
import { STATUTS_PLANNING } from '../../domain/planification/planning';
import { PRIORITES } from '../../domain/priorites';
import { VUES } from '../../domain/rendez-vous/agenda';
import { STATUTS_PARTICIPANT, STATUTS_RENDEZ_VOUS } from '../../domain/rendez-vous/rendez-vous';
import { LANGUES } from '../../domain/writing';
import { fuseauHoraire, jour } from '../http/lieux';
import { csv, id, queryId } from '../http/schemas';

export const agendaQuery = z.strictObject({
  vue: z.enum(VUES).default('semaine').meta({
    description:
      'Un jour, sa semaine à partir du lundi, ou les semaines entières que son mois touche (42 jours au plus)',
  }),
  date: jour.optional().meta({ description: 'Un jour de la vue ; aujourd’hui si absent' }),
  fuseau_horaire: fuseauHoraire,
  intervenants: csv(queryId)
    .optional()
    .meta({ description: 'Ceux-là seulement ; aucun si seules des salles sont nommées' }),
  salles: csv(queryId)
    .optional()
    .meta({ description: 'Celles-là seulement ; aucune si seuls des intervenants sont nommés' }),
});

const instant = z.iso.datetime({ offset: true });
const plage = { debut: instant, fin: instant };
const nomme = z.object({ id, nom: z.string() });
const commun = {
  ...plage,
  jours: z.array(z.iso.date()).meta({ description: 'Les jours de la vue qu’elle touche' }),
  intervenants: z.array(nomme),
  salles: z.array(nomme),
};

const entree = z.discriminatedUnion('genre', [
  z.object({
    ...commun,
    genre: z.literal('rendez_vous'),
    prestation: z.object({ id, slug: z.string(), nom: z.string() }),
    tampon_avant: z.int().meta({ description: 'Minutes gardées libres avant' }),
    tampon_apres: z.int().meta({ description: 'Minutes gardées libres après' }),
    places: z.int(),
    places_prises: z.int(),
    rendez_vous: z.array(
      z.object({
        uid: z.string(),
        statut: z.enum(STATUTS_RENDEZ_VOUS),
        sequence: z.int(),
        places: z.int(),
        serie_id: z.string().nullable(),
        participants: z.array(
          z.object({
            nom: z.string(),
            email: z.string().nullable(),
            telephone: z.string().nullable(),
            langue: z.enum(LANGUES),
            fuseau_horaire: z.string(),
            statut: z.enum(STATUTS_PARTICIPANT),
          }),
        ),
      }),
    ),
  }),
  z.object({
    ...commun,
    genre: z.literal('visite'),
    planning_id: id,
    statut: z.enum(STATUTS_PLANNING),
    intervention: z
      .object({ id, titre: z.string(), priorite: z.enum(PRIORITES), equipement: z.string() })
      .nullable()
      .meta({ description: 'null pour qui voit la visite, mais pas, ou plus, ce qu’elle était' }),
  }),
  z.object({
    ...commun,
    genre: z.literal('absence'),
    motif: z.string().nullable(),
    remplacant_id: id.nullable(),
  }),
  z.object({
    ...commun,
    genre: z.literal('fermeture'),
    libelle: z.string().nullable(),
    ferie: z.boolean().meta({ description: 'Un jour férié, sinon une fermeture du site' }),
  }),
  z.object({
    ...commun,
    genre: z.literal('externe'),
    agenda: nomme.extend({ rafraichi_le: z.iso.datetime().nullable() }).meta({
      description:
        'Un agenda tenu ailleurs, pour qui peut le lire, et de quand date ce qu’on en sait : jamais un titre',
    }),
  }),
  z.object({ ...commun, genre: z.literal('occupe') }),
]);

const ouvert = z.array(z.object(plage)).meta({ description: 'Les heures ouvrées, dans l’ordre' });

export const agendaAnswer = z
  .object({
    vue: z.enum(VUES),
    fuseau_horaire: z.string(),
    jours: z.array(z.object({ jour: z.iso.date(), ...plage })),
    intervenants: z.array(nomme.extend({ site_id: id.nullable(), fuseau_horaire: z.string(), ouvert })),
    salles: z.array(nomme.extend({ site_id: id.nullable(), capacite: z.int(), ouvert })),
    total: z
      .object({ intervenants: z.int(), salles: z.int() })
      .meta({ description: 'Combien il y en a, montrés ou non' }),
    entrees: z.array(entree).meta({ description: 'Dans l’ordre du temps' }),
  })
  .meta({ id: 'Agenda' });
