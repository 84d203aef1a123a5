import { z } from 'zod';
import { OBSTACLES, REFUS } from '../../domain/rendez-vous/creneaux';
import { demandeQuery } from '../http/rendez-vous';
import { id, instant } from '../http/schemas';

export const pourquoiQuery = z.strictObject({ ...demandeQuery, debut: instant });

const obstacles = z.array(z.object({ id, obstacle: z.enum(OBSTACLES).nullable() }));

export const pourquoiAnswer = z
  .object({
    refus: z.enum(REFUS).nullable().meta({ description: 'null si le créneau peut être réservé' }),
    intervenants: obstacles,
    salles: obstacles,
  })
  .meta({ id: 'Pourquoi' });
