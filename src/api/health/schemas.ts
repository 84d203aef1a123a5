import { z } from 'zod';

export const healthAnswer = z.object({
  status: z.literal('ok'),
  version: z.string(),
  uptime: z.int().meta({ description: 'Secondes depuis le démarrage de ce processus' }),
});

const state = z.enum(['ok', 'unavailable']);

export const readinessAnswer = z.object({
  status: z
    .enum(['ok', 'degraded'])
    .meta({ description: 'degraded : tout ce qui se passe de ce qui manque est servi' }),
  services: z.object({ database: state, engine: state, store: state, mail: state }),
});

const count = z.int().min(0);

export const databaseAnswer = z.object({
  status: z.enum(['ok', 'migrations_pending']),
  latency_ms: z.number().optional(),
  migrations: z.object({ applied: z.array(z.string()), pending: z.array(z.string()) }).optional(),
  pool: z
    .object({ max: count, open: count, idle: count, waiting: count })
    .optional()
    .meta({ description: 'Connexions du processus qui répond' }),
});
