import { z } from 'zod';
import type { NomRapport } from '../../domain/rendez-vous/rapports';
import { MAX_JOURS_RAPPORT } from '../../services/rendez-vous/rapports';
import { fuseauHoraire, jour } from '../http/lieux';
import { csv, id, queryId } from '../http/schemas';

export const FORMATS_RAPPORT = ['json', 'csv', 'svg'] as const;
export type FormatRapport = (typeof FORMATS_RAPPORT)[number];

export const rapportQuery = z.strictObject({
  debut: jour,
  fin: jour.meta({ description: `Comprise ; ${MAX_JOURS_RAPPORT} jours au plus` }),
  fuseau_horaire: fuseauHoraire,
  prestation_id: csv(queryId).optional(),
  site_id: csv(queryId).optional().meta({ description: 'Des prestations' }),
  format: z
    .enum(FORMATS_RAPPORT)
    .optional()
    .meta({ description: 'Celui que l’en-tête Accept préfère si absent ; JSON sinon' }),
});

const nombre = z.int();
const heures = z.number().nullable();
const taux = z.number().nullable().meta({ description: 'De 0 à 1 ; null s’il n’y a rien à compter' });

const ligne = { id: id.nullable(), nom: z.string().nullable() };

const LIGNES = {
  occupation: z.object({
    ...ligne,
    minutes_ouvertes: nombre.meta({
      description: 'Horaires et exceptions, sans jours fériés, fermetures ni absences',
    }),
    minutes_reservees: nombre.meta({ description: 'Chaque séance une fois, sans les tampons' }),
    taux: taux.meta({ description: 'Réservé ÷ ouvert ; au-dessus de 1 hors des horaires' }),
  }),
  absences: z.object({
    ...ligne,
    venus: nombre,
    absents: nombre,
    non_renseignes: nombre.meta({ description: 'Passés, sans que personne n’ait dit ce qu’il en fut' }),
    taux: taux.meta({ description: 'Absents ÷ (venus + absents)' }),
  }),
  delais: z.object({
    ...ligne,
    nombre: nombre.meta({ description: 'Ceux qui tiennent ou ont tenu' }),
    mediane_heures: heures.meta({ description: 'De la réservation au début' }),
    p90_heures: heures.meta({ description: 'Neuf sur dix sont réservés plus tard que cela avant le début' }),
    moyenne_heures: heures,
  }),
  annulations: z.object({
    ...ligne,
    demandes: nombre,
    annules: nombre,
    par_client: nombre,
    par_intervenant: nombre,
    par_membre: nombre,
    par_systeme: nombre,
    tardifs: nombre.meta({ description: 'Après le préavis de la prestation' }),
    taux: taux.meta({ description: 'Annulés ÷ demandés' }),
  }),
  'par-intervenant': z.object({
    ...ligne,
    demandes: nombre,
    a_venir: nombre,
    non_renseignes: nombre,
    venus: nombre,
    absents: nombre,
    annules: nombre,
    refuses: nombre,
    seances: nombre.meta({ description: 'Un atelier en est une' }),
    avis: nombre.meta({ description: 'Ceux qui ont dit ce qu’ils en pensaient' }),
    note_moyenne: z.number().nullable().meta({ description: 'De 1 à 5 ; null sans avis' }),
  }),
} satisfies Record<NomRapport, z.ZodObject>;

const IDS = {
  occupation: 'Occupation',
  absences: 'Absences',
  delais: 'Delais',
  annulations: 'Annulations',
  'par-intervenant': 'ParIntervenant',
} satisfies Record<NomRapport, string>;

/** What a report answers as JSON. */
export function rapportAnswer(nom: NomRapport) {
  return z
    .object({
      rapport: z.literal(nom),
      debut: z.iso.date(),
      fin: z.iso.date(),
      fuseau_horaire: z.string(),
      lignes: z.array(LIGNES[nom]),
      total: LIGNES[nom].meta({ description: 'Tout ensemble : sans identifiant ni nom' }),
    })
    .meta({ id: `RapportRendezVous${IDS[nom]}` });
}

/** The columns of a report as CSV, in order. */
export function columnsOf(nom: NomRapport): string[] {
  return Object.keys(LIGNES[nom].shape);
}
