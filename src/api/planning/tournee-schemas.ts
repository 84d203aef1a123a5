import { z } from 'zod';
import { SOURCES_TRAJETS } from '../../domain/planification/propositions';
import { jour } from '../http/lieux';
import { id } from '../http/schemas';

export const tourneeQuery = z.strictObject({
  date: jour.optional().meta({ description: 'Aujourd’hui si absente, ou plus tard' }),
});

const position = z.array(z.number()).min(2).max(2).meta({ description: 'Longitude, latitude' });

const tournee = z.object({
  ordre: z.array(id).meta({ description: 'Interventions, dans l’ordre des visites' }),
  km: z.number().meta({ description: 'Retour compris' }),
  minutes: z.int().meta({ description: 'De trajet, retour compris' }),
  retard_minutes: z.int(),
  arrets: z.array(
    z.object({
      intervention_id: id,
      date_planifiee: z.iso.datetime(),
      fin: z.iso.datetime(),
      trajet_minutes: z.int(),
      km: z.number(),
      retard_minutes: z.int(),
      latitude: z.number().nullable(),
      longitude: z.number().nullable(),
    }),
  ),
});

export const tourneeAnswer = z
  .object({
    technicien_id: id,
    date: z.iso.date(),
    methode: z
      .enum(['exacte', 'recherche'])
      .nullable()
      .meta({ description: 'Exacte jusqu’à douze arrêts ; null sans visite' }),
    trajets: z.enum(SOURCES_TRAJETS),
    actuel: tournee,
    propose: tournee.nullable().meta({ description: 'null quand aucun ordre ne respecte toutes les règles' }),
    geojson: z
      .object({
        type: z.literal('FeatureCollection'),
        features: z.array(
          z.object({
            type: z.literal('Feature'),
            geometry: z.union([
              z.object({ type: z.literal('Point'), coordinates: position }),
              z.object({ type: z.literal('LineString'), coordinates: z.array(position) }),
            ]),
            properties: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
          }),
        ),
      })
      .meta({ description: 'RFC 7946 : la base, les arrêts, et une ligne par ordre' }),
  })
  .meta({ id: 'Tournee' });
