import { z } from 'zod';

/** The place of an event, as it was given. */
export const lastEventId = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
