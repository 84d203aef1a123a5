import { z } from 'zod';
import { demandeFields } from '../http/rendez-vous';

export const retenueBody = z.strictObject(demandeFields);
