import { z } from 'zod';

export const healthAnswer = z.object({
  status: z.literal('ok'),
  version: z.string(),
  uptime: z.int().meta({ description: 'Secondes depuis le démarrage de ce processus' }),
  fuseaux: z
    .object({
      version: z.string().meta({ description: 'De la base IANA, comme 2026c' }),
      source: z.string().meta({ description: 'D’où elle vient' }),
    })
    .meta({ description: 'Les règles des fuseaux horaires, seules à dire ce qu’est une heure locale' }),
});

const state = z.enum(['ok', 'unavailable']);

export const readinessAnswer = z.object({
  status: z
    .enum(['ok', 'degraded'])
    .meta({ description: 'degraded : tout ce qui se passe de ce qui manque est servi' }),
  services: z.object({ database: state, engine: state, store: state, mail: state }),
});

const count = z.int().min(0);

const pool = z.object({ max: count, open: count, idle: count, waiting: count });

export const databaseAnswer = z.object({
  status: z.enum(['ok', 'migrations_pending']),
  latency_ms: z.number().optional(),
  migrations: z.object({ applied: z.array(z.string()), pending: z.array(z.string()) }).optional(),
  pool: pool.optional().meta({ description: 'Connexions du processus qui répond, pour ce qui écrit' }),
  pool_lectures: pool.optional().meta({ description: 'Les mêmes, pour ce qui lit' }),
});
