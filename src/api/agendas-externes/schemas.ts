import { z } from 'zod';
import { ERREURS_AGENDA, GENRES_AGENDA } from '../../domain/rendez-vous/agendas';
import { AGENDA_EXTERNE_LIST } from '../../services/rendez-vous/agendas-externes';
import { csv, id, line, pagination, plainName, queryBoolean, queryId, resourceFields } from '../http/schemas';

const url = line(1, 2_000)
  // What calendar programs call the address of a file.
  .overwrite((given) => given.replace(/^webcals?:\/\//i, 'https://'))
  .meta({
    description:
      'CalDAV : la collection d’un calendrier ; ICS : l’adresse du fichier. En https, sans identifiants, vers une adresse ' +
      'publique. Seul son hôte est montré ensuite',
  });

const fields = {
  nom: plainName(100),
  url,
  utilisateur: line(1, 200).nullable().meta({ description: 'Obligatoire pour CalDAV' }),
  mot_de_passe: line(1, 500).nullable().meta({ description: 'Chiffré, et jamais montré' }),
  ecriture: z
    .boolean()
    .meta({ description: 'Y écrire les rendez-vous ; CalDAV seulement, un agenda par personne' }),
  actif: z.boolean().meta({ description: 'Inactif, il n’est plus lu, et n’occupe plus personne' }),
};

export const agendaExterneBody = z.strictObject({
  intervenant_id: id,
  genre: z.enum(GENRES_AGENDA),
  ...fields,
  utilisateur: fields.utilisateur.default(null),
  mot_de_passe: fields.mot_de_passe.default(null),
  ecriture: fields.ecriture.default(false),
  actif: fields.actif.default(true),
});

export const agendaExterneChanges = z.strictObject(fields).partial();

export const agendaExterneQuery = z.strictObject({
  ...pagination(AGENDA_EXTERNE_LIST.sortable),
  intervenant_id: csv(queryId).optional(),
  actif: queryBoolean.optional(),
});

export const agendaExterneAnswer = z
  .object({
    ...resourceFields,
    intervenant_id: id,
    nom: z.string(),
    genre: z.enum(GENRES_AGENDA),
    hote: z.string(),
    utilisateur: z.string().nullable(),
    ecriture: z.boolean(),
    actif: z.boolean(),
    rafraichi_le: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'Quand il a été lu pour la dernière fois : l’âge de ce que l’on en sait' }),
    essaye_le: z.iso.datetime().nullable(),
    erreur: z
      .enum(ERREURS_AGENDA)
      .nullable()
      .meta({ description: 'Pourquoi la dernière lecture a échoué ; ce que l’on savait reste compté' }),
    erreur_detail: z.string().nullable().meta({ description: 'Le fuseau inconnu, le code de la réponse' }),
    ecritures_en_echec: z.int(),
  })
  .meta({ id: 'AgendaExterne' });
